//! Whole documents, one kind of repeat each, and what must stay.

mod stay;

use super::*;

/// Sentences of the invented article that most tests are built on.
const P1: &str = "The harbour board voted on Monday to close the eastern ferry pier until the spring, citing rotten piles that a diver found in October.";
const P2: &str = "Commuters on the outer islands will have to take the morning bus around the bay, which adds almost an hour to the trip. “We were told nothing until the posters went up on the shelter,” said Orla Venn, who teaches on Skarholm.";
const P3: &str = "The board expects repairs to cost more than the pier earned in ten years. Nobody could say on Monday who would pay for them, and the county has so far declined to answer letters.";
const P4: &str = "A public hearing is planned for next week in the old net loft, where the fishermen's choir will sing before the talk begins.";

fn run(text: &str) -> (Vec<(u64, Found)>, Page) {
    let page = Page::from_text(text);
    let found = Repeats::new().find(&page, 0..page.len()).to_vec();
    (page.lines().zip(found).filter_map(|(line, found)| Some((line.number, found?))).collect(), page)
}

/// The sure repeats of `text`: line, and the line that stays. Checks what holds for every text on the way.
fn sure(text: &str) -> Vec<(u64, u64)> {
    let (found, page) = run(text);
    let sure: Vec<(u64, u64)> = found.iter().filter(|(_, f)| f.sure).map(|(n, f)| (*n, f.of)).collect();
    for (number, of) in &sure {
        assert_ne!(number, of);
        assert!(sure.iter().all(|(other, _)| other != of), "line {number} points to {of}, which goes too");
    }
    let rest: Vec<&str> = page.lines().filter(|l| sure.iter().all(|(n, _)| *n != l.number)).map(|l| l.text).collect();
    let (again, _) = run(&rest.join("\n"));
    assert!(again.iter().all(|(_, f)| !f.sure), "a second run finds {again:?}");
    sure
}

fn article(lines: &[&str]) -> String {
    lines.join("\n\n")
}

fn one(text: &str, line: u64) -> Found {
    run(text).0.into_iter().find(|(n, _)| *n == line).unwrap_or_else(|| panic!("line {line} is no repeat")).1
}

#[test]
fn a_caption_with_its_credit_stays() {
    let short = "Passengers wait at the eastern pier on the last day of service.";
    for credit in [" Ada Lind/NORPRESS", " (Photo: Ada Lind)", " Foto: Ada Lind"] {
        let full = format!("{short}{credit}");
        assert_eq!(sure(&article(&["Pier closes", &full, short, P1, P2])), [(5, 3)]);
        assert_eq!(sure(&article(&["Pier closes", short, &full, P1, P2])), [(3, 5)]);
        let found = one(&article(&["Pier closes", short, &full, P1]), 3);
        assert_eq!((found.kind, found.how), (Kind::Caption, Repeat::WithoutCredit));
    }
    assert_eq!(sure(&article(&[P1, short, short, P2])), [(5, 3)]);
    assert_eq!(one(&article(&[P1, short, short, P2]), 5).kind, Kind::Caption);
}

