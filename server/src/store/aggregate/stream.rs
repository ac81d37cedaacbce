//! Aggregating as points are read: a series at a time, a day at a time, so that no more of them is in memory.
//!
//! What minutes and hours came to is taken where that is as good as the points, and where points have gone by age. It means what
//! [`aggregate`](super::aggregate()) means, which works on points at hand; the tests hold the two against each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{available_parallelism, scope};

use app::model::{Aggregation, Kind, Metric, Point, Tags, Timestamp};

use super::lead::{Before, Lead};
use super::walk::{Found, Walk, Window, join};
use super::windows::Windows;
use super::{Plan, aggregate, unit};
use crate::store::block::{Block, DAY_MS, Tier};
use crate::store::blocks::List;
use crate::store::catalog::Entry;
use crate::store::columns::Columns;
use crate::store::head::Bounds;
use crate::store::query::SeriesReader;
use crate::store::summary::Summary;
use crate::store::tier::{self, Days, Part, parts, tiers, windows};
use crate::store::{Asker, Selection, Series, Store, StoreError};

/// Points that one question may touch: some seconds' work.
const MOST_TOUCHED: u64 = 200_000_000;
/// The same where they have to be in memory all at once, 16 bytes each.
const MOST_AT_ONCE: u64 = 10_000_000;
/// With fewer points, another thread costs more than it saves.
const WORTH_A_THREAD: u64 = 200_000;

/// Where what is asked may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From all points at once.
    AtOnce,
    /// From points, one after the other.
    Points,
    /// From points, or from what minutes and hours came to.
    Windows,
}

impl Way {
    fn of(aggregation: Aggregation) -> Self {
        match aggregation {
            Aggregation::Raw | Aggregation::Percentile(_) => Self::AtOnce,
            Aggregation::Stddev => Self::Points,
            Aggregation::Avg
            | Aggregation::Min
            | Aggregation::Max
            | Aggregation::Sum
            | Aggregation::Count
            | Aggregation::Rate
            | Aggregation::Increase
            | Aggregation::Last => Self::Windows,
        }
    }

    /// Refuses to read so many points.
    fn bear(self, points: u64) -> Result<(), StoreError> {
        let most = if self == Self::AtOnce { MOST_AT_ONCE } else { MOST_TOUCHED };
        if points > most {
            return Err(StoreError::TooMuch { points, most, steps: self == Self::Windows });
        }
        Ok(())
    }
}

/// Series that become one, with what they come to.
type Groups = BTreeMap<Tags, Found>;

impl Store {
    /// As [`Store::query`] and then [`aggregate`], without having all points in memory at once where the aggregation can do without.
    /// Growth begins at the last point before the plan, if that is not too far away for the series.
    ///
    /// # Errors
    /// As for [`Store::query`]; where the growth of what is no counter is asked for; and where too many points would have to be read.
    pub fn aggregate(&self, what: &Selection, plan: &Plan) -> Result<Vec<Series>, StoreError> {
        self.aggregate_for(&Asker::default(), what, plan)
    }

    /// As [`Store::aggregate`], for somebody who may leave.
    ///
    /// # Errors
    /// As there, and [`StoreError::Abandoned`].
    pub fn aggregate_for(&self, asker: &Asker, what: &Selection, plan: &Plan) -> Result<Vec<Series>, StoreError> {
        let threads = |touched| match usize::try_from(touched / WORTH_A_THREAD).unwrap_or(usize::MAX) {
            0 | 1 => 1,
            // To be told how many there are takes longer than many an answer: files are read for it.
            worth => worth.min(available_parallelism().map_or(1, usize::from)),
        };
        self.counted(self.aggregate_on(what, plan, threads, Lead::USUAL, asker))
    }

    /// On as many threads as `threads` says for a number of points; growth begins as far before the range as `lead` says.
    pub(super) fn aggregate_on(
        &self,
        what: &Selection,
        plan: &Plan,
        threads: impl Fn(u64) -> usize,
        lead: Lead,
        asker: &Asker,
    ) -> Result<Vec<Series>, StoreError> {
        let (metric, selected) = self.select(what)?;
        // The fall of a gauge is no reset: what was reckoned of it would be wrong.
        if plan.aggregation.is_growth() && metric.kind != Kind::Counter {
            return Err(StoreError::NotACounter(what.metric.clone()));
        }
        let way = Way::of(plan.aggregation);
        // Memory first, then blocks: what a cut moves meanwhile is then known of as newer than windows.
        let bounds: Vec<_> = selected.iter().map(|entry| entry.head.lock().bounds()).collect();
        let tiers = if way == Way::Windows { tiers(self, plan.step) } else { Vec::new() };
        let plan = &narrowed(plan, what, tiers.last());
        // Only growth looks at what is before.
        let from = if plan.aggregation.is_growth() { lead.from(plan) } else { plan.start };
        let job = |(entry, bounds): (Arc<Entry>, _)| Job {
            parts: parts_of(entry.number, bounds, &tiers, from, plan),
            entry,
            bounds,
        };
        let jobs: Vec<_> = selected.into_iter().zip(&bounds).map(job).collect();
        let touched = self.touched(&jobs);
        way.bear(touched)?;
        if let Aggregation::Percentile(percentile) = plan.aggregation {
            let selected: Vec<_> = jobs.iter().map(|job| (&job.entry, job.bounds)).collect();
            if let Some(found) = self.quantiles(asker, &metric, &selected, (plan, percentile))? {
                return Ok(found);
            }
        }
        if way == Way::AtOnce {
            let entries = jobs.iter().map(|job| &*job.entry);
            return Ok(aggregate(self.read_all(asker, &metric, entries, (what.start, what.end))?, plan));
        }
        let groups = self.groups(&jobs, &Work { plan, tiers: &tiers, lead, asker }, threads(touched))?;
        let (windows, metric) = (Windows::new(plan.step), &metric);
        let told = Metric { name: metric.name.clone(), unit: unit(metric, plan.aggregation), kind: Kind::Gauge };
        let series = |(tags, found): (Tags, Found)| {
            let value = |w: &Window| Point::new(windows.stamp(w.last), w.value(plan.aggregation));
            let points: Vec<_> = found.iter().map(value).filter(|point| point.value.is_finite()).collect();
            (!points.is_empty()).then(|| Series { metric: told.clone(), tags, points })
        };
        Ok(groups.into_iter().filter_map(series).collect())
    }

