//! Which parts of a range come from windows, and which from points.
//!
//! Invariant: windows are taken where they are what the points would give, and where the points have gone by age.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;

use super::Window;
use crate::store::Store;
use crate::store::block::{Block, BlockError, DAY_MS, Tier};
use crate::store::head::Bounds;
use crate::store::sketch::pack as sketch;

/// A part of a range, in milliseconds, and where its values come from.
#[derive(Debug, Clone)]
pub(in crate::store) struct Part {
    pub(in crate::store) range: Range<i64>,
    /// A block of windows, whole ones; none: points.
    pub(in crate::store) windows: Option<Arc<Block>>,
}

/// Every day of one tier.
#[derive(Debug)]
pub(in crate::store) struct Days {
    width: i64,
    days: Vec<Day>,
    /// Points that are older cannot be had any more.
    points_from: i64,
    /// Windows that are older are not kept.
    windows_from: i64,
}

#[derive(Debug)]
struct Day {
    /// Since the epoch.
    day: i64,
    block: Arc<Block>,
    /// No point has come since that it has not, and all of it can be read.
    is_whole: bool,
}

/// The tiers whose windows lie within those of `step`, the widest first. Without a step any do.
///
/// The bounds of series in memory are to be had before: what is sealed meanwhile is then seen in blocks.
pub(in crate::store) fn tiers(store: &Store, step: Option<Duration>) -> Vec<Days> {
    fitting(store, step, [Tier::Hour, Tier::Minute])
}

/// As [`tiers`], of how points are spread.
pub(in crate::store) fn spread_tiers(store: &Store, step: Option<Duration>) -> Vec<Days> {
    fitting(store, step, [Tier::HourSpread, Tier::MinuteSpread])
}

fn fitting(store: &Store, step: Option<Duration>, tiers: [Tier; 2]) -> Vec<Days> {
    let fits = |tier: &Tier| {
        let width = tier.width_ms().unwrap_or(i64::MAX).unsigned_abs();
        step.is_none_or(|step| step.subsec_nanos() == 0 && step.as_millis() % u128::from(width) == 0 && !step.is_zero())
    };
    tiers.into_iter().filter(fits).filter_map(|tier| Days::of(store, tier)).collect()
}

/// `range` in parts, ascending.
pub(in crate::store) fn parts(tiers: &[Days], number: u32, series: &Bounds, range: Range<i64>, out: &mut Vec<Part>) {
    if range.is_empty() {
        return;
    }
    let Some((widest, others)) = tiers.split_first() else {
        out.push(Part { range, windows: None });
        return;
    };
    let mut at = range.start;
    for (part, block) in widest.cover(number, series, &range) {
        parts(others, number, series, at..part.start, out);
        at = part.end;
        out.push(Part { range: part, windows: Some(block) });
    }
    parts(others, number, series, at..range.end, out);
}

impl Days {
    /// None where there are no such blocks.
    pub(in crate::store) fn of(store: &Store, tier: Tier) -> Option<Self> {
        let width = tier.width_ms()?;
        let list = store.blocks.list();
        let mut newest: BTreeMap<i64, u64> = BTreeMap::new();
        for block in list.iter().filter(|block| block.tier() == Tier::Raw) {
            let known = newest.entry(block.day()).or_default();
            *known = block.sequence().max(*known);
        }
        // Ascending by sequence: the last one of a day counts.
        let of_tier = list.iter().filter(|block| block.tier() == tier);
        let days = of_tier.flat_map(|block| (block.day()..=block.last_day()).map(move |day| (day, block)));
        let blocks: BTreeMap<i64, &Arc<Block>> = days.collect();
        let day = |(day, block): (i64, &Arc<Block>)| {
            let is_stale = newest.get(&day).is_some_and(|&newest| newest > block.made_of());
            Day { day, block: Arc::clone(block), is_whole: !is_stale && block.damaged() == 0 }
        };
        let days: Vec<_> = blocks.into_iter().map(day).collect();
        let (points_from, windows_from) = (store.needed().as_millis(), store.windows_floor(tier).as_millis());
        (!days.is_empty()).then_some(Self { width, days, points_from, windows_from })
    }

