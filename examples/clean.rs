//! Cleans standard input, as the program does: `cargo run --example clean < raw.txt`.

use std::io::{self, BufWriter};
use std::sync::Arc;

use chaffinch::report::CleanText;
use chaffinch::{Classifier, Document, Error, Model, Options, Seeds, Settings, clean};

fn main() -> Result<(), Error> {
    let (model, seeds) = (Model::built_in()?, Seeds::built_in());
    let mut judge = Classifier::new(Arc::new(model), Arc::new(seeds), Settings::default())?;
    let mut text = CleanText::new(BufWriter::new(io::stdout().lock()));
    let summary = clean(io::stdin().lock(), Document::new("-"), &mut judge, &mut text, &Options::default())?;
    eprintln!("{} of {} lines kept", summary.kept_lines, summary.text_lines);
    Ok(())
}
