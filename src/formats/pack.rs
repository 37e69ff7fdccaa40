//! Compression: of one long text as it comes, and of pieces that several threads have made.
//!
//! Pieces are compressed where they are made and only put together in order, as `pigz` does it: a piece that does not
//! end a gzip member is flushed to a whole byte, and the check sums of the pieces are combined. So a stream is one
//! member however many threads worked on it, or a member for each record of a web archive. Zstandard needs no such
//! art, every piece is a frame of its own. The bytes do not depend on threads or time.

use std::io::{self, Write};

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Crc, GzBuilder};

use super::Compression;

/// Zstandard's level, the usual one.
const ZSTD_LEVEL: i32 = 3;
/// No name, no time, and a system that is not told.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty last block, which ends what was flushed.
const GZIP_LAST_BLOCK: [u8; 2] = [3, 0];

/// A writer that compresses what it gets as one member or frame.
#[derive(Debug)]
pub struct Pack<W: Write>(Kind<W>);

enum Kind<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> std::fmt::Debug for Kind<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Plain(_) => "Plain",
            Kind::Gzip(_) => "Gzip",
            Kind::Zstd(_) => "Zstd",
        })
    }
}

impl<W: Write> Pack<W> {
    /// Compresses to `out`.
    ///
    /// # Errors
    /// When the compressor can not be set up.
    pub fn new(out: W, compression: Compression) -> io::Result<Pack<W>> {
        Ok(Pack(match compression {
            Compression::None => Kind::Plain(out),
            Compression::Gzip => {
                Kind::Gzip(GzBuilder::new().operating_system(255).write(out, flate2::Compression::default()))
            }
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(out, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Kind::Zstd(encoder)
            }
        }))
    }

    /// Ends the compressed data and gives the writer back.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Kind::Plain(out) => Ok(out),
            Kind::Gzip(encoder) => encoder.finish(),
            Kind::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Pack<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Kind::Plain(out) => out.write(bytes),
            Kind::Gzip(encoder) => encoder.write(bytes),
            Kind::Zstd(encoder) => encoder.write(bytes),
        }
    }

    /// Flushing compressed data early would make it larger, so only the plain kind obeys.
    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Kind::Plain(out) => out.flush(),
            Kind::Gzip(_) | Kind::Zstd(_) => Ok(()),
        }
    }
}

/// A part of a stream, compressed, to be put behind the one before it by a [`Joiner`].
#[derive(Debug, Default)]
pub struct Piece {
    bytes: Vec<u8>,
    /// Of gzip: where each stretch of a member ends, its check sum, and whether the member ends with it.
    stretches: Vec<(usize, Crc, bool)>,
}

/// Compresses pieces; each thread has its own.
pub struct Packer(PackerKind);

enum PackerKind {
    None,
    Gzip,
    Zstd(zstd::bulk::Compressor<'static>),
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

impl Packer {
    /// A packer.
    ///
    /// # Errors
    /// When the compressor can not be set up.
    pub fn new(compression: Compression) -> io::Result<Packer> {
        Ok(Packer(match compression {
            Compression::None => PackerKind::None,
            Compression::Gzip => PackerKind::Gzip,
            Compression::Zstd => {
                let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
                compressor.include_checksum(true)?;
                PackerKind::Zstd(compressor)
            }
        }))
    }

    /// Compresses `bytes`. `ends` are the places where a record ends that is to be a member (or frame) of its own; what
    /// is behind the last of them belongs to what comes next.
    ///
    /// # Errors
    /// When the compressor fails, which it does only where memory is short.
    pub fn pack(&mut self, bytes: Vec<u8>, ends: &[usize]) -> io::Result<Piece> {
        if matches!(self.0, PackerKind::None) {
            return Ok(Piece { bytes, stretches: Vec::new() });
        }
        let mut piece = Piece::default();
        let mut start = 0;
        for &end in ends {
            self.stretch(&bytes[start..end], true, &mut piece)?;
            start = end;
        }
        if start < bytes.len() {
            self.stretch(&bytes[start..], false, &mut piece)?;
        }
        Ok(piece)
    }

    fn stretch(&mut self, bytes: &[u8], last: bool, piece: &mut Piece) -> io::Result<()> {
        match &mut self.0 {
            PackerKind::None => {}
            PackerKind::Gzip => {
                let mut encoder = DeflateEncoder::new(&mut piece.bytes, flate2::Compression::default());
                encoder.write_all(bytes)?;
                if last {
                    encoder.finish()?;
                } else {
                    encoder.flush()?;
                    // The encoder would end the member when it is dropped.
                    let flushed = encoder.get_ref().len();
                    encoder.finish()?.truncate(flushed);
                }
                let mut crc = Crc::new();
                crc.update(bytes);
                piece.stretches.push((piece.bytes.len(), crc, last));
            }
            PackerKind::Zstd(compressor) => piece.bytes.extend(compressor.compress(bytes)?),
        }
        Ok(())
    }
}

/// Puts pieces together.
#[derive(Debug)]
pub struct Joiner<W> {
    out: W,
    compression: Compression,
    /// Check sum of the gzip member that is being written.
    member: Option<Crc>,
    empty: bool,
}

impl<W: Write> Joiner<W> {
    /// Writes to `out`.
    pub fn new(out: W, compression: Compression) -> Joiner<W> {
        Joiner { out, compression, member: None, empty: true }
    }

    /// Writes the next piece.
    ///
    /// # Errors
    /// When writing fails.
    pub fn join(&mut self, piece: &Piece) -> io::Result<()> {
        self.empty &= piece.bytes.is_empty();
        if self.compression != Compression::Gzip {
            return self.out.write_all(&piece.bytes);
        }
        let mut start = 0;
        for (end, crc, last) in &piece.stretches {
            if self.member.is_none() {
                self.out.write_all(&GZIP_HEADER)?;
            }
            self.out.write_all(&piece.bytes[start..*end])?;
            self.member.get_or_insert_with(Crc::new).combine(crc);
            if *last {
                self.end_member()?;
            }
            start = *end;
        }
        Ok(())
    }

    /// Writes what makes the stream whole, and gives the writer back.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if self.empty {
            return Pack::new(self.out, self.compression)?.finish();
        }
        if self.member.is_some() {
            self.out.write_all(&GZIP_LAST_BLOCK)?;
            self.end_member()?;
        }
        Ok(self.out)
    }