#[test]
fn captions_go_for_a_longer_telling_and_far_away() {
    let short = "Passengers wait at the eastern pier on the last day of service.";
    let longer = format!(
        "{short} From Monday a bus will fetch them at twenty past seven, an hour before they used to go. Photograph: Ada Lind/NORPRESS"
    );
    assert_eq!(sure(&article(&[P1, &format!("{short}\n{longer}"), P2])), [(3, 4)]);
    let clause = format!("{}, as they have for sixty years, to see the ferry off.", &short[..short.len() - 1]);
    assert_eq!(sure(&article(&[P1, &format!("{clause}\n{short}"), P2])), [(4, 3)]);
    let credited = "The eastern pier on the last day of service (photo Ada Lind)";
    let bare = "The eastern pier on the last day of service";
    let far: Vec<&str> = [[P1, credited], [P2, P3], [P4, "“Nobody told us.”"]].concat();
    let found = one(
        &article(
            &[&far[..], &["One.", "Two.", "Three.", "Four.", "Five.", "Six.", "Seven.", "Eight.", "Nine.", bare]]
                .concat(),
        ),
        31,
    );
    assert_eq!((found.kind, found.how, found.of, found.sure), (Kind::Caption, Repeat::WithoutCredit, 3, true));
    // A credit on a line of its own goes with its caption.
    let pair = format!("{short} Photograph: Ada Lind\n{short}\nPhotograph: Ada Lind");
    assert_eq!(sure(&article(&[P1, &pair, P2])), [(4, 3), (5, 3)]);
    // A piece of a text that was cut at its links is none, though a credit stands behind it somewhere.
    let whole = "The reed beds at Ganderwick, where nobody has been seen since November. Picture:";
    assert_eq!(sure(&article(&[whole, P1, "the reed beds at Ganderwick", P2])), []);
}

#[test]
fn a_heading_goes_with_its_paragraph() {
    let twice = [P1, P2, "No decision before spring", P4, "No decision before spring", P4, P3];
    assert_eq!(sure(&article(&twice)), [(9, 5), (11, 7)]);
    let found = one(&article(&twice), 9);
    assert_eq!((found.kind, found.how), (Kind::Whole, Repeat::Same));
    // Under its own paragraph it stays.
    assert_eq!(sure(&article(&[P1, "No decision before spring", P4, P3, "No decision before spring", P2])), []);
}

#[test]
fn three_captions_lead_to_the_fullest() {
    let short = "Passengers wait at the eastern pier on the last day of service.";
    let middle = format!("{short} Ada Lind");
    let full = format!("{short} Ada Lind/NORPRESS picture desk");
    assert_eq!(sure(&article(&[P1, short, &middle, short, &full, P2])), [(3, 9), (5, 9), (7, 9)]);
}

#[test]
fn pull_quotes_go_before_and_after_their_paragraph() {
    let quote = "“We were told nothing until the posters went up on the shelter” ";
    let sentence = "The board expects repairs to cost more than the pier earned in ten years. ”";
    assert_eq!(sure(&article(&[P1, sentence, P2, P3, P4])), [(3, 7)]);
    assert_eq!(sure(&article(&[P1, P2, P3, P4, sentence])), [(9, 5)]);
    assert_eq!(sure(&article(&[P1, quote, "Below the quote", P4, P2])), [(3, 9)]);
    let found = one(&article(&[P1, sentence, P2, P3]), 3);
    assert_eq!((found.kind, found.how), (Kind::Quote, Repeat::Sentence));
    // A clause of a sentence, word for word, and one that was edited a little.
    let clause = "Commuters on the outer islands will have to take the morning bus around the bay.";
    assert_eq!(sure(&article(&[P1, clause, P2, P3])), [(3, 5)]);
    let edited = "“Commuters on the outer islands have to take the morning bus round the bay, which adds almost an hour to the trip.”";
    let found = one(&article(&[P1, edited, P2, P3]), 3);
    assert!(found.sure && matches!(found.how, Repeat::Overlap(90..=99)), "{found:?}");
}

#[test]
fn the_speaker_goes_with_the_quote() {
    let said = "“The driver waits for us every morning at the corner. He is from here,” said Orla Venn, who teaches on Skarholm.";
    let quote = "“The driver waits for us every morning at the corner.”";
    for name in ["Orla Venn, teacher", "— Orla Venn", "Ms Orla Venn, who teaches on Skarholm"] {
        assert_eq!(sure(&article(&[P1, &format!("{quote}\n{name}"), P4, said])), [(3, 8), (4, 8)], "{name}");
    }
    let found = one(&article(&[P1, &format!("{quote}\nOrla Venn"), P4, said]), 4);
    assert_eq!((found.kind, found.how), (Kind::Quote, Repeat::Speaker));
    assert_eq!(sure(&article(&[P1, quote, "Orla Venn, teacher on Skarholm", P4, said])), [(3, 9), (5, 9)]);
    // A heading, somebody the text does not name, and a sentence.
    for other in ["Orla Venn", "Venn and the board", "Ada Lind, pier keeper", "Orla Venn said it on Monday."] {
        assert_eq!(sure(&article(&[P1, quote, other, P4, said])), [(3, 9)], "{other}");
    }
}

