//! Which stretch of time a widget shows, and whether what it shows is old.
//!
//! May not know: where the time comes from.

use std::time::Duration;

use super::reading::Reading;
use crate::model::Timestamp;

/// A younger monitor shows what it has, but never less than this.
const SHORTEST: Duration = Duration::from_secs(60);
/// A value is old once this many that should have followed it did not.
const OLD: u32 = 3;
/// And no value any more once this many did not.
pub(super) const GONE: u32 = 10;

/// A stretch of time and the age of what is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Whether it is all that was asked for; else it begins with the first value there is.
    pub(super) whole: bool,
    pub(super) age: Age,
}

/// How far the newest value can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Age {
    /// The next one is not overdue.
    Fresh,
    /// Some that should have come did not.
    Old { since: Timestamp },
    /// So many did not come that the last one says nothing of now.
    Gone { since: Timestamp },
}

impl Age {
    /// When the newest value was read, where it is old.
    pub(super) const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Fresh => None,
            Self::Old { since } | Self::Gone { since } => Some(since),
        }
    }
}

impl Frame {
    /// `span` back from the newest value while values come, else from `edge`, the time of the page.
    pub(super) fn of(reading: &Reading, edge: Timestamp, span: Duration) -> Self {
        let newest = reading.newest().unwrap_or(edge);
        let overdue = edge.since(newest);
        let age = if overdue > reading.interval.saturating_mul(GONE) {
            Age::Gone { since: newest }
        } else if overdue > reading.interval.saturating_mul(OLD) {
            Age::Old { since: newest }
        } else {
            Age::Fresh
        };
        let end = if age == Age::Fresh { newest } else { edge };
        let start = end - span;
        let oldest = reading.oldest().unwrap_or(start);
        let shown = start.max(oldest.min(end - SHORTEST));
        Self { start: shown, end, whole: shown <= start + reading.interval.saturating_mul(OLD), age }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::Series;
    use super::*;
    use crate::model::Unit;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    /// Values each second from `first` to `last`, seen at `edge` over `span` seconds.
    #[track_caller]
    fn check(first: i64, last: i64, edge: i64, span: u64, want: (i64, i64, bool, Age)) {
        let points = (first..=last).map(|secs| (at(secs), Some(1.0))).collect();
        let series = Series { identity: String::new(), label: String::new(), slot: 0, points };
        let reading = Reading {
            unit: Unit::NONE,
            series: vec![series],
            left_out: 0,
            interval: Duration::from_secs(1),
            half_known: false,
        };
        let frame = Frame::of(&reading, at(edge), Duration::from_secs(span));
        let (start, end, whole, age) = want;
        assert_eq!(frame, Frame { start: at(start), end: at(end), whole, age });
    }

    #[test]
    fn the_end_is_the_newest_value_while_values_come() {
        check(0, 1000, 1000, 900, (100, 1000, true, Age::Fresh));
        check(0, 1000, 1003, 900, (100, 1000, true, Age::Fresh));
        check(0, 1000, 1004, 900, (104, 1004, true, Age::Old { since: at(1000) }));
        check(0, 1000, 1011, 900, (111, 1011, true, Age::Gone { since: at(1000) }));
    }

    #[test]
    fn a_young_monitor_shows_what_it_has() {
        check(600, 1000, 1000, 900, (600, 1000, false, Age::Fresh));
        check(990, 1000, 1000, 900, (940, 1000, false, Age::Fresh));
        check(102, 1000, 1000, 900, (102, 1000, true, Age::Fresh));
    }
}
