//! Where samples that should have come did not.

use std::time::Duration;

use crate::model::{Point, Timestamp};

/// The points with a `None` wherever two of them are more than 2.5 intervals apart. It stands one interval
/// after the point before it: the moment at which the next one was due.
#[must_use]
pub fn with_holes(points: &[Point], interval: Duration) -> Vec<(Timestamp, Option<f64>)> {
    let most = interval.saturating_mul(5) / 2;
    let mut out = Vec::with_capacity(points.len());
    let mut before: Option<Timestamp> = None;
    for point in points {
        if let Some(before) = before.filter(|&before| !interval.is_zero() && point.time.since(before) > most) {
            out.push((before + interval, None));
        }
        out.push((point.time, Some(point.value)));
        before = Some(point.time);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: &[i64], interval: u64, want: &str) {
        let points: Vec<Point> = times.iter().map(|&t| Point::new(Timestamp::from_millis(t), 1.0)).collect();
        let got: Vec<String> = with_holes(&points, Duration::from_millis(interval))
            .iter()
            .map(|(t, v)| format!("{}{}", if v.is_some() { "" } else { "!" }, t.as_millis()))
            .collect();
        assert_eq!(got.join(" "), want);
    }

    #[test]
    fn more_than_two_and_a_half_intervals() {
        check(&[0, 1000, 3500], 1000, "0 1000 3500");
        check(&[0, 1000, 3501], 1000, "0 1000 !2000 3501");
        check(&[0, 9000], 0, "0 9000");
        check(&[], 1000, "");
    }
}
