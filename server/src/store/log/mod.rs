//! The log: what was appended lies here until it is sealed in a block.
//!
//! Appending puts a record into memory; a thread of its own writes and syncs what has gathered, every so often. So a disk that
//! hangs or fails holds up nobody: beyond a bound nothing more is taken, and the log is broken until it is revived.
//! Invariant: records are in the file in the order of [`Log::append`]; a segment holds all of them between two calls of
//! [`Log::begin_segment`], or, after it broke, none of the later ones.
//! May not know: what the store does with samples.

#[cfg(test)]
mod any_bytes;
pub(super) mod record;
pub(super) mod replay;
mod writer;

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use parking_lot::{Condvar, Mutex};

use super::files;
use super::layout::{self, Layout};

/// How many bytes may wait for the disk. Some seconds of ten thousand series.
const MOST_WAITING: usize = 32 << 20;
/// So many bytes are written without waiting for the interval to pass.
const ENOUGH: usize = 1 << 20;
/// How long somebody waits for the disk before the log counts as broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// The log of one store.
#[derive(Debug)]
pub(super) struct Log {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    layout: Layout,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// There is something to do for the thread.
    work: Condvar,
    /// Something was done.
    done: Condvar,
}

#[derive(Debug)]
struct State {
    /// The segment that records go to.
    segment: u64,
    /// What waits, segment by segment.
    waiting: VecDeque<(u64, Vec<u8>)>,
    waiting_bytes: usize,
    /// Bytes appended, and of these on the disk. What broke off counts as neither.
    appended: u64,
    durable: u64,
    every: Duration,
    /// Somebody waits.
    hurry: bool,
    stop: bool,
    broken: Option<String>,
    /// The thread that is at work; a revived log has another one.
    worker: u64,
}

