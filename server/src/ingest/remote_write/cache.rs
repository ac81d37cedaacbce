//! Series that were written to before, by the bytes of their labels.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use app::model::{Metric, Tags};

use super::WriteError;
use super::metadata::{Metadata, said};
use super::series;
use crate::live::Hub;
use crate::store::{SeriesRef, Store};

/// Series that are remembered, and the bytes of their labels all together. Where there are more, all are forgotten and looked up again.
const MOST_SERIES: usize = 1_000_000;
const MOST_BYTES: usize = 256 << 20;

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Cache {
    numbers: HashMap<Box<[u8]>, u32>,
    pub(super) series: Vec<SeriesRef>,
    /// Of each series, whether somebody watches it live, and the [`Hub::changes`] that this is of: `changes << 1 | watched`.
    watched: Vec<AtomicU64>,
    bytes: usize,
    metadata: Metadata,
}

impl Cache {
    #[inline]
    pub(super) fn get(&self, labels: &[u8]) -> Option<u32> {
        self.numbers.get(labels).copied()
    }

    /// Metric and tags of a series.
    pub(super) fn meaning(&self, labels: &[u8]) -> Result<(Metric, Tags), WriteError> {
        series::of(labels, &self.metadata)
    }

    /// Looks a series up in the store, which makes it where there is none, and remembers it.
    pub(super) fn learn(
        &mut self,
        store: &Store,
        labels: &[u8],
        metric: &Metric,
        tags: &Tags,
    ) -> Result<u32, WriteError> {
        if let Some(number) = self.get(labels) {
            return Ok(number);
        }
        let number = u32::try_from(self.series.len()).map_err(|_| WriteError::TooLong)?;
        self.series.push(store.series(metric, tags));
        self.watched.push(AtomicU64::new(0));
        self.bytes += labels.len();
        self.numbers.insert(labels.into(), number);
        Ok(number)
    }

    /// Whether somebody watches a series live. It is remembered, so that what nobody watches costs no more than a look.
    #[inline]
    pub(super) fn is_watched(&self, number: u32, hub: &Hub, changes: u64) -> bool {
        let of = number as usize;
        let (Some(series), Some(known)) = (self.series.get(of), self.watched.get(of)) else { return false };
        let before = known.load(Ordering::Relaxed);
        if before >> 1 == changes {
            return before & 1 == 1;
        }
        let watched = hub.wants(&series.metric().name, series.tags());
        known.store(changes << 1 | u64::from(watched), Ordering::Relaxed);
        watched
    }

    /// Whether it remembers more than it may.
    pub(super) fn is_full(&self) -> bool {
        self.series.len() > MOST_SERIES || self.bytes > MOST_BYTES
    }

    pub(super) fn forget_all(&mut self) {
        *self = Self { metadata: std::mem::take(&mut self.metadata), ..Self::default() };
    }

    /// Notes what a sender says of a metric (`MetricMetadata`). Whether that is news.
    pub(super) fn note(&mut self, bytes: &[u8]) -> Result<bool, WriteError> {
        Ok(self.metadata.note(said(bytes)?))
    }
}