    /// The ranges within `range`, ascending, in whole windows, that come from a block of windows. A series that a block does not have
    /// had too few points to be summed up, or none.
    pub(in crate::store) fn cover(
        &self,
        number: u32,
        series: &Bounds,
        range: &Range<i64>,
    ) -> Vec<(Range<i64>, Arc<Block>)> {
        let mut found: Vec<(Range<i64>, Arc<Block>)> = Vec::new();
        for Day { day, block, is_whole } in &self.days {
            let end = range.end.min((day + 1) * DAY_MS).min(block.until());
            let end = end.min(series.end_in(block.made_of(), Timestamp::MAX).as_millis());
            // Where points have gone, a block that is not whole is all there is.
            let end = if *is_whole { end } else { end.min(up(self.points_from, self.width)) };
            let end = down(series.first.map_or(end, |first| end.min(first)), self.width);
            let begin = range.start.max(day * DAY_MS).max(self.windows_from).max(series.floor.as_millis());
            let begin = up(begin, self.width);
            if begin >= end || !block.has(number) {
                continue;
            }
            match found.last_mut() {
                // Days of one block are read at one go.
                Some((before, of)) if before.end == begin && Arc::ptr_eq(of, block) => before.end = end,
                _ => found.push((begin..end, Arc::clone(block))),
            }
        }
        found
    }

    /// A range that is cut within a window whose points have gone is widened to all of it: there is nothing narrower.
    pub(in crate::store) fn widen(&self, start: Timestamp, end: Timestamp) -> (Timestamp, Timestamp) {
        let (first, last) = (down(start.as_millis(), self.width), up(end.as_millis().saturating_add(1), self.width));
        let start = if up(start.as_millis(), self.width) <= self.points_from { first } else { start.as_millis() };
        let end = if last <= self.points_from { last.saturating_sub(1) } else { end.as_millis() };
        (Timestamp::from_millis(start), Timestamp::from_millis(end))
    }
}

/// Appends the windows of a series that begin in a range. What is damaged is left out and counted by the block.
pub(in crate::store) fn windows(block: &Block, series: u32, range: &Range<i64>, out: &mut Vec<Window>) {
    let (before, mut scratch) = (out.len(), Vec::new());
    for chunk in block.chunks(series) {
        if chunk.first.as_millis() < range.end && chunk.last.as_millis() >= range.start {
            drop(block.read_windows(&chunk, &mut scratch, out));
        }
    }
    let mut at = 0;
    out.retain(|(start, _)| {
        at += 1;
        at <= before || range.contains(start)
    });
}

/// As [`windows`], of how their points are spread.
pub(in crate::store) fn spread(block: &Block, series: u32, range: &Range<i64>) -> Vec<sketch::Window> {
    let (mut scratch, mut out) = (Vec::new(), Vec::new());
    for chunk in block.chunks(series) {
        if chunk.first.as_millis() < range.end && chunk.last.as_millis() >= range.start {
            drop(block.read_spread(&chunk, &mut scratch, &mut out));
        }
    }
    out.retain(|(start, _)| range.contains(start));
    out
}

/// Appends the windows of a series that end at `last` or before.
///
/// # Errors
/// Where a chunk cannot be read. The others are read.
pub(super) fn windows_until(
    block: &Block,
    series: u32,
    last: Timestamp,
    out: &mut Vec<Window>,
) -> Result<(), BlockError> {
    let (mut scratch, mut read) = (Vec::new(), Ok(()));
    for chunk in block.chunks(series) {
        read = read.and(block.read_windows(&chunk, &mut scratch, out));
    }
    let width = block.tier().width_ms().unwrap_or(0);
    out.retain(|(start, _)| start + width - 1 <= last.as_millis());
    read
}

fn down(time: i64, width: i64) -> i64 {
    time.div_euclid(width).saturating_mul(width)
}

fn up(time: i64, width: i64) -> i64 {
    let begin = down(time, width);
    if begin == time { begin } else { begin.saturating_add(width) }
}
