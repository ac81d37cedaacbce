//! Remote write 1.0 (<https://prometheus.io/docs/specs/prw/remote_write_spec/>): snappy, protobuf, samples.
//!
//! A series is looked up by the very bytes of its labels: one that was seen before costs no allocation and no parsing.
//! Invariant: memory is bounded, whatever is sent: by [`MOST_BYTES`] a request, and by what [`cache`] remembers.
//! Start reading at [`RemoteWrite::take`].

mod cache;
mod counts;
mod metadata;
mod proto;
mod series;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use app::model::{DataPoint, Point, Timestamp};
use parking_lot::{RwLock, RwLockWriteGuard};

use crate::live::Hub;
use crate::store::{Fate, Store, StoreError, Unstored};
use cache::Cache;
use counts::{Counters, Refused};
pub use counts::{Outcome, Written};
use proto::{Fields, Value};

/// Bytes of a request once they are unpacked. Senders put some megabytes into one.
const MOST_BYTES: usize = 64 << 20;
/// Samples of a request, and series that are new. Ordinary ones are longer than a hundred bytes each.
const MOST_SAMPLES: usize = 1 << 20;
/// Points of an update in the live stream.
const MOST_IN_UPDATE: usize = 1000;
/// The NaN that says that a series has ended (Prometheus' stale marker).
const STALE: u64 = 0x7ff0_0000_0000_0002;
/// In the place of a number until the series is known.
const UNKNOWN: u32 = u32::MAX;

// Fields of WriteRequest, TimeSeries and Sample.
const TIME_SERIES: u64 = 1;
const METADATA: u64 = 3;
const LABELS: u64 = 1;
const SAMPLES: u64 = 2;
const SAMPLE_VALUE: u64 = 1;
const SAMPLE_TIME: u64 = 2;

/// Takes what is written to us.
#[derive(Debug)]
pub struct RemoteWrite {
    store: Arc<Store>,
    hub: Arc<Hub>,
    cache: RwLock<Cache>,
    counters: Counters,
}

