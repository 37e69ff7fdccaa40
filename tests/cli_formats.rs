//! Streams of documents and compressed files through the real program: what goes in comes out in the same format.

#[cfg(unix)]
use std::io::Write;

use chaffinch::formats::Compression;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

mod support;
use support::streams::*;
use support::{DROPPED_LABELS, Folder, KEPT_LABELS, SCRAPE, chaffinch, complaint};

#[test]
fn the_output_has_the_format_of_the_input() {
    let clean = clean_scrape();
    let cases = [
        ("page.txt", "text", SCRAPE.to_owned(), clean.clone()),
        ("crawl.jsonl", "jsonl", json_lines(3, SCRAPE), json_lines(3, &clean)),
        ("crawl.warc.wet", "wet", wet(3, SCRAPE), wet(3, &clean)),
    ];
    for (name, format, raw, clean) in &cases {
        for (extension, compression) in
            [("", Compression::None), (".gz", Compression::Gzip), (".zst", Compression::Zstd)]
        {
            let folder = Folder::new();
            let name = format!("{name}{extension}");
            folder.write(&name, pack(raw, compression));
            let output = folder.run([&*name, "--quiet"]).assert().success().stderr("").get_output().stdout.clone();
            assert_eq!(unpacked(&output, compression), *clean, "{name}");
            // From a pipe, the format has to be said.
            let format = format!("{format}{extension}");
            let mut piped = chaffinch();
            piped.args(["--quiet", "--input-format", &format]).write_stdin(pack(raw, compression));
            assert_eq!(piped.assert().success().get_output().stdout, output, "{format}");
            // A file is compressed as its name says.
            folder.run([&*name, "-o", "out.x", "-q"]).assert().success().stdout("");
            assert_eq!(folder.text("out.x"), *clean);
            folder.run([&*name, "-o", "out.zst", "-q", "--jobs", "3"]).assert().success();
            assert_eq!(unpacked(&folder.bytes("out.zst"), Compression::Zstd), *clean);
        }
    }
}

#[test]
fn several_members_and_frames_are_one_stream() {
    let clean = json_lines(4, &clean_scrape());
    for (extension, compression) in [("gz", Compression::Gzip), ("zst", Compression::Zstd)] {
        let folder = Folder::new();
        let name = format!("crawl.jsonl.{extension}");
        let raw = json_lines(4, SCRAPE);
        // Cut in the middle of a record.
        let parts: Vec<Vec<u8>> = raw.as_bytes().chunks(700).map(|part| pack(part, compression)).collect();
        folder.write(&name, parts.concat());
        let output = folder.run([&*name, "-q"]).assert().success().get_output().stdout.clone();
        assert_eq!(unpacked(&output, compression), clean);
    }
}

#[test]
fn threads_change_nothing() {
    let folder = Folder::new();
    // Records of many sizes, in more than one batch.
    let record = |number: usize| json_line(number, &SCRAPE.repeat(number % 4));
    let large = |number: usize| json!("filler, ".repeat(number * 997 % 20_000));
    let raw: String = (0..60).map(|number| record(number).replace("[]", &large(number).to_string())).collect();
    assert!(raw.len() > 3 << 20);
    folder.write("crawl.jsonl.gz", gzip(raw));
    let run = |jobs: &str| {
        let (out, report) = (format!("{jobs}.jsonl.gz"), format!("{jobs}.report.jsonl"));
        let words = ["crawl.jsonl.gz", "-o", &out, "--report", &report, "--jobs", jobs, "--labels-field", "labels"];
        let said = complaint(&folder.run(words).assert().success());
        (folder.bytes(&out), folder.bytes(&report), said.replace(&report, ""))
    };
    let one = run("1");
    assert!(one.2.starts_with("chaffinch: crawl.jsonl.gz: 60 records cleaned, "), "{}", one.2);
    assert!(one == run("2") && one == run("5"), "the number of threads shows");
}

