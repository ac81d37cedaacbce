//! The values of a window to one. Each function is given at least one value.

pub(super) fn mean(values: &mut [f64]) -> f64 {
    sum(values) / count(values)
}

pub(super) fn smallest(values: &mut [f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

pub(super) fn largest(values: &mut [f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

pub(super) fn sum(values: &mut [f64]) -> f64 {
    values.iter().sum()
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 points")]
pub(super) fn count(values: &mut [f64]) -> f64 {
    values.len() as f64
}

/// The root of the mean square distance from the mean. The mean follows the values one by one (Welford): a difference of two large
/// sums of squares would be mostly rounding.
pub(super) fn deviation(values: &mut [f64]) -> f64 {
    let mut spread = Spread::default();
    values.iter().for_each(|&value| spread.add(value));
    spread.deviation()
}

/// How far values lie apart, in a form that can be joined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spread {
    count: f64,
    mean: f64,
    /// Of the distances from the mean.
    squares: f64,
}

impl Spread {
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// With other values (Chan, Golub and LeVeque).
    pub(super) fn join(&mut self, other: &Self) {
        let count = self.count + other.count;
        if count > 0.0 {
            let apart = other.mean - self.mean;
            self.mean += apart * (other.count / count);
            self.squares += other.squares + apart * apart * (self.count * other.count / count);
            self.count = count;
        }
    }

    pub(super) fn deviation(&self) -> f64 {
        (self.squares / self.count).sqrt()
    }
}

/// The value below which `share` of the values lie, with `share` from 0 to 1: at rank `share·(n-1)` counted
/// from 0, on the straight line between its two neighbours (Hyndman and Fan's type 7).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank lies from 0 to n-1")]
pub(super) fn percentile(values: &mut [f64], share: f64) -> f64 {
    let rank = share * (count(values) - 1.0);
    let (_, &mut lower, above) = values.select_nth_unstable_by(rank as usize, f64::total_cmp);
    let upper = if above.is_empty() { lower } else { smallest(above) };
    lower + (upper - lower) * rank.fract()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn deviations_survive_values_that_are_far_from_zero() {
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-6, "{got} is not {want}");
        near(deviation(&mut [7.0]), 0.0);
        near(deviation(&mut [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 2.0);
        for far in [0.0, 1e9, -1e9] {
            near(deviation(&mut [far + 4.0, far + 7.0, far + 13.0, far + 16.0]), 22.5_f64.sqrt());
        }
        // Their squares do not even fit, and the deviation is left out.
        assert!(!deviation(&mut [f64::MAX, -f64::MAX]).is_finite());
    }

    proptest! {
        #[test]
        fn joined_deviations_are_those_of_all_values(
            values in prop::collection::vec(-1000..1000_i32, 1..40),
            cuts in (0..40_usize, 0..40_usize),
            far in prop::sample::select(&[0.0, 1e8][..]),
        ) {
            let mut values: Vec<f64> = values.into_iter().map(|value| far + f64::from(value)).collect();
            let (low, high) = (cuts.0.min(cuts.1).min(values.len()), cuts.0.max(cuts.1).min(values.len()));
            let mut joined = Spread::default();
            for part in [&values[..low], &values[low..high], &values[high..]] {
                let mut spread = Spread::default();
                part.iter().for_each(|&value| spread.add(value));
                joined.join(&spread);
            }
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let want = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
            for got in [joined.deviation(), deviation(&mut values)] {
                prop_assert!((got - want).abs() <= 1e-6 * (1.0 + want), "{} is not {}", got, want);
            }
        }
    }

    #[track_caller]
    fn check(share: f64, values: &[f64], want: f64) {
        let got = percentile(&mut values.to_vec(), share);
        assert!((got - want).abs() < 1e-9, "{share} of {values:?} is {got}, not {want}");
    }

    #[test]
    fn percentiles_lie_between_the_closest_ranks() {
        check(0.5, &[7.0], 7.0);
        check(0.99, &[7.0], 7.0);
        check(0.5, &[4.0, 1.0], 2.5);
        check(0.5, &[3.0, 1.0, 2.0], 2.0);
        check(0.9, &[4.0, 2.0, 3.0, 1.0], 3.7);
        check(0.95, &[5.0, 1.0, 4.0, 2.0, 3.0], 4.8);
        check(0.99, &(0..=100).map(f64::from).rev().collect::<Vec<_>>(), 99.0);
        check(0.9, &[-1.0, -1.0, -1.0, 1.0, 1.0], 1.0);
        check(1.0, &[1.0, 3.0, 2.0], 3.0);
        check(0.0, &[1.0, 3.0, 2.0], 1.0);
    }
}