#[test]
fn two_copies_of_one_passage_make_no_summary() {
    let quote = "We were told nothing until the posters went up on the shelter";
    assert_eq!(sure(&article(&[P1, &format!("{quote}…"), P4, P2, P3, &format!("“{quote}”")])), [(3, 7), (11, 7)]);
}

#[test]
fn a_short_quote_needs_its_marks_or_space_around_it() {
    let body = format!("{P4} “The driver waits for us. He is from here.”");
    let quote = "“The driver waits for us.”";
    assert_eq!(sure(&[P1, &body, P3].join("\n")), []);
    assert_eq!(sure(&[P1, &body, "“The driver waits for us. He is from here.”", P3].join("\n")).len(), 1);
    assert_eq!(sure(&[P1, &body, quote, P3].join("\n")), []);
}

#[test]
fn figures_that_differ_make_another_sentence() {
    let a = "In 2019 the pier earned the county 41 thousand crowns from tickets and parking, the board said in its yearly report on Monday.";
    let b = a.replace("2019", "2020").replace("41", "12");
    assert_eq!(sure(&article(&[P1, a, &b, P2])), []);
}

#[test]
fn wrapped_quotes_are_found_in_wrapped_paragraphs() {
    let text = "\
The harbour board voted on Monday to close the eastern ferry pier until the
spring, citing rotten piles that a diver found in October.

The board expects repairs to cost more than the pier earned in the last ten
years of its service.

Nobody could say on Monday who would pay for them. The board expects repairs
to cost more than the pier earned in the last ten years of its service. The
county has so far declined to answer letters that the island council sent in
the summer and again in the first week of November.
";
    assert_eq!(sure(text), [(4, 7), (5, 7)]);
    assert_eq!(
        sure(&text.replace("The board expects repairs\nto cost", "The board expects\nrepairs to cost")).len(),
        2
    );
}

#[test]
fn a_text_printed_twice_keeps_its_first_copy() {
    let once = [P1, "What happens now", P2, P3, P4];
    assert_eq!(sure(&article(&[once, once].concat())), [(11, 1), (13, 3), (15, 5), (17, 7), (19, 9)]);
    assert_eq!(sure(&article(&[P1, P2, P1, P2, P3, P4])), [(5, 1), (7, 3)]);
    assert_eq!(sure(&article(&[P1, P1, P2, P2, P3, P3])), [(3, 1), (7, 5), (11, 9)]);
    let text = format!("{}\n{}", once.join("\n"), once.join("\n"));
    assert_eq!(sure(&text).len(), 5);
    // However near, those are no captions.
    assert!(run(&article(&[P1, P1, P2, P2, P3, P3])).0.iter().all(|(_, found)| found.kind == Kind::Whole));
    // Where the later copy is the fuller one, it stays.
    let fuller = format!("{P1} Photo: Ada Lind");
    assert_eq!(sure(&article(&[P1, &fuller, P2, P3])), [(1, 3)]);
}

#[test]
fn headlines_go_behind_the_text_but_not_before() {
    let title = "Eastern ferry pier closes until spring";
    let end = ["Share this", title, "Copy link"];
    assert_eq!(sure(&article(&[&[title, P1, P2, P3, P4][..], &end].concat())), [(13, 1)]);
    // In front it is a menu's or a breadcrumb's that comes first, and doubtful.
    let front = article(&["Home", title, "Skip to content", "Menu", "Search", title, P1, P2, P3, P4]);
    assert_eq!(sure(&front), []);
    assert_eq!(one(&front, 11), Found { kind: Kind::Whole, how: Repeat::Same, of: 3, sure: false });
    let standfirst = "The board blames rotten piles, the islanders blame the board, and the bus takes an hour longer.";
    let text = article(&[title, standfirst, P1, P2, P3, P4, "Read more", title, standfirst, "Close"]);
    assert!(sure(&text).contains(&(17, 3)));
}

