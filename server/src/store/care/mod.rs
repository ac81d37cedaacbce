//! Looking after a data folder from outside: reading it beside a running server, verifying it, copying it, filling it.
//!
//! Invariant: but for [`Importer`] and where a copy is written to, no file is changed, and no lock is needed: blocks never change once
//! they are there, and segments of the log only grow.
//! May not know: who asks, how things are told to people.
//! Start reading at [`View`].

mod copy;
mod import;
mod open_files;
#[cfg(test)]
mod tests;
mod verify;
mod view;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use super::{OpenError, files};

pub use super::Progress;
pub use copy::{Copied, Target, back_up, restore};
pub use import::Importer;
pub use verify::{Verified, verify};
pub use view::{Contents, Log, TierContents, View};

/// What ends the name of a folder that is not whole yet.
const ASIDE: &str = ".new";

/// A place in a file that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// From the data folder on.
    pub file: PathBuf,
    /// Which part, and of which series, where that can be told.
    pub place: Option<String>,
    /// What is wrong.
    pub because: String,
}

/// `blocks/raw-20782-00000000002a.block, cpu {cpu="0"}, bytes 120 to 340: a column is not what was written`.
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": {}", self.because)
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum CareError {
    /// No store has ever been there.
    #[error("there is no data in {}: it has neither `blocks` nor `log`", .0.display())]
    NoData(PathBuf),
    /// A file of the data folder.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Another file.
    #[error("{} cannot be used: {because}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        because: io::Error,
    },
    /// Something is where a new folder was to be.
    #[error("{} is there already; {instead}", path.display())]
    InTheWay {
        /// What.
        path: PathBuf,
        /// What to do.
        instead: &'static str,
    },
    /// What was to be restored is not whole.
    #[error("the backup is damaged in {} places, and nothing was restored; the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    DamagedBackup(Vec<Damage>),
}

impl CareError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |because| Self::Io { path, because }
    }
}

/// Whether blocks or segments with anything in them are there.
///
/// # Errors
/// Where it cannot be told.
pub fn holds_data(folder: &Path) -> Result<bool, CareError> {
    let layout = Layout::of(folder);
    for part in [&layout.blocks, &layout.log] {
        match files::files_of(part) {
            Ok(found) if !found.is_empty() => return Ok(true),
            Err(because) if because.kind() != io::ErrorKind::NotFound => return Err(CareError::io(part)(because)),
            _ => {}
        }
    }
    Ok(false)
}

/// Writes a file aside, syncs it and puts it into its place; what fails leaves nothing behind.
///
/// # Errors
/// What the disk or `write` says.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    // A name alone has no folder before it that could be synced.
    files::write_whole(&std::path::absolute(path)?, |out| write(out))
}
