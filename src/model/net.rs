//! A small net over the sequence of lines: what the trees can not see, the order of things around a line.
//!
//! Bytes of the columns go into a dense layer, then through residual layers of a depthwise dilated convolution over
//! lines and a pointwise one, then into one output for keep or drop and one for each label (`model/net.py` trains it
//! and names the papers). Activations are 16 bits with eight behind the point, sums are 32 bits that can not
//! overflow, so the outputs are the same on every machine.

mod run;

use fearless_simd::{Level, dispatch};

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::Sheet;
use crate::features::columns::View;
pub(crate) use run::{Buffers, Outputs};
use run::{CHANNELS, Dense, pair};

/// Outputs: keep or drop, then one for each label.
pub(crate) const OUTPUTS: usize = 20;
/// Lines that a convolution looks at.
const TAPS: usize = 5;
/// The largest activation, in 1/256.
const LIMIT: i32 = 4093;
/// Bits behind the point of the weights of inner layers.
const POINT: u32 = 12;
/// The largest bias: with it, no output goes over.
const MOST_BIAS: u32 = 1 << 30;

/// The net; cheap to run, and with buffers of the caller's.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    columns: Vec<View>,
    /// Channels, a multiple of what is reckoned at a time; those behind the net's own are always 0.
    width: usize,
    inside: Dense,
    /// What a channel's sum is multiplied by, in 1/2^32, to be in 1/256.
    scale: Vec<i32>,
    bias: Vec<i32>,
    layers: Vec<Layer>,
    out: Dense,
    out_bias: Vec<i32>,
}

/// One residual layer.
#[derive(Clone, Debug)]
struct Layer {
    dilation: usize,
    /// For each pair of channels, the weights of the taps: of the first channel, of the second.
    taps: Vec<[[i32; TAPS]; 2]>,
    points: Dense,
    /// In 1/256.
    bias: Vec<i32>,
}

fn words(section: &mut Reader, count: usize) -> Result<Vec<i16>> {
    (0..count).map(|_| section.i16()).collect()
}

fn longs(section: &mut Reader, count: usize) -> Result<Vec<i32>> {
    (0..count).map(|_| section.i32()).collect()
}

/// Whether no sum of weights and activations of at most `limit` can overflow.
fn fits(weights: &[i16], row: usize, limit: i64) -> bool {
    let most = weights.chunks_exact(row).map(|w| w.iter().map(|w| i64::from(*w).abs()).sum::<i64>()).max();
    most.unwrap_or(0) * limit < i64::from(i32::MAX)
}

impl Net {
    pub(crate) fn read(section: &mut Reader) -> Result<Net> {
        let wrong = |what: &str| Error::Model(format!("its net {what}"));
        let columns = (0..section.u16()?)
            .map(|_| {
                let name = section.text()?;
                let view = View::parse(&name).filter(|view| view.shift == 0);
                view.ok_or_else(|| wrong(&format!("asks for the feature {name:?}, which this version does not have")))
            })
            .collect::<Result<Vec<_>>>()?;
        let own = section.u16()? as usize;
        if columns.is_empty() || !(1..=256).contains(&own) {
            return Err(wrong("has an impossible size"));
        }
        let width = own.next_multiple_of(CHANNELS);
        let dense = |section: &mut Reader, inputs: usize, outputs: usize, limit: i64| {
            let rows = words(section, inputs * outputs)?;
            if !fits(&rows, inputs, limit) {
                return Err(wrong("has weights that are too large"));
            }
            Ok(Dense::new(&rows, inputs))
        };
        let biases = |section: &mut Reader, outputs: usize| {
            let mut biases = longs(section, outputs)?;
            if biases.iter().any(|bias| bias.unsigned_abs() > MOST_BIAS) {
                return Err(wrong("begins out of bounds"));
            }
            biases.resize(outputs.next_multiple_of(CHANNELS), 0);
            Ok(biases)
        };
        let inside = dense(section, columns.len(), own, 255)?;
        let mut scale = longs(section, own)?;
        scale.resize(width, 0);
        let bias = biases(section, own)?;
        let mut layers = Vec::new();
        for _ in 0..section.u8()? {
            let dilation = section.u8()? as usize;
            let taps = taps(&words(section, TAPS * own)?, own, width);
            let points = dense(section, own, own, i64::from(LIMIT))?;
            layers.push(Layer { dilation, taps, points, bias: biases(section, own)? });
        }
        let out = dense(section, own, OUTPUTS, i64::from(LIMIT))?;
        let out_bias = biases(section, OUTPUTS)?;
        Ok(Net { columns, width, inside, scale, bias, layers, out, out_bias })
    }

