//! Numbers as people read them.

/// A share in per cent; what is neither nothing nor all is not rounded to it.
pub fn share(part: u64, all: u64) -> String {
    if all == 0 || part == 0 {
        return "0\u{a0}%".into();
    }
    let percent = (u128::from(part) * 100 + u128::from(all) / 2) / u128::from(all);
    match percent {
        0 => "under 1\u{a0}%".into(),
        100 if part < all => "over 99\u{a0}%".into(),
        _ => format!("{percent}\u{a0}%"),
    }
}

/// Digits in groups of three, by narrow spaces.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
        assert_eq!(share(0, 0), "0\u{a0}%");
        assert_eq!(share(1, 1000), "under 1\u{a0}%");
        assert_eq!(share(999, 1000), "over 99\u{a0}%");
        assert_eq!(share(u64::MAX, u64::MAX), "100\u{a0}%");
    }
}
