//! The store: samples in by one door, series out by another.
//!
//! Invariant: a series is ascending by time, one point a moment, and holds finite values only.
//! Invariant: a reader copies under a lock and thinks outside it, so it never holds up the writer for long.
//! Invariant: nothing public says how points are kept; another engine can stand behind the same calls.
//! May not know: where samples come from, who asks for them and how they were configured; nor what time
//! it is, callers say so.
//! Start reading at [`Store`]. [`aggregate()`] and [`newest`] are pure and work on what [`Store::query`] gave.

mod aggregate;
mod catalog;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the head and the blocks that call it come next"))]
mod codec;
mod error;
mod points;
mod retention;
mod series;
mod tag_sets;
#[cfg(test)]
mod tests;

use app::model::{Batch, Point, Timestamp};
use parking_lot::RwLock;

pub use aggregate::{Plan, aggregate};
pub use catalog::Size;
pub use error::{Reason, Refusal, StoreError};
pub use retention::Limits;
pub use series::{MetricInfo, Selection, Series, newest};

use catalog::Catalog;
use error::Refusals;

/// Every sample that is kept. It is shared by reference: all calls take `&self`, from any thread.
#[derive(Debug)]
pub struct Store {
    limits: RwLock<Limits>,
    /// Written only when a series comes, goes or is redefined; a plain append reads it.
    catalog: RwLock<Catalog>,
}

impl Store {
    /// An empty store that keeps as much as `limits` says.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits: RwLock::new(limits), catalog: RwLock::default() }
    }

    /// Keeps as much as `limits` says from the next call on.
    pub fn limit(&self, limits: Limits) {
        *self.limits.write() = limits;
    }

    /// Stores one point a sample, at the time of the batch. `Ok` means: kept as safely as this engine keeps
    /// anything, which in memory is until the process ends.
    ///
    /// A series only grows forward, except that a clock may be set back: a sample more than ten seconds late is refused,
    /// and where the next one goes on from there, it takes the place of all points ahead of it. A second sample at the time of its newest replaces that one, so sending a
    /// batch again changes nothing; what is older still, or no finite number, is refused. The definition of a
    /// metric (unit, kind) is that of the sample stored last, so that a corrected unit counts at once, for the
    /// points before it too.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where samples were refused. All others of the batch are stored nevertheless:
    /// a bad series hurts only itself.
    pub fn append(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut refusals = Refusals::default();
        let mut newcomers = Vec::new();
        let point = |value| Point::new(batch.time, value);
        let most = self.limits.read().points();

        let catalog = self.catalog.read();
        for sample in &batch.samples {
            if !sample.value.is_finite() {
                refusals.note(sample, Reason::NotFinite);
            } else if let Some(points) = catalog.get(&sample.metric, &sample.tags) {
                if let Err(reason) = points.lock().push(point(sample.value), most) {
                    refusals.note(sample, reason);
                }
            } else {
                newcomers.push(sample);
            }
        }
        drop(catalog);

        if !newcomers.is_empty() {
            let mut catalog = self.catalog.write();
            for sample in newcomers {
                let points = catalog.admit(&sample.metric, &sample.tags);
                let pushed = points.lock().push(point(sample.value), most);
                match pushed {
                    Ok(()) => catalog.define(&sample.metric),
                    Err(reason) => refusals.note(sample, reason),
                }
            }
        }
        refusals.into_result(batch.samples.len())
    }

    /// The series that `what` selects, ordered by their tags, each ascending by time. Series without a point
    /// in the range are left out. Each series is as of one moment; two series may be one batch apart.
    ///
    /// # Errors
    /// [`StoreError::UnknownMetric`] where no series of that name is kept.
    pub fn query(&self, what: &Selection) -> Result<Vec<Series>, StoreError> {
        let found = self.catalog.read().select(&what.metric, &what.tags);
        let (metric, mut selected) = found.ok_or_else(|| StoreError::UnknownMetric(what.metric.clone()))?;
        selected.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let series = selected.into_iter().filter_map(|(tags, points)| {
            let slice = points.lock().slice(what.start, what.end);
            let points = slice.into_points();
            (!points.is_empty()).then(|| Series { metric: metric.clone(), tags, points })
        });
        Ok(series.collect())
    }

    /// Every metric of which something is kept, ordered by name.
    ///
    /// # Errors
    /// None in memory; an engine that reads files may fail.
    pub fn metrics(&self) -> Result<Vec<MetricInfo>, StoreError> {
        let families = self.catalog.read().families();
        Ok(families.into_iter().map(|(metric, series)| MetricInfo::new(metric, &series)).collect())
    }

    /// How much is kept. It walks through the series and copies nothing.
    #[must_use]
    pub fn size(&self) -> Size {
        self.catalog.read().size()
    }

    /// Drops what is older at `now` than the limits allow, and series of which nothing is left, so that a
    /// device that has vanished does not stay for ever. The bound by number needs no call, [`Store::append`]
    /// holds to it.
    pub fn enforce(&self, now: Timestamp) {
        let oldest = now - self.limits.read().max_age;
        let mut emptied = Vec::new();
        let everything = self.catalog.read().everything();
        for (name, tags, points) in everything {
            let mut points = points.lock();
            points.drop_before(oldest);
            if points.is_empty() {
                emptied.push((name, tags));
            }
        }
        if !emptied.is_empty() {
            let mut catalog = self.catalog.write();
            for (name, tags) in emptied {
                catalog.remove_if_empty(&name, &tags);
            }
        }
    }
}
