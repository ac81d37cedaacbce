use proptest::prelude::*;

use super::super::bounds::extent;
use super::*;
use crate::model::Thresholds;

#[track_caller]
fn check(low: f64, high: f64, unit: &Unit, want: &str) {
    let bounds = Bounds::new(Some((low, high)), &Thresholds::default(), false, unit);
    assert_eq!(ticks(bounds, unit, 5).labels.join(" · "), want, "from {low} to {high}");
}

#[test]
fn round_and_of_one_unit() {
    const GIB: f64 = 1_073_741_824.0;
    check(0.0, 100.0, &Unit::PERCENT, "0 · 25 · 50 · 75 · 100%");
    check(0.0, 7.3, &Unit::PERCENT, "0 · 2 · 4 · 6 · 8%");
    check(96.0, 99.0, &Unit::PERCENT, "96 · 97 · 98 · 99%");
    check(0.0, 1.3 * GIB, &Unit::BYTES, "0 · 0.5 · 1.0 · 1.5 GiB");
    check(0.0, 900.0 * 1_048_576.0, &Unit::BYTES, "0 · 256 · 512 · 768 · 1024 MiB");
    check(0.0, 2.4e6, &Unit::new("bytes/s"), "0 · 1 · 2 · 3 MiB/s");
    check(0.0, 1.72, &Unit::NONE, "0 · 0.5 · 1.0 · 1.5 · 2.0");
    check(0.0, 0.0, &Unit::NONE, "0 · 0.25 · 0.50 · 0.75 · 1.00");
    check(0.0, 0.0, &Unit::BYTES, "0 · 0.25 · 0.50 · 0.75 · 1.00 KiB");
    check(-20.0, 35.0, &Unit::NONE, "-20 · 0 · 20 · 40");
    check(0.0, 25_000.0, &Unit::COUNT, "0 · 10 · 20 · 30 k");
}

#[test]
fn fixed_ends_stay() {
    let thresholds = Thresholds { min: Some(3.0), max: Some(97.0), ..Thresholds::default() };
    let got = ticks(Bounds::new(None, &thresholds, false, &Unit::PERCENT), &Unit::PERCENT, 5);
    assert_eq!((got.bounds.low, got.bounds.high), (3.0, 97.0));
    assert_eq!(got.labels.join(" · "), "25 · 50 · 75%");
}

proptest! {
    #[test]
    fn few_ascending_and_within(
        values in prop::collection::vec(any::<f64>(), 0..4),
        min in prop::option::of(any::<f64>()),
        max in prop::option::of(any::<f64>()),
        zero: bool,
        most in 3..6_usize,
        unit in 0..4_usize,
    ) {
        let unit = [Unit::BYTES, Unit::SECONDS, Unit::COUNT, Unit::PERCENT][unit].clone();
        let thresholds = Thresholds { min, max, ..Thresholds::default() };
        let bounds = Bounds::new(extent(values), &thresholds, zero, &unit);
        prop_assert!(bounds.low < bounds.high, "{bounds:?}");
        let Ticks { bounds: moved, values, labels } = ticks(bounds, &unit, most);
        prop_assert!(moved.low <= bounds.low && bounds.high <= moved.high && (moved.high - moved.low).is_finite());
        prop_assert!((1..=most).contains(&values.len()), "{values:?} of {bounds:?}");
        prop_assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
        prop_assert!(values.iter().all(|value| (moved.low..=moved.high).contains(value)), "{values:?}");
        prop_assert_eq!(labels.len(), values.len());
    }
}
