//! Where the growth of a series begins: which point before a range may still be the one that the first within it has grown from.
//!
//! Too far back, and what a counter grew by in a long silence is told as growth of the range; not far enough, and a series with a
//! point an hour has no growth in any hour. So it depends on how far apart the points of the series are.

use std::sync::Arc;
use std::time::Duration;

use app::model::{Point, Timestamp};

use super::Plan;
use crate::store::block::Block;
use crate::store::catalog::Entry;
use crate::store::summary::Summary;

/// How far before a range the last point may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lead {
    /// So far in any case: a target that was away for a moment goes on where it was.
    pub(super) least: Duration,
    /// Where windows or the points of the series are further apart, so many of those distances: one that is a little late is no gap.
    pub(super) distances: u32,
}

impl Lead {
    pub(super) const USUAL: Self = Self { least: Duration::from_secs(5 * 60), distances: 2 };

    /// From here on the last point before the range counts for every series.
    pub(super) fn from(self, plan: &Plan) -> Timestamp {
        plan.start - (self.distances * plan.step.unwrap_or_default()).max(self.least)
    }

    /// Whether it counts for a series of which only this is known.
    pub(super) fn reaches(self, before: &Before, plan: &Plan) -> bool {
        before.apart.is_some_and(|apart| before.last.time >= plan.start - self.distances * apart)
    }

    /// Where the points of a series that are the last before the range begin, in milliseconds: at the first moment it says there is at
    /// least one of them, at the second two, and so on.
    pub(super) fn begins(plan: &Plan, entry: &Entry, blocks: &[Arc<Block>]) -> Vec<i64> {
        let before = plan.start.as_millis();
        let mut begins = entry.head.lock().begins_before(before);
        for block in blocks.iter().filter(|block| block.first().as_millis() < before) {
            let width = block.tier().width_ms().unwrap_or(1);
            let chunks = block.chunks(entry.number).map(|chunk| chunk.first.as_millis().div_euclid(width) * width);
            begins.extend(chunks.filter(|&first| first < before));
        }
        begins.sort_unstable_by_key(|&first| std::cmp::Reverse(first));
        begins.dedup();
        begins
    }
}

/// The end of what a series has before a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Before {
    pub(super) last: Point,
    /// How far it was from the one before it.
    pub(super) apart: Option<Duration>,
}

impl Before {
    /// Of points, and of windows where there are no points any more, ascending.
    pub(super) fn of(found: &[Summary]) -> Option<Self> {
        let (newest, older) = found.split_last()?;
        let last = newest.last;
        let apart = match u32::try_from(newest.count - 1) {
            Ok(0) => older.last().map(|before| last.time.since(before.last.time)),
            Ok(steps) => Some(last.time.since(newest.first.time) / steps),
            Err(_) => None,
        };
        Some(Self { last, apart })
    }
}

#[cfg(test)]
mod tests {
    use app::model::{Aggregation, Metric, Tags, Unit};

    use crate::store::{Limits, Plan, Selection, Store};

    use super::*;

