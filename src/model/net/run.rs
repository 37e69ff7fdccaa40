//! Runs the net, with the widest instructions that the machine has (`fearless_simd` picks them when the program runs).
//!
//! Every lane of a vector is a line. A value of 32 bits in memory holds two channels of one line, or two columns, as
//! processors multiply two pairs of 16-bit numbers and add the products in one instruction. So nothing is ever
//! shuffled between lanes, and all of it is integers: any width gives the same outputs.

use fearless_simd::prelude::*;
use fearless_simd::{i32x4, u8x16};

use super::{LIMIT, Layer, Net, OUTPUTS, POINT, TAPS};
use crate::features::Sheet;

/// Channels of a layer that are reckoned at a time, so that their sums stay in registers.
pub(super) const CHANNELS: usize = 8;
/// Rows of activations begin and end on a multiple of this, which no vector is longer than.
const LANES: usize = 16;

/// Weights of a dense layer.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    /// Pairs of inputs.
    pairs: usize,
    /// For each [`CHANNELS`] outputs: for each pair of inputs, a pair of weights for each output.
    weights: Vec<[i32; CHANNELS]>,
}

impl Dense {
    /// From one row of `inputs` weights for each output.
    pub(super) fn new(rows: &[i16], inputs: usize) -> Dense {
        let pairs = inputs.div_ceil(2);
        let outputs = rows.len() / inputs;
        let of = |output: usize, input: usize| {
            if output < outputs && input < inputs { rows[output * inputs + input] } else { 0 }
        };
        let blocks = (0..outputs).step_by(CHANNELS).flat_map(|first| (0..pairs).map(move |at| (first, at)));
        let weights =
            blocks.map(|(first, at)| std::array::from_fn(|c| pair(of(first + c, 2 * at), of(first + c, 2 * at + 1))));
        Dense { pairs, weights: weights.collect() }
    }

    /// The weights of each block of outputs.
    fn blocks(&self) -> std::slice::ChunksExact<'_, [i32; CHANNELS]> {
        self.weights.chunks_exact(self.pairs)
    }
}

/// Two numbers as one.
pub(super) fn pair(first: i16, second: i16) -> i32 {
    i32::from(first) & 0xffff | i32::from(second) << 16
}

/// Buffers of a run, to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers {
    active: Vec<i32>,
    next: Vec<i32>,
    /// Inputs of one batch of lines: pair after pair.
    inputs: Vec<i32>,
}

/// The net's outputs for the rows of a page, in 1/256 logits: the first for keep or drop, the others for the labels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outputs {
    stride: usize,
    rows: usize,
    values: Vec<i32>,
}

impl Outputs {
    /// These outputs.
    #[cfg(test)]
    pub(crate) fn from_rows(rows: &[[i32; OUTPUTS]]) -> Outputs {
        let stride = rows.len().next_multiple_of(LANES);
        let mut values = vec![0; OUTPUTS * stride];
        for (at, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(output, value)| values[output * stride + at] = *value);
        }
        Outputs { stride, rows: rows.len(), values }
    }

    /// One output of all rows.
    pub(crate) fn of(&self, output: usize) -> &[i32] {
        &self.values[output * self.stride..][..self.rows]
    }

    /// One output from the row `start` on, for as many rows as fit the longest vector; behind the last row there may be
    /// anything.
    pub(crate) fn batch(&self, output: usize, start: usize) -> &[i32] {
        &self.values[output * self.stride + start..]
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// All outputs of one row.
    pub(crate) fn row(&self, row: usize) -> [i32; OUTPUTS] {
        std::array::from_fn(|output| self.of(output)[row])
    }
}

