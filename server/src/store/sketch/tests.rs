//! Quantiles of sketches against those of the values themselves, over ranges as wide as an `f64` has.

use app::model::{Aggregation, Metric, Point, Tags, Timestamp, Unit};
use proptest::prelude::*;

use super::*;
use crate::store::{Plan, Series, aggregate};

const LATENCY: Metric = Metric::gauge("latency", Unit::SECONDS);
/// A hundredth, and what a logarithm is off by in its last places.
const WITHIN: f64 = ACCURACY + 1e-10;
const SHARES: [&str; 9] = ["p0.1", "p1", "p10", "p25", "p50", "p75", "p90", "p95", "p99.9"];

pub(super) fn of(values: &[f64]) -> Sketch {
    let mut sketch = Sketch::default();
    values.iter().for_each(|&value| sketch.add(value));
    sketch
}

/// What a chart says of the points.
fn raw(values: &[f64], aggregation: Aggregation) -> Option<f64> {
    let points = (0..).zip(values).map(|(time, &value)| Point::new(Timestamp::from_millis(time), value)).collect();
    let series = Series { metric: LATENCY, tags: Tags::new::<&str, &str>([]), points };
    let plan = Plan { aggregation, step: None, by: None, start: Timestamp::MIN, end: Timestamp::MAX };
    Some(aggregate(vec![series], &plan).first()?.points.first()?.value)
}

/// Compares all of `SHARES`. `within`: what a quantile may be off by, of the value itself and the ranks at its sides.
#[track_caller]
fn check(values: &[f64], within: impl Fn(f64, [f64; 2]) -> f64) {
    let sketch = of(values);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    for name in SHARES {
        let Ok(aggregation @ Aggregation::Percentile(which)) = name.parse() else { panic!("{name} is a percentile") };
        let Some(want) = raw(values, aggregation) else { continue };
        let got = sketch.quantile(which.share()).unwrap();
        let rank = which.share() * (values.len() - 1) as f64;
        let sides = [sorted[rank.floor() as usize], sorted[rank.ceil() as usize]];
        assert!((got - want).abs() <= within(want, sides), "{name} of {values:?} is {got}, not {want}");
    }
    assert_eq!(sketch.quantile(0.0), sorted.first().copied());
    assert_eq!(sketch.quantile(1.0), sorted.last().copied());
    assert_eq!(sketch.count(), values.len() as u64);
}

fn of_the_value(want: f64, _: [f64; 2]) -> f64 {
    WITHIN * want.abs()
}

fn of_the_larger_side(_: f64, sides: [f64; 2]) -> f64 {
    WITHIN * sides[0].abs().max(sides[1].abs()) + f64::MIN_POSITIVE
}

/// Any magnitude, each as likely.
fn magnitude() -> impl Strategy<Value = f64> {
    (1.0..2.0_f64, -1022..=1023_i32).prop_map(|(digits, exponent)| digits * 2.0_f64.powi(exponent))
}

/// A few magnitudes, so that bins have many values.
fn latency() -> impl Strategy<Value = f64> {
    (-3.0..2.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent))
}

