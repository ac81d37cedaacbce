//! Fewer points, the same picture: of each column of pixels, the least and the greatest.

use crate::model::Timestamp;

/// The points from `start` to `end`, at most two a column: the least and the greatest of it, as they came.
/// Holes are kept: two points with a hole between them never become neighbours.
///
/// Columns are a grid on the clock, not on the range: while the range moves with the time, a point stays
/// in its column, and the picture does not tremble.
#[must_use]
pub fn thin(
    points: &[(Timestamp, Option<f64>)],
    start: Timestamp,
    end: Timestamp,
    columns: u32,
) -> Vec<(Timestamp, Option<f64>)> {
    let within = points.iter().filter(|(time, _)| (start..=end).contains(time));
    let span = i128::from(end.as_millis()) - i128::from(start.as_millis());
    // The range seldom begins where a column does, so one more is touched than it is wide.
    let step = span.max(0) / i128::from(columns.max(2) - 1) + 1;
    let column = |time: Timestamp| if columns > 1 { i128::from(time.as_millis()).div_euclid(step) } else { 0 };

    let mut out = Thinned::default();
    let mut open = Column::default();
    let mut at = None;
    for (turn, &(time, value)) in within.enumerate() {
        if at != Some(column(time)) {
            out.extend(std::mem::take(&mut open));
            at = Some(column(time));
        }
        match value.filter(|v| !v.is_nan()) {
            Some(value) => open.take(Kept { time, value, turn, hole: out.hole }),
            None => out.hole = Some(time),
        }
    }
    out.extend(open);
    out.end()
}

/// A point of the column at hand.
#[derive(Clone, Copy)]
struct Kept {
    time: Timestamp,
    value: f64,
    turn: usize,
    /// The last hole before it.
    hole: Option<Timestamp>,
}

#[derive(Clone, Copy, Default)]
struct Column {
    least: Option<Kept>,
    greatest: Option<Kept>,
}

impl Column {
    fn take(&mut self, point: Kept) {
        if self.least.is_none_or(|least| point.value < least.value) {
            self.least = Some(point);
        }
        if self.greatest.is_none_or(|greatest| point.value > greatest.value) {
            self.greatest = Some(point);
        }
    }
}

#[derive(Default)]
struct Thinned {
    points: Vec<(Timestamp, Option<f64>)>,
    /// The last hole so far.
    hole: Option<Timestamp>,
    /// The last one that is among the points.
    told: Option<Timestamp>,
}

impl Thinned {
    fn extend(&mut self, column: Column) {
        let mut kept: Vec<Kept> = column.least.into_iter().chain(column.greatest).collect();
        kept.sort_by_key(|point| point.turn);
        kept.dedup_by_key(|point| point.turn);
        for point in kept {
            self.tell(point.hole);
            self.points.push((point.time, Some(point.value)));
        }
    }

    /// Several holes without a point between them are one.
    fn tell(&mut self, hole: Option<Timestamp>) {
        if let Some(time) = hole.filter(|_| hole != self.told) {
            self.points.push((time, None));
            self.told = hole;
        }
    }

    fn end(mut self) -> Vec<(Timestamp, Option<f64>)> {
        self.tell(self.hole);
        self.points
    }
}

#[cfg(test)]
#[path = "thin_tests.rs"]
mod tests;
