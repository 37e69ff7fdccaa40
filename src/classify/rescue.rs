//! Lines that the model would drop though they are a title, a standfirst or a caption.
//!
//! The texts that keep or drop is learned from often leave these out, so the estimate of keep or drop is too low for
//! them. What kind of line it is was learned from pages whose every line was read: where that is clear, it wins.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

use crate::features::odds;
use crate::label::Label;
use crate::model::net::{OUTPUTS, Outputs};

/// The labels that are looked for, and the probability from which they are believed. Captions stand in the way of
/// fewer readers than they would bother, so they must be surer.
const KINDS: [(Label, f64); 3] = [(Label::Title, 0.3), (Label::Standfirst, 0.3), (Label::Caption, 0.7)];
/// The same for a line that stands there again as a picture's text does: teasers do so too, but little else.
const REPEATED: f64 = 0.3;

/// Whether one of these is among the two likeliest labels by the net, which is cheap to ask of every line.
pub(crate) fn possible(net: &Outputs, out: &mut Vec<bool>) {
    out.clear();
    dispatch!(Level::new(), simd => possible_on(simd, net, out));
}

#[inline(always)]
fn possible_on<S: Simd>(simd: S, net: &Outputs, out: &mut Vec<bool>) {
    let one = S::i32s::splat(simd, 1);
    for start in (0..net.rows()).step_by(S::i32s::LEN) {
        let of = |label: usize| S::i32s::from_slice(simd, &net.batch(1 + label, start)[..S::i32s::LEN]);
        let mut any = S::i32s::splat(simd, 0);
        for (label, _) in KINDS {
            let label = label.index();
            // The labels that are likelier, of equal ones the first.
            let (own, mut likelier) = (of(label), S::i32s::splat(simd, 0));
            for other in (0..OUTPUTS - 1).filter(|other| *other != label) {
                let other_is = if other < label { of(other).simd_ge(own) } else { of(other).simd_gt(own) };
                likelier = other_is.select(likelier + one, likelier);
            }
            any = likelier.simd_le(one).select(one, any);
        }
        let count = (net.rows() - start).min(S::i32s::LEN);
        out.extend(any.as_slice()[..count].iter().map(|any| *any != 0));
    }
}

/// The label that keeps the line, and its probability, given the labels that are possible with their logits in 1/256.
/// `repeated` says that others repeat the line as their caption.
pub(crate) fn label(logits: impl Iterator<Item = (Label, i32)> + Clone, repeated: bool) -> Option<(Label, f32)> {
    let (likeliest, most) = logits.clone().max_by_key(|(label, logit)| (*logit, std::cmp::Reverse(label.index())))?;
    let (label, least) = KINDS.into_iter().find(|(label, _)| *label == likeliest)?;
    let least = if repeated && label == Label::Caption { REPEATED } else { least };
    let p = 1.0 / logits.map(|(_, logit)| odds(logit - most)).sum::<f64>();
    (p > least).then_some((label, p as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(likely: &[(Label, i32)]) -> [i32; OUTPUTS] {
        let mut net = [0; OUTPUTS];
        likely.iter().for_each(|(label, logit)| net[1 + label.index()] = *logit);
        net
    }

    #[test]
    fn the_two_likeliest_labels_are_asked() {
        let rows = [
            net(&[(Label::Caption, 500), (Label::Navigation, 900)]),
            net(&[(Label::Caption, 900), (Label::Navigation, 500)]),
            net(&[(Label::Title, 100), (Label::Navigation, 900), (Label::Legal, 400)]),
            net(&[(Label::Interface, 900), (Label::Duplicate, 400)]),
            // Of equal ones, the first are the likelier.
            net(&[(Label::Standfirst, 400), (Label::Navigation, 400), (Label::Legal, 400)]),
            net(&[(Label::Caption, 400), (Label::Body, 400), (Label::Heading, 400)]),
        ];
        let expected = [true, true, false, false, true, false];
        let mut out = vec![true];
        for count in 0..40 {
            let rows: Vec<_> = rows.into_iter().cycle().take(count).collect();
            possible(&Outputs::from_rows(&rows), &mut out);
            assert!(out.iter().eq(expected.iter().cycle().take(count)), "{out:?}");
        }
    }

    #[test]
    fn captions_must_be_surer_than_titles() {
        let logits = |likely: Label| [(likely, 100), (Label::Navigation, 0), (Label::Legal, -2000)].into_iter();
        assert_eq!(label(logits(Label::Title), false).map(|(label, _)| label), Some(Label::Title));
        assert_eq!(label(logits(Label::Caption), false), None);
        assert_eq!(label(logits(Label::Caption), true).map(|(label, _)| label), Some(Label::Caption));
        assert_eq!(label(logits(Label::Related), true), None);
    }
}
