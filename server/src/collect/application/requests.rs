//! Requests of one application: how many, how many failed, how long the last minute's took.
//!
//! Invariant: memory is bounded, whatever comes in: a slot a second, a fixed number of buckets a slot.
//! Invariant: the time is an argument; a clock that is set back loses the window and nothing else.
//! May not know: what a request is, who counts them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;
use parking_lot::Mutex;

use super::value;

/// Response times are kept for so many seconds.
const SLOTS: usize = 60;

/// Each doubling is cut into so many buckets, so that a quantile is at most a sixteenth wrong.
const PER_DOUBLING: u32 = 8;
/// From a microsecond to 2^32 of them, which is more than an hour.
const BUCKETS: usize = 30 * 8 + 8;

/// A recorder that many threads share. Cheap to clone: all clones are one.
#[derive(Clone, Default)]
pub struct RequestStats(Arc<Mutex<Inner>>);

/// What a [`RequestStats`] has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RequestSummary {
    /// Requests since the start.
    pub(super) total: u64,
    /// Those of them that failed.
    pub(super) errors: u64,
    /// Of the last 60 seconds.
    pub(super) times: ResponseTimes,
}

/// Response times in seconds; all 0 where there was no request.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ResponseTimes {
    /// The mean.
    pub(super) avg: f64,
    /// The longest.
    pub(super) max: f64,
    /// The shortest.
    pub(super) min: f64,
    /// As many as were asked for are not longer than these: half, 90 %, 95 %, 99 %, each at most a sixteenth wrong.
    pub(super) quantiles: [f64; QUANTILES.len()],
}

/// The quantiles of [`ResponseTimes`].
pub(super) const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

struct Inner {
    total: u64,
    errors: u64,
    slots: Box<[Slot]>,
}

/// One second.
#[derive(Clone)]
struct Slot {
    /// Since the epoch; what is in the slot is of this one alone.
    second: i64,
    count: u64,
    sum_us: u64,
    min_us: u64,
    max_us: u64,
    buckets: [u32; BUCKETS],
}

const EMPTY: Slot = Slot { second: i64::MIN, count: 0, sum_us: 0, min_us: u64::MAX, max_us: 0, buckets: [0; BUCKETS] };

impl Default for Inner {
    fn default() -> Self {
        Self { total: 0, errors: 0, slots: vec![EMPTY; SLOTS].into() }
    }
}

impl RequestStats {
    /// Nothing seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A request that ended at `at`. The lock is held for some tens of nanoseconds.
    pub fn record(&self, at: Timestamp, took: Duration, failed: bool) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let second = second(at);
        let mut inner = self.0.lock();
        inner.total += 1;
        inner.errors += u64::from(failed);
        let Some(slot) = inner.slots.get_mut(slot_of(second)) else { return };
        if slot.second != second {
            *slot = Slot { second, ..EMPTY };
        }
        slot.add(us);
    }

    /// What was seen until `now`.
    #[must_use]
    pub(super) fn summary(&self, now: Timestamp) -> RequestSummary {
        let newest = second(now);
        let oldest = newest.saturating_sub(i64::try_from(SLOTS).unwrap_or(i64::MAX));
        let mut all = EMPTY;
        let inner = self.0.lock();
        let current = inner.slots.iter().filter(|slot| slot.second > oldest && slot.second <= newest);
        current.for_each(|slot| all.merge(slot));
        RequestSummary { total: inner.total, errors: inner.errors, times: all.times() }
    }
}

impl fmt::Debug for RequestStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.lock();
        f.debug_struct("RequestStats").field("total", &inner.total).field("errors", &inner.errors).finish()
    }
}