impl Log {
    /// Begins with this segment, which must not be there.
    ///
    /// # Errors
    /// Where the segment cannot be made.
    pub(super) fn start(layout: &Layout, segment: u64, every: Duration) -> io::Result<Self> {
        let file = writer::create(layout, segment)?;
        let state = State {
            segment,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            appended: 0,
            durable: 0,
            every,
            hurry: false,
            stop: false,
            broken: None,
            worker: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), work: Condvar::new(), done: Condvar::new() });
        let log = Self { shared, thread: Mutex::default(), layout: layout.clone() };
        log.set_to_work(0, (segment, file))?;
        Ok(log)
    }

    fn set_to_work(&self, worker: u64, open: (u64, File)) -> io::Result<()> {
        let (shared, layout) = (Arc::clone(&self.shared), self.layout.clone());
        let work = move || writer::work(&shared, &layout, worker, open);
        *self.thread.lock() = Some(thread::Builder::new().name("store log".to_owned()).spawn(work)?);
        Ok(())
    }

    /// Takes a record. With an interval of zero it is on the disk when this returns, else within the interval. `false` where the
    /// log is broken and takes nothing.
    pub(super) fn append(&self, record: &[u8]) -> bool {
        let mut state = self.shared.state.lock();
        if state.broken.is_some() {
            return false;
        }
        if state.waiting_bytes + record.len() > MOST_WAITING {
            state.give_up("the disk does not keep up: what waits for it is full".to_owned());
            self.shared.work.notify_one();
            return false;
        }
        let segment = state.segment;
        match state.waiting.back_mut() {
            Some((of, bytes)) if *of == segment => bytes.extend_from_slice(record),
            _ => state.waiting.push_back((segment, record.to_vec())),
        }
        // The interval begins with the first record that waits.
        let first = state.waiting_bytes == 0;
        state.waiting_bytes += record.len();
        state.appended += record.len() as u64;
        if first || state.waiting_bytes >= ENOUGH {
            self.shared.work.notify_one();
        }
        true
    }

    /// Waits until all that was appended is on the disk where the interval is zero; else it does not wait.
    pub(super) fn settle(&self) {
        let state = self.shared.state.lock();
        if state.every.is_zero() {
            self.wait(state);
        }
    }

    /// Waits until all that was appended is on the disk, or the log is broken.
    pub(super) fn sync(&self) {
        self.wait(self.shared.state.lock());
    }

    fn wait(&self, mut state: parking_lot::MutexGuard<'_, State>) {
        let (until, target) = (Instant::now() + PATIENCE, state.appended);
        while state.durable < target && state.broken.is_none() {
            state.hurry = true;
            self.shared.work.notify_one();
            if self.shared.done.wait_until(&mut state, until).timed_out() && state.durable < target {
                state.give_up("the disk does not answer".to_owned());
            }
        }
    }

    /// What follows goes to a new segment, whose number is given back. Nobody may append meanwhile.
    pub(super) fn begin_segment(&self) -> u64 {
        let mut state = self.shared.state.lock();
        state.segment += 1;
        state.segment
    }

    /// Writes at most so long after a record was taken.
    pub(super) fn flush_every(&self, every: Duration) {
        self.shared.state.lock().every = every;
        self.shared.work.notify_one();
    }

    /// Why nothing is written any more.
    pub(super) fn broken(&self) -> Option<String> {
        self.shared.state.lock().broken.clone()
    }

    /// Makes a new segment, to go on in by [`Log::revive`]. It takes as long as the disk likes. Only one at a time may try.
    ///
    /// # Errors
    /// Where the disk still refuses.
    pub(super) fn prepare(&self) -> io::Result<(u64, File)> {
        let segment = self.shared.state.lock().segment + 1;
        // Left over from an attempt whose file came to be and nothing more.
        files::remove(&self.layout.segment(segment))?;
        Ok((segment, writer::create(&self.layout, segment)?))
    }

    /// Writes again, in a new segment whose number is given back. What was appended since it broke is not in it. Nobody may append
    /// meanwhile.
    ///
    /// # Errors
    /// Where there is no thread to be had.
    pub(super) fn revive(&self, (segment, file): (u64, File)) -> io::Result<u64> {
        let mut state = self.shared.state.lock();
        state.waiting.clear();
        (state.segment, state.waiting_bytes, state.durable) = (segment, 0, state.appended);
        (state.broken, state.worker) = (None, state.worker + 1);
        let worker = state.worker;
        drop(state);
        self.set_to_work(worker, (segment, file))?;
        Ok(segment)
    }

    /// Removes this segment and those before it: what they hold is in blocks.
    ///
    /// # Errors
    /// Where a file cannot be removed; the others are.
    pub(super) fn forget(&self, up_to: u64) -> io::Result<()> {
        let mut told = Ok(());
        for path in files::files_of(&self.layout.log)? {
            if layout::segment_number(&path).is_some_and(|number| number <= up_to) {
                told = files::remove(&path).and(told);
            }
        }
        told
    }

    /// How many bytes lie on the disk.
    pub(super) fn bytes(&self) -> u64 {
        let files = files::files_of(&self.layout.log).unwrap_or_default();
        files.iter().filter_map(|path| Some(path.metadata().ok()?.len())).sum()
    }

    /// Writes what is left and lets go. It waits for a disk that hangs no longer than for anybody else.
    pub(super) fn close(&self) {
        self.sync();
        self.shared.state.lock().stop = true;
        self.shared.work.notify_one();
        let broken = self.broken().is_some();
        // A thread that hangs in the kernel is left to itself.
        if let Some(thread) = self.thread.lock().take().filter(|_| !broken) {
            drop(thread.join());
        }
    }
}

impl State {
    fn give_up(&mut self, why: String) {
        self.broken.get_or_insert(why);
        self.waiting.clear();
        self.waiting_bytes = 0;
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
    }
}

/// Segments that are there, ascending.
pub(super) fn segments(layout: &Layout) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> =
        files::files_of(&layout.log)?.iter().filter_map(|p| layout::segment_number(p)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// What a segment begins with.
fn opening(segment: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&layout::SEGMENT_MAGIC);
    bytes[8..].copy_from_slice(&segment.to_le_bytes());
    bytes
}

/// The whole path of a segment, for messages.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
