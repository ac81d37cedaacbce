//! The door out: points of series, from blocks and from memory.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use app::model::{Aggregation, Metric, Tags, Timestamp};

use super::block::{Block, Tier};
use super::catalog::Entry;
use super::columns::Columns;
use super::{Asker, MetricInfo, Plan, Selection, Series, Store, StoreError, newest};

/// The newest points are looked for within so short a time at first.
const NEWEST_WITHIN: Duration = Duration::from_secs(5 * 60);
/// So many times further back where nothing is found.
const FURTHER: u32 = 16;

impl Store {
    /// The series that `what` selects, ordered by their tags, each ascending by time. Series without a point
    /// in the range are left out. Each series is as of one moment; two series may be one batch apart.
    ///
    /// # Errors
    /// [`StoreError::UnknownMetric`] where no series of that name is kept.
    pub fn query(&self, what: &Selection) -> Result<Vec<Series>, StoreError> {
        self.query_for(&Asker::default(), what)
    }

    /// As [`Store::query`], for somebody who may leave.
    ///
    /// # Errors
    /// As there, and [`StoreError::Abandoned`].
    pub fn query_for(&self, asker: &Asker, what: &Selection) -> Result<Vec<Series>, StoreError> {
        let (metric, selected) = self.select(what)?;
        self.counted(self.read_all(asker, &metric, selected.iter().map(|entry| &**entry), (what.start, what.end)))
    }

    /// The newest `limit` points over all series that `what` selects, as [`newest`] chooses them, without reading much more.
    ///
    /// # Errors
    /// As for [`Store::aggregate_for`].
    pub fn newest_for(&self, asker: &Asker, what: &Selection, limit: usize) -> Result<Vec<Series>, StoreError> {
        let mut reach = NEWEST_WITHIN;
        loop {
            let start = what.start.max(what.end - reach);
            let plan = Plan { aggregation: Aggregation::Raw, step: None, by: None, start, end: what.end };
            let found = self.aggregate_for(asker, &Selection { start, ..what.clone() }, &plan)?;
            let count = found.iter().map(|one| one.points.len()).sum::<usize>();
            // All that is left out is older than all that is here.
            if start == what.start || count >= limit {
                return Ok(newest(found, limit));
            }
            // Twice as far as would do if there were as many everywhere.
            let further = limit
                .saturating_mul(2)
                .checked_div(count)
                .map_or(FURTHER, |times| u32::try_from(times).unwrap_or(u32::MAX));
            reach = reach.saturating_mul(further);
        }
    }

    /// How many questions were given up, since whoever had asked had left.
    #[must_use]
    pub fn abandoned(&self) -> u64 {
        self.abandoned.load(Ordering::Relaxed)
    }

    pub(super) fn counted<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(answer, Err(StoreError::Abandoned)) {
            self.abandoned.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    /// The points of these series of a metric within a range.
    pub(super) fn read_all<'a>(
        &self,
        asker: &Asker,
        metric: &Metric,
        selected: impl Iterator<Item = &'a Entry>,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<Vec<Series>, StoreError> {
        let mut reader = SeriesReader::new(self);
        let (mut columns, mut series) = (Columns::default(), Vec::new());
        for entry in selected {
            asker.waits()?;
            reader.read(entry, start, end, &mut columns);
            if columns.len() > 0 {
                let (metric, tags) = (metric.clone(), entry.tags.clone());
                series.push(Series { metric, tags, points: columns.iter().collect() });
            }
        }
        Ok(series)
    }

    /// The metric and the series that are asked for, ordered by their tags.
    pub(super) fn select(&self, what: &Selection) -> Result<(Metric, Vec<Arc<Entry>>), StoreError> {
        let found = self.catalog.read().select(&what.metric, &what.tags);
        let (metric, mut selected) = found.ok_or_else(|| StoreError::UnknownMetric(what.metric.clone()))?;
        // Outside the lock: a pattern may take its time.
        selected.retain(|entry| what.matchers.iter().all(|matcher| matcher.matches(&entry.tags)));
        selected.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
        Ok((metric, selected))
    }

