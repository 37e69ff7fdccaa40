//! What may be typed about how documents lie in the inputs.

use std::path::PathBuf;

use chaffinch::formats::StreamFormat;
use clap::Args;

/// What the inputs look like inside.
#[derive(Debug, Args)]
#[command(next_help_heading = "Formats")]
pub(crate) struct ReadingArgs {
    /// What the inputs are, whatever their names say: text, jsonl, or warc (also for WET), alone or with .gz or .zst
    /// behind it, as in jsonl.gz
    #[arg(long, value_name = "FORMAT", value_parser = stream_format)]
    pub(crate) input_format: Option<StreamFormat>,
    /// The field of JSON Lines that holds the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub(crate) text_field: String,
    /// The lines that separate the documents of one text, as a regular expression; \f for form feeds anywhere
    #[arg(long, value_name = "PATTERN")]
    pub(crate) split: Option<String>,
}

/// What the inputs look like inside, and what becomes of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Formats")]
pub(crate) struct FormatArgs {
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Add a field with verdict, label and score of each of the text's lines to JSON Lines
    #[arg(long, value_name = "NAME")]
    pub(crate) labels_field: Option<String>,
    /// Where records go that can not be cleaned, as they are: a file for one input, a folder for many
    #[arg(long, value_name = "PATH")]
    pub(crate) rejects: Option<PathBuf>,
    /// Stop at the first record that can not be cleaned
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Which document is looked at.
#[derive(Debug, Args)]
#[command(next_help_heading = "Formats")]
pub(crate) struct LookArgs {
    /// Look at this record of a file that holds many documents, counted from 1; of JSON Lines it is the line
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) record: Option<u64>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

fn stream_format(name: &str) -> Result<StreamFormat, String> {
    StreamFormat::from_name(name)
        .ok_or_else(|| "the formats are text, jsonl and warc, alone or with .gz or .zst behind them".to_owned())
}
