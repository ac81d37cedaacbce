//! The points of one series in memory: sealed chunks, and a head that grows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use app::model::{Point, Timestamp};

use super::Reason;

/// Points in a sealed chunk. A reader copies at most this many under the lock; the rest it shares.
const CHUNK: usize = 256;

/// A point further behind the newest one than this may mean that the machine's clock was set back.
const SET_BACK: Duration = Duration::from_secs(10);

/// Ascending by time, one point a moment.
#[derive(Debug, Default)]
pub(super) struct Points {
    /// Never changed again, so readers may hold them without a lock. Each has exactly [`CHUNK`] points.
    sealed: VecDeque<Arc<[Point]>>,
    /// How many points at the start of the first sealed chunk are dropped; its memory goes when all are.
    dropped: usize,
    /// The newest points. It is sealed by the push that finds it full, so it has the newest point of all.
    head: Vec<Point>,
    /// The time of the point before, where it was refused for being more than [`SET_BACK`] late.
    late: Option<Timestamp>,
}

impl Points {
    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.sealed.len() * CHUNK - self.dropped + self.head.len()
    }

    /// Adds a point, or replaces the newest one where it has the same time; then drops the oldest beyond
    /// `max_points`, never the new one.
    ///
    /// One point that is far too old is odd and refused. Where the next one goes on from there, the clock was set back:
    /// the points that lie ahead of it go, or nothing would be taken until the clock has caught up.
    pub(super) fn push(&mut self, point: Point, max_points: usize) -> Result<(), Reason> {
        let late = self.late.take();
        if let Some(newest) = self.head.last().filter(|newest| point.time < newest.time) {
            let behind = newest.time.since(point.time);
            if behind <= SET_BACK {
                return Err(Reason::OutOfOrder { behind });
            }
            if late.is_none_or(|late| point.time <= late) {
                self.late = Some(point.time);
                return Err(Reason::SetBack { behind });
            }
            self.drop_from(point.time);
        }
        if let Some(newest) = self.head.last_mut().filter(|newest| point.time == newest.time) {
            *newest = point;
            return Ok(());
        }
        if self.head.len() == CHUNK {
            self.sealed.push_back(self.head.as_slice().into());
            self.head.clear();
        }
        self.head.push(point);
        self.drop_oldest(self.len().saturating_sub(max_points.max(1)));
        Ok(())
    }

    fn drop_oldest(&mut self, mut surplus: usize) {
        while !self.sealed.is_empty() {
            let left = CHUNK - self.dropped;
            if surplus < left {
                self.dropped += surplus;
                return;
            }
            surplus -= left;
            self.sealed.pop_front();
            self.dropped = 0;
        }
        self.head.drain(..surplus.min(self.head.len()));
    }

    /// Drops every point at `time` and later.
    fn drop_from(&mut self, time: Timestamp) {
        self.head.truncate(self.head.partition_point(|p| p.time < time));
        while self.head.is_empty()
            && let Some(chunk) = self.sealed.pop_back()
        {
            let from = if self.sealed.is_empty() { std::mem::take(&mut self.dropped) } else { 0 };
            let to = chunk.partition_point(|p| p.time < time);
            self.head.extend_from_slice(chunk.get(from..to).unwrap_or_default());
        }
    }

    /// Drops every point earlier than `oldest`.
    pub(super) fn drop_before(&mut self, oldest: Timestamp) {
        let whole = self.sealed.partition_point(|chunk| ends_before(chunk, oldest));
        let within = self.sealed.get(whole).map_or(self.head.as_slice(), |chunk| chunk);
        let expired = whole * CHUNK + within.partition_point(|p| p.time < oldest);
        self.drop_oldest(expired.saturating_sub(self.dropped));
    }

    /// What a reader needs for the points from `start` to `end`, both included. It is all that has to
    /// happen under the lock: sealed chunks are shared and only the head is copied.
    pub(super) fn slice(&self, start: Timestamp, end: Timestamp) -> Slice {
        let oldest_kept = self.sealed.front().and_then(|chunk| chunk.get(self.dropped));
        let start = oldest_kept.map_or(start, |kept| start.max(kept.time));
        let from = self.sealed.partition_point(|chunk| ends_before(chunk, start));
        let to = self.sealed.partition_point(|chunk| chunk.first().is_some_and(|p| p.time <= end));
        let sealed = self.sealed.range(from..to.max(from)).cloned().collect();
        Slice { sealed, head: within(&self.head, start, end).to_vec(), start, end }
    }
}

/// What a reader takes away from a series.
#[derive(Debug)]
pub(super) struct Slice {
    sealed: Vec<Arc<[Point]>>,
    head: Vec<Point>,
    start: Timestamp,
    end: Timestamp,
}

impl Slice {
    pub(super) fn into_points(self) -> Vec<Point> {
        if self.sealed.is_empty() {
            return self.head;
        }
        let mut points = Vec::with_capacity(self.sealed.len() * CHUNK + self.head.len());
        for chunk in &self.sealed {
            points.extend_from_slice(within(chunk, self.start, self.end));
        }
        points.extend_from_slice(&self.head);
        points
    }
}

fn ends_before(chunk: &[Point], time: Timestamp) -> bool {
    chunk.last().is_some_and(|p| p.time < time)
}

