//! Learning from answers: what carries over to other documents is written, and what does not is not.

use std::fmt::Write;

use predicates::str::contains;

mod support;
use support::{Folder, complaint};

const NAMES: [&str; 14] = [
    "Odile Marchetti",
    "Ruta Vaitkute",
    "Desmond Achterberg",
    "Edith Langrove",
    "Joel Pask",
    "Carol Tranter",
    "Ada Brandt",
    "Pim Verhoeven",
    "Sanna Lindqvist",
    "Tomasz Wrona",
    "Ines Calado",
    "Hugo Ferrand",
    "Mara Kessler",
    "Yusuf Aydin",
];
const PLACES: [&str; 14] = [
    "Saltby",
    "Harrowmere",
    "Quayside",
    "Norvik",
    "Pellworth",
    "Estmark",
    "Dunholm",
    "Varsey",
    "Ostergate",
    "Limmerick",
    "Calder",
    "Tarnmouth",
    "Wexley",
    "Brindle",
];

/// A page of a paper whose credits this reader wants to keep, and whose briefings they do not.
fn page(i: usize) -> String {
    let (name, place) = (NAMES[i % NAMES.len()], PLACES[i % PLACES.len()]);
    let other = PLACES[(i + 5) % PLACES.len()];
    format!(
        "Skip to content\nHome\nNews\nSport\n\nFerry of {place} returns to service after {i} winters in dock\n\n\
         Reporting by {name} in {place}\n\n\
         The small passenger ferry that once linked {place} and {other} made its first crossing in years on Monday, \
         carrying some forty people and a brass band.\n\n\
         “We had almost given up on her,” said {name}, who has run the ticket office of {place} since 1998 and kept its \
         clock wound through every one of the winters in between.\n\n\
         The repairs cost a little more than {i} million crowns, the harbour board said in a statement, most of which \
         went into a new engine.\n\n\
         Our briefing on {other} explains in ten minutes what the harbour board has planned for the coming years and \
         what it will cost.\n\n\
         Subscribe to our newsletter\nShare this article\n© 2031 The {place} Courier. All rights reserved.\n"
    )
}

fn answers(documents: usize) -> String {
    let mut out = String::from("# mine\n");
    for i in 0..documents {
        let text = page(i);
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        for (start, verdict, label) in [("Reporting by", "keep", "body"), ("Our briefing", "drop", "related")] {
            let line = line(start);
            write!(
                out,
                "\n[[answer]]\nline = {line:?}\nverdict = \"{verdict}\"\nlabel = \"{label}\"\nscope = \"document\"\n\
                 document = \"in/{i:02}.txt\"\n"
            )
            .unwrap();
        }
    }
    out
}

fn folder(documents: usize) -> Folder {
    let folder = Folder::new();
    for i in 0..documents {
        folder.write(&format!("in/{i:02}.txt"), page(i));
    }
    folder.write("my.toml", answers(documents));
    folder
}

const NEW: &str = "new.txt";