#[test]
fn other_languages() {
    let caption = "Fahrgäste warten am letzten Betriebstag an der östlichen Landungsbrücke.";
    let body = "Der Hafenrat hat beschlossen, die östliche Landungsbrücke bis zum Frühjahr zu schließen, weil die Pfähle morsch sind. „Uns hat niemand etwas gesagt, bevor die Zettel am Wartehäuschen hingen“, sagte Orla Venn.";
    let text = article(&[
        &format!("{caption} Foto: Ada Lind"),
        caption,
        "»Uns hat niemand etwas gesagt, bevor die Zettel am Wartehäuschen hingen.«",
        body,
    ]);
    assert_eq!(sure(&text), [(3, 1), (5, 7)]);
    let body = "港の東側にある古い桟橋は、杭が腐っていることが分かったため、来年の春まで閉鎖されることになった。島に住む人々は毎朝バスで湾を回らなければならない。町は修理の費用をまだ明らかにしていない。";
    let other = "公聴会は来週、古い網小屋で開かれる予定で、漁師の合唱団が開会の前に歌を披露するという。町長も出席する見通しだ。";
    let quote = "「島に住む人々は毎朝バスで湾を回らなければならない。」";
    assert_eq!(sure(&article(&[body, other, quote])), [(5, 1)]);
    assert_eq!(sure(&article(&[quote, other, body])), [(1, 5)]);
    assert_eq!(sure(&article(&[body, other, body, other])), [(5, 1), (7, 3)]);
}

#[test]
fn many_equal_lines_are_no_trouble() {
    for line in [P1, "la la la la la la la la la la la la", "x", ""] {
        let text = format!("{line}\n").repeat(10_000);
        let page = Page::from_text(&text);
        let mut repeats = Repeats::new();
        let sure = repeats.find(&page, 0..page.len()).iter().flatten().filter(|f| f.sure).count();
        assert!(sure == 0 || sure == 9_999);
        let stats = repeats.counts()[5_000];
        assert_eq!((stats.same, stats.same_before), if line.is_empty() { (0, 0) } else { (255, 255) });
    }
}

#[test]
fn prefixes_of_each_other_are_no_trouble() {
    let words: Vec<String> = (0..400).map(|i| format!("word{i}")).collect();
    let mut text: String = (1..400).map(|n| format!("{}.\n", words[..n].join(" "))).collect();
    text += &"one and the same word again and ".repeat(20_000);
    let (found, _) = run(&text);
    assert!(!found.is_empty());
}

#[test]
fn windows_remember_what_has_left() {
    let mut repeats = Repeats::new();
    let mut number = 0;
    let mut window = |lines: &[&str]| {
        let mut page = Page::new();
        for text in lines {
            number += 1;
            page.push(crate::line::Line { number, text, eol: crate::line::Eol::Lf, part: crate::line::Part::Whole });
        }
        repeats.find(&page, 0..page.len()).to_vec()
    };
    assert!(window(&[P1, "", P2]).iter().all(Option::is_none));
    assert!(window(&[P3, "", P4]).iter().all(Option::is_none));
    let quote = "The board expects repairs to cost more than the pier earned in ten years.";
    let found = window(&[P1, "", P2, "", quote]);
    assert_eq!(found[0].map(|f| (f.of, f.how)), Some((1, Repeat::Same)));
    assert_eq!(found[2].map(|f| f.of), Some(3));
    assert_eq!(found[4].map(|f| (f.of, f.kind)), Some((4, Kind::Quote)));
    assert!(repeats.counts()[0].remembered);
    repeats.reset();
    let page = Page::from_text(P1);
    assert_eq!(repeats.find(&page, 0..1), [None]);
}

