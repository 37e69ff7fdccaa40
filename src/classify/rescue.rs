//! Lines that the model would drop though they are a title, a standfirst or a caption.
//!
//! The texts that keep or drop is learned from often leave these out, so the estimate of keep or drop is too low for
//! them. What kind of line it is was learned from pages whose every line was read: where that is clear, it wins.

use crate::features::odds;
use crate::label::Label;
use crate::model::net::OUTPUTS;

/// The labels that are looked for, and the probability from which they are believed. Captions stand in the way of
/// fewer readers than they would bother, so they must be surer.
const KINDS: [(Label, f64); 3] = [(Label::Title, 0.3), (Label::Standfirst, 0.3), (Label::Caption, 0.7)];
/// The same for a line that stands there again as a picture's text does: teasers do so too, but little else.
const REPEATED: f64 = 0.3;

/// Whether one of these is among the two likeliest labels by the net, which is cheap to ask of every line.
pub(crate) fn possible(net: &[i32; OUTPUTS]) -> bool {
    let (mut first, mut second) = (0, 1);
    for label in 0..OUTPUTS - 1 {
        if net[1 + label] > net[1 + first] {
            (first, second) = (label, first);
        } else if label != first && (second == first || net[1 + label] > net[1 + second]) {
            second = label;
        }
    }
    KINDS.iter().any(|(label, _)| [first, second].contains(&label.index()))
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
        assert!(possible(&net(&[(Label::Caption, 500), (Label::Navigation, 900)])));
        assert!(possible(&net(&[(Label::Caption, 900), (Label::Navigation, 500)])));
        assert!(!possible(&net(&[(Label::Title, 100), (Label::Navigation, 900), (Label::Legal, 400)])));
        assert!(!possible(&net(&[(Label::Interface, 900), (Label::Duplicate, 400)])));
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