    /// How many points and windows have to be read.
    fn touched(&self, jobs: &[Job<'_>]) -> u64 {
        let blocks = self.blocks.list();
        let raw: Vec<_> = blocks.iter().filter(|block| block.tier() == Tier::Raw).collect();
        let of_points = |entry: &Entry, start: Timestamp, end: Timestamp| {
            let in_range = raw.iter().filter(|block| block.first() <= end && block.last() >= start);
            let chunks = in_range.flat_map(|block| block.chunks(entry.number));
            let sealed = chunks.filter(|chunk| chunk.first <= end && chunk.last >= start);
            let sealed: u64 = sealed.map(|chunk| u64::from(chunk.count)).sum();
            sealed + entry.head.lock().touched(start, end) as u64
        };
        let of_part = |entry: &Entry, part: &Part| match part.windows.as_ref().and_then(|block| block.tier().width_ms())
        {
            Some(width) => ((part.range.end - part.range.start) / width).unsigned_abs(),
            None => of_points(entry, Timestamp::from_millis(part.range.start), last_of(part)),
        };
        jobs.iter().map(|job| job.parts.iter().map(|part| of_part(&job.entry, part)).sum::<u64>()).sum()
    }

    /// On so many threads. Parts are joined in the order of the series, so the same question has the same answer.
    fn groups(&self, jobs: &[Job<'_>], work: &Work<'_>, threads: usize) -> Result<Groups, StoreError> {
        let part = jobs.len().div_ceil(threads).max(1);
        let mut parts = scope(|scope| {
            let groups_of = |part: &'_ [Job<'_>]| self.groups_of(part, work);
            let (first, others) = jobs.split_at(part.min(jobs.len()));
            let others: Vec<_> = others.chunks(part).map(|part| scope.spawn(move || groups_of(part))).collect();
            let mut parts = vec![groups_of(first)];
            // A panic goes on where it is answered for.
            parts.extend(
                others.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            );
            parts
        })
        .into_iter();
        let mut all = parts.next().unwrap_or_else(|| Ok(Groups::new()))?;
        for part in parts {
            for (tags, found) in part? {
                join(all.entry(tags).or_default(), found);
            }
        }
        Ok(all)
    }

    fn groups_of(&self, jobs: &[Job<'_>], work: &Work<'_>) -> Result<Groups, StoreError> {
        let Work { plan, tiers, lead, asker } = work;
        let (mut reader, mut groups) = (PartReader::new(self, asker), Groups::new());
        for Job { entry, parts, bounds } in jobs {
            let mut walk = Walk::new(plan);
            let (before, within) =
                parts.split_at(parts.partition_point(|part| part.range.end <= plan.start.as_millis()));
            before.iter().try_for_each(|part| reader.read(entry, part, &mut walk))?;
            if plan.aggregation.is_growth() && walk.before.is_none() && lead.distances > 0 {
                let last = reader.last_before(entry, bounds, tiers, plan);
                walk.before = last.filter(|last| lead.reaches(last, plan)).map(|last| last.last);
            }
            within.iter().try_for_each(|part| reader.read(entry, part, &mut walk))?;
            let found = walk.finish();
            if !found.is_empty() {
                let tags = plan.group_of(&entry.tags);
                join(groups.entry(tags).or_default(), found);
            }
        }
        Ok(groups)
    }
}

/// A series, and where what it comes to is found.
#[derive(Debug)]
struct Job<'a> {
    entry: Arc<Entry>,
    /// Ascending.
    parts: Vec<Part>,
    bounds: &'a Bounds,
}

/// What is the same for all series.
#[derive(Debug)]
struct Work<'a> {
    plan: &'a Plan,
    tiers: &'a [Days],
    lead: Lead,
    asker: &'a Asker,
}

