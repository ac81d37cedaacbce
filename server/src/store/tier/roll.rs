//! From the points of a day to its minutes, and from these to its hours, one series after the other.
//!
//! Invariant: a window that was summed up is kept when points of it have gone by age; only a clock that is set back undoes it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use app::model::Timestamp;

use super::read::windows_until;
use super::{Window, tidy, wider, windows_of};
use crate::store::Store;
use crate::store::block::{Block, BlockError, BlockWriter, DAY_MS, Tier};
use crate::store::catalog::Entry;
use crate::store::columns::Columns;
use crate::store::cut::put;
use crate::store::head::{Glance, WINDOW};
use crate::store::query::BlockReader;

const HOUR_MS: i64 = 3_600_000;

/// Of which points the windows of a block are.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct MadeOf {
    /// The highest sequence of their blocks.
    pub(in crate::store) newest: u64,
    /// All are earlier, in milliseconds.
    pub(in crate::store) until: i64,
}

/// The end of the last whole hour for which nothing late is waited for at `now`, in milliseconds.
pub(in crate::store) fn over(now: Timestamp) -> i64 {
    hour_of(now - WINDOW)
}

/// When the hour of a moment begins, in milliseconds.
pub(in crate::store) fn hour_of(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(HOUR_MS).saturating_mul(HOUR_MS)
}

impl Store {
    /// Sums up each day that begins before a moment and whose points have changed since it was done last, as far as whole hours are
    /// [`over`] at `now`. Only who tends the store may call it.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(in crate::store) fn roll_up(&self, now: Timestamp, before: Timestamp) -> io::Result<()> {
        let (over, oldest) = (over(now), (now - self.limits.read().max_tier_age).as_millis());
        for (day, points) in self.days() {
            let (begin, end) = (day * DAY_MS, (day + 1) * DAY_MS);
            let until = over.min(end);
            if until <= begin || end <= oldest || before.as_millis() <= begin {
                continue;
            }
            let newest = points.iter().map(|block| block.sequence()).max().unwrap_or(0);
            let last = points.iter().map(|block| block.last().as_millis()).max().unwrap_or(begin);
            let is_done = |tier| {
                self.windows_of_day(tier, day).last().is_some_and(|block| {
                    let is_whole = block.until() >= until || block.until() > last;
                    block.damaged() == 0 && block.made_of() >= newest && is_whole
                })
            };
            if !is_done(Tier::Minute) || !is_done(Tier::Hour) {
                self.sum_up(day, &points, MadeOf { newest, until })?;
            }
        }
        Ok(())
    }

    /// Writes the minutes and hours of a day anew.
    pub(in crate::store) fn sum_up(&self, day: i64, points: &[Arc<Block>], of: MadeOf) -> io::Result<()> {
        let before = self.windows_of_day(Tier::Minute, day);
        let old = before.last().map(|block| &**block);
        let of = MadeOf { until: old.map_or(of.until, |old| old.until().max(of.until)), ..of };
        let mut present: BTreeSet<u32> = points.iter().flat_map(|block| block.series()).collect();
        present.extend(old.into_iter().flat_map(Block::series));
        let (mut reader, mut columns) = (BlockReader::default(), Columns::default());
        let last = Timestamp::from_millis(of.until - 1);
        let minutes = self.write_day(Tier::Minute, day, &present, of, |entry, glance| {
            columns.clear();
            for block in points {
                let end = glance.end_in(block.sequence(), last);
                reader.read(block, entry.number, glance.floor(), end, &mut columns);
            }
            let mut windows = windows_of(Tier::Minute, columns.iter());
            if let Some(old) = old {
                let mut known = Vec::new();
                let end = glance.end_in(old.made_of(), Timestamp::MAX);
                // What is damaged there is left out and told by the block.
                drop(windows_until(old, entry.number, end, &mut known));
                keep(&mut windows, known);
            }
            Ok(windows)
        })?;
        self.put_in_place(Tier::Minute, day, minutes.clone())?;
        // Hours are made of minutes: their sums round alike then, and they outlive the points as minutes do.
        let hours = minutes.map(|minutes| {
            let present = minutes.series().collect();
            self.write_day(Tier::Hour, day, &present, of, |entry, _| {
                let mut windows = Vec::new();
                windows_until(&minutes, entry.number, Timestamp::MAX, &mut windows).map_err(io::Error::other)?;
                Ok(wider(Tier::Hour, &windows))
            })
        });
        self.put_in_place(Tier::Hour, day, hours.transpose()?.flatten())
    }

    fn put_in_place(&self, tier: Tier, day: i64, come: Option<Arc<Block>>) -> io::Result<()> {
        let gone = self.windows_of_day(tier, day);
        self.blocks.replace(&gone, come.into_iter().collect());
        self.discard(&gone)
    }

    /// One, or more where a crash has left those before; the newest is the last.
    pub(in crate::store) fn windows_of_day(&self, tier: Tier, day: i64) -> Vec<Arc<Block>> {
        self.blocks.list().iter().filter(|block| block.tier() == tier && block.day() == day).cloned().collect()
    }

    /// A block with the windows that `of_series` finds; none where it finds none at all.
    fn write_day(
        &self,
        tier: Tier,
        day: i64,
        present: &BTreeSet<u32>,
        of: MadeOf,
        of_series: impl FnMut(&Entry, &Glance) -> io::Result<Vec<Window>>,
    ) -> io::Result<Option<Arc<Block>>> {
        let sequence = self.blocks.next_sequence();
        let block = put(self.disk.as_ref(), (tier, day, sequence), |out| {
            let writer = BlockWriter::new(out, tier, sequence).made_of(of.newest, of.until);
            self.write_windows(writer, present, of_series)
        })?;
        let nothing = block.series().next().is_none();
        if nothing { self.discard(&[block]).map(|()| None) } else { Ok(Some(block)) }
    }

    /// Gives the numbers of the series that have windows.
    fn write_windows(
        &self,
        mut writer: BlockWriter<impl Write>,
        present: &BTreeSet<u32>,
        mut of_series: impl FnMut(&Entry, &Glance) -> io::Result<Vec<Window>>,
    ) -> io::Result<Vec<u32>> {
        let mut written = Vec::new();
        for (metric, mut series) in self.catalog.read().families() {
            series.retain(|entry| present.contains(&entry.number));
            series.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
            for entry in series {
                let glance = entry.head.lock().look();
                let mut windows = of_series(&entry, &glance)?;
                tidy(&mut windows);
                if !windows.is_empty() {
                    written.push(entry.number);
                }
                writer.windows(&metric, &entry.tags, &windows)?;
            }
        }
        writer.finish()?;
        Ok(written)
    }
}

/// Of a window that was summed up before, what is of more points counts: where there are fewer now, some have gone by age or are
/// damaged. As many may have been corrected.
fn keep(windows: &mut Vec<Window>, known: Vec<Window>) {
    for (start, summary) in known {
        match windows.binary_search_by_key(&start, |(start, _)| *start) {
            Ok(at) => {
                if let Some((_, new)) = windows.get_mut(at).filter(|(_, new)| new.count < summary.count) {
                    *new = summary;
                }
            }
            Err(at) => windows.insert(at, (start, summary)),
        }
    }
}

/// As [`windows_until`] has it, an error of the disk is one of the disk.
impl From<BlockError> for io::Error {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::Io(error) => error,
            other => Self::other(other),
        }
    }
}