impl Slot {
    fn add(&mut self, us: u64) {
        self.count += 1;
        self.sum_us = self.sum_us.saturating_add(us);
        self.min_us = self.min_us.min(us);
        self.max_us = self.max_us.max(us);
        if let Some(count) = self.buckets.get_mut(bucket_of(us)) {
            *count = count.saturating_add(1);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.min_us = self.min_us.min(other.min_us);
        self.max_us = self.max_us.max(other.max_us);
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    fn times(&self) -> ResponseTimes {
        if self.count == 0 {
            return ResponseTimes::default();
        }
        let seconds = |us: f64| us / 1e6;
        ResponseTimes {
            avg: seconds(value(self.sum_us) / value(self.count)),
            max: seconds(value(self.max_us)),
            min: seconds(value(self.min_us)),
            quantiles: QUANTILES.map(|q| seconds(self.quantile(q))),
        }
    }

    /// The middle of the bucket that holds it, never beyond the shortest or the longest.
    fn quantile(&self, q: f64) -> f64 {
        let wanted = (q * value(self.count)).ceil();
        let mut seen = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if value(seen) >= wanted {
                return middle_of(at).clamp(value(self.min_us), value(self.max_us));
            }
        }
        value(self.max_us)
    }
}

fn second(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

fn slot_of(second: i64) -> usize {
    let slots = i64::try_from(SLOTS).unwrap_or(i64::MAX);
    usize::try_from(second.rem_euclid(slots)).unwrap_or_default()
}

/// The first eight hold one microsecond each; above, each doubling has eight of equal width.
fn bucket_of(us: u64) -> usize {
    let shift = us.checked_ilog2().unwrap_or_default().saturating_sub(PER_DOUBLING.ilog2());
    let at = u64::from(shift * PER_DOUBLING) + (us >> shift);
    usize::try_from(at).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// In microseconds.
fn middle_of(bucket: usize) -> f64 {
    let per_doubling = usize::try_from(PER_DOUBLING).unwrap_or(1);
    let shift = (bucket / per_doubling).saturating_sub(1);
    let lowest = (bucket - shift * per_doubling) << shift;
    let width = 1_usize << shift;
    u64::try_from(lowest).map_or(0.0, value) + u64::try_from(width - 1).map_or(0.0, value) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `requests`: second and milliseconds of each; `want`: avg, max, min and quantiles in milliseconds.
    #[track_caller]
    fn check(requests: &[(i64, u64)], now: i64, want: [f64; 7]) {
        let stats = RequestStats::new();
        for (second, ms) in requests {
            stats.record(Timestamp::from_millis(second * 1000 + 999), Duration::from_millis(*ms), false);
        }
        let summary = stats.summary(Timestamp::from_millis(now * 1000 + 999));
        let ResponseTimes { avg, max, min, quantiles: [q50, q90, q95, q99] } = summary.times;
        for (got, want) in [avg, max, min, q50, q90, q95, q99].into_iter().zip(want) {
            let got = got * 1000.0;
            assert!((got - want).abs() <= want / 16.0, "{:?} at {now}: {got} for {want}", summary.times);
        }
        assert_eq!(summary.total, u64::try_from(requests.len()).unwrap());
    }

    #[test]
    fn the_last_minute_is_told_and_nothing_before_it() {
        check(&[], 0, [0.0; 7]);
        check(&[(0, 10)], 0, [10.0; 7]);
        check(&[(0, 10)], 59, [10.0; 7]);
        check(&[(0, 10)], 60, [0.0; 7]);
        check(&[(0, 10), (30, 20), (61, 40)], 61, [30.0, 40.0, 20.0, 20.0, 40.0, 40.0, 40.0]);
        // The slot of second 0 is taken by second 60.
        check(&[(0, 10), (60, 20)], 60, [20.0; 7]);
        // Before the epoch, as a machine without a clock's battery may begin.
        check(&[(-30, 10)], -1, [10.0; 7]);
    }

    #[test]
    fn a_clock_that_is_set_back_loses_the_window_alone() {
        check(&[(1000, 10), (1001, 10), (5, 30)], 5, [30.0; 7]);
        check(&[(1000, 10), (5, 30)], 1000, [10.0; 7]);
    }

    #[test]
    fn quantiles_are_a_sixteenth_wrong_at_most() {
        let requests: Vec<(i64, u64)> = (1..=1000).map(|ms| (i64::try_from(ms % 60).unwrap(), ms)).collect();
        check(&requests, 59, [500.5, 1000.0, 1.0, 500.0, 900.0, 950.0, 990.0]);
        // One slow in a hundred does not show at 99.
        let mut requests = vec![(0, 2); 99];
        requests.push((0, 9000));
        check(&requests, 0, [91.98, 9000.0, 2.0, 2.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn every_time_has_a_bucket_near_it() {
        for us in (0..40).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1, 3 << bit]) {
            let near = middle_of(bucket_of(us));
            let most = value(1 << 33);
            assert!((near - value(us)).abs() <= value(us) / 16.0 || value(us) >= most / 2.0, "{us}: {near}");
        }
        assert!((1..100_000).all(|us| bucket_of(us) >= bucket_of(us - 1) && bucket_of(us) <= bucket_of(us - 1) + 1));
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn many_threads_share_one_and_errors_are_counted() {
        let stats = RequestStats::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let stats = stats.clone();
                scope.spawn(move || {
                    (0..1000).for_each(|n| stats.record(Timestamp::from_millis(0), Duration::MAX, n % 10 == 0));
                });
            }
        });
        let summary = stats.summary(Timestamp::from_millis(0));
        assert_eq!((summary.total, summary.errors), (4000, 400));
        assert!(summary.times.max > 0.0);
    }
}
