//! What a run's verdicts depend on besides the text, as reports tell it: `compare` reads there why two runs differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use chaffinch::{Basis, Favor, Label, LabelSet, Mode, Options, Settings};

use super::config::Judging;
use super::output::shown;

/// Says it; `model` is the name of the model.
pub(super) fn of(judging: &Judging, model: &str) -> Result<Basis> {
    let Judging { seeds, settings, answers, templates, group_by: _, adapt, model: file, options, live: _, quiet: _ } =
        judging;
    let mut basis = BTreeMap::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            basis.insert(name.to_owned(), value);
        }
    };
    add("model", if file.is_some() { format!("{model}, {}", files(file.as_slice())?) } else { model.to_owned() });
    add("options", said(settings, options));
    add("seeds", files(seeds)?);
    add("answers", files(answers)?);
    add("adaptation", files(adapt.as_slice())?);
    add("template", files(templates)?);
    Ok(Arc::new(basis))
}

/// The names of files, with a hash of what is in them.
fn files(paths: &[PathBuf]) -> Result<String> {
    let named = |path: &PathBuf| Ok(format!("{} {:016x}", shown(path), hash(path)?));
    Ok(paths.iter().map(named).collect::<Result<Vec<_>>>()?.join(", "))
}

/// 64 bits of FNV-1a of a file: enough to tell whether it is another one.
fn hash(path: &Path) -> Result<u64> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", shown(path)))?;
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    Ok(bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The options that are not as they are by default.
fn said(settings: &Settings, options: &Options) -> String {
    let mut said = Vec::new();
    let kept = |set: &LabelSet, label: &Label| set.contains(*label);
    for (name, now) in [("keep", true), ("drop", false)] {
        let other = |label: &Label| kept(&settings.keep, label) == now && kept(&LabelSet::KEPT, label) != now;
        let labels: Vec<&str> = Label::ALL.into_iter().filter(other).map(Label::name).collect();
        if !labels.is_empty() {
            said.push(format!("{name} {}", labels.join(",")));
        }
    }
    match settings.favor {
        Favor::Precision => said.push("favor precision".into()),
        Favor::Recall => said.push("favor recall".into()),
        Favor::Balanced => {}
    }
    match settings.mode {
        Mode::Article => said.push("mode article".into()),
        Mode::Page => said.push("mode page".into()),
        Mode::Auto => {}
    }
    said.extend(settings.threshold.map(|p| format!("threshold {p}")));
    said.extend(settings.max_loss.map(|share| format!("max-loss {share}")));
    if options.window != Options::default().window {
        said.push(format!("window {}", options.window));
    }
    said.extend(options.encoding.map(|encoding| format!("encoding {}", encoding.name())));
    said.join(", ")
}
