//! `chaffinch learn`: many answers become seeds and a correction of the model, and a table says what that is worth.
//!
//! Answers decide about the lines they were given for; what is learned from them is for other lines. So it is measured
//! on answers that were held back ([`trial`]): those of some documents are judged by what was learned from the others.
//! What is no better than the model alone is not written.

mod lesson;
mod table;
mod trial;

use std::fs;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chaffinch::{Adaptation, Classifier, Model, Template, adapt};

use super::config::{Config, Judging, Learn};
use super::output::{OutFile, Stdout, shown};
use super::{FAILURE, Usage, answers, learn, model};
use lesson::Lesson;

/// Names of what is written, in the folder.
pub(crate) const SEEDS: &str = "seeds.toml";
pub(crate) const ADAPTATION: &str = "adaptation.txt";

/// With fewer different answered lines there is nothing to learn and nothing to hold back.
const LEAST: usize = 20;

/// Learns.
pub(crate) fn learn(task: &Learn, config: &Config) -> Result<ExitCode> {
    let judging = &config.judging;
    let answers = Arc::new(answers(&task.answers)?);
    let model = model(judging)?;
    let documents = lesson::documents(&task.on, &answers)?;
    if documents.is_empty() {
        let all = answers.len();
        return Err(Usage(format!(
            "none of the {all} answers names a document that is there; --on says where they are"
        ))
        .into());
    }
    // As a batch of these documents would decide, with their sites in view.
    let template = learn::of_documents(documents.iter().map(|(path, name)| (path.as_path(), name.as_path())), judging)?;
    let bench = Bench { judging, model: &model, template };
    let lesson = Lesson::gather(documents, &answers, &bench)?;
    let different = lesson.different_lines();
    if different < LEAST {
        bail!(
            "{different} different lines that the model judges are answered in {} documents; learning needs {LEAST}",
            lesson.documents.len()
        );
    }
    let told = trial::run(&lesson, &answers, &bench)?;
    let mut out = Stdout::colored(config.color);
    match task.json {
        true => table::json(&told, &mut out)?,
        false => table::show(&told, &mut out)?,
    }
    out.flush()?;
    let Some(folder) = &task.out else {
        return Ok(ExitCode::from(if lesson.failed { FAILURE } else { 0 }));
    };
    let all: Vec<_> = lesson.lines.iter().collect();
    let seeds = Some(adapt::phrases(&lesson::seen(&all))).filter(|text| told.seeds.is_worth_it() && !text.is_empty());
    let correction = adapt::learn(&lesson::examples(&all), model.version());
    let correction = Some(correction.to_text()).filter(|_| told.correction.is_worth_it() && !correction.is_empty());
    if seeds.is_none() && correction.is_none() {
        bail!("nothing was written: what was learned is no better than the model alone on answers that were held back");
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", shown(folder)))?;
    for (name, text) in [(SEEDS, &seeds), (ADAPTATION, &correction)] {
        let path = folder.join(name);
        match text {
            Some(text) => {
                let mut file = OutFile::create(&path, task.overwrite)?;
                file.write_all(text.as_bytes())?;
                file.finish()?;
            }
            // What an earlier call left there would be taken for this one's.
            None if task.overwrite && path.exists() => {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", shown(&path)))?;
            }
            None => {}
        }
    }
    if !task.json {
        let names: Vec<&str> = [(SEEDS, seeds.is_some()), (ADAPTATION, correction.is_some())]
            .into_iter()
            .filter_map(|(name, there)| there.then_some(name))
            .collect();
        let (names, folder) = (names.join(" and "), shown(folder));
        writeln!(out, "{names} written to {folder}; use it with --adapt {folder}")?;
        out.flush()?;
    }
    Ok(ExitCode::from(if lesson.failed { FAILURE } else { 0 }))
}

/// What all classifiers have in common, with and without what was learned.
struct Bench<'b> {
    judging: &'b Judging,
    model: &'b Arc<Model>,
    template: Arc<Template>,
}

impl Bench<'_> {
    /// A classifier with these seeds and this correction beside what the command line asks for.
    fn classifier(&self, seeds: &str, correction: Option<Adaptation>) -> Result<Classifier> {
        let mut all = super::seeds(self.judging)?;
        all.add_file(SEEDS.as_ref(), seeds)?;
        let classifier = Classifier::new(self.model.clone(), Arc::new(all), self.judging.settings.clone())?;
        let classifier = classifier.with_template(self.template.clone());
        Ok(match correction {
            Some(correction) => classifier.with_adaptation(correction),
            None => classifier,
        })
    }
}
