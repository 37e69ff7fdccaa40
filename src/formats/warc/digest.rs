//! A record's digests: what stands in its header about the bytes of its block.

use sha1::{Digest as _, Sha1};

/// The digest of a changed block, written as `old`, the value of a header, is: `sha1:` with Base32 or hexadecimal
/// digits. `None` where `old` was no SHA-1 of the block as it was: a digest of another kind can not be renewed, and
/// one that was wrong must not be made right.
pub(super) fn renewed(old: &str, before: &[u8], after: &[u8]) -> Option<String> {
    let (algorithm, digits) = old.split_once(':')?;
    if !algorithm.eq_ignore_ascii_case("sha1") {
        return None;
    }
    let write = match digits.len() {
        32 => base32,
        40 => hex,
        _ => return None,
    };
    if !write(&Sha1::digest(before)).eq_ignore_ascii_case(digits) {
        return None;
    }
    Some(format!("{algorithm}:{}", write(&Sha1::digest(after))))
}

/// Digits as RFC 4648 has them; 20 bytes need no padding.
fn base32(bytes: &[u8]) -> String {
    let digit = |value: u64| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(value & 31) as usize]);
    let group = |bytes: &[u8]| bytes.iter().fold(0_u64, |group, &byte| group << 8 | u64::from(byte));
    bytes.chunks(5).map(group).flat_map(|group| (0..8).rev().map(move |at| digit(group >> (5 * at)))).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // SHA-1 of "abc", from FIPS 180.
        let hexadecimal = "a9993e364706816aba3e25717850c26c9cd0d89d";
        assert_eq!(hex(&Sha1::digest(b"abc")), hexadecimal);
        let old = format!("sha1:{}", base32(&Sha1::digest(b"abc")));
        assert_eq!(old, "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5");
        assert_eq!(renewed(&old, b"abc", b"abc").as_deref(), Some(&*old));
        let new = renewed(&format!("SHA1:{hexadecimal}"), b"abc", b"").unwrap();
        assert_eq!(new, "SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    #[test]
    fn what_can_not_be_vouched_for_is_left_out() {
        assert_eq!(renewed("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", b"abcd", b"abc"), None);
        for old in ["", "sha1:", "md5:900150983cd24fb0d6963f7d28e17f72", "sha256:x"] {
            assert_eq!(renewed(old, b"abc", b"abc"), None, "{old}");
        }
    }
}