fn within(points: &[Point], start: Timestamp, end: Timestamp) -> &[Point] {
    let from = points.partition_point(|p| p.time < start);
    let to = points.partition_point(|p| p.time <= end);
    points.get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: usize = usize::MAX;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    /// One point a millisecond from 0 on.
    fn filled(count: usize, max_points: usize) -> Points {
        let mut points = Points::default();
        for (time, value) in (0..).zip(0..count) {
            assert_eq!(points.push(Point::new(at(time), value as f64), max_points), Ok(()));
        }
        points
    }

    #[track_caller]
    fn check(points: &Points, (start, end): (i64, i64), want: std::ops::Range<i64>) {
        let got: Vec<i64> = points.slice(at(start), at(end)).into_points().iter().map(|p| p.time.as_millis()).collect();
        assert_eq!(got, want.collect::<Vec<_>>(), "from {start} to {end}");
    }

    #[test]
    fn a_range_has_both_ends_wherever_chunks_do() {
        let points = filled(3 * CHUNK + 7, ALL);
        check(&points, (0, 0), 0..1);
        check(&points, (255, 256), 255..257);
        check(&points, (100, 700), 100..701);
        check(&points, (768, 768), 768..769);
        check(&points, (i64::MIN, i64::MAX), 0..775);
        check(&points, (775, i64::MAX), 0..0);
        check(&points, (i64::MIN, -1), 0..0);
        check(&points, (700, 100), 0..0);
    }

    #[test]
    fn the_bound_by_number_is_exact_and_leaves_one() {
        for (max_points, kept) in [(0, 1), (1, 1), (10, 10), (CHUNK, CHUNK), (CHUNK + 1, CHUNK + 1), (600, 600)] {
            let points = filled(1000, max_points);
            assert_eq!(points.len(), kept, "of at most {max_points}");
            check(&points, (0, 2000), 1000 - i64::try_from(kept).unwrap_or(0)..1000);
            assert!(points.sealed.len() * CHUNK < kept + CHUNK, "memory of dropped chunks is kept");
        }
    }

    #[test]
    fn what_is_too_old_goes_and_going_twice_is_going_once() {
        for oldest in [-5, 0, 1, 255, 256, 257, 511, 512, 999, 1000, 5000] {
            let mut points = filled(1000, ALL);
            points.drop_before(at(oldest / 2));
            points.drop_before(at(oldest));
            points.drop_before(at(oldest));
            check(&points, (-10, 2000), oldest.clamp(0, 1000)..1000);
            assert_eq!(points.is_empty(), oldest >= 1000);
        }
    }

    #[test]
    fn the_same_time_replaces_even_where_the_head_is_full() {
        for count in [1, CHUNK, CHUNK + 1] {
            let mut points = filled(count, ALL);
            let newest = points.head.last().map_or(Timestamp::MIN, |p| p.time);
            assert_eq!(points.push(Point::new(newest, -1.0), ALL), Ok(()));
            assert_eq!(points.len(), count);
            assert_eq!(points.slice(newest, newest).into_points(), [Point::new(newest, -1.0)]);
        }
    }

    #[test]
    fn an_older_point_is_refused() {
        let mut points = filled(5, ALL);
        let late = points.push(Point::new(at(1), 0.0), ALL);
        assert_eq!(late, Err(Reason::OutOfOrder { behind: Duration::from_millis(3) }));
        check(&points, (0, 9), 0..5);
    }

    #[test]
    fn a_clock_that_is_set_back_costs_one_point_and_what_lay_ahead() {
        let hour = 3_600_000;
        for (count, max_points) in [(5, ALL), (CHUNK, ALL), (3 * CHUNK + 7, ALL), (3 * CHUNK + 7, 300)] {
            for back_to in [-hour, 0, 1, 255, 256, 600] {
                let mut points = filled(count, max_points);
                let first = points.slice(at(-hour), at(hour)).into_points()[0].time;
                let newest = at(2 * hour);
                assert_eq!(points.push(Point::new(newest, 0.0), ALL), Ok(()));
                let refused = points.push(Point::new(at(back_to), 0.0), ALL);
                assert_eq!(refused, Err(Reason::SetBack { behind: newest.since(at(back_to)) }));
                assert_eq!(points.push(Point::new(at(back_to + 1), -1.0), ALL), Ok(()), "{count} {back_to}");
                let kept = points.slice(at(-2 * hour), at(9 * hour)).into_points();
                let count = i64::try_from(count).unwrap();
                let mut want: Vec<i64> = (first.as_millis()..count.min(back_to + 1)).collect();
                want.push(back_to + 1);
                assert_eq!(kept.iter().map(|p| p.time.as_millis()).collect::<Vec<_>>(), want);
                assert_eq!((points.len(), kept[kept.len() - 1].value), (want.len(), -1.0));
                assert_eq!(points.push(Point::new(at(hour), 0.0), ALL), Ok(()));
            }
        }
    }

    #[test]
    fn one_odd_time_costs_nothing_but_itself() {
        let mut points = filled(5, ALL);
        let hour = 3_600_000;
        assert_eq!(points.push(Point::new(at(hour), 0.0), ALL), Ok(()));
        for n in 0..3 {
            assert!(points.push(Point::new(at(7), 0.0), ALL).is_err(), "the same one again is no clock that goes on");
            assert!(points.push(Point::new(at(7), 0.0), ALL).is_err());
            assert_eq!(points.push(Point::new(at(hour + 1 + n), 0.0), ALL), Ok(()));
            assert!(points.push(Point::new(at(8 + n), 0.0), ALL).is_err(), "it went on in between");
        }
        assert_eq!(points.len(), 9);
    }

    #[test]
    fn a_slice_stays_as_it_was_taken() {
        let mut points = filled(2 * CHUNK, ALL);
        let slice = points.slice(at(10), at(9999));
        points.drop_before(at(400));
        assert_eq!(points.push(Point::new(at(9000), 0.0), ALL), Ok(()));
        assert_eq!(slice.into_points().len(), 2 * CHUNK - 10);
    }

    #[test]
    fn a_point_takes_sixteen_bytes() {
        assert_eq!(size_of::<Point>(), 16);
    }
}