#[test]
fn overlapping_windows_decide_each_line_once() {
    let text = article(&[P1, P2, P1, P2, P3, P4, P3, P4]);
    let whole = Page::from_text(&text);
    let mut repeats = Repeats::new();
    let mut gone = Vec::new();
    for (from, fresh) in [(0, 0..5), (0, 5..9), (4, 9..12), (8, 12..15)] {
        let mut page = Page::new();
        whole.lines().skip(from).take(10).for_each(|line| page.push(line));
        let fresh = fresh.start - from..fresh.end - from;
        let found = repeats.find(&page, fresh.clone());
        gone.extend(fresh.filter_map(|i| Some((page.line(i).number, found[i]?))).filter(|(_, f)| f.sure));
    }
    assert!(!gone.is_empty());
    assert!(gone.iter().all(|(_, f)| gone.iter().all(|(n, _)| *n != f.of)), "{gone:?}");
}

#[test]
fn counts_tell_the_model() {
    let page = Page::from_text(
        "Home\nNews\nHome\n\nThe pier will stay closed until spring, it said.\n\nIt was late. The pier will stay closed until spring, it said. Nobody spoke.\n",
    );
    let mut repeats = Repeats::new();
    repeats.find(&page, 0..page.len());
    let counts = repeats.counts();
    assert_eq!((counts[0].same, counts[0].same_before, counts[0].nearest, counts[0].first), (2, 0, 2, None));
    assert_eq!((counts[2].same, counts[2].same_before, counts[2].first), (2, 1, Some(0)));
    assert_eq!((counts[1].same, counts[1].nearest, counts[3].same), (1, 255, 0));
    assert!(counts[4].contained && !counts[6].contained);
    assert_eq!((counts[4].before, counts[4].after), (0, 100));
    assert!(counts[6].before > 30 && counts[6].after == 0);
}

#[test]
fn any_page_is_no_trouble() {
    for text in ["", "\n\n\n", "\u{0}\u{feff}\n\u{301}\u{301}", "ﷺ\nﷺ\nﷺ", "...\n...\n\"\"", "1.\n1.\n1. "] {
        let page = Page::from_text(text);
        assert_eq!(Repeats::new().find(&page, 0..page.len()).len(), page.len());
        assert_eq!(Repeats::new().find(&page, 0..0).len(), page.len());
    }
}

/// One real page that is not part of the project; skipped where it is absent.
#[test]
fn the_real_page_has_four_repeats() {
    let shared = std::env::var_os("CHAFFINCH_SHARED")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), Into::into);
    let Ok(text) = std::fs::read_to_string(shared.join("seed/raw.txt")) else {
        println!("skipped: no real page at {}", shared.display());
        return;
    };
    assert_eq!(sure(&text), [(10, 9), (30, 34), (44, 48), (70, 74)]);
}

#[test]
fn many_quotes_of_one_endless_paragraph_are_no_trouble() {
    let sentences: Vec<String> = (0..4_000)
        .map(|i| format!("Islander number {i} told the board of pier {i} what {i} boats would need."))
        .collect();
    let (found, _) = run(&format!("{}\n{}\n", sentences.join("\n"), sentences.join(" ")));
    let gone: Vec<(u64, u64)> = found.iter().filter(|(_, f)| f.sure).map(|(n, f)| (*n, f.of)).collect();
    assert_eq!(gone, [(4_001, 1)], "it takes none of them away, and repeats them all");
}

#[test]
fn chains_end_at_a_line_that_stays() {
    let mut line = String::from("Passengers wait at the eastern pier on the last day of service.");
    let mut lines = vec![P1.to_owned()];
    for i in 0..60 {
        lines.push(line.clone());
        line += &format!(" Photo: Ada Lind{i}.");
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (found, _) = run(&article(&lines));
    let gone: Vec<u64> = found.iter().filter(|(_, f)| f.sure).map(|(n, _)| *n).collect();
    assert!(found.iter().filter(|(_, f)| f.sure).all(|(_, f)| !gone.contains(&f.of)));
}