    /// The tags of the series that `what` selects, whether or not they have points in its range.
    ///
    /// # Errors
    /// [`StoreError::UnknownMetric`] where no series of that name is kept.
    pub fn tags_of(&self, what: &Selection) -> Result<Vec<Tags>, StoreError> {
        let (_, selected) = self.select(what)?;
        Ok(selected.iter().map(|entry| entry.tags.clone()).collect())
    }

    /// When the newest sample was taken of those that are no newer than `now`; none where there is none. It looks at every series.
    #[must_use]
    pub fn newest_until(&self, now: Timestamp) -> Option<Timestamp> {
        let families = self.catalog.read().families();
        let newest = families.iter().flat_map(|(_, series)| series).filter_map(|entry| entry.head.lock().newest());
        newest.filter(|newest| *newest <= now).max()
    }

    /// Every metric of which something is kept, ordered by name.
    #[must_use]
    pub fn metrics(&self) -> Vec<MetricInfo> {
        let families = self.catalog.read().families();
        let info =
            |(metric, series): (Metric, Vec<Arc<Entry>>)| MetricInfo::new(metric, series.iter().map(|e| &e.tags));
        families.into_iter().map(info).collect()
    }
}

#[cfg(test)]
impl Store {
    /// Nobody can read the first series of what is selected meanwhile.
    pub(crate) fn hold_up(&self, what: &Selection, meanwhile: impl FnOnce()) {
        let (_, selected) = self.select(what).unwrap();
        let _held = selected[0].head.lock();
        meanwhile();
    }
}

/// Reads one series after the other, with the same buffers.
#[derive(Debug)]
pub(super) struct SeriesReader<'a> {
    store: &'a Store,
    /// Nothing older is read.
    floor: Timestamp,
    blocks: BlockReader,
}

/// Reads chunks of blocks.
#[derive(Debug, Default)]
pub(super) struct BlockReader {
    scratch: Vec<u8>,
    part: Columns,
}

impl<'a> SeriesReader<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, floor: store.floor(), blocks: BlockReader::default() }
    }

    /// It reads points too that only wait for being summed up.
    pub(super) fn of_all_that_is_needed(store: &'a Store) -> Self {
        Self { floor: store.needed(), ..Self::new(store) }
    }

    /// The points of a series from `start` to `end`, both included, in the place of what is in `out`.
    pub(super) fn read(&mut self, entry: &Entry, start: Timestamp, end: Timestamp, out: &mut Columns) {
        out.clear();
        // Memory first, then blocks: what a cut moves meanwhile is then seen twice, which is as good as once, and never not at all.
        let glance = entry.head.lock().look();
        let blocks = self.store.blocks.list();
        let start = start.max(self.floor).max(glance.floor());
        for block in blocks.iter().filter(|b| b.tier() == Tier::Raw && b.first() <= end && b.last() >= start) {
            self.blocks.read(block, entry.number, start, glance.end_in(block.sequence(), end), out);
        }
        glance.read(start, end, out);
    }
}

impl BlockReader {
    /// Lays the points of a block over what is in `out`. Chunks that are damaged are left out and counted by the block.
    pub(super) fn read(&mut self, block: &Block, series: u32, start: Timestamp, end: Timestamp, out: &mut Columns) {
        for chunk in block.chunks(series).filter(|chunk| chunk.first <= end && chunk.last >= start) {
            let inside = chunk.first >= start && chunk.last <= end;
            if inside && out.times.last().is_none_or(|&before| before < chunk.first.as_millis()) {
                drop(block.read(&chunk, &mut self.scratch, &mut out.times, &mut out.values));
                continue;
            }
            self.part.clear();
            drop(block.read(&chunk, &mut self.scratch, &mut self.part.times, &mut self.part.values));
            self.part.clip(start, end);
            out.overlay(&mut self.part);
        }
    }
}