proptest! {
    #[test]
    fn quantiles_of_one_sign_are_within_a_hundredth(
        values in prop_oneof![prop::collection::vec(magnitude(), 1..40), prop::collection::vec(latency(), 1..400)],
    ) {
        check(&values, of_the_value);
        check(&values.iter().map(|value| -value).collect::<Vec<_>>(), of_the_value);
    }

    #[test]
    fn quantiles_about_zero_are_within_a_hundredth_of_the_larger_side(
        values in prop::collection::vec(
            prop_oneof![
                3 => latency(),
                3 => latency().prop_map(|value| -value),
                1 => magnitude(),
                1 => magnitude().prop_map(|value| -value),
                1 => prop::sample::select(&[0.0, -0.0, 5e-324, -5e-324, f64::MIN_POSITIVE][..]),
            ],
            1..100,
        ),
    ) {
        check(&values, of_the_larger_side);
    }

    #[test]
    fn any_order_and_any_groups_come_to_the_same(
        values in prop::collection::vec((any::<f64>(), 0..5_usize), 0..200),
        order in Just([0, 1, 2, 3, 4]).prop_shuffle(),
        turned in 0..200_usize,
    ) {
        let all: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
        let whole = of(&all);
        let mut moved = all.clone();
        moved.rotate_left(turned.min(all.len()));
        prop_assert_eq!(&of(&moved), &whole);
        let groups: Vec<Sketch> = order.into_iter().map(|group| {
            of(&values.iter().filter(|(_, of)| *of == group).map(|(value, _)| *value).collect::<Vec<_>>())
        }).collect();
        let joined = |sketches: &[Sketch]| sketches.iter().fold(Sketch::default(), |mut joined, sketch| {
            joined.join(sketch);
            joined
        });
        prop_assert_eq!(&joined(&groups), &whole);
        prop_assert_eq!(&joined(&[joined(&groups[..2]), joined(&groups[2..])]), &whole);
        let finite = all.iter().filter(|value| value.is_finite()).count() as u64;
        prop_assert_eq!(whole.count(), finite);
    }

    #[test]
    fn no_value_and_no_share_makes_it_panic(values in prop::collection::vec(any::<u64>(), 0..20), share in any::<u64>()) {
        let sketch = of(&values.into_iter().map(f64::from_bits).collect::<Vec<_>>());
        for share in [f64::from_bits(share), 0.5, 1.0] {
            let got = sketch.quantile(share);
            prop_assert_eq!(got.is_some(), sketch.count() > 0 && (0.0..=1.0).contains(&share));
            prop_assert!(got.is_none_or(|value| (sketch.min..=sketch.max).contains(&value)));
        }
        prop_assert!(sketch.bins.is_sorted_by(|a, b| a.key < b.key));
        prop_assert!(sketch.bins.iter().all(|bin| bin.count > 0));
    }

    #[test]
    fn the_middle_of_a_bin_is_within_a_hundredth_of_what_is_in_it(size in magnitude()) {
        for value in [size, -size] {
            let middle = value_of(key_of(value));
            prop_assert!(middle.is_infinite() || (middle - value).abs() <= WITHIN * size, "{} is not {}", middle, value);
        }
    }
}

#[test]
fn keys_are_those_of_the_edges_of_f64() {
    assert_eq!(LN_GROWTH, ((1.0 + ACCURACY) / (1.0 - ACCURACY)).ln());
    let keys = [f64::MIN, -1.0, -f64::MIN_POSITIVE, -5e-324, 0.0, 5e-324, f64::MIN_POSITIVE, 1.0, f64::MAX];
    assert_eq!(keys.map(key_of), [-LAST_KEY, -SHIFT, -1, 0, 0, 0, 1, SHIFT, LAST_KEY]);
    assert_eq!(2 * LAST_KEY + 1, 141_815);
    assert_eq!(size_of::<Bin>(), 16);
}

#[test]
fn one_value_and_equal_values_come_back_as_they_are() {
    for value in [0.0, 1.0, -0.3, 5e-324, f64::MAX, f64::MIN, 1e300] {
        for times in [1, 2, 1000] {
            let sketch = of(&vec![value; times]);
            assert_eq!([0.0, 0.37, 0.95, 1.0].map(|share| sketch.quantile(share)), [Some(value); 4]);
        }
    }
    assert_eq!(of(&[f64::MIN, f64::MAX]).quantile(0.5), Some(0.0));
    // The middle of the last bin is infinite.
    assert_eq!(of(&[1.0, 1.0, f64::MAX, f64::MAX]).quantile(0.5), Some(f64::MAX / 2.0));
    assert_eq!(of(&[f64::MIN, f64::MIN, -1.0, -1.0]).quantile(0.5), Some(f64::MIN / 2.0));
    assert_eq!(of(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), Sketch::default());
    assert_eq!(Sketch::default().quantile(0.5), None);
}
