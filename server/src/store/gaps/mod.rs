//! Why samples are missing: stretches of time, each with its cause and whom it concerns.
//!
//! Invariant: gaps of one collector and one cause that are less than a minute apart are one gap, and there are never more than
//! [`MOST`]: what fails every other second makes no rows.
//! Invariant: noting a gap touches memory alone; the disk is written to by [`Gaps::tend`], once a minute while something
//! fails, and when a failure begins and ends.
//! May not know: who finds out that samples are missing, and how.

mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use app::model::{Cause, Gap, KnownGap, Timestamp};
use parking_lot::Mutex;

use super::layout::Layout;
use super::{OpenError, files};
pub(super) use file::{Unreadable, read};

/// Closer than this, two gaps of one kind are one.
const APART: Duration = Duration::from_secs(60);
/// What lasts is written so often.
const PROLONG_EVERY: Duration = Duration::from_secs(60);
/// Beginnings and ends are written no more often than this.
const WRITE_AT_MOST_EVERY: Duration = Duration::from_secs(5);
/// So many gaps are kept; the oldest go first.
const MOST: usize = 2000;
/// What is kept of a message, in characters.
const MOST_DETAIL: usize = 500;

/// Every gap that is kept. Shared by reference.
#[derive(Debug, Default)]
pub struct Gaps {
    /// None: in memory alone.
    path: Option<PathBuf>,
    kept: Mutex<Kept>,
    /// Held while the file is written, so that an older state never comes after a newer one.
    writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By collector and cause, ascending and apart.
    rows: BTreeMap<(Option<String>, Cause), Vec<Row>>,
    changes: Changes,
    written: Option<Timestamp>,
    /// What the disk said the last time, where it refused.
    refused: Option<String>,
}

#[derive(Debug)]
struct Row {
    from: Timestamp,
    to: Timestamp,
    detail: Option<String>,
}

/// What the file does not have yet.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Changes {
    any: bool,
    /// A gap has begun.
    begun: bool,
    /// Something has changed since the last look.
    lately: bool,
}

/// What became of the file when it was read at the start.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// For whoever looks after it, a sentence each.
    pub(super) notes: Vec<String>,
    /// Where a damaged one is kept.
    pub(super) damaged: Option<PathBuf>,
}

impl Gaps {
    /// Those of a data folder, as far as they can be read.
    pub(super) fn open(layout: &Layout) -> Result<(Self, Found), OpenError> {
        let fail = |because| OpenError::Io { path: layout.told(&layout.gaps), because };
        let (mut kept, mut found) = (Kept::default(), Found::default());
        match std::fs::read(&layout.gaps) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(fail(error)),
            Ok(bytes) => {
                let outcome = read(&bytes, |gap| kept.note(gap));
                match outcome {
                    Ok(()) => {}
                    Err(Unreadable::Newer(format)) => {
                        return Err(OpenError::Newer { path: layout.told(&layout.gaps), format });
                    }
                    Err(Unreadable::Damaged(says)) => {
                        let aside = files::move_into(&layout.gaps, &layout.damaged).map_err(fail)?;
                        found.notes.push(format!(
                            "the record of why samples are missing is damaged ({says}): {} gaps of it are left; it is kept as `{}`",
                            kept.len(),
                            layout.told(&aside).display()
                        ));
                        found.damaged = Some(aside);
                    }
                }
            }
        }
        // What was read needs no writing, unless its file has gone.
        let is_missing = found.damaged.is_some();
        kept.changes = Changes { any: is_missing, begun: is_missing, lately: false };
        Ok((Self { path: Some(layout.gaps.clone()), kept: Mutex::new(kept), writing: Mutex::default() }, found))
    }

    /// Takes a gap, or that one lasts: called again with a later end, it grows.
    pub fn note(&self, gap: KnownGap) {
        self.kept.lock().note(gap);
    }

    /// Those that reach into a range, ascending by their beginning.
    #[must_use]
    pub fn within(&self, start: Timestamp, end: Timestamp) -> Vec<KnownGap> {
        self.kept.lock().told(|row| row.to > start && row.from < end)
    }

    /// Forgets what ended before `oldest`, and writes what has changed where it is time to. It may block.
    pub(super) fn tend(&self, now: Timestamp, oldest: Timestamp) {
        let mut kept = self.kept.lock();
        kept.forget(oldest);
        let due = kept.is_due(now);
        drop(kept);
        if due {
            self.write(now);
        }
    }

    /// Writes what is left.
    pub(super) fn close(&self) {
        let kept = self.kept.lock();
        let (any, written) = (kept.changes.any, kept.written.unwrap_or(Timestamp::MIN));
        drop(kept);
        if any {
            self.write(written);
        }
    }

    /// Why what has changed is in memory alone, though there is a disk; none where all is well. It is tried again and again.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.kept.lock().refused.clone()
    }

    fn write(&self, now: Timestamp) {
        let Some(path) = &self.path else { return };
        let _writing = self.writing.lock();
        let mut kept = self.kept.lock();
        let (all, before) = (kept.told(|_| true), std::mem::take(&mut kept.changes));
        // Where it fails too: a disk that refuses is not asked every second.
        kept.written = Some(now);
        drop(kept);
        let written =
            file::bytes(&all).and_then(|bytes| files::write_whole(path, |out| io::Write::write_all(out, &bytes)));
        let mut kept = self.kept.lock();
        if written.is_err() {
            (kept.changes.any, kept.changes.begun) = (true, kept.changes.begun || before.begun);
        }
        kept.refused = written.err().map(|because| because.to_string());
    }
}

