//! The command line tool; see `chaffinch --help`.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    cli::run().unwrap_or_else(|error| cli::fail(&error))
}