/// Why a request was not taken, or not all of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// Not snappy, or not what the specification says is in it. Nothing of it is stored.
    #[error("the request cannot be read: {0}")]
    Malformed(&'static str),
    /// More than is unpacked. Nothing of it is stored.
    #[error("the request is longer than {} MiB once it is unpacked, or has more than {MOST_SAMPLES} samples", MOST_BYTES >> 20)]
    TooLong,
    /// Series went while they were written to. Sending it again helps.
    #[error("series went while they were written to")]
    Gone,
    /// The store did not take every sample, but all others. Sending them again would not help.
    #[error(transparent)]
    Refused(#[from] StoreError),
}

/// What a request says.
#[derive(Debug, Default)]
struct Request<'a> {
    /// The number of the series in the cache, [`UNKNOWN`] where it has none.
    points: Vec<(u32, Point)>,
    /// Labels of series that nobody wrote to before, and which points are theirs.
    unknown: Vec<(&'a [u8], Range<usize>)>,
    metadata: Vec<&'a [u8]>,
    /// Samples that say that there is no value, and are no marks of an end.
    no_values: u64,
}

impl RemoteWrite {
    /// Into this store, and from there to who watches live.
    #[must_use]
    pub fn new(store: Arc<Store>, hub: Arc<Hub>) -> Self {
        Self { store, hub, cache: RwLock::default(), counters: Counters::default() }
    }

    /// Takes the body of one request.
    ///
    /// # Errors
    /// Where it cannot be read, and where samples were refused.
    pub fn take(&self, packed: &[u8]) -> Result<(), WriteError> {
        self.counters.bytes(packed.len());
        let bytes = unpack(packed)?;
        let told = match self.append(&bytes)? {
            // A series had gone since it was looked up: once more, with all looked up again. What was stored stays as it is.
            Err(Unstored::Gone) => {
                self.cache.write().forget_all();
                self.append(&bytes)?
            }
            told => told,
        };
        told.map_err(|unstored| match unstored {
            Unstored::Refused(error) => error.into(),
            Unstored::Gone => WriteError::Gone,
        })
    }

    fn append(&self, bytes: &[u8]) -> Result<Result<(), Unstored>, WriteError> {
        let cache = self.cache.read();
        let request = read(bytes, &cache)?;
        if request.unknown.is_empty() && request.metadata.is_empty() {
            return Ok(self.push(&cache, &request));
        }
        drop(cache);
        let mut cache = self.cache.write();
        for said in &request.metadata {
            // What a metric is counts for all of its series, so they are looked up again.
            if cache.note(said)? {
                cache.forget_all();
            }
        }
        if cache.is_full() {
            cache.forget_all();
        }
        drop(request);
        let mut request = read(bytes, &cache)?;
        // All of them can be read, or none is made.
        let meant = request.unknown.iter().map(|(labels, _)| cache.meaning(labels));
        let meant = meant.collect::<Result<Vec<_>, _>>()?;
        for ((labels, theirs), (metric, tags)) in std::mem::take(&mut request.unknown).into_iter().zip(meant) {
            let number = cache.learn(&self.store, labels, &metric, &tags)?;
            let points = request.points.get_mut(theirs).unwrap_or_default();
            points.iter_mut().for_each(|(known, _)| *known = number);
        }
        let cache = RwLockWriteGuard::downgrade(cache);
        Ok(self.push(&cache, &request))
    }

    /// Stores points, and hands the newest of each series on to who watches it live.
    fn push(&self, cache: &Cache, request: &Request<'_>) -> Result<(), Unstored> {
        let changes = self.hub.changes();
        let mut live: Vec<(u32, Point)> = Vec::new();
        let (mut stored, mut refused) = (0, Refused { not_finite: request.no_values, ..Refused::default() });
        let told = self.store.append_points_told(&cache.series, &request.points, |number, point, fate| {
            match fate {
                Fate::Newest | Fate::Late => stored += 1,
                Fate::Refused(reason) => refused.note(reason),
            }
            if fate == Fate::Newest
                && let Some(changes) = changes
                && cache.is_watched(number, &self.hub, changes)
            {
                match live.last_mut() {
                    Some(before) if before.0 == number => before.1 = point,
                    _ => live.push((number, point)),
                }
            }
        });
        if told == Err(Unstored::Gone) {
            // It comes once more, all of it.
            return told;
        }
        self.counters.samples(stored, refused);
        for part in live.chunks(MOST_IN_UPDATE) {
            let points = part.iter().filter_map(|&(number, point)| {
                let series = cache.series.get(number as usize)?;
                Some(DataPoint {
                    metric_name: series.metric().name.clone().into_owned(),
                    value: point.value,
                    timestamp: point.time,
                    tags: series.tags().clone(),
                    unit: series.metric().unit.clone(),
                })
            });
            self.hub.publish_points(points.collect());
        }
        told
    }

    /// Counts a request, which may not have come so far that it could be taken.
    pub fn count(&self, outcome: Outcome) {
        self.counters.request(outcome);
    }

    /// What came in since the start.
    #[must_use]
    pub fn written(&self) -> Written {
        self.counters.counted()
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, WriteError> {
    let not_snappy = |_| WriteError::Malformed("it is not in the block format of snappy");
    if snap::raw::decompress_len(packed).map_err(not_snappy)? > MOST_BYTES {
        return Err(WriteError::TooLong);
    }
    snap::raw::Decoder::new().decompress_vec(packed).map_err(not_snappy)
}

fn read<'a>(bytes: &'a [u8], cache: &Cache) -> Result<Request<'a>, WriteError> {
    let mut request = Request::default();
    let mut fields = Fields(bytes);
    while let Some(field) = fields.take()? {
        match (field.number, field.value) {
            (TIME_SERIES, Value::Bytes(series)) => read_series(series, cache, &mut request)?,
            (METADATA, Value::Bytes(said)) => request.metadata.push(said),
            _ => {}
        }
    }
    Ok(request)
}

/// Labels first, then samples: as everybody writes it, and as the specification's message is laid out.
fn read_series<'a>(bytes: &'a [u8], cache: &Cache, request: &mut Request<'a>) -> Result<(), WriteError> {
    let mut fields = Fields(bytes);
    let mut rest = fields;
    while let Some(field) = fields.take()?
        && field.number == LABELS
    {
        rest = fields;
    }
    let labels = bytes.get(..bytes.len() - rest.0.len()).unwrap_or_default();
    let (known, from) = (cache.get(labels), request.points.len());
    let number = known.unwrap_or(UNKNOWN);
    while let Some(field) = rest.take()? {
        match (field.number, field.value) {
            (SAMPLES, Value::Bytes(sample)) => {
                if request.points.len() >= MOST_SAMPLES {
                    return Err(WriteError::TooLong);
                }
                match read_sample(sample)? {
                    point if point.value.to_bits() == STALE => {}
                    // No sender can do anything about it: a quantile of nothing is NaN, and its series is written all the same.
                    point if point.value.is_nan() => request.no_values += 1,
                    point => request.points.push((number, point)),
                }
            }
            (LABELS, _) => return Err(WriteError::Malformed("a series has labels behind its samples")),
            // Exemplars and histograms: there is nowhere to keep them.
            _ => {}
        }
    }
    if request.unknown.len() >= MOST_SAMPLES {
        return Err(WriteError::TooLong);
    }
    // A series without a point is none.
    if known.is_none() && request.points.len() > from {
        request.unknown.push((labels, from..request.points.len()));
    }
    Ok(())
}

fn read_sample(bytes: &[u8]) -> Result<Point, WriteError> {
    let (mut value, mut time) = (0.0, 0);
    let mut fields = Fields(bytes);
    while let Some(field) = fields.take()? {
        match (field.number, field.value) {
            (SAMPLE_VALUE, Value::Fixed(bits)) => value = f64::from_bits(bits),
            (SAMPLE_TIME, Value::Number(ms)) => time = ms.cast_signed(),
            _ => {}
        }
    }
    Ok(Point::new(Timestamp::from_millis(time), value))
}
