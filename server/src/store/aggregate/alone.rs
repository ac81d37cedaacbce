//! What is taken of each series by itself and then added up: how much counters grow and how fast, and what was last.

use std::collections::BTreeMap;

use app::model::{Aggregation, Point};

use super::{Plan, Series, Windows};
use crate::store::summary::Summary;

/// What all series of a group come to together, a point for each window in which one of them comes to something.
pub(super) fn of_group(group: &[Series], plan: &Plan) -> Vec<Point> {
    let windows = Windows::new(plan.step);
    let mut total: BTreeMap<i64, Point> = BTreeMap::new();
    for series in group {
        for (window, point) in of_series(&series.points, plan, windows) {
            let sum = total.entry(window).or_insert(Point::new(point.time, 0.0));
            sum.value += point.value;
            sum.time = sum.time.max(point.time);
        }
    }
    total.into_values().map(|p| Point::new(windows.stamp(p.time), p.value)).collect()
}

/// What the series comes to in each window, at the time of its last point in it. A step from one point to the next belongs to the
/// window of the later one, whole.
fn of_series(points: &[Point], plan: &Plan, windows: Windows) -> Vec<(i64, Point)> {
    let first = points.partition_point(|p| p.time < plan.start);
    let end = points.partition_point(|p| p.time <= plan.end);
    // One point before the range, where there is one, is what the first within it has grown from.
    let mut before = first.checked_sub(1).and_then(|at| points.get(at)).copied();
    let mut found = Vec::new();
    let within = points.get(first..end).unwrap_or_default();
    for window in within.chunk_by(|a, b| windows.index(a.time) == windows.index(b.time)) {
        let Some((&first, rest)) = window.split_first() else { continue };
        let mut summary = Summary::of(first);
        rest.iter().for_each(|&point| summary.add(point));
        let value = value(&summary, before, plan.aggregation);
        found.extend(value.map(|value| (windows.index(first.time), Point::new(summary.last.time, value))));
        before = Some(summary.last);
    }
    found
}

/// What a window of one series comes to, after the last point `before` it; none where that takes more points.
pub(super) fn value(of: &Summary, before: Option<Point>, aggregation: Aggregation) -> Option<f64> {
    match aggregation {
        Aggregation::Last => Some(of.last.value),
        Aggregation::Rate => of.growth(before).map(|growth| growth.amount / growth.took.as_secs_f64()),
        _ => of.growth(before).map(|growth| growth.amount),
    }
}