#[test]
fn the_report_has_every_record_and_its_labels_stand_in_the_output() {
    let folder = Folder::new();
    folder.write("crawl.jsonl", json_lines(2, SCRAPE) + "{}\n");
    folder
        .run(["crawl.jsonl", "-o", "out.jsonl", "--report", "why.jsonl.gz", "--labels-field", "labels"])
        .assert()
        .code(1);
    let report = unpacked(&folder.bytes("why.jsonl.gz"), Compression::Gzip);
    let records: Vec<Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |kind: &str| -> Vec<&str> {
        let records = records.iter().filter(|record| record["type"] == kind);
        records.map(|record| record["name"].as_str().unwrap()).collect()
    };
    assert_eq!(named("document"), ["crawl.jsonl:1", "crawl.jsonl:2"]);
    assert_eq!(named("failure"), ["crawl.jsonl:3"]);
    let document = records.iter().find(|record| record["type"] == "document").unwrap();
    assert_eq!((&document["url"], &document["bytes"]), (&json!("https://quay.example/1"), &json!(SCRAPE.len())));
    let output: Value = serde_json::from_str(folder.text("out.jsonl").lines().next().unwrap()).unwrap();
    let labels = output["labels"].as_array().unwrap();
    assert_eq!(labels.len(), SCRAPE.split('\n').count());
    let mut lines = records.iter().filter(|record| record["type"] == "line");
    for label in labels {
        let line = lines.next().unwrap();
        for field in ["line", "verdict", "label", "score"] {
            assert_eq!(label[field], line[field]);
        }
    }
    // What is kept is the text.
    let kept = SCRAPE.split_inclusive('\n').zip(labels).filter(|(_, label)| label["verdict"] == "keep");
    assert_eq!(kept.map(|(line, _)| line).collect::<String>(), output["text"].as_str().unwrap());
}

#[test]
fn a_text_is_split_at_lines_or_form_feeds() {
    let (folder, clean) = (Folder::new(), clean_scrape());
    folder.write("pages.txt.gz", gzip(format!("{SCRAPE}\n=== next ===\r\n{SCRAPE}\n=== next ===\n")));
    let output = folder.run(["pages.txt.gz", "--split", "^=== ", "-q"]).assert().success().get_output().stdout.clone();
    let alone = |text: &str| {
        let output = chaffinch().write_stdin(text).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    };
    let whole = alone(&format!("{SCRAPE}\n"));
    assert_eq!(unpacked(&output, Compression::Gzip), format!("{whole}=== next ===\r\n{whole}=== next ===\n"));
    chaffinch()
        .args(["--split", "\\f"])
        .write_stdin(format!("{SCRAPE}\x0c{SCRAPE}"))
        .assert()
        .success()
        .stdout(format!("{clean}\x0c{clean}"))
        .stderr(contains("standard input: 2 records cleaned"));
    // The encoding is found once, for all of it.
    let latin =
        encoding_rs::WINDOWS_1252.encode("Café Été déjà vu à la crème brûlée.\n\x0cThe pâté of the café is naïve.\n").0;
    let words = ["--split", "\\f", "--keep", DROPPED_LABELS, "-q"];
    let all = "Café Été déjà vu à la crème brûlée.\n\x0cThe pâté of the café is naïve.\n";
    chaffinch().args(words).write_stdin(latin.into_owned()).assert().success().stdout(all);
}

#[test]
fn nothing_at_all_is_a_stream_too() {
    for (format, compression) in
        [("jsonl", Compression::None), ("wet.gz", Compression::Gzip), ("jsonl.zst", Compression::Zstd)]
    {
        let mut command = chaffinch();
        command.args(["--input-format", format]).write_stdin(pack("", compression));
        let assert = command.assert().success().stderr(contains("0 records cleaned"));
        assert_eq!(unpacked(&assert.get_output().stdout, compression), "");
    }
    // Alarms are counted.
    let mut command = chaffinch();
    command.args(["--input-format", "jsonl", "--drop", KEPT_LABELS]).write_stdin(json_lines(2, SCRAPE));
    command.assert().success().stderr(contains("2 alarms (--report FILE says which)").and(contains("2 records")));
}

