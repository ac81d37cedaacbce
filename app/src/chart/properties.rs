//! What holds for any data at all.

use proptest::prelude::*;

use super::*;
use crate::model::{Thresholds, Timestamp, Unit};
use crate::theme::{AXIS_TEXT, Token};

/// Numbers of every kind, the awkward ones often.
fn number() -> impl Strategy<Value = f64> {
    let awkward =
        [0.0, -0.0, 1.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, f64::NAN, f64::INFINITY, -f64::INFINITY];
    prop_oneof![4 => -100.0..200.0_f64, 1 => any::<f64>(), 1 => prop::sample::select(awkward.to_vec())]
}

fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![5 => number().prop_map(Some), 1 => Just(None)]
}

fn thresholds() -> impl Strategy<Value = Thresholds> {
    let limit = || prop::option::of(number());
    (limit(), limit(), limit(), limit()).prop_map(|(min, max, warning, critical)| Thresholds {
        min,
        max,
        warning,
        critical,
    })
}

fn unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(["percent", "bytes", "bytes/s", "seconds", "count", "", "furlongs"].map(Unit::new).to_vec())
}

fn moment() -> impl Strategy<Value = Timestamp> {
    let ms = prop_oneof![6 => 1_700_000_000_000..1_700_000_900_000_i64, 1 => any::<i64>()];
    ms.prop_map(Timestamp::from_millis)
}

fn time_chart() -> impl Strategy<Value = TimeChart> {
    let ascending = prop::collection::vec((moment(), value()), 0..60).prop_map(|mut points| {
        points.sort_by_key(|point| point.0);
        points
    });
    let trace = (ascending, 0..30_usize).prop_map(|(points, slot)| Trace { label: "a".to_owned(), slot, points });
    let range = (moment(), moment(), prop::option::of(moment()), -2000..2000_i32);
    (prop::collection::vec(trace, 0..6), any::<bool>(), range, unit(), thresholds()).prop_map(
        |(traces, filled, (start, end, stale_since, minutes), unit, thresholds)| {
            let zone = Zone::Offset { minutes };
            TimeChart { traces, filled, start, end, unit, thresholds, zone, stale_since }
        },
    )
}

fn bar_chart() -> impl Strategy<Value = BarChart> {
    let bar = (".{0,30}", value(), 0..30_usize).prop_map(|(label, value, slot)| Bar { label, value, slot });
    (prop::collection::vec(bar, 0..70), unit(), thresholds()).prop_map(|(bars, unit, thresholds)| BarChart {
        bars,
        unit,
        thresholds,
    })
}

fn gauge() -> impl Strategy<Value = Gauge> {
    (value(), unit(), thresholds()).prop_map(|(value, unit, thresholds)| Gauge { value, unit, thresholds })
}

fn size() -> impl Strategy<Value = Size> {
    let any_size = (number(), number());
    prop_oneof![4 => (80.0..1200.0_f64, 48.0..600.0_f64), 1 => any_size]
        .prop_map(|(width, height)| Size { width, height })
}

/// The corners of a mark's box.
fn corners(mark: &Mark) -> Vec<Spot> {
    match mark {
        Mark::Line { points, .. } | Mark::Area { points, .. } => points.clone(),
        Mark::Rect { from, to, .. } | Mark::Hatch { from, to, .. } => vec![*from, *to],
        Mark::Dot { at, radius, .. } => {
            vec![Spot::new(at.x - radius, at.y - radius), Spot::new(at.x + radius, at.y + radius)]
        }
        Mark::Text { at, text, anchor, .. } => {
            let width = text::width(text);
            let left = match anchor {
                Anchor::Start => at.x,
                Anchor::Middle => at.x - width / 2.0,
                Anchor::End => at.x - width,
            };
            vec![Spot::new(left, at.y - AXIS_TEXT / 2.0), Spot::new(left + width, at.y + AXIS_TEXT / 2.0)]
        }
    }
}

fn is_within(chart: &Chart, size: Size) -> Result<(), TestCaseError> {
    let picture = chart.picture(size);
    for mark in &picture.marks {
        for spot in corners(mark) {
            let within = |at: f64, end: f64| (-1e-6..=end + 1e-6).contains(&at);
            prop_assert!(within(spot.x, size.width) && within(spot.y, size.height), "{spot:?} of {mark:?} in {size:?}");
        }
        if let Mark::Rect { from, to, .. } | Mark::Hatch { from, to, .. } = mark {
            prop_assert!(from.x <= to.x && from.y <= to.y, "{mark:?}");
        }
        if let Mark::Line { points, .. } = mark {
            prop_assert!(points.len() >= 2, "{mark:?}");
        }
    }
    prop_assert!(svg(&picture).ends_with("</svg>"));
    prop_assert!(chart.describe("It").starts_with("It"));
    Ok(())
}

/// The left and the right edge of where values are drawn: the ends of the lines behind them.
fn edges(picture: &Picture) -> Option<(f64, f64)> {
    let level = picture.marks.iter().filter_map(|mark| match mark {
        Mark::Rect { from, to, ink } if ink.token == Token::Grid && to.x - from.x > 2.0 => Some((from.x, to.x)),
        _ => None,
    });
    level.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

proptest! {
    #[test]
    fn lines_are_within(chart in time_chart(), size in size()) {
        is_within(&Chart::Time(chart), size)?;
    }

    #[test]
    fn bars_are_within(chart in bar_chart(), size in size()) {
        is_within(&Chart::Bars(chart), size)?;
    }

    #[test]
    fn gauges_are_within(gauge in gauge(), size in size()) {
        is_within(&Chart::Gauge(gauge), size)?;
    }

    #[test]
    fn no_line_crosses_a_hole(values in prop::collection::vec(value(), 2..200), filled: bool) {
        let at = |secs: usize| Timestamp::from_millis(i64::try_from(secs).unwrap() * 1000);
        let points: Vec<_> = values.iter().enumerate().map(|(secs, value)| (at(secs), *value)).collect();
        let end = values.len() - 1;
        let chart = TimeChart {
            traces: vec![Trace { label: String::new(), slot: 0, points }],
            filled,
            start: at(0),
            end: at(end),
            unit: Unit::NONE,
            thresholds: Thresholds::default(),
            zone: Zone::Utc,
            stale_since: None,
        };
        let picture = Chart::Time(chart).picture(Size { width: 560.0, height: 220.0 });
        let (left, right) = edges(&picture).unwrap();
        let holes = values.iter().enumerate().filter(|(_, value)| value.is_none_or(|v| !v.is_finite()));
        let span = f64::from(u32::try_from(end.max(1)).unwrap());
        for hole in holes.map(|(secs, _)| left + (right - left) * f64::from(u32::try_from(secs).unwrap()) / span) {
            for mark in &picture.marks {
                let (Mark::Line { points, ink, .. } | Mark::Area { points, ink }) = mark else { continue };
                if ink.token != Token::Series(0) { continue }
                let xs = || points.iter().map(|spot| spot.x);
                let (first, last) = (xs().fold(f64::INFINITY, f64::min), xs().fold(0.0, f64::max));
                prop_assert!(last < hole || hole < first, "a line from {first} to {last} crosses {hole}");
            }
        }
    }
}

#[test]
fn no_room_no_marks() {
    let gauge = Chart::Gauge(Gauge { value: Some(1.0), unit: Unit::NONE, thresholds: Thresholds::default() });
    for (width, height) in [(0.0, 0.0), (79.0, 200.0), (200.0, f64::NAN), (f64::INFINITY, 200.0)] {
        assert!(gauge.picture(Size { width, height }).marks.is_empty(), "{width} × {height}");
    }
}