impl Kept {
    fn len(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }

    /// Those that are wanted, ascending by their beginning.
    fn told(&self, wanted: impl Fn(&Row) -> bool) -> Vec<KnownGap> {
        let mut all = Vec::new();
        for ((collector, cause), rows) in &self.rows {
            all.extend(rows.iter().filter(|row| wanted(row)).map(|row| KnownGap {
                gap: Gap { from: row.from, to: row.to, cause: *cause },
                collector: collector.clone(),
                detail: row.detail.clone(),
            }));
        }
        all.sort_by_key(|known| (known.gap.from, known.gap.to));
        all
    }

    fn note(&mut self, known: KnownGap) {
        let KnownGap { gap: Gap { mut from, mut to, cause }, collector, detail } = known;
        if from > to {
            return;
        }
        let mut detail = detail.map(|detail| detail.chars().take(MOST_DETAIL).collect::<String>());
        let rows = self.rows.entry((collector, cause)).or_default();
        // Those that are near are one with it: they lie side by side.
        let first = rows.partition_point(|row| row.to + APART < from);
        let behind = rows.partition_point(|row| row.from <= to + APART);
        let near = rows.get(first..behind).unwrap_or_default();
        let changed = match near {
            [one] => from < one.from || to > one.to || (to >= one.to && detail.is_some() && detail != one.detail),
            _ => true,
        };
        if !changed {
            return;
        }
        self.changes.begun |= near.is_empty();
        (self.changes.any, self.changes.lately) = (true, true);
        for row in rows.drain(first..behind) {
            // What was said last counts.
            if row.to > to || detail.is_none() {
                detail = row.detail.or(detail);
            }
            (from, to) = (from.min(row.from), to.max(row.to));
        }
        rows.insert(first, Row { from, to, detail });
        if self.len() > MOST {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.rows.iter_mut().filter(|(_, rows)| !rows.is_empty());
        if let Some((_, rows)) = oldest.min_by_key(|(_, rows)| rows.first().map(|row| row.to)) {
            rows.remove(0);
        }
    }

    fn forget(&mut self, oldest: Timestamp) {
        let before = self.len();
        self.rows.retain(|_, rows| {
            rows.retain(|row| row.to >= oldest);
            !rows.is_empty()
        });
        self.changes.any |= self.len() < before;
    }

    /// A beginning and an end are due soon, what lasts once a minute.
    fn is_due(&mut self, now: Timestamp) -> bool {
        let Changes { any, begun, lately } = self.changes;
        self.changes.lately = false;
        // Where the clock was set back, it is due too.
        let ago = self.written.filter(|written| *written <= now).map(|written| now.since(written));
        let apart = if begun || !lately { WRITE_AT_MOST_EVERY } else { PROLONG_EVERY };
        any && ago.is_none_or(|ago| ago >= apart)
    }
}
