//! A sink of one's own: sees every line with its verdict and reasons. Counts what is removed by label, and shows what
//! the classifier was least sure of: `cargo run --example sink -- raw.txt...`.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use chaffinch::{
    Classifier, Cleaner, Decided, Document, Error, Model, Needs, Options, Result, Seeds, Settings, Sink, Summary,
};

#[derive(Default)]
struct Overview {
    removed: BTreeMap<&'static str, usize>,
    doubtful: Vec<(f32, String, String)>,
}

impl Sink for Overview {
    fn needs(&self) -> Needs {
        // Without this, labels and reasons are not worked out.
        Needs { labels: true, evidence: true }
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let verdict = decided.verdict;
        if !verdict.keep && !decided.line.is_blank() {
            *self.removed.entry(verdict.label_name()).or_default() += 1;
            let why = verdict.evidence.first().map(ToString::to_string).unwrap_or_default();
            self.doubtful.push((verdict.score, decided.line.text.trim().to_owned(), why));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.doubtful.sort_by(|a, b| a.0.total_cmp(&b.0));
        println!("{} of {} lines kept; removed: {:?}", summary.kept_lines, summary.text_lines, self.removed);
        for (score, text, why) in self.doubtful.drain(..).take(5) {
            println!("  {score:.2}  {:60}  {}", text.escape_debug().to_string(), why.escape_debug());
        }
        self.removed.clear();
        Ok(())
    }
}

fn main() -> Result<(), Error> {
    let (model, seeds) = (Arc::new(Model::built_in()?), Arc::new(Seeds::built_in()));
    let judge = Classifier::new(model, seeds, Settings::default())?;
    // One cleaner for all documents saves setting up its buffers for each.
    let mut cleaner = Cleaner::new(judge, &Options::default());
    let mut overview = Overview::default();
    for path in std::env::args().skip(1) {
        let file = File::open(&path).map_err(Error::Read)?;
        println!("{}:", path.escape_debug());
        cleaner.clean(file, Document::new(path), &mut overview)?;
    }
    Ok(())
}
