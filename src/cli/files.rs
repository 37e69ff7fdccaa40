//! Which files a batch reads and writes, settled before the first of them is touched.
//!
//! Everything that can be refused is refused here: folders that lie in each other, two inputs that would become one
//! output, files that are already there. So a batch that starts does not stop half-way for a reason that could have
//! been known.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use chaffinch::answers::FILE_NAME;
use chaffinch::report::Format;

use super::config::{Batch, Reports};
use super::output::shown;
use super::{Usage, plain};

/// Name of the batch's numbers in the report folder.
pub(crate) const SUMMARY: &str = "summary.json";
/// Name of the page that links to every report in the report folder.
pub(crate) const INDEX: &str = "index.html";

/// One document of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// The file to read.
    pub(crate) input: PathBuf,
    /// Its name below the input folder, which is also the clean text's name below the output folder.
    pub(crate) name: PathBuf,
    /// The clean text's file.
    pub(crate) clean: PathBuf,
    /// The report's name below the report folder, and its file.
    pub(crate) report: Option<(PathBuf, PathBuf)>,
}

/// An input that can not be cleaned, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The document's name, as a job's.
    pub(crate) name: PathBuf,
    /// What went wrong, in one line.
    pub(crate) message: String,
}

/// What a batch is going to do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The documents, in the order of their names.
    pub(crate) jobs: Vec<Job>,
    /// What could not even be looked at.
    pub(crate) failures: Vec<Failure>,
}

impl Plan {
    /// Finds the documents and settles where everything goes.
    pub(crate) fn new(batch: &Batch) -> Result<Plan, Usage> {
        let reports = batch.reports.as_ref();
        must_be_folder("--out", &batch.out)?;
        if let Some(reports) = reports {
            must_be_folder("--report", &reports.folder)?;
        }
        let mut found = Found::default();
        for input in &batch.inputs {
            match fs::metadata(input) {
                Ok(data) if data.is_dir() => {
                    apart(input, &batch.out, "--out")?;
                    if let Some(reports) = reports {
                        apart(input, &reports.folder, "--report")?;
                    }
                    found.walk(input, Path::new(""));
                }
                Ok(_) => found.documents.push((input.clone(), input.file_name().unwrap_or_default().into())),
                Err(error) => found.fail(input.clone(), &error),
            }
        }
        found.documents.sort_by(|a, b| a.1.cmp(&b.1));
        if let Some(pair) = found.documents.windows(2).find(|pair| pair[0].1 == pair[1].1) {
            return Err(Usage(format!(
                "{} and {} would both become {}; clean them one after the other into two folders",
                shown(&pair[0].0),
                shown(&pair[1].0),
                shown(&batch.out.join(&pair[0].1)),
            )));
        }
        let names: Vec<&Path> = found.documents.iter().map(|(_, name)| name.as_path()).collect();
        let mut report_names = reports.map(|reports| report_names(&names, reports.format).into_iter());
        let mut jobs = Vec::with_capacity(names.len());
        for (input, name) in &found.documents {
            let report_name = report_names.as_mut().and_then(Iterator::next);
            jobs.push(Job {
                input: input.clone(),
                name: name.clone(),
                clean: batch.out.join(name),
                report: reports.zip(report_name).map(|(reports, name)| (name.clone(), reports.folder.join(name))),
            });
        }
        let plan = Plan { jobs, failures: found.failures };
        if let Some(reports) = reports {
            plan.refuse_collisions(&batch.out, reports)?;
        }
        plan.refuse_present(reports, batch.overwrite)?;
        Ok(plan)
    }

    /// Refuses what would be written twice, where clean texts and reports go to the same folder.
    fn refuse_collisions(&self, out: &Path, reports: &Reports) -> Result<(), Usage> {
        let (Ok(out), Ok(folder)) = (resolve(out), resolve(&reports.folder)) else { return Ok(()) };
        if !out.starts_with(&folder) && !folder.starts_with(&out) {
            return Ok(());
        }
        let mut seen = BTreeSet::from([folder.join(SUMMARY), folder.join(INDEX)]);
        for job in &self.jobs {
            let report = job.report.as_ref().map(|(name, _)| folder.join(name));
            for path in std::iter::once(out.join(&job.name)).chain(report) {
                if seen.contains(&path) {
                    return Err(Usage(format!("{} would be written twice; use another --report folder", shown(&path))));
                }
                seen.insert(path);
            }
        }
        Ok(())
    }

