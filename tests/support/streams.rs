//! Streams of documents, plain and compressed, to run the program on.

use std::io::{Read, Write};

use chaffinch::formats::pack::Pack;
use chaffinch::formats::{Compression, unpack};
use serde_json::json;

use super::{SCRAPE, chaffinch};

pub(crate) fn pack(bytes: impl AsRef<[u8]>, compression: Compression) -> Vec<u8> {
    let mut pack = Pack::new(Vec::new(), compression).unwrap();
    pack.write_all(bytes.as_ref()).unwrap();
    pack.finish().unwrap()
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    pack(bytes, Compression::Gzip)
}

pub(crate) fn unpacked(bytes: &[u8], compression: Compression) -> String {
    let mut out = String::new();
    unpack(bytes, compression).unwrap().read_to_string(&mut out).unwrap();
    out
}

/// What is left of the scrape when it is cleaned alone.
pub(crate) fn clean_scrape() -> String {
    let output = chaffinch().write_stdin(SCRAPE).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

pub(crate) fn json_line(number: usize, text: &str) -> String {
    // The fields stand in this order, which is not that of their names.
    format!("{{\"url\":\"https://quay.example/{number}\", \"n\":{number}.0, \"text\":{}, \"a\":[]}}\n", json!(text))
}

pub(crate) fn json_lines(count: usize, text: &str) -> String {
    (1..=count).map(|number| json_line(number, text)).collect()
}

pub(crate) fn wet_record(kind: &str, block: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://quay.example/ferry\r\nContent-Type: text/plain\r\n\
         Content-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
}

pub(crate) fn wet(count: usize, block: &str) -> String {
    let info = "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 6\r\n\r\na: b\r\n\r\n\r\n";
    info.to_owned() + &wet_record("conversion", block).repeat(count)
}
