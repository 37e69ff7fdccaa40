//! Decompression, with errors that say what is wrong with the file.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::Compression;

/// How much of the compressed bytes is read at a time.
const BUFFER: usize = 64 * 1024;

/// What `reader` holds, decompressed: every member of a gzip file, every frame of a Zstandard file.
///
/// Reading fails with [`io::ErrorKind::InvalidData`] where the compressed data is broken, and with
/// [`io::ErrorKind::UnexpectedEof`] where it was cut off; everything before that has been given by then.
///
/// # Errors
/// When the decompressor can not be set up.
pub fn unpack<'r>(reader: impl Read + Send + 'r, compression: Compression) -> io::Result<Box<dyn Read + Send + 'r>> {
    Ok(match compression {
        Compression::None => Box::new(reader),
        Compression::Gzip => {
            let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, Source(reader)));
            Box::new(Named { decoder, what: "gzip" })
        }
        Compression::Zstd => {
            let decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(BUFFER, Source(reader)))?;
            Box::new(Named { decoder, what: "zstd" })
        }
    })
}

/// A reader whose own errors can be told from the decompressor's.
struct Source<R>(R);

/// An error of the file, not of what is in it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unreadable(#[source] io::Error);

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, Unreadable(error)),
        })
    }
}

struct Named<D> {
    decoder: D,
    what: &'static str,
}

impl<D: Read> Read for Named<D> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(out).map_err(|error| self.name(error))
    }
}

impl<D> Named<D> {
    fn name(&self, error: io::Error) -> io::Error {
        let what = self.what;
        if error.get_ref().is_some_and(|inner| inner.is::<Unreadable>()) || error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), format!("the {what} data is cut off: its end is missing"))
            }
            _ => io::Error::new(io::ErrorKind::InvalidData, format!("the {what} data is broken ({error})")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::pack::Pack;
    use std::io::Write;

    fn packed(text: &[u8], compression: Compression) -> Vec<u8> {
        let mut pack = Pack::new(Vec::new(), compression).unwrap();
        pack.write_all(text).unwrap();
        pack.finish().unwrap()
    }

    fn unpacked(bytes: &[u8], compression: Compression) -> (Vec<u8>, io::Result<usize>) {
        let mut out = Vec::new();
        let result = unpack(bytes, compression).unwrap().read_to_end(&mut out);
        (out, result)
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let bytes =
                [packed(b"one\n", compression), packed(b"", compression), packed(b"two\n", compression)].concat();
            let (out, result) = unpacked(&bytes, compression);
            assert_eq!((out.as_slice(), result.unwrap()), (&b"one\ntwo\n"[..], 8));
        }
    }

    #[test]
    fn what_is_cut_or_broken_is_told_after_what_was_whole() {
        let text: String = (0..40_000).map(|i| format!("line {i}, {}\n", i * 7919 % 1009)).collect();
        for (compression, what) in [(Compression::Gzip, "gzip"), (Compression::Zstd, "zstd")] {
            let first = packed(b"the first part\n", compression);
            let second = packed(text.as_bytes(), compression);
            let mut bytes = [first.clone(), second.clone()].concat();
            let (out, result) = unpacked(&bytes[..first.len() + second.len() / 2], compression);
            assert!(out.starts_with(b"the first part\n") && text.as_bytes().starts_with(&out[15..]));
            let error = result.unwrap_err();
            assert_eq!(error.to_string(), format!("the {what} data is cut off: its end is missing"));
            let middle = first.len() + second.len() / 2;
            for byte in &mut bytes[middle..middle + 40] {
                *byte ^= 0xa5;
            }
            let (out, result) = unpacked(&bytes, compression);
            assert!(out.starts_with(b"the first part\n"));
            let error = result.unwrap_err().to_string();
            assert!(error.starts_with(&format!("the {what} data is broken (")), "{error}");
            let (out, result) = unpacked(b"This is a text that was never compressed.", compression);
            assert!(out.is_empty() && result.unwrap_err().to_string().contains("broken"));
        }
    }

    #[test]
    fn an_error_of_the_file_stays_what_it_is() {
        struct Cut;
        impl Read for Cut {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("cable cut"))
            }
        }
        for compression in [Compression::Gzip, Compression::Zstd] {
            let error = unpack(Cut, compression).unwrap().read(&mut [0; 8]).unwrap_err();
            assert_eq!(error.to_string(), "cable cut");
        }
    }
}
