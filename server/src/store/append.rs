//! The door in.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::model::{Batch, Metric, Point, Tags};

use super::catalog::Entry;
use super::error::{Reason, Refusals, StoreError};
use super::head::{Pushed, Slot};
use super::log::record::{self, Logged, SamplesWriter};
use super::{Epoch, Store};

/// A series that was looked up, for who appends to it again and again.
#[derive(Debug, Clone)]
pub struct SeriesRef {
    metric: Arc<Metric>,
    entry: Arc<Entry>,
}

/// Why not every point was stored; all others are.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unstored {
    /// A series had gone with its last point since it was looked up. Look up again.
    #[error("a series is no longer kept")]
    Gone,
    /// Some were refused.
    #[error(transparent)]
    Refused(#[from] StoreError),
}

/// What became of a point of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is stored, and none of its series is newer.
    Newest,
    /// It is stored, and came late.
    Late,
    /// It is not stored.
    Refused(Reason),
}

/// By whose clock a point has its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// By this machine's, which may be set back.
    Ours,
    Others,
}

impl SeriesRef {
    /// What the metric was said to be when it was looked up.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// Which series of the metric.
    #[must_use]
    pub fn tags(&self) -> &Tags {
        &self.entry.tags
    }
}

/// What one call of an append adds up.
#[derive(Debug)]
struct Appending<'a> {
    store: &'a Store,
    epoch: &'a Epoch,
    writer: SamplesWriter,
    bytes: usize,
    points: usize,
}

impl Store {
    /// Stores one point a sample, at the time of the batch. `Ok` means: kept as safely as [`Store`] says.
    ///
    /// A sample may come late by ten minutes; one for a moment that has a point replaces it, so sending a batch again changes
    /// nothing. What is older, beyond the retention or no finite number is refused. A clock may be set back, though: one sample more
    /// than ten minutes late is refused, and where the next one goes on from there, it takes the place of all points ahead of it.
    /// The definition of a metric (unit, kind) is that of the sample stored last, so that a corrected unit counts at once, for the
    /// points before it too.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where samples were refused. All others of the batch are stored nevertheless:
    /// a bad series hurts only itself.
    pub fn append(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut refusals = Refusals::default();
        let mut newcomers = Vec::new();
        let epoch = self.epoch.read();
        let mut appending = Appending::new(self, &epoch, batch.samples.len());

        let catalog = self.catalog.read();
        for sample in &batch.samples {
            let point = Point::new(batch.time, sample.value);
            if let Err(reason) = self.acceptable(point) {
                refusals.note(&sample.metric, &sample.tags, reason);
            } else if let Some(entry) = catalog.get(&sample.metric, &sample.tags) {
                if let Err(reason) = appending.push(entry, &sample.metric, point, Whose::Ours) {
                    refusals.note(&sample.metric, &sample.tags, reason);
                }
            } else {
                newcomers.push(sample);
            }
        }
        drop(catalog);

        if !newcomers.is_empty() {
            let mut catalog = self.catalog.write();
            for sample in newcomers {
                let entry = catalog.admit(&sample.metric, &sample.tags);
                match appending.push(&entry, &sample.metric, Point::new(batch.time, sample.value), Whose::Ours) {
                    Ok(_) if catalog.define(&sample.metric) => appending.redefine(&entry, &sample.metric),
                    Ok(_) => {}
                    Err(reason) => refusals.note(&sample.metric, &sample.tags, reason),
                }
            }
        }
        appending.finish();
        drop(epoch);
        self.settle(refusals, batch.samples.len())
    }

    /// A series to append to with [`Store::append_points`]; made if there is none.
    #[must_use]
    pub fn series(&self, metric: &Metric, tags: &Tags) -> SeriesRef {
        let epoch = self.epoch.read();
        let found = self.catalog.read().get(metric, tags).cloned();
        let entry = found.unwrap_or_else(|| {
            let mut catalog = self.catalog.write();
            let entry = catalog.admit(metric, tags);
            if catalog.define(metric) {
                let mut appending = Appending::new(self, &epoch, 0);
                appending.redefine(&entry, metric);
                appending.finish();
            }
            entry
        });
        SeriesRef { metric: Arc::new(metric.clone()), entry }
    }

    /// As [`Store::append`], for points of series that were looked up: each is of the series with its number in `series`. Their times are
    /// by the clocks of others: what is late by more than ten minutes is refused, whatever follows.
    ///
    /// # Errors
    /// As with [`Store::append`]. Where a series has gone, that is all that is told: look up again and append again.
    pub fn append_points(&self, series: &[SeriesRef], points: &[(u32, Point)]) -> Result<(), Unstored> {
        self.append_points_told(series, points, |_, _, _| {})
    }

