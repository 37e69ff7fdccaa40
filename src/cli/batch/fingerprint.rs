//! What a document's outputs depend on besides its own bytes: version, model, phrases, answers, options, and what its
//! site's pages have in common.
//!
//! A document that was done with another fingerprint is done again.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use chaffinch::{Document, Template};
use sha2::{Digest, Sha256};

use crate::cli::config::{Batch, Judging};
use crate::cli::output::shown;

/// Gathers what outputs depend on.
#[derive(Clone, Debug)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// Of what a batch is asked for. `model` is the name of the built-in one.
    pub(crate) fn of(batch: &Batch, judging: &Judging, model: &str) -> Result<Fingerprint> {
        let Judging {
            seeds,
            settings,
            answers,
            templates,
            group_by,
            adapt,
            model: model_file,
            options,
            live: _,
            quiet: _,
        } = judging;
        let mut print = Fingerprint(Sha256::new());
        print.add("version", env!("CARGO_PKG_VERSION"));
        print.add("model", model);
        print.add("settings", format!("{settings:?} {options:?}"));
        print.add("groups", group_by.name());
        print.add("report", batch.reports.as_ref().map_or("none", |reports| reports.format.name()));
        print.add("formats", format!("{:?} {:?}", batch.formats, batch.rejects));
        let files = [
            ("seeds", seeds.as_slice()),
            ("answers", answers),
            ("templates", templates),
            ("adaptation", adapt.as_slice()),
            ("model", model_file.as_slice()),
        ];
        for (what, paths) in files {
            for path in paths {
                print.add_file(what, path)?;
            }
        }
        Ok(print)
    }

    /// Adds one thing that outputs depend on.
    pub(crate) fn add(&mut self, what: &str, content: impl AsRef<[u8]>) {
        for bytes in [what.as_bytes(), content.as_ref()] {
            self.0.update((bytes.len() as u64).to_le_bytes());
            self.0.update(bytes);
        }
    }

    /// Adds the content of a file, and its name, which reasons tell.
    pub(crate) fn add_file(&mut self, what: &str, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", shown(path)))?;
        self.add(what, path.as_os_str().as_encoded_bytes());
        self.add(what, bytes);
        Ok(())
    }

    /// All of it.
    pub(crate) fn finish(self) -> [u8; 16] {
        short(self.0)
    }
}

/// What each document of a batch depends on: what it is asked for, and what was learned of the document's site.
#[derive(Debug)]
pub(crate) struct MadeWith {
    batch: [u8; 16],
    template: Arc<Template>,
}

impl MadeWith {
    pub(crate) fn new(batch: Fingerprint, template: Arc<Template>) -> MadeWith {
        MadeWith { batch: batch.finish(), template }
    }

    /// The fingerprint for a document.
    pub(crate) fn of(&self, document: &Document) -> [u8; 16] {
        if self.template.is_empty() {
            return self.batch;
        }
        let site = self.template.fingerprint(document);
        let mut print = Sha256::new();
        print.update(self.batch);
        print.update(site.to_le_bytes());
        short(print)
    }
}

/// The first half of the hash.
fn short(hash: Sha256) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hash.finalize()[..16]);
    out
}
