//! Windows of a series, and in which ranges they are what its points would give.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use app::model::Timestamp;

use super::Window;
use crate::store::Store;
use crate::store::block::{Block, DAY_MS, Tier};
use crate::store::catalog::Entry;
use crate::store::columns::Columns;

/// The windows of a series that begin from `start` until before `end`, in the place of what is in `out`.
pub(in crate::store) fn windows(store: &Store, entry: &Entry, tier: Tier, range: Range<i64>, out: &mut Vec<Window>) {
    out.clear();
    let mut scratch = Vec::new();
    for block in days_of(store, tier).values() {
        for chunk in block.chunks(entry.number) {
            if chunk.first.as_millis() < range.end && chunk.last.as_millis() >= range.start {
                // What is damaged is left out and counted by the block.
                drop(block.read_windows(&chunk, &mut scratch, out));
            }
        }
    }
    out.retain(|(start, _)| range.contains(start));
}

/// The ranges within `range`, ascending, in whole windows, in which [`windows`] gives exactly what the points would.
pub(in crate::store) fn covered(store: &Store, entry: &Entry, tier: Tier, range: Range<i64>) -> Vec<Range<i64>> {
    let Some(width) = tier.width_ms() else { return Vec::new() };
    // Memory first, then blocks, as where points are read.
    let glance = entry.head.lock().look();
    let points = store.days();
    let mut in_memory = Columns::default();
    glance.read(Timestamp::MIN, Timestamp::MAX, &mut in_memory);
    let mut known = in_memory.times.first().copied().unwrap_or(i64::MAX);
    let mut ranges = Vec::new();
    for (&day, block) in &days_of(store, tier) {
        if block.damaged() > 0 {
            continue;
        }
        let stale = points.get(&day).is_some_and(|blocks| blocks.iter().any(|b| b.sequence() > block.made_of()));
        if stale {
            continue;
        }
        known = known.min(glance.end_in(block.made_of(), Timestamp::MAX).as_millis());
        let begin = range.start.max(day * DAY_MS).max(glance.floor().as_millis());
        let end = range.end.min(block.until()).min(known);
        let (begin, end) = (
            begin.div_euclid(width) * width + if begin.rem_euclid(width) > 0 { width } else { 0 },
            end.div_euclid(width) * width,
        );
        if begin < end {
            ranges.push(begin..end);
        }
    }
    ranges
}

/// Of each day the newest block: a crash may have left the one before.
fn days_of(store: &Store, tier: Tier) -> BTreeMap<i64, Arc<Block>> {
    store.blocks.list().iter().filter(|b| b.tier() == tier).map(|b| (b.day(), Arc::clone(b))).collect()
}
