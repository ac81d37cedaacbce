//! The thread that writes the log.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::time::Instant;

use super::{ENOUGH, Shared, opening};
use crate::store::files;
use crate::store::layout::Layout;

/// Bytes that wait, segment by segment.
type Waiting = VecDeque<(u64, Vec<u8>)>;

/// A new segment, empty but for its opening, and safe on the disk.
pub(super) fn create(layout: &Layout, segment: u64) -> io::Result<File> {
    let path = layout.segment(segment);
    let mut file = files::create_new(&path)?;
    file.write_all(&opening(segment))?;
    file.sync_all()?;
    files::sync_folder_of(&path)?;
    Ok(file)
}

/// Writes what waits, until the log is closed, breaks or is given to another thread.
pub(super) fn work(shared: &Shared, layout: &Layout, worker: u64, mut open: (u64, File)) {
    while let Some((batch, appended)) = next(shared, worker) {
        let written = write(layout, &mut open, &batch);
        let mut state = shared.state.lock();
        if state.worker != worker {
            return;
        }
        match written {
            Ok(()) => {
                state.durable = appended;
                // The buffer is used again, unless it is a giant.
                let spare = batch.into_iter().next_back().map(|(of, mut bytes)| {
                    bytes.clear();
                    (of, bytes)
                });
                if let Some(spare) = spare.filter(|(of, bytes)| *of == state.segment && bytes.capacity() <= 2 * ENOUGH)
                    && state.waiting.is_empty()
                {
                    state.waiting.push_back(spare);
                }
            }
            Err(error) => state.give_up(error.to_string()),
        }
        shared.done.notify_all();
    }
}

/// What is to be written next, and how much has been appended with it.
fn next(shared: &Shared, worker: u64) -> Option<(Waiting, u64)> {
    let mut state = shared.state.lock();
    let mut due: Option<Instant> = None;
    loop {
        if state.worker != worker || state.broken.is_some() {
            return None;
        }
        let something = state.waiting_bytes > 0;
        let now = Instant::now();
        let enough = state.hurry || state.stop || state.waiting_bytes >= ENOUGH;
        if something && (enough || *due.get_or_insert(now + state.every) <= now) {
            state.hurry = false;
            state.waiting_bytes = 0;
            return Some((std::mem::take(&mut state.waiting), state.appended));
        }
        if state.stop {
            return None;
        }
        state.hurry = false;
        match due {
            Some(due) => drop(shared.work.wait_until(&mut state, due)),
            None => shared.work.wait(&mut state),
        }
    }
}

fn write(layout: &Layout, open: &mut (u64, File), batch: &Waiting) -> io::Result<()> {
    for (segment, bytes) in batch {
        if bytes.is_empty() {
            continue;
        }
        if *segment != open.0 {
            open.1.sync_data()?;
            *open = (*segment, create(layout, *segment)?);
        }
        open.1.write_all(bytes)?;
    }
    open.1.sync_data()
}
