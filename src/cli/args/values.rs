//! Numbers as people write them.

pub(super) fn probability(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "write a number from 0 to 1, such as 0.3".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("it must be from 0 to 1".to_owned()) }
}

pub(super) fn share(text: &str) -> Result<f32, String> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let value: f32 = number.trim().parse().map_err(|_| "write a share such as 0.5% or 0.005".to_owned())?;
    let value = value / unit;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("it must be above 0 and below 100%".to_owned()) }
}
