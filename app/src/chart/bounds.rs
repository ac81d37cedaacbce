//! From where to where a scale of values goes.

use crate::model::{Thresholds, Unit};

/// Beyond this a difference of two values would not be a number any more; below its inverse nothing is.
const MOST: f64 = 1e290;

/// A value that can be calculated with: `None` of what is no number, the infinite among it.
pub(super) fn tame(value: f64) -> Option<f64> {
    if !value.is_finite() {
        None
    } else if value.abs() < 1.0 / MOST {
        Some(0.0)
    } else {
        Some(value.clamp(-MOST, MOST))
    }
}

/// The least and the greatest of some values, `None` of none.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter_map(tame).fold(None, |found, value| {
        let (least, most) = found.unwrap_or((value, value));
        Some((least.min(value), most.max(value)))
    })
}

/// The ends of a scale. `low < high`, and far enough apart to tell values between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether `low` was asked for, and so must not move.
    pub(super) low_is_fixed: bool,
    /// Whether `high` was.
    pub(super) high_is_fixed: bool,
}

impl Bounds {
    /// Around `data`, but as far as `thresholds` fix an end. With `zero`, zero is in sight.
    pub(super) fn new(data: Option<(f64, f64)>, thresholds: &Thresholds, zero: bool, unit: &Unit) -> Self {
        let mut min = thresholds.min.and_then(tame);
        let mut max = thresholds.max.and_then(tame);
        if let (Some(least), Some(most)) = (min, max)
            && !are_apart(least, most)
        {
            (min, max) = (None, None);
        }
        let nothing = (0.0, if unit.as_str() == "percent" { 100.0 } else { least_height(unit) });
        let (mut least, mut most) = data.unwrap_or(nothing);
        // Zero is a better foot than a value near it: half the height must not be a tenth of the value.
        if zero || (least > 0.0 && least < most / 2.0) {
            least = least.min(0.0);
            most = most.max(0.0);
        }
        let mut bounds = Self {
            low: min.unwrap_or(least),
            high: max.unwrap_or(most),
            low_is_fixed: min.is_some(),
            high_is_fixed: max.is_some(),
        };
        bounds.pad(least_height(unit));
        bounds
    }

    /// Moves the ends apart where they meet, or where the data lies beyond a fixed one.
    fn pad(&mut self, least_height: f64) {
        if are_apart(self.low, self.high) {
            return;
        }
        let pad_of = |value: f64| if value == 0.0 { least_height } else { value.abs() * 0.05 };
        match (self.low_is_fixed, self.high_is_fixed) {
            (false, true) => self.low = self.high - pad_of(self.high),
            (true, _) => self.high = self.low + pad_of(self.low),
            // Nothing ever happens: zero belongs at the foot.
            (false, false) if self.low == 0.0 => self.high = least_height,
            (false, false) => {
                self.low -= pad_of(self.low);
                self.high += pad_of(self.high);
            }
        }
    }

    /// How far up a value is, 0 at the lower end and 1 at the upper one; beyond the ends it stays there.
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// How much of a unit is worth a scale of its own: nobody asks for quarters of a byte.
fn least_height(unit: &Unit) -> f64 {
    if unit.as_str().starts_with("bytes") { 1024.0 } else { 1.0 }
}

/// Whether the way from `low` up to `high` is more than what rounding makes of it.
fn are_apart(low: f64, high: f64) -> bool {
    high - low > low.abs().max(high.abs()) * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: &[f64], min: Option<f64>, max: Option<f64>, zero: bool, want: (f64, f64)) {
        let thresholds = Thresholds { min, max, ..Thresholds::default() };
        let got = Bounds::new(extent(data.iter().copied()), &thresholds, zero, &Unit::NONE);
        assert_eq!((got.low, got.high), want);
    }

    #[test]
    fn ends() {
        check(&[10.0, 12.0], None, None, false, (10.0, 12.0));
        check(&[3.0, 12.0], None, None, false, (0.0, 12.0));
        check(&[10.0, 12.0], None, None, true, (0.0, 12.0));
        check(&[-3.0, -1.0], None, None, true, (-3.0, 0.0));
        check(&[5.0], Some(0.0), Some(100.0), false, (0.0, 100.0));
        check(&[], Some(0.0), None, false, (0.0, 1.0));
    }

    #[test]
    fn ends_that_meet_move_apart() {
        check(&[100.0, 100.0], None, None, false, (95.0, 105.0));
        check(&[0.0], None, None, false, (0.0, 1.0));
        check(&[0.0], None, Some(0.0), false, (-1.0, 0.0));
        check(&[200.0], None, Some(100.0), false, (95.0, 100.0));
        check(&[-5.0], Some(0.0), None, false, (0.0, 1.0));
        check(&[1.0, 2.0], Some(7.0), Some(7.0), true, (0.0, 2.0));
        check(&[f64::NAN, f64::INFINITY], None, None, false, (0.0, 1.0));
    }
}
