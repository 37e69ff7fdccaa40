//! Streams of documents, in every layout and compression.

use chaffinch::Options;
use chaffinch::formats::{
    Batch, Compression, Editing, Editor, JsonLines, Layout, Records, Split, Splitter, Warc, unpack,
};

use super::settings;
use super::shared::{Chunks, with_judge};

/// Records are the stream, byte for byte, however the reads cut it; what comes of them does not depend on it either.
pub(super) fn streams(mut data: &[u8]) {
    let [layout, size, many] = settings(&mut data);
    let layout = [Layout::Jsonl, Layout::Warc, Layout::Text][usize::from(layout) % 3];
    let edit = |size: u8, many: usize| {
        let reader = Chunks::new(data, size);
        let mut records: Box<dyn Records + '_> = match layout {
            Layout::Jsonl => Box::new(JsonLines::new(reader)),
            Layout::Warc => Box::new(Warc::new(reader)),
            _ => Box::new(Split::new(reader, Splitter::new("^---$").expect("it is a pattern"), None)),
        };
        let mut editing = Editing::default();
        (editing.layout, editing.name, editing.text_field) = (layout, "x".into(), "text".into());
        (editing.report, editing.rejects) = (true, true);
        editing.labels_field = Some("labels".into());
        let (mut clean, mut report, mut rejects, mut failures) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        with_judge(|judge| {
            let mut editor = Editor::new(judge, &Options::default(), editing);
            let mut more = true;
            while more {
                let mut batch = Batch::new();
                more = records.fill(&mut batch, many).expect("nothing fails");
                let product = editor.edit(&batch).expect("nothing fails");
                clean.extend(product.clean);
                report.extend(product.report);
                rejects.extend(product.rejects);
                failures.extend(product.failures);
            }
        });
        (clean, report, rejects, failures)
    };
    let whole = edit(0, 64);
    let report = std::str::from_utf8(&whole.1).expect("a report is UTF-8");
    assert!(report.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
    for line in report.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("every line is a JSON object");
    }
    assert!(whole == edit(size.max(1), usize::from(many) + 1), "the reads show in what came of the stream");
}

/// Compressed streams, whole or broken: an error or what they hold, and never without an end.
pub(super) fn compressed(mut data: &[u8]) {
    use std::io::Read;
    let [choice, size] = settings(&mut data);
    let compression = [Compression::Gzip, Compression::Zstd, Compression::None][usize::from(choice) % 3];
    let data: Vec<u8> = data.to_vec();
    let read = |size: u8| {
        let reader = std::io::Cursor::new({
            let mut all = Vec::new();
            let mut chunks = Chunks::new(&data, size);
            let mut buffer = [0; 512];
            loop {
                match chunks.read(&mut buffer) {
                    Ok(0) => break all,
                    Ok(count) => all.extend_from_slice(&buffer[..count]),
                    Err(_) => {}
                }
            }
        });
        let mut out = Vec::new();
        let reader = unpack(reader, compression).map_err(|e| e.kind())?;
        // A bomb unpacks to more than anyone wants to wait for here.
        reader.take(4 << 20).read_to_end(&mut out).map_err(|e| e.kind())?;
        Ok::<_, std::io::ErrorKind>(out)
    };
    let whole = read(0);
    if compression == Compression::None {
        assert_eq!(whole.as_ref(), Ok(&data));
    }
    assert_eq!(whole, read(size.max(1)));
}
