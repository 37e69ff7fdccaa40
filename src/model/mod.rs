//! The trained model: weights that are compiled in, checked when they are loaded, and integers when they are used.
//!
//! Four parts, each feeding the next: word n-grams of lines and words of pages (linear), a first estimate of keep or
//! drop for each line (trees), a second one that has seen the first estimates of the whole page (trees), and the label
//! (trees with one output for each). `MODEL.md` says how they are trained and how well they do.

pub(crate) mod file;
pub(crate) mod linear;
pub(crate) mod trees;

use std::borrow::Cow;

use crate::classify::Mode;
use crate::error::{Error, Result};
use linear::{Linear, Types};
use trees::Ensemble;

/// A trained model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) linear: Linear,
    pub(crate) types: Types,
    pub(crate) first: Ensemble,
    pub(crate) second: Ensemble,
    pub(crate) labels: Ensemble,
    /// Bounds on the loss: mode, share in 1/1,000,000, threshold in 1/65536; by mode, then by share.
    losses: Vec<(Mode, u32, u32)>,
    version: String,
}

static BUILT_IN: &[u8] = include_bytes!("../../model/chaffinch.model");

impl Model {
    /// The model that is compiled in.
    ///
    /// # Errors
    /// Never with an unmodified build; the error type is that of [`Model::from_bytes`].
    pub fn built_in() -> Result<Model> {
        Model::read(Cow::Borrowed(BUILT_IN))
    }

    /// A model from the bytes of a model file.
    ///
    /// # Errors
    /// [`Error::Model`] when the file is short, foreign, of another version or damaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Model> {
        Model::read(Cow::Owned(bytes))
    }

    /// The model's own name and date, as training wrote them.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The threshold, in 1/65536, that keeps the mean share of lost editorial words at or below `bound`.
    pub(crate) fn threshold_for_loss(&self, bound: f32, mode: Mode) -> Result<u32> {
        let millionths = (bound * 1e6) as u32;
        let fits = |(of, share, _): &&(Mode, u32, u32)| *of == mode && *share <= millionths;
        let best = self.losses.iter().filter(fits).max_by_key(|(_, share, _)| *share);
        best.map(|(_, _, threshold)| *threshold).ok_or_else(|| {
            let least = self.losses.iter().filter(|(of, ..)| *of == mode).map(|(_, share, _)| *share).min();
            Error::Loss { asked: bound * 100.0, least: least.map_or(100.0, |l| l as f32 / 1e4) }
        })
    }

    fn read(data: Cow<'static, [u8]>) -> Result<Model> {
        let mut sections = file::sections(data)?;
        let mut section = |name: &str| {
            let at = sections.iter().position(|(n, _)| n == name);
            let at = at.ok_or_else(|| Error::Model(format!("its section {name:?} is missing")))?;
            Ok::<_, Error>(sections.swap_remove(at).1)
        };
        let ensemble = |mut reader: file::Reader, outputs: usize| {
            let ensemble = Ensemble::read(&mut reader)?;
            if ensemble.outputs() != outputs || !reader.is_done() {
                return Err(Error::Model("an ensemble does not fit its section".into()));
            }
            Ok(ensemble)
        };
        Ok(Model {
            linear: Linear::read(&mut section("linear")?)?,
            types: Types::read(&mut section("types")?)?,
            first: ensemble(section("first")?, 1)?,
            second: ensemble(section("second")?, 1)?,
            labels: ensemble(section("labels")?, 19)?,
            losses: losses(section("losses")?)?,
            version: section("version")?.text()?,
        })
    }
}

fn losses(mut section: file::Reader) -> Result<Vec<(Mode, u32, u32)>> {
    let mut losses = Vec::new();
    while !section.is_done() {
        let mode = match section.u8()? {
            0 => Mode::Article,
            1 => Mode::Page,
            2 => Mode::Auto,
            _ => return Err(Error::Model("a bound on losses is for an unknown mode".into())),
        };
        losses.push((mode, section.u32()?, section.u32()?));
    }
    Ok(losses)
}
