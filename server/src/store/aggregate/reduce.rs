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
    use super::*;

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
