//! Aggregating as points are read: a series at a time, a day at a time, so that no more of them is in memory.
//!
//! What minutes and hours came to is taken where that is as good as the points, and where points have gone by age. It means what
//! [`aggregate`](super::aggregate()) means, which works on points at hand; the tests hold the two against each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{available_parallelism, scope};

use app::model::{Aggregation, Kind, Metric, Point, Tags, Timestamp};

use super::lead::{Before, Lead};
use super::reduce::Spread;
use super::windows::Windows;
use super::{Plan, aggregate, alone, unit};
use crate::store::block::{Block, DAY_MS, Tier};
use crate::store::blocks::List;
use crate::store::catalog::Entry;
use crate::store::columns::Columns;
use crate::store::head::Bounds;
use crate::store::query::SeriesReader;
use crate::store::summary::Summary;
use crate::store::tier::{self, Days, Part, parts, tiers, windows};
use crate::store::{Selection, Series, Store, StoreError};

/// Points that one question may touch: some seconds' work.
const MOST_TOUCHED: u64 = 200_000_000;
/// The same where they have to be in memory all at once, 16 bytes each.
const MOST_AT_ONCE: u64 = 10_000_000;
/// With fewer points, another thread costs more than it saves.
const WORTH_A_THREAD: u64 = 200_000;

/// What one window comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Window {
    index: i64,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    /// Reckoned only where it is asked for.
    spread: Spread,
    last: Timestamp,
}

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
}

/// Whether it is taken of each series by itself, and then added up.
fn is_of_each(aggregation: Aggregation) -> bool {
    matches!(aggregation, Aggregation::Rate | Aggregation::Increase | Aggregation::Last)
}

/// Windows that have points, ascending.
type Found = Vec<Window>;
/// Series that become one, with what they come to.
type Groups = BTreeMap<Tags, Found>;

impl Store {
    /// As [`Store::query`] and then [`aggregate`], without having all points in memory at once where the aggregation can do without.
    /// Growth begins at the last point before the plan, if that is not too far away for the series.
    ///
    /// # Errors
    /// As for [`Store::query`]; where the growth of what is no counter is asked for; and where too many points would have to be read.
    pub fn aggregate(&self, what: &Selection, plan: &Plan) -> Result<Vec<Series>, StoreError> {
        let processors = available_parallelism().map_or(1, usize::from);
        let threads = |touched| usize::try_from(touched / WORTH_A_THREAD).unwrap_or(usize::MAX).clamp(1, processors);
        self.aggregate_on(what, plan, threads, Lead::USUAL)
    }

