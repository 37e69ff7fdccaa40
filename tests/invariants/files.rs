//! Files that a user brings: model, seeds, answers.

use std::path::Path;
use std::sync::Arc;

use chaffinch::template::{GroupBy, Limits, Memory, Sketcher, Template};
use chaffinch::{Answers, Classifier, Cleaner, Document, Error, Model, Options, Seeds, Settings};

use super::shared::{Collect, judge_with, with_judge};

/// A page with a bit of everything, for what is read from files to be tried on.
const PAGE: &str = "Skip to main content\n\n* News\n* Sport\n\nFerry saved by its passengers\n\nBy Edith Langrove\n\n\
    The last chain ferry on the Harr will keep running after its passengers raised enough money to buy it, said Mr Pask.\n\
    \"I would still rather queue than drive round,\" said Carol Tranter, who crosses twice a day.\n\n\
    Sign up for our newsletter\n3,204 people like this\nThe last chain ferry on the Harr will keep running\n\
    © 2031 Harrowmere Mercury\n";

fn clean(judge: &mut Classifier, text: &str) {
    let mut sink = Collect::default();
    let cleaned = Cleaner::new(judge, &Options::default()).clean(text.as_bytes(), Document::new("a/b.txt"), &mut sink);
    cleaned.expect("nothing fails");
    assert_eq!(sink.all, text);
}

/// A model file is refused or works. The input is a list of changes to the built-in one, as place, length and bytes; the
/// checksum is set right behind them, or nothing but it would be tried.
pub(super) fn model(mut data: &[u8]) {
    static BUILT_IN: &[u8] = include_bytes!("../../model/chaffinch.model");
    if data.first().is_some_and(|byte| byte & 3 == 0) {
        // Now and then a file that is not one at all.
        assert!(Model::from_bytes(data.to_vec()).is_err());
        return;
    }
    let mut file = BUILT_IN.to_vec();
    while let [a, b, c, length, rest @ ..] = data {
        let count = usize::from(*length % 9).min(rest.len());
        let at = u32::from_le_bytes([*a, *b, *c, 0]) as usize % file.len();
        // Most of the file are weights of which any will do, so half the changes go to where the trees are.
        let at = if length & 128 == 0 { at } else { file.len() - 1 - at % 450_000 };
        let count = count.min(file.len() - at);
        file[at..at + count].copy_from_slice(&rest[..count]);
        data = &rest[count..];
    }
    let body = file.len() - 8;
    let sum = checksum(&file[..body]).to_le_bytes();
    file[body..].copy_from_slice(&sum);
    match Model::from_bytes(file) {
        Ok(model) => {
            let settings = Settings::default();
            if let Ok(mut judge) = Classifier::new(Arc::new(model), Arc::new(Seeds::default()), settings) {
                clean(&mut judge, PAGE);
            }
        }
        Err(error) => assert!(matches!(error, Error::Model(_)), "{error:?}"),
    }
}

/// The checksum of a model file.
fn checksum(data: &[u8]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325u64 ^ data.len() as u64;
    let (words, rest) = data.as_chunks::<8>();
    for word in words {
        sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    for byte in rest {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    sum ^ sum >> 32
}

/// The checksum of a template file.
fn template_checksum(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, value: u64| (hash ^ value).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(31);
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = mix(0x9e37_79b9_7f4a_7c15, bytes.len() as u64);
    let hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let hash = mix(hash, rest.iter().fold(0, |rest, byte| rest << 8 | u64::from(*byte)));
    let hash = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ hash >> 32
}

/// A template file is refused or works, and is written again as it was. The input is a list of changes to a good one.
pub(super) fn template(mut data: &[u8]) {
    let mut memory = Memory::new(Limits::default());
    let mut sketcher = Sketcher::new(true);
    for text in [PAGE.replace("Ferry", "Bus"), PAGE.replace("Skip", "Jump")] {
        memory.add("a", sketcher.sketch(text.as_bytes(), None).expect("nothing fails"));
    }
    let mut file = memory.to_bytes();
    if data.first().is_some_and(|byte| byte & 7 == 0) {
        file = data.to_vec();
    } else {
        while let [a, b, length, rest @ ..] = data {
            let count = usize::from(*length % 9).min(rest.len());
            let at = usize::from(u16::from_le_bytes([*a, *b])) % file.len();
            let end = (at + count).min(file.len());
            // Longer or shorter by a byte now and then.
            let end = if length & 128 == 0 { end } else { (end + 1).min(file.len()) };
            file.splice(at..end, rest[..count].iter().copied());
            data = &rest[count..];
        }
        let body = file.len().saturating_sub(8);
        let sum = template_checksum(&file[..body]).to_le_bytes();
        file.truncate(body);
        file.extend(sum);
    }
    match Memory::from_bytes(&file) {
        Ok(memory) => {
            let bytes = memory.to_bytes();
            let again = Memory::from_bytes(&bytes).expect("it was written by the program");
            assert_eq!(again.to_bytes(), bytes, "equal memories are equal files");
            for by in GroupBy::ALL {
                let template = Template::of_group(&memory, by, "a");
                with_judge(|judge| clean(&mut judge.clone().with_template(Arc::new(template)), PAGE));
            }
        }
        Err(error) => assert!(matches!(error, Error::Template(_)), "{error:?}"),
    }
}

/// A seed file is refused with its line, or its seeds are found or not, in any text.
pub(super) fn seeds(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (file, line) = text.rsplit_once('\0').unwrap_or((&text, &text));
    let mut seeds = Seeds::default();
    match seeds.add_file(Path::new("mine.toml"), file) {
        Ok(()) => {
            let (mut folded, mut hits) = (String::new(), Vec::new());
            for line in line.lines().chain(PAGE.lines()) {
                chaffinch::fold::fold(line, &mut folded);
                seeds.hits(&folded, &mut hits);
                assert!(hits.len() <= chaffinch::seeds::MAX_HITS);
                for hit in &hits {
                    assert_eq!(seeds.seed(hit.id).label, hit.label);
                }
            }
            clean(&mut judge_with(seeds), PAGE);
        }
        Err(Error::Seeds { line, message, .. }) => {
            assert!(line >= 1 && line <= file.matches('\n').count() + 1, "line {line}");
            assert!(!message.contains('\n'), "{message}");
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// An answers file is refused with its line, or obeyed.
pub(super) fn answers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut answers = Answers::new();
    match answers.add_file(Path::new("/x/chaffinch.answers.toml"), &text) {
        Ok(()) => {
            // What is written out is read back as it was.
            let written: String = answers.iter().map(|answer| answer.entry.to_string()).collect();
            let mut again = Answers::new();
            again.add_file(Path::new("/x/chaffinch.answers.toml"), &written).expect("it was written by the program");
            assert!(answers.iter().zip(again.iter()).all(|(a, b)| a.entry == b.entry));
            assert_eq!(answers.len(), again.len());
            with_judge(|judge| clean(&mut judge.clone().with_answers(Arc::new(answers)), PAGE));
        }
        Err(Error::Answers { line, message, .. }) => {
            assert!(line >= 1 && line <= text.matches('\n').count() + 1, "line {line}");
            assert!(!message.contains('\n'), "{message}");
        }
        Err(error) => panic!("{error:?}"),
    }
}