#[test]
fn what_was_answered_holds_for_other_documents() {
    let folder = folder(12);
    folder.write(NEW, page(13));
    let assert = folder.run(["learn", "my.toml", "--out", "learned"]).assert().success();
    let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(said.contains("24 answers in 12 documents, held back a tenth of the documents"), "{said}");
    assert!(said.contains("--adapt learned"), "{said}");
    let seeds = folder.text("learned/seeds.toml");
    assert!(seeds.contains("[body]\nphrases = [\n") && seeds.contains("\"^reporting by\","), "{seeds}");
    let adaptation = folder.text("learned/adaptation.txt");
    assert!(
        adaptation.starts_with("chaffinch adaptation 1\nmodel ") && adaptation.contains("\nlines 24\n"),
        "{adaptation}"
    );

    let clean = |words: &[&str]| {
        let assert = folder.run(words.iter().copied()).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    let (before, after) = (clean(&[NEW]), clean(&[NEW, "--adapt", "learned"]));
    let right = |text: &str| text.contains("Reporting by Yusuf") && !text.contains("Our briefing");
    assert!(!right(&before) && right(&after), "{before}\n---\n{after}");
    // From a pipe, and in another run, the same.
    let piped = folder.run(["--adapt", "learned"]).write_stdin(page(13)).assert().success();
    assert_eq!(piped.get_output().stdout, after.as_bytes());
    folder.run(["learn", "my.toml", "--out", "again"]).assert().success();
    assert_eq!((folder.text("again/seeds.toml"), folder.text("again/adaptation.txt")), (seeds, adaptation));
}

#[test]
fn a_correction_is_a_reason_and_can_be_used_alone() {
    let folder = folder(12);
    folder.write(NEW, page(13));
    folder.run(["learn", "my.toml", "--out", "learned"]).assert().success();
    folder.run([NEW, "--adapt", "learned/adaptation.txt", "-o", "clean.txt", "--report", "r.jsonl"]).assert().success();
    let report = folder.text("r.jsonl");
    let learned =
        report.lines().find(|line| line.contains("\"kind\":\"learned\"")).unwrap_or_else(|| panic!("{report}"));
    assert!(learned.contains("learned from answers"), "{learned}");
    folder.run(["restore", "clean.txt", "r.jsonl"]).assert().success().stdout(page(13));
    folder.run(["explain", NEW, "--adapt", "learned"]).assert().success().stdout(contains("reporting by"));
}

#[test]
fn the_table_is_for_programs_too() {
    let folder = folder(12);
    let assert = folder.run(["learn", "my.toml", "--json"]).assert().success();
    let told: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!((&told["answers"], &told["documents"]), (&24.into(), &12.into()));
    let right = |way: &str| told[way]["right"].as_u64().unwrap();
    let of = |way: &str, what: &str| told[way][what].as_u64().unwrap();
    assert!(right("both") > right("before"), "{told}");
    for way in ["before", "seeds", "correction", "both"] {
        assert_eq!(right(way) + of(way, "lost") + of(way, "left"), 24, "{told}");
        assert_eq!(right(way) + of(way, "broken"), right("before") + of(way, "mended"), "{told}");
    }
    assert_eq!(folder.names().len(), 13, "nothing is written that was not asked for");
}

#[test]
fn what_is_no_better_is_not_written() {
    // Answers that have nothing in common but that they say what the model says anyway.
    let folder = folder(12);
    let mut text = String::new();
    for (i, place) in PLACES.into_iter().take(12).enumerate() {
        for line in ["skip to content", "home", "sport"] {
            write!(
                text,
                "[[answer]]\nline = '{line}'\nverdict = 'drop'\nscope = 'document'\ndocument = 'in/{i:02}.txt'\n"
            )
            .unwrap();
        }
        let title = format!("ferry of {} returns to service after {i} winters in dock", place.to_lowercase());
        write!(
            text,
            "[[answer]]\nline = '{title}'\nverdict = 'keep'\nscope = 'document'\ndocument = 'in/{i:02}.txt'\n"
        )
        .unwrap();
        let band = page(i).lines().find(|line| line.contains("brass band")).unwrap().to_owned();
        write!(text, "[[answer]]\nline = {band:?}\nverdict = 'keep'\nscope = 'document'\ndocument = 'in/{i:02}.txt'\n")
            .unwrap();
    }
    folder.write("my.toml", text);
    let said = complaint(&folder.run(["learn", "my.toml", "--out", "learned"]).assert().code(1));
    assert!(said.contains("nothing was written"), "{said}");
    assert!(!folder.path("learned").exists());
}

#[test]
fn what_can_not_be_learned_from_is_told() {
    let folder = folder(3);
    let said = complaint(&folder.run(["learn", "my.toml"]).assert().code(1));
    assert!(said.contains("6 different lines") && said.contains("learning needs 20"), "{said}");
    folder.write("far.toml", "[[answer]]\nline='x'\nverdict='drop'\nscope='everywhere'\n");
    let said = complaint(&folder.run(["learn", "far.toml"]).assert().code(2));
    assert!(said.contains("--on"), "{said}");
    complaint(&folder.run(["learn", "far.toml", "--on", "in"]).assert().code(1));
    complaint(&folder.run(["learn", "far.toml", "--on", "nowhere"]).assert().code(1));
    let said = complaint(&folder.run(["learn", "none.toml"]).assert().code(2));
    assert!(said.contains("cannot read the answers file none.toml"), "{said}");
    folder.write("taken/seeds.toml", "");
    let said = complaint(&folder.run(["learn", "my.toml", "--out", "taken"]).assert().code(2));
    assert!(said.contains("--overwrite"), "{said}");
    complaint(&folder.run(["learn", "my.toml", "--adapt", "taken"]).assert().code(2));
    complaint(&folder.run(["learn", "my.toml", "--answers", "my.toml"]).assert().code(2));
    folder.run(["learn"]).assert().code(2);
}

/// The file with another body, and the checksum that fits it.
fn forged(text: &str, old: &str, new: &str) -> String {
    let body = text.replacen(old, new, 1);
    let body = &body[..body.rfind("checksum ").unwrap()];
    let sum = body
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{body}checksum {sum:016x}\n")
}

#[test]
fn a_correction_outlives_its_model_and_damage_is_told() {
    let folder = Folder::with(&[("raw.txt", &page(1)), ("empty/x", "")]);
    let text = "chaffinch adaptation 1\nmodel 1999-01-01\nlines 40\n@as byline\t1280\nreporting by\t1280\nchecksum \n";
    folder.write("old.txt", forged(text, "", ""));
    let assert = folder.run(["raw.txt", "--adapt", "old.txt"]).assert().success();
    let said = complaint(&assert);
    assert!(said.contains("learned on the model 1999-01-01") && said.contains("chaffinch learn"), "{said}");
    folder.run(["raw.txt", "--adapt", "old.txt", "-q"]).assert().success().stderr("").stdout(contains("Reporting by"));
    // What it says of the habits of that model is not used.
    let habits = "chaffinch adaptation 1\nmodel 1999-01-01\nlines 40\n@as byline\t1280\nchecksum \n";
    folder.write("habits.txt", forged(habits, "", ""));
    let plain = folder.run(["raw.txt"]).assert().success().get_output().stdout.clone();
    folder.run(["raw.txt", "--adapt", "habits.txt", "-q"]).assert().success().stdout(plain);

    folder.write("cut.txt", text);
    let said = complaint(&folder.run(["raw.txt", "--adapt", "cut.txt"]).assert().code(2));
    assert!(said.contains("cut.txt:6: the checksum is wrong"), "{said}");
    folder.write("new.txt", text.replace("adaptation 1", "adaptation 2"));
    let said = complaint(&folder.run(["raw.txt", "--adapt", "new.txt"]).assert().code(2));
    assert!(said.contains("version 2, and this program reads version 1"), "{said}");
    let said = complaint(&folder.run(["raw.txt", "--adapt", "raw.txt"]).assert().code(2));
    assert!(said.contains("chaffinch learn"), "{said}");
    let said = complaint(&folder.run(["raw.txt", "--adapt", "empty"]).assert().code(2));
    assert!(said.contains("neither seeds.toml nor adaptation.txt"), "{said}");
    complaint(&folder.run(["raw.txt", "--adapt", "none.txt"]).assert().code(2));
}

#[test]
fn hostile_text_is_learned_from_and_written_safely() {
    let folder = Folder::new();
    let mut answers = String::new();
    for i in 0..12 {
        let hostile = [
            "</pre><script>alert('x')</script> now \u{202e}then".to_owned(),
            format!("\u{1b}]0;owned\u{7}\u{1b}[2J click {i} here"),
            format!("pay\u{e0041}ment \\ \"now\" or $never$ {i}"),
            format!("{} {i}", "long ".repeat(50_000)),
        ];
        folder.write(&format!("in/{i}.txt"), format!("{}\n{}", hostile.join("\n"), page(i)));
        for line in hostile {
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            write!(
                answers,
                "[[answer]]\nline = '''{line}'''\nverdict = 'keep'\nlabel = 'body'\nscope = 'document'\n\
                 document = 'in/{i}.txt'\n"
            )
            .unwrap();
        }
    }
    folder.write("my.toml", answers);
    let assert = folder.run(["learn", "my.toml", "--out", "learned"]).assert().success();
    let mut all = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    for name in ["seeds.toml", "adaptation.txt"].iter().filter(|name| folder.path("learned").join(name).exists()) {
        all += &folder.text(&format!("learned/{name}"));
    }
    assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{e0041}']), "{all}");
    folder.run(["in/3.txt", "--no-answers", "--adapt", "learned"]).assert().success().stdout(contains("click"));
}
