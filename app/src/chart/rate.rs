//! How fast a counter grows, from point to point.

use crate::model::Timestamp;

/// Growth per second, at the time of the later point of each pair.
///
/// A fall is a reset: the counter began again at zero and has reached its new value since. A hole stays a
/// hole, and the first point after it gives no rate of its own: when in the hole it grew is not known.
#[must_use]
pub fn rate(points: &[(Timestamp, Option<f64>)]) -> Vec<(Timestamp, Option<f64>)> {
    let mut rates = Vec::with_capacity(points.len());
    let mut before: Option<(Timestamp, f64)> = None;
    for &(time, value) in points {
        match (before, value.filter(|v| v.is_finite())) {
            (_, None) => {
                rates.push((time, None));
                before = None;
            }
            (None, Some(value)) => before = Some((time, value)),
            (Some((earlier, least)), Some(value)) => {
                let took = time.since(earlier).as_secs_f64();
                // Two points of one moment say nothing about speed; the later one is where the next begins.
                if took > 0.0 {
                    let growth = if value >= least { value - least } else { value };
                    rates.push((time, Some(growth.clamp(0.0, f64::MAX) / took)));
                }
                before = Some((time, value));
            }
        }
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One character of `script` a second; `-` is a hole.
    #[track_caller]
    fn check(script: &str, want: &str) {
        let points: Vec<_> = (0..)
            .zip(script.split_whitespace())
            .map(|(t, v)| (Timestamp::from_millis(t * 1000), v.parse().ok()))
            .collect();
        let got: Vec<String> = rate(&points).iter().map(|(_, v)| v.map_or("-".to_owned(), |v| v.to_string())).collect();
        assert_eq!(got.join(" "), want, "of {script}");
    }

    #[test]
    fn resets_and_holes() {
        check("1 3 6", "2 3");
        check("5 2 4", "2 2");
        check("1 2 - 50 51", "1 - 1");
        check("- 7", "-");
        check("NaN 7 8", "- 1");
        check("7", "");
    }

    proptest! {
        #[test]
        fn never_negative_and_adds_up_to_the_growth(steps in prop::collection::vec((1..5_000_i64, 0..1_000_000_u32), 2..50)) {
            let (mut time, mut total) = (0, 0.0);
            let points: Vec<_> = steps.iter().map(|&(ms, growth)| {
                time += ms;
                total += f64::from(growth);
                (Timestamp::from_millis(time), Some(total))
            }).collect();
            let rates = rate(&points);
            prop_assert!(rates.iter().all(|(_, v)| v.is_some_and(|v| v >= 0.0)));
            let sum: f64 = rates.iter().zip(&steps[1..]).map(|((_, v), (ms, _))| v.unwrap_or(f64::NAN) * f64::from(i32::try_from(*ms).unwrap()) / 1000.0).sum();
            let grown = total - f64::from(steps[0].1);
            prop_assert!((sum - grown).abs() <= 1e-6 * total.max(1.0), "{sum} is not {grown}");
        }

        #[test]
        fn of_anything_it_is_finite_and_never_negative(values in prop::collection::vec(any::<f64>(), 0..50)) {
            let points: Vec<_> = (0..).zip(&values).map(|(t, v)| (Timestamp::from_millis(t * 10), Some(*v))).collect();
            for (_, v) in rate(&points) {
                prop_assert!(v.is_none_or(|v| v >= 0.0 && !v.is_nan()));
            }
        }
    }
}