    /// As [`Store::append_points`]; tells of each point, but for those of series that have gone, what became of it.
    ///
    /// # Errors
    /// The same.
    pub fn append_points_told(
        &self,
        series: &[SeriesRef],
        points: &[(u32, Point)],
        mut tell: impl FnMut(u32, Point, Fate),
    ) -> Result<(), Unstored> {
        let mut refusals = Refusals::default();
        let mut gone = false;
        let epoch = self.epoch.read();
        let mut appending = Appending::new(self, &epoch, points.len());
        for &(number, point) in points {
            let Some(SeriesRef { metric, entry }) = series.get(number as usize) else {
                gone = true;
                continue;
            };
            match self.acceptable(point).and_then(|()| appending.push(entry, metric, point, Whose::Others)) {
                Ok(Pushed::Late) => tell(number, point, Fate::Late),
                Ok(Pushed::Added | Pushed::CutFrom(_)) => tell(number, point, Fate::Newest),
                Err(Reason::Gone) => gone = true,
                Err(reason) => {
                    tell(number, point, Fate::Refused(reason));
                    refusals.note(metric, &entry.tags, reason);
                }
            }
        }
        appending.finish();
        drop(epoch);
        if gone {
            return Err(Unstored::Gone);
        }
        Ok(self.settle(refusals, points.len())?)
    }

    fn acceptable(&self, point: Point) -> Result<(), Reason> {
        if !point.value.is_finite() {
            Err(Reason::NotFinite)
        } else if point.time < self.floor() {
            Err(Reason::Expired)
        } else {
            Ok(())
        }
    }

    fn settle(&self, refusals: Refusals, of: usize) -> Result<(), StoreError> {
        if let Some(disk) = &self.disk {
            disk.log.settle();
        }
        self.appended.fetch_add((of - refusals.count()) as u64, Ordering::Relaxed);
        self.refused.fetch_add(refusals.count() as u64, Ordering::Relaxed);
        refusals.into_result(of)
    }
}

impl<'a> Appending<'a> {
    fn new(store: &'a Store, epoch: &'a Epoch, samples: usize) -> Self {
        let samples = if store.disk.is_some() { samples } else { 0 };
        Self { store, epoch, writer: SamplesWriter::new(samples), bytes: 0, points: 0 }
    }

    fn push(&mut self, entry: &Entry, metric: &Metric, point: Point, whose: Whose) -> Result<Pushed, Reason> {
        let mut head = entry.head.lock();
        if head.gone {
            return Err(Reason::Gone);
        }
        let (bytes, points) = (head.bytes(), head.len());
        let pushed = match whose {
            Whose::Ours => head.push(point)?,
            Whose::Others => head.push_of_others(point)?,
        };
        // Dropped where the clock was set back, it can be less than before.
        self.bytes = self.bytes.wrapping_add(head.bytes()).wrapping_sub(bytes);
        self.points = self.points.wrapping_add(head.len()).wrapping_sub(points);
        if let Pushed::CutFrom(from) = pushed {
            let up_to = self.store.blocks.newest_sequence();
            head.cuts.push(super::head::Cut { from, up_to });
        }
        let Some(disk) = &self.store.disk else { return Ok(pushed) };
        let slot = match head.slot {
            Some(slot) if slot.segment == self.epoch.segment => slot.number,
            _ => {
                let number = self.epoch.slots.fetch_add(1, Ordering::Relaxed);
                // Before any sample that refers to it, of whichever thread: the head is locked.
                disk.log.append(&record::series(number, metric, &entry.tags));
                head.slot = Some(Slot { segment: self.epoch.segment, number });
                number
            }
        };
        if let Pushed::CutFrom(from) = pushed {
            self.flush();
            disk.log.append(&record::cut(slot, from));
        }
        self.writer.add(Logged { slot, time: point.time, value: point.value });
        if self.writer.is_full() {
            self.flush();
        }
        Ok(pushed)
    }

    /// The next sample of the series says again what its metric is.
    fn redefine(&mut self, entry: &Entry, metric: &Metric) {
        let slot = entry.head.lock().slot;
        if let (Some(disk), Some(slot)) = (&self.store.disk, slot) {
            disk.log.append(&record::series(slot.number, metric, &entry.tags));
        }
    }

    fn flush(&mut self) {
        let full = std::mem::replace(&mut self.writer, SamplesWriter::new(0));
        if let (Some(disk), Some(record)) = (&self.store.disk, full.finish()) {
            disk.log.append(&record);
        }
    }

    fn finish(mut self) {
        self.flush();
        self.store.head_bytes.fetch_add(self.bytes, Ordering::Relaxed);
        self.store.head_points.fetch_add(self.points, Ordering::Relaxed);
    }
}
