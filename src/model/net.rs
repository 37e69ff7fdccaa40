//! A small net over the sequence of lines: what the trees can not see, the order of things around a line.
//!
//! Bytes of the columns go into a dense layer, then through residual layers of a depthwise dilated convolution over
//! lines and a pointwise one, then into one output for keep or drop and one for each label (`model/net.py` trains it
//! and names the papers). Activations are 16 bits with eight behind the point, sums are 32 bits that can not
//! overflow, so the outputs are the same on every machine.

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::columns::View;
use crate::features::{BATCH, Sheet};

/// Outputs: keep or drop, then one for each label.
pub(crate) const OUTPUTS: usize = 20;
/// Lines that a convolution looks at.
const TAPS: usize = 5;
/// The largest activation, in 1/256.
const LIMIT: i32 = 4093;
/// Rows of weights and activations are this long, or a multiple, with zeros behind, so that sums need no remainder and
/// become the processor's instructions for sums of products.
const LANES: usize = 32;
/// Bits behind the point of the weights of inner layers.
const POINT: u32 = 12;

/// One residual layer.
#[derive(Clone, Debug)]
struct Layer {
    dilation: usize,
    /// `TAPS` rows of one weight a channel.
    taps: Vec<i16>,
    /// One row of weights for each channel it gives out.
    points: Vec<i16>,
    /// In 1/256.
    bias: Vec<i32>,
}

/// The net; cheap to run, and with buffers of the caller's.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    columns: Vec<View>,
    width: usize,
    /// One row of weights, one a column, for each channel.
    inside: Vec<i16>,
    /// What a channel's sum is multiplied by, in 1/2^32, to be in 1/256.
    scale: Vec<i32>,
    bias: Vec<i32>,
    layers: Vec<Layer>,
    /// One row of weights for each output.
    out: Vec<i16>,
    out_bias: Vec<i32>,
}

/// Buffers of a run, to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers {
    active: Vec<i16>,
    next: Vec<i16>,
    mixed: Vec<i16>,
    bytes: Vec<i16>,
}

fn words(section: &mut Reader, count: usize) -> Result<Vec<i16>> {
    (0..count).map(|_| section.i16()).collect()
}