    /// The outputs for every row of a page.
    pub(crate) fn score(&self, sheet: &Sheet, buffers: &mut Buffers, out: &mut Outputs) {
        self.score_on(Level::new(), sheet, buffers, out);
    }

    /// The same with this set of instructions.
    fn score_on(&self, level: Level, sheet: &Sheet, buffers: &mut Buffers, out: &mut Outputs) {
        dispatch!(level, simd => self.run(simd, sheet, buffers, out));
    }
}

/// The taps of pairs of channels, one row of `width` weights a tap in the file.
fn taps(rows: &[i16], own: usize, width: usize) -> Vec<[[i32; TAPS]; 2]> {
    let of = |tap: usize, channel: usize| if channel < own { rows[tap * own + channel] } else { 0 };
    (0..width / 2)
        .map(|at| {
            [
                std::array::from_fn(|tap| pair(of(tap, 2 * at), 0)),
                std::array::from_fn(|tap| pair(0, of(tap, 2 * at + 1))),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Row;
    use crate::model::lanes::{self, Random};

    /// A net of one channel that looks at the characters of a line, and adds those of the next.
    fn bytes(weight: i16, point: i16) -> Vec<u8> {
        let mut data = 1u16.to_le_bytes().to_vec();
        data.push(10);
        data.extend(b"characters");
        data.extend(1u16.to_le_bytes());
        data.extend(weight.to_le_bytes());
        data.extend((1i32 << 30).to_le_bytes());
        data.extend(0i32.to_le_bytes());
        data.extend([1, 1]);
        for tap in [0i16, 0, 0, 1 << POINT, 0] {
            data.extend(tap.to_le_bytes());
        }
        data.extend(point.to_le_bytes());
        data.extend(0i32.to_le_bytes());
        (0..OUTPUTS as i16).for_each(|i| data.extend((i << POINT).to_le_bytes()));
        (0..OUTPUTS).for_each(|_| data.extend(7i32.to_le_bytes()));
        data
    }

    #[test]
    fn lines_hear_of_their_neighbours() {
        // Output 1 is once the activation; weights of 16 bits hold no more than seven whole.
        let mut data = bytes(4, 1 << POINT);
        let at = data.len() - OUTPUTS * 6;
        data[at + 4..at + OUTPUTS * 2].fill(0);
        let net = Net::read(&mut Reader::new(data.into())).unwrap();
        let mut sheet = Sheet::default();
        sheet.rows.resize(3, Row::default());
        sheet.lay_out();
        for (row, characters) in [10, 20, 40].into_iter().enumerate() {
            sheet.set(crate::features::columns::col::Chars, row, characters);
        }
        let mut out = Outputs::default();
        net.score(&sheet, &mut Buffers::default(), &mut out);
        assert_eq!([out.of(0), out.of(1), out.of(2)], [[7, 7, 7], [37, 67, 47], [7, 7, 7]]);
    }

    /// A net of this width with weights that look random, as large as its sums allow.
    fn random(width: usize, columns: &[&str], random: &mut Random) -> Vec<u8> {
        let mut data = (columns.len() as u16).to_le_bytes().to_vec();
        for column in columns {
            data.push(column.len() as u8);
            data.extend(column.as_bytes());
        }
        let mut words = |data: &mut Vec<u8>, count: usize, most: i64| {
            (0..count).for_each(|_| data.extend((random.around(most) as i16).to_le_bytes()));
        };
        data.extend((width as u16).to_le_bytes());
        words(&mut data, columns.len() * width, 30_000);
        let mut longs = Random(width as u64);
        let mut longs = |data: &mut Vec<u8>, count: usize, most: i64| {
            (0..count).for_each(|_| data.extend((longs.around(most) as i32).to_le_bytes()));
        };
        longs(&mut data, width, 1 << 20);
        longs(&mut data, width, 2000);
        data.push(3);
        for dilation in [1, 20, 0] {
            data.push(dilation);
            words(&mut data, TAPS * width, 2000);
            words(&mut data, width * width, 4000);
            longs(&mut data, width, 1000);
        }
        words(&mut data, OUTPUTS * width, 4000);
        longs(&mut data, OUTPUTS, 1000);
        data
    }

    /// What a net of this section says of a page, reckoned as its text above says it, number by number.
    fn outputs(mut section: Reader, sheet: &Sheet) -> Vec<[i32; OUTPUTS]> {
        let section = &mut section;
        let columns: Vec<View> =
            (0..section.u16().unwrap()).map(|_| View::parse(&section.text().unwrap()).unwrap()).collect();
        let width = section.u16().unwrap() as usize;
        let rows = sheet.rows.len();
        let dense = |weights: &[i16], input: &[i32]| -> Vec<i32> {
            let row = |row: &[i16]| row.iter().zip(input).map(|(a, b)| i32::from(*a) * b).sum();
            weights.chunks_exact(input.len()).map(row).collect()
        };
        let inside = words(section, columns.len() * width).unwrap();
        let (scale, bias) = (longs(section, width).unwrap(), longs(section, width).unwrap());
        let mut active: Vec<Vec<i32>> = (0..rows)
            .map(|row| {
                let cells: Vec<i32> = columns.iter().map(|view| i32::from(sheet.cell(*view, row))).collect();
                let sums = dense(&inside, &cells);
                let scaled = sums.iter().zip(&scale).map(|(sum, scale)| (i64::from(*sum) * i64::from(*scale)) >> 32);
                scaled.zip(&bias).map(|(sum, bias)| (sum as i32 + bias).clamp(0, LIMIT)).collect()
            })
            .collect();
        for _ in 0..section.u8().unwrap() {
            let dilation = section.u8().unwrap() as usize;
            let (taps, points) = (words(section, TAPS * width).unwrap(), words(section, width * width).unwrap());
            let bias = longs(section, width).unwrap();
            let mixed = |row: usize| -> Vec<i32> {
                let tap = |channel: usize, tap: usize| {
                    let from = (row + tap * dilation).checked_sub(2 * dilation).filter(|from| *from < rows);
                    from.map_or(0, |from| active[from][channel] * i32::from(taps[tap * width + channel]))
                };
                let sum = |channel: usize| (0..TAPS).map(|at| tap(channel, at)).sum::<i32>();
                (0..width).map(|channel| (sum(channel) >> POINT).clamp(-LIMIT, LIMIT)).collect()
            };
            let next = |row: usize| {
                let steps = dense(&points, &mixed(row)).into_iter().zip(&bias);
                let steps = steps.map(|(sum, bias)| ((sum >> POINT) + bias).max(0));
                active[row].iter().zip(steps).map(|(own, step)| (own + step).min(LIMIT)).collect()
            };
            active = (0..rows).map(next).collect();
        }
        let (out, bias) = (words(section, OUTPUTS * width).unwrap(), longs(section, OUTPUTS).unwrap());
        let of = |active: &Vec<i32>| {
            let sums = dense(&out, active);
            std::array::from_fn(|output| (sums[output] >> POINT) + bias[output])
        };
        active.iter().map(of).collect()
    }

    #[test]
    fn any_instructions_give_the_same_outputs() {
        let numbers = &mut Random(3);
        let columns = ["characters", "words", "its words", "share of digits", "commas"];
        for (width, columns) in [(1, &columns[..1]), (7, &columns[..4]), (32, &columns[..])] {
            let reader = Reader::new(random(width, columns, numbers).into());
            let net = Net::read(&mut reader.clone()).unwrap();
            for rows in [0, 1, 16, 17, 100] {
                let mut sheet = Sheet::default();
                sheet.rows.resize(rows, Row::default());
                sheet.lay_out();
                for view in &net.columns {
                    (0..rows).for_each(|row| sheet.set(view.column.into(), row, numbers.below(256) as u8));
                }
                let expected = outputs(reader.clone(), &sheet);
                for level in lanes::levels() {
                    let mut out = Outputs::default();
                    net.score_on(level, &sheet, &mut Buffers::default(), &mut out);
                    let out: Vec<_> = (0..rows).map(|row| out.row(row)).collect();
                    assert_eq!(out, expected, "{level:?}, {width} wide, {rows} rows");
                }
            }
        }
    }

    #[test]
    fn what_could_overflow_or_is_short_is_refused() {
        assert!(Net::read(&mut Reader::new(bytes(4, i16::MAX).into())).is_ok());
        let whole = bytes(4, 1);
        for cut in 0..whole.len() {
            assert!(Net::read(&mut Reader::new(whole[..cut].to_vec().into())).is_err(), "cut at {cut}");
        }
        assert!(!fits(&[i16::MAX; 64], 64, i64::from(LIMIT)));
    }
}