    /// The writer.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn end_member(&mut self) -> io::Result<()> {
        let Some(crc) = self.member.take() else { return Ok(()) };
        self.out.write_all(&crc.sum().to_le_bytes())?;
        self.out.write_all(&crc.amount().to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::formats::unpack;

    const ALL: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Zstd];

    fn joined(pieces: &[(&[u8], &[usize])], compression: Compression) -> Vec<u8> {
        let mut joiner = Joiner::new(Vec::new(), compression);
        for (bytes, ends) in pieces {
            let piece = Packer::new(compression).unwrap().pack(bytes.to_vec(), ends).unwrap();
            joiner.join(&piece).unwrap();
        }
        joiner.finish().unwrap()
    }

    fn unpacked(bytes: &[u8], compression: Compression) -> Vec<u8> {
        let mut out = Vec::new();
        unpack(bytes, compression).unwrap().read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn pieces_are_one_stream() {
        let cases: [&[(&[u8], &[usize])]; 5] = [
            &[],
            &[(b"", &[])],
            &[(b"alone", &[])],
            &[(b"first\n", &[]), (b"", &[]), (b"second\n", &[]), (b"third\n", &[])],
            &[(b"aabbb", &[2]), (b"bbcc", &[2, 4]), (b"dd", &[2]), (b"e", &[])],
        ];
        for pieces in cases {
            let whole: Vec<u8> = pieces.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect();
            for compression in ALL {
                assert_eq!(unpacked(&joined(pieces, compression), compression), whole, "{compression:?}");
            }
        }
    }

    #[test]
    fn members_end_where_records_end() {
        let members = |mut bytes: &[u8]| {
            let mut members = Vec::new();
            while !bytes.is_empty() {
                let mut text = String::new();
                let mut decoder = flate2::bufread::GzDecoder::new(bytes);
                decoder.read_to_string(&mut text).unwrap();
                bytes = decoder.into_inner();
                members.push(text);
            }
            members
        };
        let pieces: [(&[u8], &[usize]); 3] = [(b"aabbb", &[2]), (b"bbcc", &[2, 4]), (b"dd", &[])];
        assert_eq!(members(&joined(&pieces, Compression::Gzip)), ["aa", "bbbbb", "cc", "dd"]);
        // Without ends it is one member, which readers that know no others need.
        let pieces: [(&[u8], &[usize]); 2] = [(b"aa", &[]), (b"bb", &[])];
        assert_eq!(members(&joined(&pieces, Compression::Gzip)), ["aabb"]);
        assert_eq!(members(&joined(&[], Compression::Gzip)), [""]);
    }

    #[test]
    fn one_long_text_comes_back() {
        let text: String = (0..50_000).map(|i| format!("line {i}\n")).collect();
        for compression in ALL {
            let mut pack = Pack::new(Vec::new(), compression).unwrap();
            for chunk in text.as_bytes().chunks(777) {
                pack.write_all(chunk).unwrap();
                pack.flush().unwrap();
            }
            let bytes = pack.finish().unwrap();
            assert!(compression == Compression::None || bytes.len() < text.len() / 2);
            assert_eq!(unpacked(&bytes, compression), text.as_bytes());
        }
    }
}