    const SENT: Metric = Metric::counter("sent", Unit::BYTES);
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    /// A store with a counter that has grown by 10 at each of these seconds; sealed after each, all at the end, or not at all.
    fn store(times: &[i64], sealed: Sealed) -> Store {
        let store = Store::new(Limits::NONE);
        let series = [store.series(&SENT, &Tags::default())];
        for (n, &time) in times.iter().enumerate() {
            store.append_points(&series, &[(0, Point::new(at(time), 10.0 * n as f64))]).unwrap();
            if sealed == Sealed::EachTime {
                store.settle_down().unwrap();
            }
        }
        if sealed == Sealed::AtTheEnd {
            store.settle_down().unwrap();
        }
        store
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Sealed {
        Not,
        AtTheEnd,
        EachTime,
    }

    /// `want`: the increase of the windows from `start` to `end`.
    #[track_caller]
    fn check(times: &[i64], step: Option<i64>, (start, end): (i64, i64), want: &[f64]) {
        for sealed in [Sealed::Not, Sealed::AtTheEnd, Sealed::EachTime] {
            let store = store(times, sealed);
            let step = step.map(|step| Duration::from_secs(step.unsigned_abs()));
            let plan = Plan { aggregation: Aggregation::Increase, step, by: None, start: at(start), end: at(end) };
            let what = Selection {
                metric: "sent".to_owned(),
                tags: Tags::default(),
                matchers: Vec::new(),
                start: plan.start,
                end: plan.end,
            };
            let got: Vec<f64> =
                store.aggregate(&what, &plan).unwrap().into_iter().flat_map(|s| s.points).map(|p| p.value).collect();
            assert_eq!(got, want, "{sealed:?}: {times:?} from {start} to {end} in steps of {step:?}");
        }
    }

    #[test]
    fn a_short_silence_before_the_range_is_bridged_and_a_long_one_is_not() {
        let day = 86_400;
        check(&[day, day + 15, day + 30, day + 300], None, (day + 280, day + 310), &[10.0]);
        check(&[day, day + 15, day + 30, day + 900, day + 915], None, (day + 880, day + 920), &[10.0]);
        check(&[day, day + 15, day + 30, day + 900], None, (day + 880, day + 920), &[]);
    }

    #[test]
    fn windows_that_are_longer_reach_further_back() {
        let day = 86_400;
        let times = [day, day + 15, day + 90 * MINUTE, day + 91 * MINUTE];
        check(&times, Some(HOUR), (day + HOUR, day + 2 * HOUR), &[20.0]);
        // The last before is too far away, and what came to be within the range has no say in that.
        check(&times, Some(MINUTE), (day + HOUR, day + 2 * HOUR), &[10.0]);
    }

    #[test]
    fn a_series_with_a_point_an_hour_has_grown_in_each_hour() {
        let day = 10 * 86_400;
        let times: Vec<i64> = (0..40).map(|n| day + n * HOUR + n % 3).collect();
        check(&times, None, (day + 29 * HOUR + 30 * MINUTE, day + 30 * HOUR + 30 * MINUTE), &[10.0]);
        check(&times, Some(5 * MINUTE), (day + 9 * HOUR + 30 * MINUTE, day + 10 * HOUR + 30 * MINUTE), &[10.0]);
        // Two of them are enough to tell.
        check(&times[..3], None, (day + 90 * MINUTE, day + 150 * MINUTE), &[10.0]);
        check(&times[..2], None, (day + 30 * MINUTE, day + 90 * MINUTE), &[]);
        check(&[day, day + 20 * HOUR, day + 20 * HOUR + 60], None, (day + 19 * HOUR, day + 21 * HOUR), &[10.0]);
    }

    #[test]
    fn what_only_windows_have_of_it_counts_too() {
        let days = Duration::from_secs(100 * 86_400);
        let limits = Limits {
            max_age: Duration::from_secs(24 * 3600),
            max_minutes_age: days,
            max_hours_age: days,
            ..Limits::NONE
        };
        let store = Store::new(limits);
        let series = [store.series(&SENT, &Tags::default())];
        let begin = 20_000 * 24 * HOUR;
        for n in 0..96 {
            store.append_points(&series, &[(0, Point::new(at(begin + n * HOUR), 10.0 * n as f64))]).unwrap();
            store.enforce(at(begin + n * HOUR));
            store.tend(at(begin + n * HOUR));
        }
        store.settle_down().unwrap();
        store.enforce(at(begin + 96 * HOUR));
        store.tend(at(begin + 96 * HOUR));
        let (start, end) = (at(begin + 20 * HOUR), at(begin + 21 * HOUR - 1));
        assert!(store.needed() > end, "its points are to have gone");
        let plan =
            Plan { aggregation: Aggregation::Increase, step: Some(Duration::from_secs(60)), by: None, start, end };
        let what =
            Selection { metric: "sent".into(), tags: Tags::default(), matchers: Vec::new(), start: plan.start, end };
        let got: Vec<f64> =
            store.aggregate(&what, &plan).unwrap().into_iter().flat_map(|s| s.points).map(|p| p.value).collect();
        assert_eq!(got, [10.0]);
    }
}