    /// On as many threads as `threads` says for a number of points; growth begins as far before the range as `lead` says.
    pub(super) fn aggregate_on(
        &self,
        what: &Selection,
        plan: &Plan,
        threads: impl Fn(u64) -> usize,
        lead: Lead,
    ) -> Result<Vec<Series>, StoreError> {
        let (metric, selected) = self.select(what)?;
        // The fall of a gauge is no reset: what was reckoned of it would be wrong.
        if plan.aggregation.is_growth() && metric.kind != Kind::Counter {
            return Err(StoreError::NotACounter(what.metric.clone()));
        }
        let way = Way::of(plan.aggregation);
        let most = if way == Way::AtOnce { MOST_AT_ONCE } else { MOST_TOUCHED };
        // Memory first, then blocks: what a cut moves meanwhile is then known of as newer than windows.
        let bounds: Vec<_> = selected.iter().map(|entry| entry.head.lock().bounds()).collect();
        let tiers = if way == Way::Windows { tiers(self, plan.step) } else { Vec::new() };
        let plan = &narrowed(plan, what, tiers.last());
        // Only growth looks at what is before.
        let from = if plan.aggregation.is_growth() { lead.from(plan) } else { plan.start };
        let job = |(entry, bounds)| Job { parts: parts_of(bounds, &tiers, from, plan), entry, bounds };
        let jobs: Vec<_> = selected.into_iter().zip(&bounds).map(job).collect();
        let touched = self.touched(&jobs);
        if touched > most {
            return Err(StoreError::TooMuch { points: touched, most });
        }
        if way == Way::AtOnce {
            return Ok(aggregate(self.query(what)?, plan));
        }
        let groups = self.groups(&jobs, &Work { plan, tiers: &tiers, lead }, threads(touched));
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
    fn groups(&self, jobs: &[Job<'_>], work: &Work<'_>, threads: usize) -> Groups {
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
        let mut all = parts.next().unwrap_or_default();
        for (tags, found) in parts.flatten() {
            join(all.entry(tags).or_default(), found);
        }
        all
    }

    fn groups_of(&self, jobs: &[Job<'_>], Work { plan, tiers, lead }: &Work<'_>) -> Groups {
        let (mut reader, mut groups) = (PartReader::new(self), Groups::new());
        for Job { entry, parts, bounds } in jobs {
            let mut walk = Walk::new(plan);
            let (before, within) =
                parts.split_at(parts.partition_point(|part| part.range.end <= plan.start.as_millis()));
            before.iter().for_each(|part| reader.read(entry, part, &mut walk));
            if plan.aggregation.is_growth() && walk.before.is_none() && lead.distances > 0 {
                let last = reader.last_before(entry, bounds, tiers, plan);
                walk.before = last.filter(|last| lead.reaches(last, plan)).map(|last| last.last);
            }
            within.iter().for_each(|part| reader.read(entry, part, &mut walk));
            let found = walk.finish();
            if !found.is_empty() {
                let shared = |by: &Vec<String>| {
                    Tags::new(by.iter().filter_map(|name| Some((name.as_str(), entry.tags.get(name)?))))
                };
                let tags = plan.by.as_ref().map_or_else(|| entry.tags.clone(), shared);
                join(groups.entry(tags).or_default(), found);
            }
        }
        groups
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
}

/// Reads one part after the other, with the same buffers.
#[derive(Debug)]
struct PartReader<'a> {
    blocks: List,
    points: SeriesReader<'a>,
    columns: Columns,
    windows: Vec<tier::Window>,
}

impl<'a> PartReader<'a> {
    fn new(store: &'a Store) -> Self {
        let points = SeriesReader::of_all_that_is_needed(store);
        Self { blocks: store.blocks.list(), points, columns: Columns::default(), windows: Vec::new() }
    }

    fn read(&mut self, entry: &Entry, part: &Part, walk: &mut Walk<'_>) {
        if let Some(block) = &part.windows {
            self.windows.clear();
            windows(block, entry.number, &part.range, &mut self.windows);
            return walk.over_windows(&self.windows);
        }
        for (start, end) in spans(&self.blocks, Timestamp::from_millis(part.range.start), last_of(part)) {
            self.points.read(entry, start, end, &mut self.columns);
            walk.over(&self.columns);
        }
    }

    /// What a series has last before the plan, however long ago that was.
    fn last_before(&mut self, entry: &Entry, bounds: &Bounds, tiers: &[Days], plan: &Plan) -> Option<Before> {
        let start = plan.start.as_millis();
        for begin in Lead::begins(plan, entry, &self.blocks) {
            let mut found = Vec::new();
            parts(tiers, bounds, begin..start, &mut found);
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
fn parts_of(bounds: &Bounds, tiers: &[Days], from: Timestamp, plan: &Plan) -> Vec<Part> {
    let (start, end) = (plan.start.as_millis(), plan.end.as_millis().saturating_add(1));
    let mut found = Vec::new();
    // What is before the plan is apart: no window may lie in both.
    parts(tiers, bounds, from.as_millis()..start.min(end), &mut found);
    parts(tiers, bounds, start..end, &mut found);
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

/// The way through the points of one series.
#[derive(Debug)]
struct Walk<'a> {
    plan: &'a Plan,
    windows: Windows,
    found: Found,
    /// Of what is taken of each series by itself: the window under way, and the last point before it.
    under_way: Option<(i64, Summary)>,
    before: Option<Point>,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self { plan, windows: Windows::new(plan.step), found: Found::new(), under_way: None, before: None }
    }

    fn over(&mut self, columns: &Columns) {
        let (start, end) = (self.plan.start.as_millis(), self.plan.end.as_millis());
        let from = columns.times.partition_point(|&time| time < start);
        let to = columns.times.partition_point(|&time| time <= end);
        let of_each = is_of_each(self.plan.aggregation);
        // Nothing has come yet that counts: what comes last before it is what the first one grows from.
        if of_each && self.under_way.is_none() && from > 0 {
            self.before = columns.get(from - 1);
        }
        let mut at = from;
        while let Some(&time) = columns.times.get(at).filter(|_| at < to) {
            let index = self.windows.index(Timestamp::from_millis(time));
            let stop = self.windows.end(index).map_or(to, |stop| {
                // Points lie at about the same distance: the end is searched near by.
                let rest = columns.times.get(at..to).unwrap_or_default();
                at + rest.iter().position(|&time| time >= stop).unwrap_or(rest.len())
            });
            if of_each {
                self.follow(index, columns, at..stop);
            } else {
                self.add(index, columns, at..stop);
            }
            at = stop;
        }
    }

    /// As [`Walk::over`], for what points came to.
    fn over_windows(&mut self, windows: &[tier::Window]) {
        let of_each = is_of_each(self.plan.aggregation);
        for (start, of) in windows {
            let index = self.windows.index(Timestamp::from_millis(*start));
            match &mut self.under_way {
                _ if *start < self.plan.start.as_millis() => self.before = Some(of.last),
                Some((under_way, summary)) if *under_way == index => summary.join(of),
                _ if of_each => {
                    self.end_window();
                    self.under_way = Some((index, *of));
                }
                _ => {
                    let (count, last, spread) = (of.count, of.last.time, Spread::default());
                    self.push(Window { index, count, sum: of.sum, min: of.min, max: of.max, spread, last });
                }
            }
        }
    }

    fn add(&mut self, index: i64, columns: &Columns, range: std::ops::Range<usize>) {
        let values = columns.values.get(range.clone()).unwrap_or_default();
        let last = columns.times.get(range.end.saturating_sub(1)).copied().unwrap_or_default();
        let mut window = Window {
            index,
            count: values.len() as u64,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            spread: Spread::default(),
            last: Timestamp::from_millis(last),
        };
        if self.plan.aggregation == Aggregation::Stddev {
            values.iter().for_each(|&value| window.spread.add(value));
            return self.push(window);
        }
        for &value in values {
            window.sum += value;
            window.min = window.min.min(value);
            window.max = window.max.max(value);
        }
        self.push(window);
    }

    fn follow(&mut self, index: i64, columns: &Columns, range: std::ops::Range<usize>) {
        for point in range.filter_map(|at| columns.get(at)) {
            match &mut self.under_way {
                Some((under_way, summary)) if *under_way == index => summary.add(point),
                _ => {
                    self.end_window();
                    self.under_way = Some((index, Summary::of(point)));
                }
            }
        }
    }

    /// A window is over: what it comes to is the sum of one value.
    fn end_window(&mut self) {
        let Some((index, summary)) = self.under_way.take() else { return };
        if let Some(value) = alone::value(&summary, self.before, self.plan.aggregation) {
            let (spread, last) = (Spread::default(), summary.last.time);
            self.push(Window { index, count: 1, sum: value, min: value, max: value, spread, last });
        }
        self.before = Some(summary.last);
    }

    fn push(&mut self, window: Window) {
        match self.found.last_mut() {
            Some(last) if last.index == window.index => last.join(&window),
            _ => self.found.push(window),
        }
    }

    fn finish(mut self) -> Found {
        self.end_window();
        self.found
    }
}

impl Window {
    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.spread.join(&other.spread);
        self.last = self.last.max(other.last);
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 points")]
    fn value(&self, aggregation: Aggregation) -> f64 {
        match aggregation {
            Aggregation::Avg => self.sum / self.count as f64,
            Aggregation::Min => self.min,
            Aggregation::Max => self.max,
            Aggregation::Count => self.count as f64,
            Aggregation::Stddev => self.spread.deviation(),
            _ => self.sum,
        }
    }
}

/// Adds windows to those of the same group.
fn join(all: &mut Found, more: Found) {
    if all.is_empty() {
        *all = more;
        return;
    }
    let mut at = 0;
    let mut missing = Found::new();
    for window in more {
        at += all.get(at..).unwrap_or_default().iter().take_while(|known| known.index < window.index).count();
        match all.get_mut(at) {
            Some(known) if known.index == window.index => known.join(&window),
            _ => missing.push(window),
        }
    }
    if !missing.is_empty() {
        all.append(&mut missing);
        // Two ascending runs, which is what this sort is good at.
        all.sort_by_key(|window| window.index);
    }
}