impl Net {
    #[inline(always)]
    pub(super) fn run<S: Simd>(&self, simd: S, sheet: &Sheet, buffers: &mut Buffers, out: &mut Outputs) {
        let rows = sheet.rows.len();
        let page = Lay::new(rows, self.reach());
        for active in [&mut buffers.active, &mut buffers.next] {
            active.clear();
            active.resize(self.width / 2 * page.stride, 0);
        }
        let most = self.inside.pairs.max(self.width / 2);
        buffers.inputs.resize(most * LANES, 0);
        simd.vectorize(
            #[inline(always)]
            || self.enter(simd, sheet, page, &mut buffers.inputs, &mut buffers.active),
        );
        for layer in &self.layers {
            simd.vectorize(
                #[inline(always)]
                || layer.run(simd, page, &buffers.active, &mut buffers.inputs, &mut buffers.next),
            );
            std::mem::swap(&mut buffers.active, &mut buffers.next);
        }
        out.rows = rows;
        out.stride = rows.next_multiple_of(LANES);
        out.values.resize(self.out_bias.len() * out.stride, 0);
        simd.vectorize(
            #[inline(always)]
            || self.leave(simd, page, &buffers.active, out),
        );
    }

    /// How far a convolution looks.
    fn reach(&self) -> usize {
        self.layers.iter().map(|layer| TAPS / 2 * layer.dilation).max().unwrap_or(0)
    }

    /// The dense layer from the columns' bytes.
    #[inline(always)]
    fn enter<S: Simd>(&self, simd: S, sheet: &Sheet, page: Lay, inputs: &mut [i32], active: &mut [i32]) {
        let (zero, limit) = (S::i32s::splat(simd, 0), S::i32s::splat(simd, LIMIT));
        let scales = self.scale.as_chunks::<CHANNELS>().0.iter().zip(self.bias.as_chunks::<CHANNELS>().0);
        for start in (0..page.rows).step_by(LANES) {
            for (pair, views) in inputs.as_chunks_mut::<LANES>().0.iter_mut().zip(self.columns.chunks(2)) {
                let of = |at: usize| sheet.batch::<LANES>(views[at], start);
                let (first, second) = (of(0), if views.len() > 1 { of(1) } else { &[0; LANES] });
                let [first, second] = [first, second].map(|bytes| u8x16::load_array_ref(simd, bytes));
                let (low, high) = first.interleave(second);
                let ((a, b), (c, d)) = (low.widen(), high.widen());
                // Two numbers of 16 bits stand beside each other as they do in one of 32.
                for (part, lines) in pair.as_chunks_mut::<4>().0.iter_mut().zip([a, b, c, d]) {
                    lines.bitcast::<i32x4<S>>().store_slice(part);
                }
            }
            for ((block, weights), (scale, bias)) in self.inside.blocks().enumerate().zip(scales.clone()) {
                for line in (0..LANES).step_by(S::i32s::LEN) {
                    let sums = products(simd, weights, &inputs[line..], LANES);
                    for at in 0..CHANNELS / 2 {
                        let value = |c: usize| {
                            let (low, high) = sums[c].widening_mul(S::i32s::splat(simd, scale[c]));
                            let value = (low >> 32).narrow(high >> 32) + S::i32s::splat(simd, bias[c]);
                            value.max(zero).min(limit)
                        };
                        let to = page.at(block * CHANNELS / 2 + at, start + line);
                        (value(2 * at) | value(2 * at + 1) << 16).store_slice(&mut active[to..][..S::i32s::LEN]);
                    }
                }
            }
        }
        page.clear_tails(active);
    }

    /// The outputs from the last layer's channels.
    #[inline(always)]
    fn leave<S: Simd>(&self, simd: S, page: Lay, active: &[i32], out: &mut Outputs) {
        let lanes = S::i32s::LEN;
        for start in (0..page.rows).step_by(lanes) {
            let biases = self.out_bias.as_chunks::<CHANNELS>().0;
            for (block, (weights, bias)) in self.out.blocks().zip(biases).enumerate() {
                let sums = products(simd, weights, &active[page.at(0, start)..], page.stride);
                for c in 0..CHANNELS {
                    let to = &mut out.values[(block * CHANNELS + c) * out.stride + start..][..lanes];
                    ((sums[c] >> POINT) + S::i32s::splat(simd, bias[c])).store_slice(to);
                }
            }
        }
    }
}

