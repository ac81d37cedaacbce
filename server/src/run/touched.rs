//! Whether the configuration file has been changed.
//!
//! It is looked at now and then instead of being watched: editors put a new file in its place, orchestrators turn a link
//! round, and network disks tell nobody. A look is one call a second, and sees all three.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::stat;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout};

/// From one look to the next. One that is being written is read when it has stayed the same for as long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Notices changes of one file.
pub(super) struct Touched {
    path: Option<PathBuf>,
    next: Instant,
    known: Option<Mark>,
    seen: Option<Mark>,
    /// A look that is under way: on a disk that hangs there is one, however often it is asked for.
    looking: Option<JoinHandle<Option<Mark>>>,
}

/// What differs when another text is there: where it lies, how long it is, and when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    inode: u64,
    bytes: i64,
    seconds: i64,
    nanoseconds: u64,
}

impl Touched {
    /// From how it is now. A disk that does not answer holds nobody up: what it says later counts as a change.
    pub(super) async fn new(path: Option<PathBuf>) -> Self {
        let mut touched = Self { path, next: Instant::now() + LOOK_EVERY, known: None, seen: None, looking: None };
        if touched.path.is_some() {
            touched.known = timeout(LOOK_EVERY, touched.look()).await.ok().flatten();
            touched.seen = touched.known;
        }
        touched
    }

    /// Given up half-way it goes on where it was the next time.
    async fn look(&mut self) -> Option<Mark> {
        let path = self.path.clone()?;
        let looking = self.looking.get_or_insert_with(|| spawn_blocking(move || mark(&path)));
        let looked = looking.await;
        self.looking = None;
        looked.ok().flatten()
    }

    /// Waits until it has changed and come to rest. Given up half-way it forgets nothing.
    pub(super) async fn again(&mut self) {
        if self.path.is_none() {
            return std::future::pending().await;
        }
        loop {
            sleep_until(self.next).await;
            self.next = Instant::now() + LOOK_EVERY;
            // One that is gone for a moment is being replaced; one that stays away is no new text.
            let Some(now) = self.look().await else { continue };
            let rests = self.seen.replace(now) == Some(now);
            if rests && self.known != Some(now) {
                self.known = Some(now);
                return;
            }
        }
    }
}

fn mark(path: &Path) -> Option<Mark> {
    let found = stat(path).ok()?;
    Some(Mark { inode: found.st_ino, bytes: found.st_size, seconds: found.st_mtime, nanoseconds: found.st_mtime_nsec })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn every_way_of_changing_a_file_is_noticed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telltale.json");
        fs::write(&path, "1").unwrap();
        let mut touched = Touched::new(Some(path.clone())).await;
        let is_quiet = async |touched: &mut Touched| timeout(LOOK_EVERY * 3, touched.again()).await.is_err();
        assert!(is_quiet(&mut touched).await);
        // Written in place.
        fs::write(&path, "22").unwrap();
        assert!(timeout(LOOK_EVERY * 4, touched.again()).await.is_ok());
        assert!(is_quiet(&mut touched).await, "told twice");
        // Another one put in its place, of the same length.
        fs::write(folder.path().join("new"), "33").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert!(timeout(LOOK_EVERY * 4, touched.again()).await.is_ok());
        // Gone, and back as it was made anew.
        fs::remove_file(&path).unwrap();
        assert!(is_quiet(&mut touched).await, "what is gone is not read");
        fs::write(&path, "33").unwrap();
        assert!(timeout(LOOK_EVERY * 4, touched.again()).await.is_ok());
    }
}
