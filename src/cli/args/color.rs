//! When the terminal is given colour.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ColorArgs {
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}
