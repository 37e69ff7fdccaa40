//! The trained model: weights that are compiled in, checked when they are loaded, and integers when they are used.
//!
//! Four parts, each feeding the next: word n-grams of lines and words of pages (linear), a first estimate of keep or
//! drop for each line (trees), a second one that has seen the first estimates of the whole page (trees), and the label
//! (trees with one output for each). `MODEL.md` says how they are trained and how well they do.

pub(crate) mod file;
pub(crate) mod linear;
pub(crate) mod trees;

use std::borrow::Cow;

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
            version: section("version")?.text()?,
        })
    }
}
