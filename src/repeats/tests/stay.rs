//! What is said twice by right: headings, refrains, notes of every entry, answers that take up a question.

use super::*;

#[test]
fn headings_of_a_table_of_contents_stay() {
    let heads = ["How the pier was built", "Why the piles rotted away", "Who will pay for repairs"];
    let text = article(&["Pier closes", P1, heads[0], heads[1], heads[2], heads[0], P2, heads[1], P3, heads[2], P4]);
    assert_eq!(sure(&text), []);
    assert!(one(&text, 11).of == 5);
    let one_heading =
        article(&["Pier closes", "1. Why did the piles rot away?", P1, P2, "Why did the piles rot away?", P3]);
    assert_eq!(sure(&one_heading), []);
}

#[test]
fn what_repeats_by_right_stays() {
    let poem = "The tide comes in, the tide goes out,\nand nobody knows what it is about,\nnor why the gulls cry.\n\n";
    let song = format!(
        "{P1}\n\n{poem}Black was the boat and black the sea,\nand black the bread they gave to me.\n\n{poem}{P2}\n"
    );
    assert_eq!(sure(&song), []);
    let long_lines = "And who will carry my father's oars to the boat in the morning.\nAnd who will mend the net that hangs in the loft for the winter.\nAnd who will light the lamp.\n\n";
    assert_eq!(sure(&format!("{P1}\n\n{long_lines}Nobody, said the sea.\n\n{long_lines}{P2}")), []);
    let table = "Route\tDeparts\tArrives at the outer islands in the morning\n".repeat(4);
    assert_eq!(sure(&format!("{P1}\n\n{table}\n{P2}")), []);
    let code = "if (pier.is_open() && ferry.left < now) { return Err(Late::ByAnHour); }\n";
    assert_eq!(sure(&format!("{P1}\n\n{code}{code}\n{P2}\n\n{code}")), []);
    let stamps = "11:40 24.11. 2026 10 27 99 updated\n";
    assert_eq!(sure(&format!("{P1}\n\n{stamps}\n{P2}\n\n{stamps}\n{P3}")), []);
    let signature = "--\nOrla\nA boat in the harbour is safe, but that is not what boats are built for.";
    assert_eq!(sure(&[P1, signature, P2, signature, P3, signature].join("\n\n")), []);
    assert_eq!(
        sure(&article(&[
            P1,
            "“I don't know.”",
            P2,
            "“I don't know.”",
            P3,
            "“I don't know.” She put the cup down and looked out at the pier for a while."
        ])),
        []
    );
    let points = "• Good value for what you pay at the pier\n• Short way to the bus\n";
    assert_eq!(sure(&format!("{P1}\n\n{points}\n{P2}\n\n{points}\n{P3}")), []);
}

#[test]
fn refrains_stay() {
    let refrain = "Down by the alders and under the mill,\nthe water goes on and the weir stands still.\n";
    let verses = [
        "She counted the boards when the water was thin\nand she counted the boards when it rose.\n",
        "Her father had kept it and his father before,\nthey had each worn a hand in the wheel.\n",
        "There came up a man with a pole and a chain\nand a book that was ruled into squares.\n",
    ];
    let song = |verses: &[&str]| -> String { verses.iter().map(|verse| format!("{verse}\n{refrain}\n")).collect() };
    assert_eq!(sure(&song(&verses)), []);
    assert_eq!(sure(&format!("{}{}", song(&verses[..2]), verses[2])), []);
    assert_eq!(sure(&format!("{P1}\n\n{}\n{P2}\n\n{P3}\n", song(&verses))), []);
    // The same two lines twice in running text are no song, nor are a caption and its credit.
    assert_eq!(sure(&article(&[P1, refrain, P2, refrain, P3])).len(), 2);
    let picture = "The pier on the last day of its long service.\nPhoto: Ada Lind\n";
    assert!(sure(&article(&[P1, picture, P2, picture, P3, picture, P4])).len() >= 2);
}

#[test]
fn standing_words_of_every_entry_stay() {
    let note = "View larger image of it\n\nThis picture of the pier is taken by a camera that the islanders paid for.";
    let piers = ["Aldness", "Brockholm", "Cauldhame", "Drumness", "Eskvale", "Fenwick"];
    let entry = |pier: &&str| {
        let lines = ["was built", "was painted", "was sold", "burnt down"]
            .map(|what| format!("{pier} {what} for its {pier} boats."));
        format!("{pier}\n\n{}\n\n{note}\n\n", lines.join("\n\n"))
    };
    assert_eq!(sure(&format!("{P1}\n\n{}", piers.iter().map(entry).collect::<String>())), []);
}

#[test]
fn questions_that_answers_take_up_stay() {
    let question = "Why was the eastern pier closed so early?";
    let answer = format!("{question} Because a diver found that the piles were rotten, says the board.");
    assert_eq!(sure(&article(&[P1, question, &answer, P2])), []);
    let post =
        article(&[P1, "Orla wrote:", P1, "That is what they say, but has anyone seen the report of that diver?"]);
    assert_eq!(sure(&post), []);
}

#[test]
fn sentences_of_a_summary_stay() {
    let (a, b) = (
        "The ferry company has offered to run a small boat at its own cost.",
        "The island council wants the old pier at Grey Point opened instead.",
    );
    assert_eq!(sure(&article(&["Pier closes", &format!("{a} {b}"), P1, a, P2, b, P3])), []);
}