#[test]
fn compressed_texts_are_read_by_every_command() {
    let folder = Folder::new();
    folder.write("page.txt.gz", gzip(SCRAPE));
    folder.run(["page.txt.gz", "-o", "clean.txt.gz", "--report", "removed.diff.gz", "-q"]).assert().success();
    assert_eq!(unpacked(&folder.bytes("clean.txt.gz"), Compression::Gzip), clean_scrape());
    folder.run(["restore", "clean.txt.gz", "removed.diff.gz"]).assert().success().stdout(SCRAPE);
    for command in ["diff", "explain"] {
        folder.run([command, "page.txt.gz"]).assert().success().stdout(contains("Cookie settings"));
    }
}

#[test]
fn one_record_of_many_can_be_looked_at() {
    let folder = Folder::new();
    folder.write("crawl.jsonl.gz", gzip(json_line(1, "Home\n") + "\n{}\n" + &json_line(4, SCRAPE)));
    folder.write("crawl.wet", wet(2, SCRAPE));
    folder.write("pages.txt", format!("Home\n--\n{SCRAPE}"));
    folder.write("page.txt", SCRAPE);
    for command in ["diff", "explain"] {
        let alone = folder.run([command, "page.txt"]).assert().success().get_output().stdout.clone();
        for words in [
            &["crawl.jsonl.gz", "--record", "4"][..],
            &["crawl.wet", "--record", "3"],
            &["pages.txt", "--split", "^--$", "--record", "2"],
        ] {
            let words = [command].into_iter().chain(words.iter().copied());
            folder.run(words).assert().success().stdout(alone.clone());
        }
        for (words, code, why) in [
            (&["crawl.jsonl.gz"][..], 2, "crawl.jsonl.gz holds many documents; --record N shows one of them"),
            (&["page.txt", "--record", "1"], 2, "--record: page.txt is one document and has no records"),
            (&["crawl.jsonl.gz", "--record", "2"], 1, "crawl.jsonl.gz:2: there is no text to clean in this record"),
            (&["crawl.jsonl.gz", "--record", "3"], 1, "crawl.jsonl.gz:3: it has no field \"text\""),
            (&["crawl.jsonl.gz", "--record", "9"], 1, "crawl.jsonl.gz:9: there is no such record; the last one is 4"),
            (&["crawl.wet", "--record", "1"], 1, "crawl.wet:1: there is no text to clean in this record"),
            (&["crawl.wet", "--record", "2", "--encoding", "latin1"], 2, "always read as UTF-8"),
        ] {
            let words = [command].into_iter().chain(words.iter().copied());
            let said = complaint(&folder.run(words).assert().code(code).stdout(""));
            assert!(said.contains(why), "{said}");
        }
    }
    // What asks about lines can not do it for many documents at once, and must not take the records for lines.
    for words in [["review", "crawl.wet", "--list"], ["audit", "crawl.wet", "--list"]] {
        folder.run(words).assert().code(1).stderr(contains("crawl.wet: it holds many documents"));
    }
    let list = |name: &str| {
        let output =
            folder.run(["review", name, "--list", "--below", "1"]).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap().replace(name, "")
    };
    folder.write("page.txt.gz", gzip(SCRAPE));
    // The keys depend on the document's name, all else is the same.
    let columns = |name: &str| -> Vec<String> {
        list(name).lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect()
    };
    assert_eq!(columns("page.txt.gz"), columns("page.txt"));
}

/// Keeps a stream of 200 MB and more on the way, and looks how much memory that took at most.
#[cfg(target_os = "linux")]
#[test]
fn a_long_stream_needs_little_memory() {
    use std::process::{Command, Stdio};

    let filler = "The ferry crosses twice an hour. ".repeat(3_000);
    let record = format!("{{\"html\":{},\"text\":\"Home\\nA text.\\n\"}}\n", json!(filler));
    let count = 210_000_000 / record.len();
    let mut child = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
        .args(["--input-format", "jsonl", "--jobs", "2", "--keep", DROPPED_LABELS])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()).unwrap());
    for _ in 0..count {
        input.write_all(record.as_bytes()).unwrap();
    }
    // All of it but the last batches has gone through by now, and the program still waits for more.
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
    assert_eq!(reader.join().unwrap(), (record.len() * count) as u64);
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")).unwrap();
    let peak: u64 = peak.parse().unwrap();
    assert!(peak < 100_000, "{peak} kB at most for a stream of 210 MB");
}