    /// Refuses to write over an input, and over any file that is there if nobody allowed it.
    fn refuse_present(&self, reports: Option<&Reports>, overwrite: bool) -> Result<(), Usage> {
        let extra = reports.map(|reports| [reports.folder.join(SUMMARY), reports.folder.join(INDEX)]);
        let targets = || {
            let of_jobs = self.jobs.iter().flat_map(|job| {
                std::iter::once(job.clean.as_path()).chain(job.report.as_ref().map(|(_, path)| path.as_path()))
            });
            of_jobs.chain(extra.iter().flatten().map(PathBuf::as_path))
        };
        let mut present = 0_usize;
        let mut first = None;
        for path in targets() {
            let Ok(data) = fs::symlink_metadata(path) else { continue };
            if data.is_dir() {
                return Err(Usage(format!("{} is a folder, where a file is to be written", shown(path))));
            }
            present += 1;
            first.get_or_insert(path);
        }
        let Some(first) = first else { return Ok(()) };
        if !overwrite {
            let more = match present {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            return Err(Usage(format!("{} already exists{more}; --overwrite replaces it", shown(first))));
        }
        // Only files that exist can be an input, and the inputs of a folder lie apart from the outputs already.
        let inputs: BTreeSet<PathBuf> = self.jobs.iter().filter_map(|job| fs::canonicalize(&job.input).ok()).collect();
        match targets().find(|path| fs::canonicalize(path).is_ok_and(|path| inputs.contains(&path))) {
            Some(path) => Err(Usage(format!("{} is an input and would be overwritten", shown(path)))),
            None => Ok(()),
        }
    }
}

/// The documents of a file or folder: path and name of each, in the order of the names, and what can not be read.
pub(crate) fn documents(input: &Path) -> (Vec<(PathBuf, PathBuf)>, Vec<Failure>) {
    let mut found = Found::default();
    match fs::metadata(input) {
        Ok(data) if data.is_dir() => found.walk(input, Path::new("")),
        Ok(_) => found.documents.push((input.to_owned(), input.to_owned())),
        Err(error) => found.fail(input.to_owned(), &error),
    }
    found.documents.sort_by(|a, b| a.1.cmp(&b.1));
    (found.documents, found.failures)
}

#[derive(Default)]
struct Found {
    /// Path and name of each document.
    documents: Vec<(PathBuf, PathBuf)>,
    failures: Vec<Failure>,
}

impl Found {
    /// Every regular file below `root`/`below` whose name, and whose folders' names, do not begin with a dot. A file
    /// of answers is no scrape.
    ///
    /// Links to files are followed, links to folders are not: so no file is found twice and no loop is possible.
    fn walk(&mut self, root: &Path, below: &Path) {
        let folder = root.join(below);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => return self.fail(if below == Path::new("") { root.into() } else { below.into() }, &error),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.fail(below.into(), &error),
            };
            let file_name = entry.file_name();
            if file_name.as_encoded_bytes().starts_with(b".") || file_name == FILE_NAME {
                continue;
            }
            let name = below.join(&file_name);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.walk(root, &name),
                Ok(kind) if kind.is_file() => self.documents.push((entry.path(), name)),
                Ok(kind) if kind.is_symlink() => match fs::metadata(entry.path()) {
                    Ok(data) if data.is_file() => self.documents.push((entry.path(), name)),
                    Ok(_) => {}
                    Err(error) => self.fail(name, &error),
                },
                Ok(_) => {}
                Err(error) => self.fail(name, &error),
            }
        }
    }

    fn fail(&mut self, name: PathBuf, error: &io::Error) {
        self.failures.push(Failure { name, message: format!("cannot read: {}", plain(error)) });
    }
}

/// The reports' names: the document's with the format's extension, or added to it where two would be the same.
fn report_names(names: &[&Path], format: Format) -> Vec<PathBuf> {
    let short = |name: &Path| name.with_extension(format.name());
    let mut uses: BTreeMap<PathBuf, usize> = BTreeMap::from([(SUMMARY.into(), 1), (INDEX.into(), 1)]);
    for name in names {
        *uses.entry(short(name)).or_default() += 1;
    }
    let pick = |name: &&Path| match short(name) {
        short if uses[&short] == 1 => short,
        _ => {
            let mut long = OsString::from(name);
            long.push(".");
            long.push(format.name());
            long.into()
        }
    };
    names.iter().map(pick).collect()
}

