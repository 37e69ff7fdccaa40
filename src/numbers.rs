//! Numbers as text, for those who write millions of them.
//!
//! What `core::fmt` does for a number, and above all for a fraction, costs more than all that is written around it. The
//! digits here are the same ones.

use std::fmt::{Result, Write};

/// `.000` to `.999`, one behind the other.
const FRACTIONS: &str = match std::str::from_utf8(&FRACTIONS_BYTES) {
    Ok(text) => text,
    Err(_) => unreachable!(),
};

const FRACTIONS_BYTES: [u8; 4000] = {
    let mut bytes = [b'.'; 4000];
    let mut number = 0;
    while number < 1000 {
        bytes[4 * number + 1] = b'0' + (number / 100) as u8;
        bytes[4 * number + 2] = b'0' + (number / 10 % 10) as u8;
        bytes[4 * number + 3] = b'0' + (number % 10) as u8;
        number += 1;
    }
    bytes
};

/// So many thousandths, with so many digits.
#[inline(always)]
fn fraction(thousandths: usize, digits: usize) -> &'static str {
    &FRACTIONS[4 * thousandths..4 * thousandths + 1 + digits]
}

/// A whole number.
#[inline]
pub(crate) fn whole(out: &mut impl Write, number: u64) -> Result {
    match number {
        0..10 => out.write_char(char::from(b'0' + number as u8)),
        _ => out.write_str(itoa::Buffer::new().format(number)),
    }
}

/// With a sign and one decimal, as `{:+.1}` has it.
pub(crate) fn signed_tenths(out: &mut impl Write, number: f32) -> Result {
    // All of what is multiplied is still there in so many bits, so halves are told from what is next to them.
    let tenths = f64::from(number.abs()) * 10.0;
    if tenths.is_nan() || tenths >= 1e9 {
        return write!(out, "{number:+.1}");
    }
    let below = tenths as i32;
    let rest = tenths - f64::from(below);
    let up = rest > 0.5 || rest == 0.5 && below % 2 == 1;
    let tenths = below.unsigned_abs() + u32::from(up);
    out.write_char(if number.is_sign_negative() { '-' } else { '+' })?;
    whole(out, u64::from(tenths / 10))?;
    out.write_str(fraction(tenths as usize % 10 * 100, 1))
}

/// In steps of 0.001, always with a decimal point, without zeros that say nothing; what is not a number becomes 0.0.
pub(crate) fn thousandths(out: &mut impl Write, number: f32) -> Result {
    let exact = f64::from(number) * 1000.0;
    let below = exact as i64;
    // Halves go away from zero. What is too large for a half has none.
    let up = (0.5..1.0).contains(&(exact - below as f64).abs());
    let thousandths = below.unsigned_abs() + u64::from(up);
    if thousandths > 0 && number < 0.0 {
        out.write_char('-')?;
    }
    whole(out, thousandths / 1000)?;
    let rest = (thousandths % 1000) as u32;
    // Each of a length that is known beforehand, which makes it one store.
    match (rest.is_multiple_of(10), rest.is_multiple_of(100)) {
        (false, _) => out.write_str(fraction(rest as usize, 3)),
        (true, false) => out.write_str(fraction(rest as usize, 2)),
        (true, true) => out.write_str(fraction(rest as usize, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: f32) {
        let mut out = String::new();
        signed_tenths(&mut out, number).unwrap();
        assert_eq!(out, format!("{number:+.1}"), "{number:e}");
        out.clear();
        thousandths(&mut out, number).unwrap();
        assert_eq!(out, rounded(number), "{number:e}");
    }

    /// Thousandths by the formatter's way.
    fn rounded(number: f32) -> String {
        let all = (f64::from(number) * 1000.0).round() as i64;
        let sign = if all < 0 { "-" } else { "" };
        let digits = format!("{:03}", all.unsigned_abs() % 1000);
        let digits = digits.trim_end_matches('0');
        format!("{sign}{}.{}", all.unsigned_abs() / 1000, if digits.is_empty() { "0" } else { digits })
    }

    #[test]
    fn digits_are_those_of_the_formatter() {
        // Weights come in steps of a power of two, and halves are among them.
        for step in -300_000..300_000i32 {
            check(step as f32 / 256.0);
            check(step as f32 / 4096.0);
            check(step as f32 / 20.0);
        }
        // Any bits: a walk over all of them in steps without a pattern.
        for i in 0..400_000u32 {
            check(f32::from_bits(i.wrapping_mul(2_654_435_761)));
        }
        for number in [0.0, -0.0, 0.05, 0.25, 0.35, -0.04, 0.0005, 0.0025, 1e9, 1e15, f32::MAX, f32::MIN, f32::EPSILON]
        {
            check(number);
        }
        for number in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE] {
            check(number);
        }
    }

    #[test]
    fn nothing_is_written_that_need_not_be() {
        let cases = [
            (0.98, "0.98"),
            (1.0, "1.0"),
            (0.0, "0.0"),
            (0.9999, "1.0"),
            (0.0071, "0.007"),
            (-2.345_6, "-2.346"),
            (-0.0004, "0.0"),
            (f32::NAN, "0.0"),
            (12.5, "12.5"),
        ];
        for (number, text) in cases {
            let mut out = String::new();
            thousandths(&mut out, number).unwrap();
            assert_eq!(out, text);
        }
    }
}
