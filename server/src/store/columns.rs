//! Times and values apart, as they are read.
//!
//! Invariant: times ascend, one value a moment.

use std::ops::Range;

use app::model::{Point, Timestamp};

use super::block::DAY_MS;

/// Points of one series.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Columns {
    /// Milliseconds since the epoch.
    pub(super) times: Vec<i64>,
    pub(super) values: Vec<f64>,
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    pub(super) fn clear(&mut self) {
        self.times.clear();
        self.values.clear();
    }

    pub(super) fn get(&self, at: usize) -> Option<Point> {
        Some(Point::new(Timestamp::from_millis(*self.times.get(at)?), *self.values.get(at)?))
    }

    pub(super) fn push(&mut self, point: Point) {
        self.times.push(point.time.as_millis());
        self.values.push(point.value);
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Point> {
        self.times.iter().zip(&self.values).map(|(&time, &value)| Point::new(Timestamp::from_millis(time), value))
    }

    /// Each day that has points, in days since the epoch, with the places of its points.
    pub(super) fn days(&self) -> impl Iterator<Item = (i64, Range<usize>)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = self.times.get(from..)?;
            let day = rest.first()?.div_euclid(DAY_MS);
            let start = from;
            from += rest.partition_point(|time| time.div_euclid(DAY_MS) == day);
            Some((day, start..from))
        })
    }

    /// Keeps what lies from `start` to `end`, both included.
    pub(super) fn clip(&mut self, start: Timestamp, end: Timestamp) {
        let to = self.times.partition_point(|&t| t <= end.as_millis());
        self.times.truncate(to);
        self.values.truncate(to);
        let from = self.times.partition_point(|&t| t < start.as_millis());
        self.times.drain(..from);
        self.values.drain(..from);
    }

    /// Adds what was appended later than all of this: of two points of one moment the added one counts. `added` is empty afterwards.
    pub(super) fn overlay(&mut self, added: &mut Self) {
        let Some(&first) = added.times.first() else { return };
        if self.times.last().is_none_or(|&last| last < first) {
            self.times.append(&mut added.times);
            self.values.append(&mut added.values);
            return;
        }
        let from = self.times.partition_point(|&t| t < first);
        let below = Self { times: self.times.split_off(from), values: self.values.split_off(from) };
        let mut below = below.iter().peekable();
        for point in added.iter() {
            while let Some(earlier) = below.next_if(|b| b.time < point.time) {
                self.push(earlier);
            }
            below.next_if(|b| b.time == point.time);
            self.push(point);
        }
        below.for_each(|later| self.push(later));
        added.clear();
    }
}

impl FromIterator<Point> for Columns {
    fn from_iter<T: IntoIterator<Item = Point>>(points: T) -> Self {
        let mut columns = Self::default();
        points.into_iter().for_each(|point| columns.push(point));
        columns
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn columns(points: &BTreeMap<i64, f64>) -> Columns {
        points.iter().map(|(&time, &value)| Point::new(Timestamp::from_millis(time), value)).collect()
    }

    fn points() -> impl Strategy<Value = BTreeMap<i64, f64>> {
        prop::collection::btree_map(0..30_i64, -9.0..9.0, 0..12)
    }

    proptest! {
        #[test]
        fn the_later_one_counts(below in points(), added in points()) {
            let mut want = below.clone();
            want.extend(&added);
            let mut got = columns(&below);
            let mut rest = columns(&added);
            got.overlay(&mut rest);
            prop_assert_eq!(got, columns(&want));
            prop_assert_eq!(rest.len(), 0);
        }

        #[test]
        fn a_clip_has_both_ends(points in points(), start in -3..33_i64, end in -3..33_i64) {
            let mut got = columns(&points);
            got.clip(Timestamp::from_millis(start), Timestamp::from_millis(end));
            let want = points.into_iter().filter(|(t, _)| (start..=end).contains(t)).collect();
            prop_assert_eq!(got, columns(&want));
        }
    }
}
