//! Refusing to write over an input, and over any file that is there if nobody allowed it.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::names;
use super::plan::{INDEX, Plan, SUMMARY};
use super::sorted::{Lookup, Pair, Sorter};
use super::state::Earlier;
use crate::cli::Usage;
use crate::cli::output::shown;

/// Refuses it. What an earlier batch put there may be replaced.
pub(crate) fn refuse(plan: &Plan, overwrite: bool, earlier: &Earlier) -> Result<()> {
    let mut present = 0_u64;
    let mut refused = 0_u64;
    let mut first = None;
    let mut look = |path: &Path, ours: bool| -> Result<(), Usage> {
        let Ok(data) = fs::symlink_metadata(path) else { return Ok(()) };
        if data.is_dir() {
            return Err(Usage(format!("{} is a folder, where a file is to be written", shown(path))));
        }
        present += 1;
        if !ours {
            refused += 1;
            first.get_or_insert_with(|| path.to_owned());
        }
        Ok(())
    };
    let reports = plan.reports.as_ref().map(|reports| reports.folder.as_path());
    let folders = [Some(plan.out.as_path()), reports, plan.rejects.as_deref()];
    // Nothing is in a folder that is not there.
    if folders.into_iter().flatten().any(|folder| fs::symlink_metadata(folder).is_ok()) {
        let mut known = Lookup::new(&earlier.documents)?;
        for job in plan.jobs() {
            let job = job?;
            let ours = known.get(&job.key)?.is_some();
            job.targets().try_for_each(|path| look(path, ours))?;
        }
    }
    if let Some(reports) = &plan.reports {
        for name in [SUMMARY, INDEX] {
            look(&reports.folder.join(name), earlier.index)?;
        }
    }
    if let (Some(first), false) = (first, overwrite) {
        let more = match refused {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        return Err(Usage(format!("{} already exists{more}; --overwrite replaces it", shown(&first))).into());
    }
    if present > 0 { refuse_inputs(plan) } else { Ok(()) }
}

/// Refuses to write over an input. The inputs of a folder lie apart from the outputs, but links may lead anywhere.
fn refuse_inputs(plan: &Plan) -> Result<()> {
    let mut sorter = Sorter::new();
    let mut add = |path: &Path, what: &[u8]| -> Result<()> {
        if let Ok(path) = fs::canonicalize(path) {
            sorter.push(path.as_os_str().as_encoded_bytes(), what)?;
        }
        Ok(())
    };
    const INPUT: &[u8] = b"input";
    for job in plan.jobs() {
        let job = job?;
        add(&job.input, INPUT)?;
        job.targets().try_for_each(|path| add(path, path.as_os_str().as_encoded_bytes()))?;
    }
    if let Some(reports) = &plan.reports {
        [SUMMARY, INDEX].map(|name| reports.folder.join(name)).iter().try_for_each(|path| add(path, b"output"))?;
    }
    let mut before: Option<Pair> = None;
    for pair in sorter.finish()?.iter() {
        let pair = pair?;
        if let Some(before) = before.filter(|before| before.0 == pair.0)
            && (before.1 == INPUT) != (pair.1 == INPUT)
        {
            let output = if before.1 == INPUT { &pair.1 } else { &before.1 };
            return Err(Usage(format!("{} is an input and would be overwritten", shown(&names::path(output)))).into());
        }
        before = Some(pair);
    }
    Ok(())
}
