//! Asking at the terminal: one run at a time, one key each.

use std::io::Write;

use anyhow::Result;
use chaffinch::Label;
use chaffinch::report::escape;

use super::super::config::{Config, Reach};
use super::super::keyboard::{self, Key};
use super::super::output::{Stdout, shown};
use super::super::style::{self, DIM, REMOVED, fit};
use super::super::wrap;
use super::Desk;
use super::collect::Run;

/// Columns before a line's text.
const MARGIN: usize = 10;
/// Rows of a line that is asked about.
const ROWS: usize = 6;
/// Of a long run these are shown.
const MOST: usize = 12;

const HELP: &str = "\
  k keep        d drop        l another label
  K, D, L       the same, and for all lines like these, everywhere
  a             always on this site: the next k, d or l holds for the whole host or folder
  s skip        u undo        q quit; what was answered is remembered
";

/// What was done about a run, so that it can be undone.
struct Step {
    /// Where in the list it was done.
    at: usize,
    /// What was added to the answers file, with the documents it touched; `None` where the run was skipped.
    added: Option<(String, Vec<usize>)>,
}

/// What a person wants.
enum Wish {
    Answer { keep: bool, label: Option<Label>, reach: Reach },
    Skip,
    Undo,
    Quit,
}

/// Asks about every run that is not answered yet.
pub(super) fn ask(desk: &mut Desk<'_>, config: &Config) -> Result<()> {
    let mut out = Stdout::colored(config.color);
    let mut steps: Vec<Step> = Vec::new();
    let mut at = 0;
    while let Some(run) = desk.runs.get(at) {
        if desk.is_answered(run) {
            at += 1;
            continue;
        }
        show(desk, at, &mut out)?;
        match wish(&mut out, !steps.is_empty())? {
            Wish::Quit => break,
            Wish::Skip => {
                steps.push(Step { at, added: None });
                at += 1;
            }
            Wish::Undo => {
                let Some(step) = steps.pop() else { continue };
                if let Some((added, touched)) = step.added {
                    desk.store.remove(&added)?;
                    desk.reload()?;
                    desk.write(&touched)?;
                }
                at = step.at;
            }
            Wish::Answer { keep, label, reach } => {
                let run = &desk.runs[at];
                let entries = desk.entries(run, keep, label, reach);
                let touched = desk.touched(run.document, &entries);
                let added = desk.store.add(&entries)?;
                steps.push(Step { at, added: Some((added, touched.clone())) });
                desk.reload()?;
                desk.write(&touched)?;
                at += 1;
            }
        }
    }
    let left = desk.runs.iter().filter(|run| !desk.is_answered(run)).count();
    let answered = steps.iter().filter(|step| step.added.is_some()).count();
    let runs = if left == 1 { "run" } else { "runs" };
    write!(out, "{answered} answered, {left} doubtful {runs} left")?;
    match answered {
        0 => writeln!(out)?,
        _ => writeln!(out, "; the answers are in {}", shown(desk.store.path()))?,
    }
    out.flush()?;
    Ok(())
}

/// Asks until an answer makes sense.
fn wish(out: &mut Stdout, can_undo: bool) -> Result<Wish> {
    let mut site = false;
    loop {
        let where_ = if site { "always on this site: " } else { "" };
        write!(out, "{where_}[k]eep [d]rop [l]abel [a]lways here [s]kip [u]ndo [q]uit [?] ")?;
        out.flush()?;
        let key = keyboard::read()?;
        let Key::Char(c) = key else {
            writeln!(out)?;
            match key {
                Key::Stop => return Ok(Wish::Quit),
                _ => site = false,
            }
            continue;
        };
        writeln!(out, "{}", escape::terminal(c.encode_utf8(&mut [0; 4])))?;
        let reach = match (c.is_uppercase(), site) {
            (true, _) => Reach::Everywhere,
            (false, true) => Reach::Site,
            (false, false) => Reach::Document,
        };
        match c {
            'k' | 'K' => return Ok(Wish::Answer { keep: true, label: None, reach }),
            'd' | 'D' => return Ok(Wish::Answer { keep: false, label: None, reach }),
            'l' | 'L' => match label(out)? {
                Some(label) => {
                    let keep = label.keep_by_default();
                    return Ok(Wish::Answer { keep, label: Some(label), reach });
                }
                None => continue,
            },
            'a' => site = !site,
            's' => return Ok(Wish::Skip),
            'u' if can_undo => return Ok(Wish::Undo),
            'u' => writeln!(out, "There is nothing to undo.")?,
            'q' => return Ok(Wish::Quit),
            _ => write!(out, "{HELP}")?,
        }
    }
}

/// Asks for a label; a letter each, in the labels' order.
fn label(out: &mut Stdout) -> Result<Option<Label>> {
    for (i, label) in Label::ALL.into_iter().enumerate() {
        let color = style::of_label(Some(label));
        let side = if label.keep_by_default() { '+' } else { '-' };
        let end = if i % 4 == 3 || i + 1 == Label::ALL.len() { "\n" } else { "" };
        write!(out, "  {} {side} {color}{label:<18}{color:#}{end}", letter(i))?;
    }
    write!(out, "label? ")?;
    out.flush()?;
    let key = keyboard::read()?;
    let chosen = match key {
        Key::Char(c) => Label::ALL.into_iter().enumerate().find(|(i, _)| letter(*i) == c).map(|(_, label)| label),
        Key::Back | Key::Stop => None,
    };
    writeln!(out, "{}", chosen.map_or("none", Label::name))?;
    Ok(chosen)
}

fn letter(index: usize) -> char {
    u8::try_from(index).map_or('?', |i| char::from(b'a' + i % 26))
}

fn show(desk: &Desk<'_>, at: usize, out: &mut Stdout) -> Result<()> {
    let run: &Run = &desk.runs[at];
    let columns = style::width().saturating_sub(MARGIN);
    let color = style::of_label(Some(run.label));
    let verdict = if run.keep { "kept as" } else { "dropped as" };
    let (name, numbers) = (shown(&desk.documents[run.document].name), run.numbers());
    let (number, all) = (at + 1, desk.runs.len());
    writeln!(
        out,
        "\n{DIM}{number} of {all}{DIM:#} {name}:{numbers} {verdict} {color}{}{color:#} {:.2}",
        run.label, run.score
    )?;
    for line in &run.before {
        around(out, line, columns)?;
    }
    let (mark, color) = if run.keep { ('+', color) } else { ('-', REMOVED) };
    for line in run.lines.iter().take(MOST) {
        let rows = wrap::rows(&line.text, columns, ROWS);
        for (i, text) in rows.iter().enumerate() {
            match i {
                0 => writeln!(out, "{DIM}{:>6}{DIM:#} {color}{mark} {text}{color:#}", line.number)?,
                _ => writeln!(out, "{:>6}   {color}{text}{color:#}", "")?,
            }
        }
    }
    if run.lines.len() > MOST {
        writeln!(out, "{DIM}{:>6} {} more lines{DIM:#}", "…", run.lines.len() - MOST)?;
    }
    for line in &run.after {
        around(out, line, columns)?;
    }
    if !run.reasons.is_empty() {
        writeln!(out, "{DIM}{:>6} {}{DIM:#}", "why", fit(&run.reasons.join(", "), columns))?;
    }
    Ok(())
}

fn around(out: &mut Stdout, line: &super::collect::Around, columns: usize) -> Result<()> {
    let mark = if line.keep { ' ' } else { '-' };
    writeln!(out, "{DIM}{:>6} {mark} {}{DIM:#}", line.number, fit(&line.text, columns))?;
    Ok(())
}
