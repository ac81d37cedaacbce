//! From the points of a day to its minutes, and from these to its hours, one series after the other.
//!
//! Invariant: a window that was summed up is kept when points of it have gone by age; only a clock that is set back undoes it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use app::model::{Metric, Timestamp};

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

/// Which windows are worth their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Which {
    /// Those that spare a reader [`DENSE`] points each, and those that were written before.
    Dense,
    /// All: the points are about to go.
    All,
}

/// Of a series with fewer points in a window, these are read about as quickly, and its windows would take more bytes than they do.
const DENSE: usize = 20;

impl Store {
    /// Sums up each day whose points have changed since it was done last, as far as whole hours are [`over`] at `now`; of days that
    /// begin before `going`, all there is. Only who tends the store may call it.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(in crate::store) fn roll_up(&self, now: Timestamp, going: Option<Timestamp>) -> io::Result<()> {
        let limits = *self.limits.read();
        let over = over(now);
        let which = if going.is_some() { Which::All } else { Which::Dense };
        for (day, points) in self.days() {
            let (begin, end) = (day * DAY_MS, (day + 1) * DAY_MS);
            let until = over.min(end);
            let is_kept = |tier| end > (now - limits.age(tier)).max(self.windows_floor(tier)).as_millis();
            let goes = going.is_none_or(|going| begin < going.as_millis());
            if until <= begin || !goes || !(is_kept(Tier::Minute) || is_kept(Tier::Hour)) {
                continue;
            }
            let of = MadeOf { newest: newest(&points), until };
            if !self.is_summed_up(day, &points, of, which, is_kept(Tier::Minute)) {
                self.sum_up(day, &points, of, which)?;
            }
        }
        Ok(())
    }

    /// Minutes are written before hours: where these are there, so are those that are worth it.
    fn is_summed_up(&self, day: i64, points: &[Arc<Block>], of: MadeOf, which: Which, with_minutes: bool) -> bool {
        let last = points.iter().map(|block| block.last().as_millis()).max().unwrap_or(i64::MIN);
        let is_fresh = |block: &Arc<Block>| {
            let is_whole = block.until() >= of.until || block.until() > last;
            block.damaged() == 0 && block.made_of() >= of.newest && is_whole
        };
        let has_all = |block: &Arc<Block>| points.iter().flat_map(|of_points| of_points.series()).all(|n| block.has(n));
        let (minutes, hours) =
            (self.windows_of_day(Tier::Minute, day).pop(), self.windows_of_day(Tier::Hour, day).pop());
        match which {
            Which::Dense => hours.is_some_and(|block| is_fresh(&block)) && minutes.is_none_or(|block| is_fresh(&block)),
            Which::All => {
                let is_there =
                    |block: Option<Arc<Block>>| block.is_some_and(|block| is_fresh(&block) && has_all(&block));
                is_there(hours) && (!with_minutes || is_there(minutes)) && self.has_spread(day, points, with_minutes)
            }
        }
    }

    /// Writes the minutes and hours of a day anew.
    pub(in crate::store) fn sum_up(&self, day: i64, points: &[Arc<Block>], of: MadeOf, which: Which) -> io::Result<()> {
        let (old_minutes, old_hours) =
            (self.windows_of_day(Tier::Minute, day).pop(), self.windows_of_day(Tier::Hour, day).pop());
        let of = [&old_minutes, &old_hours].into_iter().flatten().fold(of, |of, old| MadeOf {
            newest: of.newest.max(old.made_of()),
            until: of.until.max(old.until().min((day + 1) * DAY_MS)),
        });
        let mut present: BTreeSet<u32> = points.iter().flat_map(|block| block.series()).collect();
        present.extend(old_minutes.iter().flat_map(|block| block.series()));
        present.extend(old_hours.iter().flat_map(|block| block.series()));
        let (mut reader, mut columns) = (BlockReader::default(), Columns::default());
        let last = Timestamp::from_millis(of.until - 1);
        let mut summed = |entry: &Entry, glance: &Glance| {
            columns.clear();
            for block in points {
                let end = glance.end_in(block.sequence(), last);
                reader.read(block, entry.number, glance.floor(), end, &mut columns);
            }
            windows_of(Tier::Minute, columns.iter())
        };
        let minutes = self.write_day(Tier::Minute, day, &present, of, |entry, glance| {
            let known = old_minutes.as_deref().map_or_else(Vec::new, |old| known(old, day, entry, glance));
            Ok(worth_it(summed(entry, glance), known, which))
        })?;
        self.put_in_place(Tier::Minute, day, minutes.clone())?;
        // Hours are made of minutes, written or not: their sums round alike then.
        let hours = self.write_day(Tier::Hour, day, &present, of, |entry, glance| {
            let minutes = match minutes.as_deref().filter(|block| block.has(entry.number)) {
                Some(block) => {
                    let mut windows = Vec::new();
                    windows_until(block, entry.number, Timestamp::MAX, &mut windows).map_err(io::Error::other)?;
                    windows
                }
                None => summed(entry, glance),
            };
            let known = old_hours.as_deref().map_or_else(Vec::new, |old| known(old, day, entry, glance));
            Ok(worth_it(wider(Tier::Hour, &minutes), known, which))
        })?;
        self.put_in_place(Tier::Hour, day, hours)?;
        self.sum_up_spread(day, points, of, &present)
    }

    pub(super) fn put_in_place(&self, tier: Tier, day: i64, come: Option<Arc<Block>>) -> io::Result<()> {
        let mut gone = self.windows_of_day(tier, day);
        // One of several days has the others still.
        gone.retain(|block| block.day() == block.last_day());
        self.blocks.replace(&gone, come.into_iter().collect());
        self.discard(&gone)
    }

    /// One, or more: what a crash has left, or one of several days and a later one of this day. The last one counts.
    pub(in crate::store) fn windows_of_day(&self, tier: Tier, day: i64) -> Vec<Arc<Block>> {
        let has = |block: &&Arc<Block>| block.tier() == tier && (block.day()..=block.last_day()).contains(&day);
        self.blocks.list().iter().filter(has).cloned().collect()
    }

    /// A block with the windows that `of_series` finds; none where it finds none at all.
    pub(super) fn write_day(
        &self,
        tier: Tier,
        day: i64,
        present: &BTreeSet<u32>,
        of: MadeOf,
        mut of_series: impl FnMut(&Entry, &Glance) -> io::Result<Vec<Window>>,
    ) -> io::Result<Option<Arc<Block>>> {
        let sequence = self.blocks.next_sequence();
        let block = put(self.disk.as_ref(), (tier, day, sequence), |out| {
            let writer = BlockWriter::new(out, tier, sequence).made_of(of.newest, of.until);
            self.write_series(writer, present, |writer, metric, entry, glance| {
                let mut windows = of_series(entry, glance)?;
                tidy(&mut windows);
                writer.windows(metric, &entry.tags, &windows)?;
                Ok(!windows.is_empty())
            })
        })?;
        self.unless_empty(block)
    }

    /// None, and it is gone, where a block has nothing.
    pub(super) fn unless_empty(&self, block: Arc<Block>) -> io::Result<Option<Arc<Block>>> {
        let nothing = block.series().next().is_none();
        if nothing { self.discard(&[block]).map(|()| None) } else { Ok(Some(block)) }
    }

    /// Gives the numbers of the series of which `write` has written something.
    pub(super) fn write_series<W: Write>(
        &self,
        mut writer: BlockWriter<W>,
        present: &BTreeSet<u32>,
        mut write: impl FnMut(&mut BlockWriter<W>, &Metric, &Entry, &Glance) -> io::Result<bool>,
    ) -> io::Result<Vec<u32>> {
        let mut written = Vec::new();
        for (metric, mut series) in self.catalog.read().families() {
            series.retain(|entry| present.contains(&entry.number));
            series.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
            for entry in series {
                let glance = entry.head.lock().look();
                if write(&mut writer, &metric, &entry, &glance)? {
                    written.push(entry.number);
                }
            }
        }
        writer.finish()?;
        Ok(written)
    }
}

/// The highest sequence of blocks.
pub(in crate::store) fn newest(blocks: &[Arc<Block>]) -> u64 {
    blocks.iter().map(|block| block.sequence()).max().unwrap_or(0)
}

/// What a block has of a series and a day, but for what a clock that was set back undoes.
fn known(block: &Block, day: i64, entry: &Entry, glance: &Glance) -> Vec<Window> {
    let mut known = Vec::new();
    let end = glance.end_in(block.made_of(), Timestamp::MAX);
    // What is damaged there is left out and told by the block.
    drop(windows_until(block, entry.number, end, &mut known));
    known.retain(|(start, _)| start.div_euclid(DAY_MS) == day);
    known
}

/// What is written of `windows`. Of one that was summed up before, what is of more points counts: where there are fewer now, some have
/// gone by age or are damaged. As many may have been corrected.
fn worth_it(mut windows: Vec<Window>, known: Vec<Window>, which: Which) -> Vec<Window> {
    let points: u64 = windows.iter().map(|(_, summary)| summary.count).sum();
    if which == Which::Dense && known.is_empty() && points < (windows.len() * DENSE) as u64 {
        return Vec::new();
    }
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
    windows
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
