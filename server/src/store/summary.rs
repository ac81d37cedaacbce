//! What the points of a window come to, in a form that can be joined: the sum of two windows is as good as the sum of their points.
//!
//! Invariant: pure; a summary is of at least one point, and its points ascend by time.

use std::time::Duration;

use app::model::Point;

/// The points of one series in one window, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) first: Point,
    pub(super) last: Point,
    /// What a counter grew by from the first point to the last. A fall is a reset: it began again at zero.
    pub(super) increase: f64,
}

/// How much a counter grew, and in what time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Growth {
    pub(super) amount: f64,
    pub(super) took: Duration,
}

impl Summary {
    /// Of one point.
    pub(super) fn of(point: Point) -> Self {
        let value = point.value;
        Self { count: 1, sum: value, min: value, max: value, first: point, last: point, increase: 0.0 }
    }

    /// With one more point, later than all so far.
    pub(super) fn add(&mut self, point: Point) {
        self.join(&Self::of(point));
    }

    /// With the points of a later window.
    pub(super) fn join(&mut self, later: &Self) {
        self.count += later.count;
        self.sum += later.sum;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.increase += growth_between(self.last.value, later.first.value) + later.increase;
        self.last = later.last;
    }

    /// What the counter grew by since the last point `before` the window, or since its own first one. None where that is one moment.
    pub(super) fn growth(&self, before: Option<Point>) -> Option<Growth> {
        let from = before.unwrap_or(self.first);
        let lead_in = growth_between(from.value, self.first.value);
        let took = self.last.time.since(from.time);
        (!took.is_zero()).then_some(Growth { amount: lead_in + self.increase, took })
    }
}

/// A fall is a reset: the counter began again at zero and has reached its new value since.
pub(super) fn growth_between(before: f64, after: f64) -> f64 {
    if after >= before { after - before } else { after.max(0.0) }
}

#[cfg(test)]
mod tests {
    use app::model::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn summary(points: &[Point]) -> Option<Summary> {
        let (&first, rest) = points.split_first()?;
        let mut summary = Summary::of(first);
        rest.iter().for_each(|&point| summary.add(point));
        Some(summary)
    }

    proptest! {
        #[test]
        fn a_join_is_as_good_as_all_points(values in prop::collection::vec(-50..50_i32, 2..40), cut in 1..39_usize) {
            // Whole numbers add up without rounding.
            let points: Vec<_> =
                (0..).zip(&values).map(|(t, &v)| Point::new(Timestamp::from_millis(t * 1000), f64::from(v))).collect();
            let (earlier, later) = points.split_at(cut.min(points.len() - 1));
            let mut joined = summary(earlier).unwrap();
            let later = summary(later).unwrap();
            let alone = later.growth(Some(joined.last)).unwrap();
            let before = joined.increase;
            joined.join(&later);
            prop_assert_eq!(joined, summary(&points).unwrap());
            prop_assert_eq!(before + alone.amount, joined.increase);
        }
    }
}
