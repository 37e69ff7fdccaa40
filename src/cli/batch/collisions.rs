//! Refusing what would be written twice: by two documents, or where several kinds of output go to one folder.

use std::path::Path;

use anyhow::Result;

use super::names;
use super::plan::{INDEX, Plan, SUMMARY};
use super::sorted::Sorter;
use crate::cli::Usage;
use crate::cli::files::resolve;
use crate::cli::output::shown;

/// Refuses it.
pub(crate) fn refuse(plan: &Plan) -> Result<()> {
    let reports = plan.reports.as_ref().map(|reports| &reports.folder);
    let real = |folder: Option<&Path>| folder.map(resolve).transpose();
    let (Ok(Some(out)), Ok(reports), Ok(rejects)) =
        (real(Some(&plan.out)), real(reports.map(|folder| folder.as_path())), real(plan.rejects.as_deref()))
    else {
        return Ok(());
    };
    let folders: Vec<&Path> =
        [Some(&out), reports.as_ref(), rejects.as_ref()].into_iter().flatten().map(|f| &**f).collect();
    let lies_in_another =
        |(i, folder): (usize, &&Path)| folders.iter().enumerate().any(|(j, other)| i != j && folder.starts_with(other));
    let shared = folders.iter().enumerate().any(lies_in_another);
    let mut sorter = Sorter::new();
    let mut whole_names = false;
    if let Some(folder) = &reports {
        for name in [SUMMARY, INDEX] {
            sorter.push(&names::bytes(&folder.join(name)), &[])?;
        }
    }
    for job in plan.jobs() {
        let job = job?;
        if let (Some(folder), Some((name, _))) = (&reports, &job.report) {
            whole_names |= name.file_stem() == job.name.file_name();
            sorter.push(&names::bytes(&folder.join(name)), &[])?;
        }
        if shared {
            sorter.push(&names::bytes(&out.join(&job.name)), &[])?;
            if let (Some(folder), Some(_)) = (&rejects, &job.rejects) {
                sorter.push(&names::bytes(&folder.join(&job.name)), &[])?;
            }
        }
    }
    if !shared && !whole_names {
        return Ok(());
    }
    let mut before = None;
    for pair in sorter.finish()?.iter() {
        let (path, _) = pair?;
        if before.as_ref() == Some(&path) {
            let path = shown(&Path::new("/").join(names::path(&path)));
            let option = if rejects.is_some() { "--report or --rejects" } else { "--report" };
            return Err(Usage(format!("{path} would be written twice; use another {option} folder")).into());
        }
        before = Some(path);
    }
    Ok(())
}
