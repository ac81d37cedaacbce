//! The names of rotated files, `telltale.log.1` the youngest, and the moves that make room for one more.
//!
//! Invariant: whatever ends the process between two moves, no file is lost but the oldest, and the next rotation closes
//! the gap that is left: every move goes to a name that is free.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// No more can be kept.
const MOST: u16 = 1000;

/// The n-th youngest.
pub(super) fn plain(path: &Path, n: u16) -> PathBuf {
    with_end(path, &format!(".{n}"))
}

/// The n-th youngest, packed.
pub(super) fn packed(path: &Path, n: u16) -> PathBuf {
    with_end(path, &format!(".{n}.gz"))
}

/// What is being packed.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    with_end(path, ".gz.part")
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// One of the steps of a rotation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Step {
    pub(super) fn run(&self) -> io::Result<()> {
        let done = match self {
            Self::Remove(path) => fs::remove_file(path),
            Self::Rename(from, to) => fs::rename(from, to),
        };
        // Somebody has tidied up meanwhile.
        if done.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) { Ok(()) } else { done }
    }
}

/// What is to be done, in this order, for `path` to be free and what it held to be among `keep` backups.
pub(super) fn steps(path: &Path, keep: u16) -> Vec<Step> {
    let is = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
    let both = |n| [plain(path, n), packed(path, n)];
    // Packed, and ended before the original was gone.
    let twice = (1..=keep).filter(|n| both(*n).iter().all(is));
    let mut steps: Vec<Step> = twice.map(|n| Step::Remove(plain(path, n))).collect();
    let removed = |steps: &[Step], path: &PathBuf| steps.contains(&Step::Remove(path.clone()));
    // More of them were kept once.
    let beyond = (keep.saturating_add(1)..=MOST).map(both).take_while(|both| both.iter().any(is));
    steps.extend(beyond.flatten().filter(is).map(Step::Remove));
    if keep == 0 {
        steps.push(Step::Remove(path.to_owned()));
        return steps;
    }
    let free = (1..=keep).find(|n| !both(*n).iter().any(is));
    if free.is_none() {
        let oldest = both(keep).into_iter().filter(|path| is(path) && !removed(&steps, path));
        let oldest: Vec<Step> = oldest.map(Step::Remove).collect();
        steps.extend(oldest);
    }
    for n in (1..free.unwrap_or(keep)).rev() {
        for (from, to) in both(n).into_iter().zip(both(n + 1)) {
            if is(&from) && !removed(&steps, &from) {
                steps.push(Step::Rename(from, to));
            }
        }
    }
    steps.push(Step::Rename(path.to_owned(), plain(path, 1)));
    steps
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A folder with a log and these backups, each with its own name in it.
    fn folder(names: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names.split_whitespace() {
            fs::write(folder.path().join(name), name).unwrap();
        }
        folder
    }

    fn content(folder: &Path) -> String {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let files: BTreeMap<_, _> = files.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect();
        files.iter().map(|(name, was)| format!("{was}>{name}")).collect::<Vec<_>>().join(" ")
    }

    fn rotate(folder: &Path, keep: u16) {
        steps(&folder.join("log"), keep).iter().try_for_each(Step::run).unwrap();
    }

    #[track_caller]
    fn check(before: &str, keep: u16, after: &str) {
        let folder = folder(before);
        rotate(folder.path(), keep);
        assert_eq!(content(folder.path()), after, "{before}");
    }

    #[test]
    fn the_youngest_is_1_and_the_oldest_goes() {
        check("log", 2, "log>log.1");
        check("log log.1", 2, "log>log.1 log.1>log.2");
        check("log log.1 log.2", 2, "log>log.1 log.1>log.2");
        check("log log.1 log.2.gz", 3, "log>log.1 log.1>log.2 log.2.gz>log.3.gz");
        check("log log.1.gz", 1, "log>log.1");
        check("log log.1", 0, "");
        check("", 2, "");
    }

    #[test]
    fn a_gap_is_closed_and_nothing_else_of_the_folder_touched() {
        check("log log.1 log.3", 5, "log>log.1 log.1>log.2 log.3>log.3");
        check(
            "log log.old log.20241125 other.1",
            3,
            "log>log.1 log.20241125>log.20241125 log.old>log.old other.1>other.1",
        );
    }

    #[test]
    fn what_was_packed_and_not_yet_removed_is_one_file() {
        check("log log.1 log.1.gz", 3, "log>log.1 log.1.gz>log.2.gz");
        check("log log.1 log.1.gz", 1, "log>log.1");
    }

    #[test]
    fn where_fewer_are_kept_than_before_the_further_ones_go() {
        check("log log.1 log.2 log.3 log.4.gz", 2, "log>log.1 log.1>log.2");
    }

    #[test]
    fn an_end_between_two_steps_loses_nothing_but_the_oldest() {
        for before in ["log log.1 log.2 log.3", "log log.1 log.1.gz log.2.gz", "log log.2 log.3.gz"] {
            for keep in [3, 5] {
                let all = steps(&folder(before).path().join("log"), keep).len();
                for done in 0..=all {
                    let folder = folder(before);
                    let path = folder.path().join("log");
                    steps(&path, keep).iter().take(done).try_for_each(Step::run).unwrap();
                    // The next process begins a log, if it is gone, and has to rotate it.
                    if !path.exists() {
                        fs::write(&path, "new").unwrap();
                    }
                    rotate(folder.path(), keep);
                    let after = content(folder.path());
                    // The third has a place in five, and is the oldest of three.
                    let kept = if keep == 5 { 3 } else { 2 };
                    let young: Vec<&str> = match before {
                        "log log.1 log.2 log.3" => vec!["log", "log.1", "log.2", "log.3"],
                        "log log.1 log.1.gz log.2.gz" => vec!["log", "log.1.gz", "log.2.gz"],
                        _ => vec!["log", "log.2", "log.3.gz"],
                    };
                    for was in young.iter().take(kept) {
                        assert!(after.contains(&format!("{was}>")), "{before}, {keep}, {done}: {was} is lost: {after}");
                    }
                }
            }
        }
    }
}
