//! What neighbours say of a line's label, once every line has one of its own.

use crate::label::Label;

/// A label of the neighbours' is taken over where it is not less likely than the line's own by more, in 1/256 logits.
const CLOSE: i32 = 256;

/// A line's label, the side it was decided for, and its logits of all labels in 1/256.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub label: Label,
    pub editorial: bool,
    pub logits: &'a [i32],
}

/// The label of the middle one of three lines.
pub(crate) fn between(before: Named, line: Named, after: Named) -> Label {
    // What stands between the title and the first picture or the names is no paragraph yet.
    let head = before.label == Label::Title
        && line.label == Label::Body
        && matches!(after.label, Label::Caption | Label::DuplicateCaption | Label::Byline);
    if head {
        return Label::Standfirst;
    }
    if before.editorial || line.editorial || after.editorial {
        return line.label;
    }
    // Menus, appeals and lists come in runs: one that parts such a run is mostly of it.
    let of = |label: Label| line.logits[label.index()];
    let theirs = match (before.label, after.label) {
        (a, b) if a == b => a,
        (Label::Subscription | Label::Membership, Label::Subscription | Label::Membership)
            if !matches!(line.label, Label::Subscription | Label::Membership) =>
        {
            if of(Label::Subscription) >= of(Label::Membership) { Label::Subscription } else { Label::Membership }
        }
        _ => return line.label,
    };
    if of(theirs) + CLOSE > of(line.label) { theirs } else { line.label }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(of: &[(Label, i32)]) -> [i32; 19] {
        let mut logits = [-2000; 19];
        of.iter().for_each(|(label, logit)| logits[label.index()] = *logit);
        logits
    }

    #[test]
    fn a_line_inside_an_appeal_is_of_the_appeal() {
        let unsure = logits(&[(Label::Advertising, 100), (Label::Membership, -100)]);
        let sure = logits(&[(Label::Advertising, 900), (Label::Membership, -100)]);
        let drop = |label, logits| Named { label, editorial: false, logits };
        let (a, b) = (drop(Label::Subscription, &unsure), drop(Label::Membership, &unsure));
        assert_eq!(between(a, drop(Label::Advertising, &unsure), b), Label::Membership);
        assert_eq!(between(a, drop(Label::Advertising, &sure), b), Label::Advertising);
        let kept = Named { editorial: true, ..b };
        assert_eq!(between(a, drop(Label::Advertising, &unsure), kept), Label::Advertising);
    }

    #[test]
    fn a_paragraph_before_the_first_picture_is_a_standfirst() {
        let logits = logits(&[]);
        let keep = |label| Named { label, editorial: true, logits: &logits };
        assert_eq!(between(keep(Label::Title), keep(Label::Body), keep(Label::Caption)), Label::Standfirst);
        assert_eq!(between(keep(Label::Title), keep(Label::Body), keep(Label::Body)), Label::Body);
    }
}