impl Layer {
    /// The layer's own convolution and dense layer, added to what comes in.
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, page: Lay, active: &[i32], mixed: &mut [i32], next: &mut [i32]) {
        let lanes = S::i32s::LEN;
        let (zero, limit, least) = (S::i32s::splat(simd, 0), S::i32s::splat(simd, LIMIT), S::i32s::splat(simd, -LIMIT));
        let low = S::i32s::splat(simd, 0xffff);
        for start in (0..page.rows).step_by(lanes) {
            for (at, (mixed, taps)) in mixed.chunks_exact_mut(lanes).zip(&self.taps).enumerate() {
                let (mut first, mut second) = (zero, zero);
                for (tap, (of_first, of_second)) in taps[0].iter().zip(&taps[1]).enumerate() {
                    // Beyond the page there is nothing.
                    let from = page.at(at, start) + tap * self.dilation - TAPS / 2 * self.dilation;
                    let pair = S::i32s::from_slice(simd, &active[from..][..lanes]);
                    first += dots::<S>(pair, S::i32s::splat(simd, *of_first));
                    second += dots::<S>(pair, S::i32s::splat(simd, *of_second));
                }
                let (first, second) = ((first >> POINT).max(least).min(limit), (second >> POINT).max(least).min(limit));
                (first & low | second << 16).store_slice(mixed);
            }
            let biases = self.bias.as_chunks::<CHANNELS>().0;
            for (block, (weights, bias)) in self.points.blocks().zip(biases).enumerate() {
                let sums = products(simd, weights, mixed, lanes);
                for at in 0..CHANNELS / 2 {
                    let place = page.at(block * CHANNELS / 2 + at, start);
                    let own = S::i32s::from_slice(simd, &active[place..][..lanes]);
                    let step = |c: usize| ((sums[c] >> POINT) + S::i32s::splat(simd, bias[c])).max(zero);
                    let first = ((own & low) + step(2 * at)).min(limit);
                    let second = ((own >> 16) + step(2 * at + 1)).min(limit);
                    (first | second << 16).store_slice(&mut next[place..][..lanes]);
                }
            }
        }
        page.clear_tails(next);
    }
}

/// Sums of products of a batch of lines for [`CHANNELS`] outputs; the pairs of inputs are `stride` apart.
#[inline(always)]
fn products<S: Simd>(simd: S, weights: &[[i32; CHANNELS]], inputs: &[i32], stride: usize) -> [S::i32s; CHANNELS] {
    let mut sums = [S::i32s::splat(simd, 0); CHANNELS];
    for (weights, input) in weights.iter().zip(inputs.chunks(stride)) {
        let input = S::i32s::from_slice(simd, &input[..S::i32s::LEN]);
        for c in 0..CHANNELS {
            sums[c] += dots::<S>(input, S::i32s::splat(simd, weights[c]));
        }
    }
    sums
}

/// In each lane, the sum of the products of two pairs.
#[inline(always)]
fn dots<S: Simd>(pair: S::i32s, weights: S::i32s) -> S::i32s {
    let (pair, weights): (S::i16s, S::i16s) = (pair.bitcast(), weights.bitcast());
    pair.pairwise_dot_product(weights)
}

/// How the activations of a page lie in memory: a row of lines for each pair of channels, with zeros before and behind.
#[derive(Clone, Copy, Debug)]
struct Lay {
    rows: usize,
    before: usize,
    stride: usize,
}

impl Lay {
    fn new(rows: usize, reach: usize) -> Lay {
        let before = reach.next_multiple_of(LANES);
        Lay { rows, before, stride: before + rows.next_multiple_of(LANES) + before }
    }

    /// The place of a line in a pair of channels.
    fn at(self, pair: usize, line: usize) -> usize {
        pair * self.stride + self.before + line
    }

    /// Lanes behind the last line are not lines: convolutions must find nothing there.
    fn clear_tails(self, active: &mut [i32]) {
        let end = self.before + self.rows.next_multiple_of(LANES);
        active.chunks_exact_mut(self.stride).for_each(|pair| pair[self.before + self.rows..end].fill(0));
    }
}
