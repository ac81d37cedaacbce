//! A straight line through noisy points, and whether it may be believed.
//!
//! The slope is the median of the slopes of all pairs (P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau",
//! 1968): a third of the points may be wild without moving it. A line that explains less than four fifths of the variance is none.

use crate::model::Point;

/// Seconds that stand for "not on its way there": ten years.
pub const NEVER: f64 = 10.0 * 365.25 * 86_400.0;

/// So many stretches of equal length the points are thinned to, each to its mean: 1,770 pairs.
const STRETCHES: usize = 60;
/// With fewer stretches that have points there is no line.
const FEWEST: usize = 12;
/// The share of the variance that the line has to explain.
const BELIEVED: f64 = 0.8;

/// A line that is believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Growth a second: of the whole and of the last third, whichever is closer to standing still; 0 where they disagree.
    pub per_second: f64,
    /// The value at the end, smoothed over a sixtieth of the whole.
    pub latest: f64,
}

/// The trend of points that ascend by time. None where there are too few, where they cover less than half of `seconds`,
/// or where they do not lie on a line.
#[must_use]
pub fn trend(points: &[Point], seconds: f64) -> Option<Trend> {
    line(&enough(points, seconds)?)
}

/// Seconds until the value is `until`, from 0 to [`NEVER`]; `NEVER` too where points do not lie on a line. None where there are too few of
/// them, or they cover less than half of `seconds`: then nobody knows.
#[must_use]
pub fn time_left(points: &[Point], seconds: f64, until: f64) -> Option<f64> {
    let thinned = enough(points, seconds)?;
    let left = line(&thinned).map_or(NEVER, |trend| (until - trend.latest) / trend.per_second);
    Some(if (0.0..NEVER).contains(&left) { left } else { NEVER })
}

/// The points, thinned, if there are enough for a line.
fn enough(points: &[Point], seconds: f64) -> Option<Vec<(f64, f64)>> {
    let covered = points.last()?.time.since(points.first()?.time).as_secs_f64();
    Some(thin(points)).filter(|thinned| thinned.len() >= FEWEST && covered * 2.0 >= seconds)
}

fn line(thinned: &[(f64, f64)]) -> Option<Trend> {
    let whole = slope(thinned)?;
    if explained(thinned, whole) < BELIEVED {
        return None;
    }
    let recent = slope(thinned.get(thinned.len() * 2 / 3..)?)?;
    let slower = if recent.abs() < whole.abs() { recent } else { whole };
    Some(Trend { per_second: if recent * whole > 0.0 { slower } else { 0.0 }, latest: thinned.last()?.1 })
}

/// The means of stretches of equal length, as seconds since the first point and values.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 points")]
fn thin(points: &[Point]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let length = last.time.since(first.time).as_millis() + 1;
    let stretch = |point: &Point| point.time.since(first.time).as_millis() * STRETCHES as u128 / length;
    let mean = |of: &[Point]| {
        let sum = of
            .iter()
            .fold((0.0, 0.0), |sum, point| (sum.0 + point.time.since(first.time).as_secs_f64(), sum.1 + point.value));
        (sum.0 / of.len() as f64, sum.1 / of.len() as f64)
    };
    points.chunk_by(|a, b| stretch(a) == stretch(b)).map(mean).collect()
}

/// The median of the slopes of all pairs.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes: Vec<f64> = Vec::with_capacity(points.len() * points.len() / 2);
    for (n, a) in points.iter().enumerate() {
        slopes.extend(points.iter().skip(n + 1).map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    median(&mut slopes)
}

/// The share of the variance that a line of this slope explains, at best 1; 0 or less where it explains nothing.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 points")]
fn explained(points: &[(f64, f64)], slope: f64) -> f64 {
    let mut offsets: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
    let Some(offset) = median(&mut offsets) else { return 0.0 };
    let mean = points.iter().map(|(_, y)| y).sum::<f64>() / points.len() as f64;
    let off: f64 = points.iter().map(|(x, y)| (y - slope * x - offset).powi(2)).sum();
    let all: f64 = points.iter().map(|(_, y)| (y - mean).powi(2)).sum();
    if all > 0.0 { 1.0 - off / all } else { 0.0 }
}

/// Reorders the values.
fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    const WINDOW: f64 = 6.0 * 3600.0;

    /// A point a minute for six hours.
    fn points(value: impl Fn(i32) -> f64) -> Vec<Point> {
        (0..360).map(|m| Point::new(Timestamp::from_millis(i64::from(m) * 60_000), value(m))).collect()
    }

    fn left(value: impl Fn(i32) -> f64) -> f64 {
        time_left(&points(value), WINDOW, 100.0).unwrap()
    }

    /// From -1 to 1, without a pattern.
    fn noise(n: i32) -> f64 {
        f64::from(n.wrapping_mul(1_103_515_245).wrapping_add(12_345) >> 8 & 0xff) / 127.5 - 1.0
    }

    #[test]
    fn a_line_is_followed_to_its_end() {
        // 0.1 a minute from 50: 36 in six hours, 14 left are 140 minutes.
        let found = left(|m| 50.0 + 0.1 * f64::from(m));
        assert!((found - 141.0 * 60.0).abs() < 300.0, "{found}");
        let noisy = left(|m| 50.0 + 0.1 * f64::from(m) + noise(m));
        assert!((noisy - found).abs() < 1200.0, "{noisy} with noise, {found} without");
        let wild = left(|m| if m % 40 == 7 { 2.0 } else { 50.0 + 0.1 * f64::from(m) });
        assert!((wild - found).abs() < 1200.0, "{wild} with wild points, {found} without");
    }

    #[test]
    fn what_is_no_line_is_not_followed() {
        type Value = fn(i32) -> f64;
        let never: [(&str, Value); 7] = [
            ("flat", |_| 70.0),
            ("noise", |m| 70.0 + noise(m)),
            ("falling", |m| 90.0 - 0.1 * f64::from(m)),
            ("sawtooth", |m| 50.0 + 0.5 * f64::from(m % 60)),
            ("a step", |m| if m < 180 { 50.0 } else { 80.0 }),
            ("a rise that has ended", |m| 50.0 + 0.15 * f64::from(m.min(230))),
            ("a rise that was cleaned up", |m| if m < 345 { 50.0 + 0.1 * f64::from(m) } else { 30.0 }),
        ];
        for (name, value) in never {
            assert!(left(value) >= NEVER, "{name}: {}", left(value));
        }
    }

    #[test]
    fn few_points_are_no_line() {
        let rising = |m| 50.0 + 0.1 * f64::from(m);
        assert_eq!(time_left(&points(rising)[..100], WINDOW, 100.0), None, "less than half of the window");
        assert_eq!(time_left(&points(rising)[350..], 600.0, 100.0), None, "ten points");
        assert_eq!(time_left(&[], WINDOW, 100.0), None);
    }
}