/// Reads one part after the other, with the same buffers.
#[derive(Debug)]
struct PartReader<'a> {
    asker: &'a Asker,
    blocks: List,
    points: SeriesReader<'a>,
    columns: Columns,
    windows: Vec<tier::Window>,
}

impl<'a> PartReader<'a> {
    fn new(store: &'a Store, asker: &'a Asker) -> Self {
        let points = SeriesReader::of_all_that_is_needed(store);
        Self { asker, blocks: store.blocks.list(), points, columns: Columns::default(), windows: Vec::new() }
    }

    fn read(&mut self, entry: &Entry, part: &Part, walk: &mut Walk<'_>) -> Result<(), StoreError> {
        if let Some(block) = &part.windows {
            self.asker.waits()?;
            self.windows.clear();
            windows(block, entry.number, &part.range, &mut self.windows);
            walk.over_windows(&self.windows);
            return Ok(());
        }
        for (start, end) in spans(&self.blocks, Timestamp::from_millis(part.range.start), last_of(part)) {
            self.asker.waits()?;
            self.points.read(entry, start, end, &mut self.columns);
            walk.over(&self.columns);
        }
        Ok(())
    }

    /// What a series has last before the plan, however long ago that was.
    fn last_before(&mut self, entry: &Entry, bounds: &Bounds, tiers: &[Days], plan: &Plan) -> Option<Before> {
        let start = plan.start.as_millis();
        for begin in Lead::begins(plan, entry, &self.blocks) {
            let mut found = Vec::new();
            parts(tiers, entry.number, bounds, begin..start, &mut found);
            let mut end: Vec<Summary> = Vec::new();
            for part in found {
                if let Some(block) = &part.windows {
                    self.windows.clear();
                    windows(block, entry.number, &part.range, &mut self.windows);
                    end.extend(self.windows.iter().rev().take(2).rev().map(|(_, of)| of));
                } else {
                    self.points.read(
                        entry,
                        Timestamp::from_millis(part.range.start),
                        last_of(&part),
                        &mut self.columns,
                    );
                    let from = self.columns.len().saturating_sub(2);
                    end.extend((from..self.columns.len()).filter_map(|at| self.columns.get(at)).map(Summary::of));
                }
            }
            if let Some(before) = Before::of(&end).filter(|before| before.apart.is_some()) {
                return Some(before);
            }
        }
        None
    }
}

/// Ascending; `from` may be before the plan.
fn parts_of(number: u32, bounds: &Bounds, tiers: &[Days], from: Timestamp, plan: &Plan) -> Vec<Part> {
    let (start, end) = (plan.start.as_millis(), plan.end.as_millis().saturating_add(1));
    let mut found = Vec::new();
    // What is before the plan is apart: no window may lie in both.
    parts(tiers, number, bounds, from.as_millis()..start.min(end), &mut found);
    parts(tiers, number, bounds, start..end, &mut found);
    found
}

/// The last moment of a part.
fn last_of(part: &Part) -> Timestamp {
    Timestamp::from_millis(if part.range.end == i64::MAX { i64::MAX } else { part.range.end - 1 })
}

/// The plan for no more than was selected; where points have gone, for whole windows.
fn narrowed(plan: &Plan, what: &Selection, narrowest: Option<&Days>) -> Plan {
    let (start, end) = (plan.start.max(what.start), plan.end.min(what.end));
    let (start, end) = narrowest.map_or((start, end), |days| days.widen(start, end));
    Plan { start, end, ..plan.clone() }
}

/// The range in parts of a day at most, where there are blocks; around them is only what is in memory.
fn spans(blocks: &[Arc<Block>], start: Timestamp, end: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let raw = blocks.iter().filter(|block| block.tier() == Tier::Raw);
    let mut edges: Vec<i64> = raw.flat_map(|block| [block.day() * DAY_MS, (block.day() + 1) * DAY_MS]).collect();
    edges.retain(|&edge| start.as_millis() < edge && edge <= end.as_millis());
    edges.sort_unstable();
    edges.dedup();
    let mut spans = Vec::with_capacity(edges.len() + 1);
    let mut from = start;
    for edge in edges {
        spans.push((from, Timestamp::from_millis(edge - 1)));
        from = Timestamp::from_millis(edge);
    }
    spans.push((from, end));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_is_refused_with_a_way_out() {
        let says = |way: Way, points| way.bear(points).err().map(|error| error.to_string()).unwrap_or_default();
        let fewer = "are the most; ask for a shorter range, for fewer series (by tags or match)";
        assert_eq!(says(Way::AtOnce, MOST_AT_ONCE), "");
        assert_eq!(
            says(Way::AtOnce, 10_000_001),
            format!("10000001 points would have to be read, and 10000000 {fewer}")
        );
        assert_eq!(says(Way::Windows, MOST_TOUCHED), "");
        let steps = ", or for a larger step in whole minutes or hours";
        assert_eq!(
            says(Way::Windows, 200_000_001),
            format!("200000001 points would have to be read, and 200000000 {fewer}{steps}")
        );
        assert!(!says(Way::Points, 200_000_001).contains("step"));
    }
}
