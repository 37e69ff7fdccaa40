//! `chaffinch template`: template files shown, or put together.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use chaffinch::Error;
use chaffinch::report::escape;
use chaffinch::template::Memory;

use super::config::{Config, TemplateTask};
use super::learn;
use super::output::{OutFile, Stdout};
use super::style::DIM;

/// Does it.
pub(crate) fn run(task: &TemplateTask, config: &Config) -> Result<ExitCode> {
    match task {
        TemplateTask::Merge { inputs, out, overwrite } => {
            let memory = learn::read(inputs)?;
            learn::write(&memory, OutFile::create(out, *overwrite)?)?;
        }
        TemplateTask::Show { input, lines } => {
            let memory = learn::read(std::slice::from_ref(input))?;
            let mut out = Stdout::colored(config.color);
            show(&memory, *lines, &mut out).and_then(|()| out.flush()).map_err(Error::Write)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(memory: &Memory, most: usize, out: &mut impl Write) -> std::io::Result<()> {
    if memory.is_empty() {
        return writeln!(out, "nothing was learned");
    }
    for (i, (name, documents)) in memory.groups().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let (pages, lines) = memory.shared_lines(name);
        let copies = documents.saturating_sub(pages as usize);
        let also = if copies > 0 { format!(", {} of them", counted(copies, "copy", "copies")) } else { String::new() };
        let count = counted(pages as usize, "page", "pages");
        writeln!(
            out,
            "{}: {count}{also}, {}",
            escape::terminal(name),
            counted(lines.len(), "shared line", "shared lines")
        )?;
        for line in lines.iter().take(most) {
            let part = match line.spot {
                0..=3 => "head",
                4..=11 => "middle",
                _ => "foot",
            };
            let text = escape::terminal(&line.text);
            writeln!(out, "{:>5} of {pages}  {DIM}{part:<6}{DIM:#}  {text}", line.on)?;
        }
        if lines.len() > most {
            writeln!(out, "{DIM}      {} more (--lines 0 shows them){DIM:#}", lines.len() - most)?;
        }
    }
    Ok(())
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
