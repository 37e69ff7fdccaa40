//! The trained model: weights that are compiled in, checked when they are loaded, and integers when they are used.
//!
//! Its parts feed each other: word n-grams of lines and words of pages (linear), a first estimate of keep or drop for
//! each line (trees), a second one that has seen the first estimates of the whole page (trees and a net over the
//! sequence of lines, put together), and the label (likewise). `MODEL.md` says how they are trained and how well they
//! do.

pub(crate) mod file;
#[cfg(test)]
pub(crate) mod lanes;
pub(crate) mod linear;
pub(crate) mod net;
pub(crate) mod trees;

use std::borrow::Cow;

use crate::classify::Mode;
use crate::error::{Error, Result};
use crate::label::Label;
use linear::{Linear, Types};
use net::Net;
use trees::Ensemble;

/// A trained model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) linear: Linear,
    pub(crate) types: Types,
    pub(crate) first: Ensemble,
    pub(crate) second: Ensemble,
    pub(crate) labels: Ensemble,
    pub(crate) net: Net,
    pub(crate) blend: Blend,
    losses: Vec<Bound>,
    version: String,
}

/// A bound on the mean share of editorial words that are lost, and what keeps it.
#[derive(Clone, Copy, Debug)]
struct Bound {
    mode: Mode,
    /// In 1/1,000,000.
    share: u32,
    limit: Limit,
}

/// What may go where losses are bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// Lines up to this probability of being text, in 1/65536.
    pub threshold: u32,
    /// Not even what is surely there twice: some texts repeat themselves by right.
    pub repeats_stay: bool,
}

/// How the second stage's trees and the net are put together: weights in 1/4096, found on held-out folds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blend {
    trees: i32,
    net: i32,
    /// In 1/256 logits.
    bias: i32,
    label_trees: i32,
    label_net: i32,
    /// What is added to each label when one is named, as rare ones are else seldom the likeliest; in 1/256 logits.
    label_bias: [i32; 19],
}

impl Blend {
    fn read(section: &mut file::Reader) -> Result<Blend> {
        let mut next = || section.i32();
        let (trees, net, bias, label_trees, label_net) = (next()?, next()?, next()?, next()?, next()?);
        let mut label_bias = [0; 19];
        for bias in &mut label_bias {
            *bias = next()?;
        }
        let blend = Blend { trees, net, bias, label_trees, label_net, label_bias };
        let weights = [blend.trees, blend.net, blend.label_trees, blend.label_net];
        let mut biases = label_bias.into_iter().chain([bias]);
        if weights.iter().any(|w| !(0..=16 * 4096).contains(w)) || biases.any(|b| b.unsigned_abs() > 4096) {
            return Err(Error::Model("its parts are put together in an impossible way".into()));
        }
        Ok(blend)
    }

    /// One logit of the two for keep or drop.
    pub(crate) fn keep(self, trees: i32, net: i32) -> i32 {
        weighed(trees, self.trees, net, self.net) + self.bias
    }

    /// Puts the net's outputs for the labels of a row to those of the trees.
    pub(crate) fn labels(self, trees: &mut [i32], net: &[i32; net::OUTPUTS]) {
        for (trees, net) in trees.iter_mut().zip(&net[1..]) {
            *trees = weighed(*trees, self.label_trees, *net, self.label_net);
        }
    }

    /// What a label is worth when one is named.
    pub(crate) fn named(self, label: Label, logit: i32) -> i32 {
        logit + self.label_bias[label.index()]
    }
}

fn weighed(a: i32, of_a: i32, b: i32, of_b: i32) -> i32 {
    let sum = i64::from(a) * i64::from(of_a) + i64::from(b) * i64::from(of_b);
    (sum >> 12).clamp(-(1 << 20), 1 << 20) as i32
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

    /// What keeps the mean share of lost editorial words at or below `bound`.
    pub(crate) fn limit_for_loss(&self, bound: f32, mode: Mode) -> Result<Limit> {
        let millionths = (bound * 1e6) as u32;
        let bounds = || self.losses.iter().filter(|of| of.mode == mode);
        let best = bounds().filter(|of| of.share <= millionths).max_by_key(|of| of.share);
        best.map(|of| of.limit).ok_or_else(|| {
            let least = bounds().map(|of| of.share).min();
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
        let ensemble = |section: file::Reader, outputs: usize| {
            let ensemble = whole(section, Ensemble::read)?;
            if ensemble.outputs() != outputs {
                return Err(Error::Model("an ensemble has another number of outputs than it should".into()));
            }
            Ok(ensemble)
        };
        Ok(Model {
            linear: Linear::read(&mut section("linear")?)?,
            types: Types::read(&mut section("types")?)?,
            first: ensemble(section("first")?, 1)?,
            second: ensemble(section("second")?, 1)?,
            labels: ensemble(section("labels")?, 19)?,
            net: whole(section("net")?, Net::read)?,
            blend: whole(section("blend")?, Blend::read)?,
            losses: losses(section("losses")?)?,
            version: section("version")?.text()?,
        })
    }
}

/// What `read` makes of a section, all of it.
fn whole<T>(mut section: file::Reader, read: impl Fn(&mut file::Reader) -> Result<T>) -> Result<T> {
    let read = read(&mut section)?;
    if section.is_done() { Ok(read) } else { Err(Error::Model("a section is longer than what it holds".into())) }
}

fn losses(mut section: file::Reader) -> Result<Vec<Bound>> {
    const REPEATS_STAY: u8 = 4;
    let mut losses = Vec::new();
    while !section.is_done() {
        let kind = section.u8()?;
        let mode = match kind & !REPEATS_STAY {
            0 => Mode::Article,
            1 => Mode::Page,
            2 => Mode::Auto,
            _ => return Err(Error::Model("a bound on losses is for an unknown mode".into())),
        };
        let (share, threshold) = (section.u32()?, section.u32()?);
        losses.push(Bound { mode, share, limit: Limit { threshold, repeats_stay: kind & REPEATS_STAY != 0 } });
    }
    Ok(losses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_is_compiled_in_is_whole() {
        let whole = Model::from_bytes(BUILT_IN.to_vec()).unwrap();
        assert_eq!(Model::built_in().unwrap().version(), whole.version());
    }
}