fn must_be_folder(option: &str, path: &Path) -> Result<(), Usage> {
    match fs::metadata(path) {
        Ok(data) if !data.is_dir() => Err(Usage(format!(
            "{option} {}: that is a file, and a folder is needed for several documents",
            shown(path)
        ))),
        _ => Ok(()),
    }
}

/// Refuses an output folder that is the input folder, lies in it or holds it: the next run would clean its own output.
fn apart(input: &Path, output: &Path, option: &str) -> Result<(), Usage> {
    let (Ok(inside), Ok(outside)) = (resolve(input), resolve(output)) else {
        return Err(Usage(format!("{option} {}: that path can not be resolved", shown(output))));
    };
    let relation = if inside == outside {
        "is the input folder"
    } else if outside.starts_with(&inside) {
        "lies in the input folder"
    } else if inside.starts_with(&outside) {
        "holds the input folder"
    } else {
        return Ok(());
    };
    Err(Usage(format!("{option} {} {relation} {}; choose one beside it", shown(output), shown(input))))
}

/// The real path of what is there, followed by what is not there yet.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    for ancestor in path.ancestors() {
        let Ok(mut real) = fs::canonicalize(ancestor) else { continue };
        for component in path.strip_prefix(ancestor).into_iter().flat_map(Path::components) {
            match component {
                Component::ParentDir => {
                    real.pop();
                }
                other => real.push(other),
            }
        }
        return Ok(real);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str], format: Format) -> Vec<String> {
        let paths: Vec<&Path> = names.iter().map(Path::new).collect();
        report_names(&paths, format).iter().map(|path| path.to_str().unwrap().replace('\\', "/")).collect()
    }

    #[test]
    fn reports_are_called_like_their_documents() {
        assert_eq!(names(&["a/b.txt", "c.d.txt", "e"], Format::Jsonl), ["a/b.jsonl", "c.d.jsonl", "e.jsonl"]);
    }

    #[test]
    fn names_that_would_meet_stay_whole() {
        assert_eq!(names(&["a.md", "a.txt"], Format::Diff), ["a.md.diff", "a.txt.diff"]);
        assert_eq!(names(&["index.txt", "b/index.txt"], Format::Html), ["index.txt.html", "b/index.html"]);
    }

    #[test]
    fn paths_that_are_not_there_are_resolved_below_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        assert_eq!(resolve(&folder.path().join("new/deeper/../x")).unwrap(), real.join("new/x"));
        assert_eq!(resolve(folder.path()).unwrap(), real);
    }

    #[test]
    fn walking_is_sorted_and_leaves_hidden_files_alone() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in");
        fs::create_dir_all(input.join("b")).unwrap();
        fs::create_dir_all(input.join(".git")).unwrap();
        for name in ["b/2.txt", "b/10.txt", "a.txt", ".hidden", ".git/x.txt"] {
            fs::write(input.join(name), "x").unwrap();
        }
        let batch =
            Batch { inputs: vec![input], out: folder.path().join("out"), reports: None, overwrite: false, jobs: 1 };
        let plan = Plan::new(&batch).unwrap();
        let names: Vec<&Path> = plan.jobs.iter().map(|job| job.name.as_path()).collect();
        assert_eq!(names, [Path::new("a.txt"), Path::new("b/10.txt"), Path::new("b/2.txt")]);
        assert!(plan.failures.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed_and_dead_links_are_told() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in");
        fs::create_dir(&input).unwrap();
        fs::write(folder.path().join("outside.txt"), "x").unwrap();
        symlink(&input, input.join("loop")).unwrap();
        symlink("../outside.txt", input.join("link.txt")).unwrap();
        symlink("nowhere", input.join("dead.txt")).unwrap();
        let batch =
            Batch { inputs: vec![input], out: folder.path().join("out"), reports: None, overwrite: false, jobs: 1 };
        let plan = Plan::new(&batch).unwrap();
        assert_eq!(plan.jobs.len(), 1);
        assert_eq!(plan.jobs[0].name, Path::new("link.txt"));
        assert_eq!(plan.failures[0].name, Path::new("dead.txt"));
    }
}
