//! The nineteen labels a line can get, and sets of them.
//!
//! Labels are the vocabulary that seeds, model, reports and users share, so their names are part of the
//! public format and never change meaning. The first five are the editorial text that is kept by default;
//! a byline is editorial too, but goes to the report rather than into the text.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

macro_rules! labels {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// What a line is: one kind of editorial content, or one kind of boilerplate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Label { $(#[doc = $doc] $variant,)* }

        impl Label {
            /// Every label, in the order of the documentation (and of the model file's classes).
            pub const ALL: [Label; 19] = [$(Label::$variant,)*];

            /// The label's name as reports, seed files and the command line write it.
            pub const fn name(self) -> &'static str {
                match self { $(Label::$variant => $name,)* }
            }

            /// One line that says what the label marks.
            pub const fn describe(self) -> &'static str {
                match self { $(Label::$variant => $doc,)* }
            }
        }
    };
}

labels! {
    Title "title" "the article's headline, first time",
    Standfirst "standfirst" "summary under the headline, newsroom's key points",
    Heading "heading" "section heading in the article",
    Body "body" "paragraphs, lists, quotes, tables, code and editor's notes of this article",
    Caption "caption" "caption or credit of a picture, first time",
    Byline "byline" "author, date, place, update time, reading time",
    Navigation "navigation" "menus, breadcrumbs, section names, tags, pagination, search, site name",
    Related "related" "headlines, teasers and links to other pages, and the headings of such boxes",
    Subscription "subscription" "subscribe, paywall, newsletter, app and alert sign-ups",
    Membership "membership" "appeals for membership, donations, support",
    Advertising "advertising" "ad markers, sponsored and affiliate texts, promos of products and events",
    Sharing "sharing" "share, follow, copy link, print, counts, reactions",
    Comments "comments" "reader comments and their form",
    Legal "legal" "copyright, terms, privacy, cookies, consent, imprint, licence",
    About "about" "author biography, about the publisher, contact",
    DuplicateCaption "duplicate-caption" "a caption that already stands there, whole or nearly",
    DuplicateQuote "duplicate-quote" "a pull quote: repeats a sentence of the body, before or after it",
    Duplicate "duplicate" "other repeats: title again, standfirst again",
    Interface "interface" "widget residue: player controls, loading, close, sign-in, form labels, placeholders",
}

impl Label {
    /// Whether the label says that the line repeats another.
    pub(crate) const fn is_repeat(self) -> bool {
        matches!(self, Label::DuplicateCaption | Label::DuplicateQuote | Label::Duplicate)
    }

    /// Whether the line stays in the clean text when nobody asks otherwise.
    pub const fn keep_by_default(self) -> bool {
        LabelSet::KEPT.contains(self)
    }

    /// Position in [`Label::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(name: &str) -> Result<Label, Error> {
        let name = name.trim();
        Label::ALL.into_iter().find(|label| label.name() == name).ok_or_else(|| Error::UnknownLabel(name.to_owned()))
    }
}

/// A set of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct LabelSet(u32);

impl LabelSet {
    /// No label.
    pub const EMPTY: LabelSet = LabelSet(0);
    /// The labels that stay in the clean text by default.
    pub const KEPT: LabelSet = LabelSet::EMPTY
        .with(Label::Title)
        .with(Label::Standfirst)
        .with(Label::Heading)
        .with(Label::Body)
        .with(Label::Caption);

    /// This set and `label`.
    pub const fn with(self, label: Label) -> LabelSet {
        LabelSet(self.0 | 1 << label as u32)
    }

    /// This set less `label`.
    pub const fn without(self, label: Label) -> LabelSet {
        LabelSet(self.0 & !(1 << label as u32))
    }

    /// Whether `label` is in the set.
    pub const fn contains(self, label: Label) -> bool {
        self.0 & 1 << label as u32 != 0
    }

    /// The labels of the set, in the order of [`Label::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Label> {
        Label::ALL.into_iter().filter(move |label| self.contains(*label))
    }
}

impl FromIterator<Label> for LabelSet {
    fn from_iter<I: IntoIterator<Item = Label>>(labels: I) -> LabelSet {
        labels.into_iter().fold(LabelSet::EMPTY, LabelSet::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for label in Label::ALL {
            assert_eq!(label.name().parse::<Label>().unwrap(), label);
            assert_eq!(Label::ALL[label.index()], label);
        }
        assert!("headline".parse::<Label>().unwrap_err().to_string().contains("headline"));
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = LabelSet::KEPT.without(Label::Caption).with(Label::Byline);
        assert!(set.contains(Label::Byline) && !set.contains(Label::Caption));
        assert_eq!(set.iter().count(), 5);
        assert_eq!(set.iter().collect::<LabelSet>(), set);
    }
}
