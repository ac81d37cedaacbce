//! Asks file systems for their space, and never waits for one that does not answer.
//!
//! Invariant: a file system that hangs costs the collector one wait, and the others none of their values.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use super::CollectError;

/// A local file system answers from memory within microseconds, one across a network within milliseconds.
const PATIENCE: Duration = Duration::from_millis(500);

/// Space of a file system, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Space {
    pub(super) total: u64,
    /// Taken by files, the reserve for the superuser not included.
    pub(super) used: u64,
    /// Free to users: the superuser's reserve is not in it.
    pub(super) available: u64,
    /// Inodes used and free; nothing where the file system makes them as it needs them.
    pub(super) inodes: Option<(u64, u64)>,
}

type Answer = io::Result<Option<Space>>;

/// A thread that asks, so that a question without an answer holds up nobody else.
#[derive(Debug)]
struct Worker {
    questions: Sender<PathBuf>,
    answers: Receiver<Answer>,
}

/// Keeps a worker, and those that hang.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    worker: Option<Worker>,
    /// What was asked, and where its answer will be if it ever comes.
    hanging: Vec<(PathBuf, Receiver<Answer>)>,
}

impl Spaces {
    /// The space at `mountpoint`; nothing where it is no directory, has no space at all or is not ours
    /// to see.
    pub(super) fn at(&mut self, mountpoint: &Path) -> Result<Option<Space>, CollectError> {
        self.ask(mountpoint, measure)
    }

    fn ask(&mut self, path: &Path, measure: fn(&Path) -> Answer) -> Result<Option<Space>, CollectError> {
        let what = || path.display().to_string();
        self.hanging.retain(|(_, answers)| matches!(answers.try_recv(), Err(TryRecvError::Empty)));
        if self.hanging.iter().any(|(hanging, _)| hanging == path) {
            return Err(CollectError::NoAnswer { what: what() });
        }
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start(measure).map_err(|e| CollectError::read(what(), e))?,
        };
        // Where the thread is gone, the wait below says so.
        let _ = worker.questions.send(path.to_owned());
        match worker.answers.recv_timeout(PATIENCE) {
            Ok(answer) => {
                self.worker = Some(worker);
                answer.map_err(|e| CollectError::read(what(), e))
            }
            Err(RecvTimeoutError::Timeout) => {
                self.hanging.push((path.to_owned(), worker.answers));
                Err(CollectError::NoAnswer { what: what() })
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(CollectError::read(what(), io::Error::other("the thread that asks has ended")))
            }
        }
    }
}

impl Worker {
    /// Its thread ends with the `Worker`, or as soon as it gets the answer it waits for.
    fn start(measure: fn(&Path) -> Answer) -> io::Result<Self> {
        let (questions, asked) = channel::<PathBuf>();
        let (answer, answers) = channel();
        thread::Builder::new().name("disk-space".to_owned()).spawn(move || {
            for path in asked {
                if answer.send(measure(&path)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { questions, answers })
    }
}

fn measure(path: &Path) -> Answer {
    let measured = path.metadata().and_then(|meta| {
        // Container engines mount single files over `/etc/hosts` and others; those are no disks.
        meta.is_dir().then(|| rustix::fs::statvfs(path).map_err(io::Error::from)).transpose()
    });
    match measured {
        Ok(found) => Ok(found.and_then(|v| {
            let space = space(v.f_frsize, v.f_blocks, v.f_bfree, v.f_bavail)?;
            Some(Space { inodes: inodes(v.f_files, v.f_favail), ..space })
        })),
        // Unmounted since it was listed, or another user's: `df` has no line for it either.
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => Ok(None),
        Err(e) => Err(e),
    }
}

/// From what statvfs(3) says, in blocks.
fn space(block_bytes: u64, blocks: u64, free: u64, available: u64) -> Option<Space> {
    // Some file systems say that more is free to users than is free, or exists.
    let free = free.min(blocks);
    let bytes = |blocks: u64| blocks.saturating_mul(block_bytes);
    let space =
        Space { total: bytes(blocks), used: bytes(blocks - free), available: bytes(available.min(free)), inodes: None };
    (space.total > 0).then_some(space)
}

fn inodes(all: u64, free: u64) -> Option<(u64, u64)> {
    let free = free.min(all);
    (all > 0).then_some((all - free, free))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Condvar, Mutex, PoisonError};

    #[test]
    fn odd_answers_never_leave_the_scale() {
        let sums = |s: Space| (s.total, s.used, s.available);
        assert_eq!(space(4096, 100, 40, 30).map(sums), Some((409_600, 245_760, 122_880)));
        assert_eq!(space(1, 100, 200, 300).map(sums), Some((100, 0, 100)));
        assert_eq!(space(1, 100, 0, u64::MAX).map(sums), Some((100, 100, 0)));
        assert_eq!(inodes(100, 40), Some((60, 40)));
        assert_eq!(inodes(100, 140), Some((0, 100)));
        assert_eq!(inodes(0, 0), None);
        assert_eq!(space(4096, 0, 0, 0), None);
        assert_eq!(space(0, 100, 50, 50), None);
        assert_eq!(space(u64::MAX, 2, 1, 1).map(sums), Some((u64::MAX, u64::MAX, u64::MAX)));
    }

    #[test]
    fn only_directories_that_can_be_seen_have_space() {
        let is_some = |path: &Path| measure(path).map(|space| space.is_some()).map_err(|e| e.to_string());
        assert_eq!(is_some(Path::new("/")), Ok(true));
        assert_eq!(is_some(Path::new("/no/such/place")), Ok(false));
        let file = std::env::current_exe().unwrap_or_default();
        assert_eq!(is_some(&file), Ok(false), "a single file, as containers mount them");
    }

    #[test]
    fn one_that_hangs_is_left_alone_until_it_answers() {
        static LET_GO: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
        fn hang_on_nas(path: &Path) -> Answer {
            if path == Path::new("/mnt/nas") {
                let held = LET_GO.0.lock().unwrap_or_else(PoisonError::into_inner);
                drop(LET_GO.1.wait_while(held, |go| !*go));
            }
            Ok(space(1, 100, 50, 50))
        }
        let mut spaces = Spaces::default();
        let mut ask = |path: &str| spaces.ask(Path::new(path), hang_on_nas).map_err(|e| e.to_string());
        assert!(ask("/").is_ok());
        assert_eq!(ask("/mnt/nas"), Err("/mnt/nas does not answer".to_owned()));
        assert!(ask("/").is_ok(), "another disk is not held up");
        let again = std::time::Instant::now();
        assert_eq!(ask("/mnt/nas"), Err("/mnt/nas does not answer".to_owned()));
        assert!(again.elapsed() < PATIENCE, "it is not waited for twice");

        *LET_GO.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        LET_GO.1.notify_all();
        while ask("/mnt/nas").is_err() {
            thread::yield_now();
        }
    }
}
