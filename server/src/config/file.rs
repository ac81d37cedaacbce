//! The file on disk, to a configuration.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, fcntl_setfl};

use super::expand::Env;
use super::keys::root::Config;
use super::known::Known;
use super::load::{Loaded, defaults, load, whereabouts};
use super::problem::Problem;

/// Devices have no end, and no file of settings is so large.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{} cannot be read: {because}", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        because: io::Error,
    },
    /// It is larger than any configuration.
    #[error("{} is larger than 4 MiB; no configuration is", .0.display())]
    TooLarge(PathBuf),
    /// It has mistakes.
    #[error("{} has {} mistakes", .file.display(), .problems.len())]
    Mistakes {
        /// Which.
        file: PathBuf,
        /// All of them.
        problems: Vec<Problem>,
    },
}

impl FileError {
    /// What to tell, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Mistakes { file, problems } => {
                problems.iter().map(|problem| format!("{}: {problem}", file.display())).collect()
            }
            other => vec![other.to_string()],
        }
    }
}

/// Reads it, to do what it says; what holds without one where there is none.
///
/// # Errors
/// Where it cannot be used.
pub fn load_file(file: Option<&Path>, env: Env<'_>, known: &Known) -> Result<Loaded, FileError> {
    let or = || Loaded { config: defaults(env), warnings: Vec::new() };
    file.map_or_else(|| Ok(or()), |file| understand(file, |text| load(text, env, known)))
}

/// Reads it, to ask the server that it is for.
///
/// # Errors
/// Where it cannot be used.
pub fn whereabouts_in_file(file: Option<&Path>, env: Env<'_>, known: &Known) -> Result<Config, FileError> {
    file.map_or_else(|| Ok(defaults(env)), |file| understand(file, |text| whereabouts(text, env, known)))
}

/// Opens it, be it a pipe: one that somebody writes into is waited for, one that nobody does is empty.
fn open(file: &Path) -> io::Result<File> {
    let at_once = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    let opened = File::options().read(true).custom_flags(at_once).open(file)?;
    fcntl_setfl(&opened, OFlags::empty())?;
    Ok(opened)
}

fn understand<T>(file: &Path, read: impl FnOnce(&str) -> Result<T, Vec<Problem>>) -> Result<T, FileError> {
    let unreadable = |because| FileError::Unreadable { file: file.to_owned(), because };
    let mut text = Vec::new();
    open(file).map_err(unreadable)?.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(FileError::TooLarge(file.to_owned()));
    }
    let text = String::from_utf8(text).map_err(|_| unreadable(io::Error::other("it is no text in UTF-8")))?;
    read(&text).map_err(|problems| FileError::Mistakes { file: file.to_owned(), problems })
}
