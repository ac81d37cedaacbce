//! Fewer points, the same picture: of each column of pixels, the least and the greatest.

use crate::model::Timestamp;

/// The points from `start` to `end`, at most two a column: the least and the greatest of it, as they came.
/// A hole is kept, and where one lies within a column the two are still at most two.
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

    let mut out: Vec<(Timestamp, Option<f64>)> = Vec::new();
    let mut open = Column::default();
    let mut at = None;
    for &(time, value) in within {
        if at != Some(column(time)) {
            open.close_into(&mut out);
            at = Some(column(time));
        }
        open.take(time, value.filter(|v| !v.is_nan()));
    }
    open.close_into(&mut out);
    out
}

/// What is kept of the column at hand.
#[derive(Default)]
struct Column {
    least: Option<Kept>,
    greatest: Option<Kept>,
    /// The first hole, and how many values came before it.
    hole: Option<(Timestamp, usize)>,
    values: usize,
}

#[derive(Clone, Copy)]
struct Kept {
    time: Timestamp,
    value: f64,
    turn: usize,
}

impl Column {
    fn take(&mut self, time: Timestamp, value: Option<f64>) {
        let Some(value) = value else {
            self.hole.get_or_insert((time, self.values));
            return;
        };
        let point = Kept { time, value, turn: self.values };
        if self.least.is_none_or(|least| value < least.value) {
            self.least = Some(point);
        }
        if self.greatest.is_none_or(|greatest| value > greatest.value) {
            self.greatest = Some(point);
        }
        self.values += 1;
    }

    fn close_into(&mut self, out: &mut Vec<(Timestamp, Option<f64>)>) {
        let column = std::mem::take(self);
        let mut kept: Vec<Kept> = column.least.into_iter().chain(column.greatest).collect();
        kept.sort_by_key(|point| point.turn);
        kept.dedup_by_key(|point| point.turn);
        let before_hole = column.hole.map_or(kept.len(), |(_, turn)| kept.partition_point(|p| p.turn < turn));
        let (before, after) = kept.split_at(before_hole);
        out.extend(before.iter().map(|p| (p.time, Some(p.value))));
        // Two holes in a row are one.
        if let Some((time, _)) = column.hole.filter(|_| out.last().is_none_or(|last| last.1.is_some())) {
            out.push((time, None));
        }
        out.extend(after.iter().map(|p| (p.time, Some(p.value))));
    }
}

#[cfg(test)]
#[path = "thin_tests.rs"]
mod tests;
