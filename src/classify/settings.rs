//! What a user may ask of the classifier.

use crate::label::LabelSet;

/// What a user may ask of the classifier.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The labels that stay in the clean text.
    pub keep: LabelSet,
    /// What to care for where the threshold is chosen for each page.
    pub favor: Favor,
    /// A fixed probability, 0 to 1, from which a line is kept; `None` to choose it for each page.
    pub threshold: Option<f32>,
    /// The share of editorial words that may be lost, on average over documents; wins over the two before.
    pub max_loss: Option<f32>,
    /// What counts as content.
    pub mode: Mode,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { keep: LabelSet::KEPT, favor: Favor::Balanced, threshold: None, max_loss: None, mode: Mode::Auto }
    }
}

/// Which mistakes weigh more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Favor {
    /// Boilerplate that stays: F with β = ½.
    Precision,
    /// Both alike: F1.
    #[default]
    Balanced,
    /// Text that is lost: F with β = 2.
    Recall,
}

/// What counts as content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// One article; reader comments are not part of it.
    Article,
    /// The page: forum posts, product texts and listings are content.
    Page,
    /// As the page is taken to be.
    #[default]
    Auto,
}
