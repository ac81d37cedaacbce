use super::super::picture::{Mark, Size};
use super::super::{Chart, Dash};
use super::*;

/// A chart over 100 seconds: one series, a character a second; `-` is a hole.
fn chart(script: &str) -> TimeChart {
    let at = |secs: i64| Timestamp::from_millis(secs * 1000);
    let points = (0..).zip(script.split_whitespace()).map(|(secs, value)| (at(secs), value.parse().ok())).collect();
    TimeChart {
        traces: vec![Trace { label: "a".to_owned(), slot: 0, points }],
        filled: false,
        start: at(0),
        end: at(100),
        unit: Unit::PERCENT,
        thresholds: Thresholds { min: Some(0.0), max: Some(100.0), ..Thresholds::default() },
        zone: Zone::Utc,
        stale_since: None,
    }
}

/// What of the series is drawn, in letters: Line, Dot, Ring, Area, Hatch; of lines and areas with the
/// number of their corners.
#[track_caller]
fn check(chart: TimeChart, want: &str) {
    let picture = Chart::Time(chart).picture(Size { width: 328.0, height: 180.0 });
    let is_series = |ink: &Ink| matches!(ink.token, Token::Series(_));
    let told: Vec<String> = picture
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Line { points, ink, .. } if is_series(ink) => Some(format!("L{}", points.len())),
            Mark::Area { points, ink } if is_series(ink) => Some(format!("A{}", points.len())),
            Mark::Dot { hollow, .. } => Some(if *hollow { "R" } else { "D" }.to_owned()),
            Mark::Hatch { .. } => Some("H".to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(told.join(" "), want);
}

#[test]
fn holes_break_lines_and_leave_dots() {
    check(chart("1 2 3"), "L3 D");
    check(chart("1 2 - 3 4"), "H L2 L2 D");
    check(chart("1 2 - 3 - 4 5"), "H H L2 D L2 D");
    check(chart("-"), "");
    check(chart(""), "");
    check(chart("7"), "D D");
}

#[test]
fn what_is_too_short_for_a_line_is_a_dot() {
    let day = Timestamp::from_millis(86_400_000);
    check(TimeChart { end: day, ..chart("1 1 1 - 2 2") }, "H D D D");
}

#[test]
fn areas_reach_down_to_zero() {
    check(TimeChart { filled: true, ..chart("1 2 3 - 4 5") }, "H A5 A4 L3 L2 D");
}

#[test]
fn what_is_stale_is_hatched_and_ends_in_a_ring() {
    check(TimeChart { stale_since: Some(Timestamp::from_millis(2000)), ..chart("1 2 3") }, "H L3 R");
}

#[test]
fn a_hole_of_one_series_alone_is_not_hatched() {
    let mut two = chart("1 2 - - 3");
    two.traces.push(Trace { slot: 4, ..chart("5 5 5 5 5").traces.remove(0) });
    check(two, "L2 D L5 D D");
}

#[test]
fn a_short_hole_is_wide_enough_to_see() {
    let picture = Chart::Time(chart("1 2 - 3 4")).picture(Size { width: 328.0, height: 180.0 });
    let widths: Vec<f64> = picture
        .marks
        .iter()
        .filter_map(|mark| if let Mark::Hatch { from, to, .. } = mark { Some(to.x - from.x) } else { None })
        .collect();
    assert!(matches!(widths[..], [width] if width >= 6.0), "{widths:?}");
}

#[test]
fn thresholds_are_dashed_and_their_icons_apart() {
    let close = Thresholds { warning: Some(94.0), critical: Some(95.0), ..chart("").thresholds };
    let picture =
        Chart::Time(TimeChart { thresholds: close, ..chart("1 2") }).picture(Size { width: 560.0, height: 220.0 });
    let dashed = |mark: &&Mark| matches!(mark, Mark::Line { dash: Some(Dash { on: 4.0, off: 4.0 }), .. });
    assert_eq!(picture.marks.iter().filter(dashed).count(), 2);
    let at: Vec<f64> = picture
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Text { at, text, .. } if text == "94" || text == "95" => Some(at.y),
            _ => None,
        })
        .collect();
    assert!(matches!(at[..], [warning, critical] if warning - critical >= 13.0), "{at:?}");
}
