//! The folder for what is to outlive the process: made, locked, and looked at again and again.
//!
//! Invariant: of processes that use one folder, one owns it; the end of that one, however it comes, sets it free.
//! May not know: what is kept in it, how it was configured.
//! Start reading at [`DataFolder`].

mod error;
mod watch;

#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::fs::{FlockOperation, flock};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::secret::Text;
pub use error::FolderError;
pub use watch::watch;

/// Locked by its owner, whose process id it holds.
const LOCK: &str = "lock";
/// Written and removed again to see whether that is possible.
const CHECK: &str = "write-check";
/// A whole block: less might find room where nothing else does.
const CHECK_BYTES: [u8; 4096] = [0; 4096];
/// How long a start waits for a folder that may lie on another machine.
const OPEN_WITHIN: Duration = Duration::from_secs(10);

/// A folder that is ours as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: Text,
    /// The kernel lets go of the lock when this is closed.
    lock: Mutex<File>,
}

impl DataFolder {
    /// Makes the folder if need be, readable for its owner alone, locks it, and tries whether it can be written.
    ///
    /// # Errors
    /// Where any of that fails, somebody else owns it, or it does not answer for ten seconds.
    pub async fn open(path: Text) -> Result<Self, FolderError> {
        let silent = FolderError::Silent { folder: path.to_string() };
        match timeout(OPEN_WITHIN, spawn_blocking(move || Self::take(path))).await {
            Ok(Ok(opened)) => opened,
            // The thread is left to itself: nothing ends a call that hangs in the kernel.
            _ => Err(silent),
        }
    }

    /// As [`DataFolder::open`], for who has nothing else to do meanwhile: it waits for as long as the disk takes.
    ///
    /// # Errors
    /// Where it cannot be made, locked or written, or somebody else owns it.
    pub fn take(path: Text) -> Result<Self, FolderError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path.as_path());
        made.map_err(|because| FolderError::unusable(&path, "made", because))?;
        let folder = Self { lock: Mutex::new(lock(&path)?), path };
        folder.check()?;
        Ok(folder)
    }

    /// The user that its server runs as: whose the lock is, else whose the folder is. None where there is no folder.
    #[must_use]
    pub fn user(path: &Path) -> Option<u32> {
        let about = fs::metadata(path.join(LOCK)).or_else(|_| fs::metadata(path));
        about.ok().map(|about| about.uid())
    }

    /// Whether it is still there, still ours, and can be written. It may take as long as the disk likes.
    ///
    /// A folder that is gone is not made again: where a disk was unmounted, that would fill the one below.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check(&self) -> Result<(), FolderError> {
        let unusable = |because| FolderError::unusable(&self.path, "written", because);
        match fs::metadata(self.path.as_path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(FolderError::Gone { folder: self.path.to_string() });
            }
            Err(error) => return Err(unusable(error)),
            Ok(_) => {}
        }
        let mut held = self.lock.lock();
        if !is_at(&held, &self.path.as_path().join(LOCK)).map_err(unusable)? {
            // It was put back, or another disk is mounted there: the lock that we hold is of something else.
            *held = lock(&self.path)?;
        }
        drop(held);
        write(&self.path.as_path().join(CHECK)).map_err(unusable)
    }
}

/// Locks the folder; nobody waits for it.
fn lock(path: &Text) -> Result<File, FolderError> {
    let unusable = |because| FolderError::unusable(path, "written", because);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(path.as_path().join(LOCK)).map_err(unusable)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            return Err(FolderError::Taken { folder: path.to_string(), by: owner(&mut file) });
        }
        Err(error) => return Err(FolderError::unusable(path, "locked", error.into())),
    }
    let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(unusable)?;
    Ok(file)
}

/// Who has written its number there.
fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Whether `file` is what is at `path`.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Down to the disk: what only the page cache took is not written.
fn write(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let written = file.write_all(&CHECK_BYTES).and_then(|()| file.sync_all());
    let removed = fs::remove_file(path);
    written.and(removed)
}