/// Rows of `length` with zeros behind them.
fn padded(rows: Vec<i16>, length: usize) -> Vec<i16> {
    let mut out = Vec::with_capacity(rows.len() / length * length.next_multiple_of(LANES));
    for row in rows.chunks_exact(length) {
        out.extend(row);
        out.resize(out.len().next_multiple_of(LANES), 0);
    }
    out
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
        let width = section.u16()? as usize;
        if columns.is_empty() || !(1..=256).contains(&width) {
            return Err(wrong("has an impossible size"));
        }
        let inside = words(section, columns.len() * width)?;
        let (scale, bias) = (longs(section, width)?, longs(section, width)?);
        let mut layers = Vec::new();
        for _ in 0..section.u8()? {
            let dilation = section.u8()? as usize;
            let taps = words(section, TAPS * width)?;
            let points = words(section, width * width)?;
            layers.push(Layer { dilation, taps, points, bias: longs(section, width)? });
        }
        let (out, out_bias) = (words(section, OUTPUTS * width)?, longs(section, OUTPUTS)?);
        let safe = fits(&inside, columns.len(), 255)
            && layers.iter().all(|layer| fits(&layer.points, width, i64::from(LIMIT)))
            && fits(&out, width, i64::from(LIMIT));
        if !safe {
            return Err(wrong("has weights that are too large"));
        }
        let inside = padded(inside, columns.len());
        layers.iter_mut().for_each(|layer| layer.points = padded(std::mem::take(&mut layer.points), width));
        Ok(Net { columns, width, inside, scale, bias, layers, out: padded(out, width), out_bias })
    }

    /// The length of a row of activations.
    fn stride(&self) -> usize {
        self.width.next_multiple_of(LANES)
    }

    /// The outputs for every row of a page, in 1/256 logits: the first for keep or drop, the others for the labels.
    pub(crate) fn score(&self, sheet: &Sheet, buffers: &mut Buffers, out: &mut Vec<[i32; OUTPUTS]>) {
        let (rows, stride) = (sheet.rows.len(), self.stride());
        self.enter(sheet, buffers);
        buffers.mixed.clear();
        buffers.mixed.resize(stride, 0);
        buffers.next.clear();
        buffers.next.resize(rows * stride, 0);
        for layer in &self.layers {
            for row in 0..rows {
                self.convolve(layer, &buffers.active, row, rows, &mut buffers.mixed);
                let own = &buffers.active[row * stride..][..self.width];
                let next = &mut buffers.next[row * stride..][..self.width];
                let points = layer.points.chunks_exact(stride).zip(&layer.bias);
                for ((next, own), (points, bias)) in next.iter_mut().zip(own).zip(points) {
                    let step = ((dot(&buffers.mixed, points) >> POINT) + bias).max(0);
                    *next = (i32::from(*own) + step).clamp(0, LIMIT) as i16;
                }
            }
            std::mem::swap(&mut buffers.active, &mut buffers.next);
        }
        out.clear();
        for row in buffers.active.chunks_exact(stride) {
            let of =
                |output: usize| (dot(row, &self.out[output * stride..][..stride]) >> POINT) + self.out_bias[output];
            out.push(std::array::from_fn(of));
        }
    }

    /// The dense layer from the columns' bytes, batch by batch.
    fn enter(&self, sheet: &Sheet, buffers: &mut Buffers) {
        let (rows, stride) = (sheet.rows.len(), self.stride());
        let length = self.columns.len().next_multiple_of(LANES);
        buffers.active.clear();
        buffers.active.resize(rows * stride, 0);
        buffers.bytes.clear();
        buffers.bytes.resize(BATCH * length, 0);
        for start in (0..rows).step_by(BATCH) {
            for (at, view) in self.columns.iter().enumerate() {
                for (row, cell) in sheet.batch(*view, start).iter().enumerate() {
                    buffers.bytes[row * length + at] = i16::from(*cell);
                }
            }
            let batch = buffers.active[start * stride..].chunks_exact_mut(stride);
            for (active, bytes) in batch.zip(buffers.bytes.chunks_exact(length)) {
                let channels = self.inside.chunks_exact(length).zip(self.scale.iter().zip(&self.bias));
                for (active, (weights, (scale, bias))) in active.iter_mut().zip(channels) {
                    let sum = dot(bytes, weights);
                    let value = ((i64::from(sum) * i64::from(*scale)) >> 32) + i64::from(*bias);
                    *active = value.clamp(0, i64::from(LIMIT)) as i16;
                }
            }
        }
    }

    /// The convolution over lines, channel by channel; beyond the page there is nothing.
    fn convolve(&self, layer: &Layer, active: &[i16], row: usize, rows: usize, mixed: &mut [i16]) {
        const MOST: usize = 256;
        let stride = self.stride();
        let mut sums = [0i32; MOST];
        let sums = &mut sums[..self.width];
        for (tap, taps) in layer.taps.chunks_exact(self.width).enumerate() {
            let Some(at) = (row + tap * layer.dilation).checked_sub(TAPS / 2 * layer.dilation) else { continue };
            if at < rows {
                let values = &active[at * stride..][..self.width];
                for (sum, (value, tap)) in sums.iter_mut().zip(values.iter().zip(taps)) {
                    *sum += i32::from(*value) * i32::from(*tap);
                }
            }
        }
        for (mixed, sum) in mixed.iter_mut().zip(sums) {
            *mixed = (*sum >> POINT).clamp(-LIMIT, LIMIT) as i16;
        }
    }
}

fn dot(a: &[i16], b: &[i16]) -> i32 {
    let (a, b) = (a.as_chunks::<LANES>().0, b.as_chunks::<LANES>().0);
    let lanes = |(a, b): (&[i16; LANES], &[i16; LANES])| -> i32 {
        a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    };
    a.iter().zip(b).map(lanes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Row;

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
        let mut out = Vec::new();
        net.score(&sheet, &mut Buffers::default(), &mut out);
        assert_eq!(out.iter().map(|row| row[..3].to_vec()).collect::<Vec<_>>(), [[7, 37, 7], [7, 67, 7], [7, 47, 7]]);
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
