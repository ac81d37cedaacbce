//! How fast counters grow.

use std::collections::BTreeMap;
use std::time::Duration;

use app::model::{Point, Timestamp};

use super::{Plan, Series, Windows};
use crate::store::summary::growth_between;

/// The growth of one series within one window.
#[derive(Debug)]
struct Growth {
    amount: f64,
    took: Duration,
    last: Timestamp,
}

/// The rates of all series of a group added up, a point for each window in which one of them grew or stood
/// still.
pub(super) fn of_group(group: &[Series], plan: &Plan) -> Vec<Point> {
    let windows = Windows::new(plan.step);
    let mut total: BTreeMap<i64, Point> = BTreeMap::new();
    for series in group {
        for (window, growth) in by_window(&series.points, plan, windows) {
            let sum = total.entry(window).or_insert(Point::new(growth.last, 0.0));
            sum.value += growth.amount / growth.took.as_secs_f64();
            sum.time = sum.time.max(growth.last);
        }
    }
    total.into_values().map(|p| Point::new(windows.stamp(p.time), p.value)).collect()
}

/// What the series grew by in each window. A step from one point to the next belongs to the window of the
/// later one, whole.
fn by_window(points: &[Point], plan: &Plan, windows: Windows) -> BTreeMap<i64, Growth> {
    let first = points.partition_point(|p| p.time < plan.start);
    let end = points.partition_point(|p| p.time <= plan.end);
    let mut found: BTreeMap<i64, Growth> = BTreeMap::new();
    // One point before the range, where there is one, is what the first within it has grown from.
    for pair in points.get(first.saturating_sub(1)..end).unwrap_or_default().windows(2) {
        let [before, after] = pair else { continue };
        let growth = found.entry(windows.index(after.time)).or_insert(Growth {
            amount: 0.0,
            took: Duration::ZERO,
            last: after.time,
        });
        growth.amount += growth_between(before.value, after.value);
        growth.took += after.time.since(before.time);
        growth.last = after.time;
    }
    found
}
