//! Many points to few: over windows of time, and over several series.
//!
//! Invariant: pure; knows nothing of how points are kept or how a result is sent.
//! Start reading at [`aggregate`].

mod alone;
mod lead;
mod quantiles;
#[cfg(test)]
mod quantiles_tests;
mod reduce;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tier_tests;
mod walk;
mod windows;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use app::model::{Aggregation, Kind, Metric, Point, Tags, Timestamp, Unit};

use super::Series;
use reduce::{count, deviation, largest, mean, percentile, smallest, sum};
use windows::Windows;

/// What to make of the points from `start` to `end`, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How points become one value.
    pub aggregation: Aggregation,
    /// One value for each window of this length, or one for the whole range. Shorter than a millisecond
    /// counts as a millisecond.
    pub step: Option<Duration>,
    /// Series that agree in these tags become one, with these tags only; no names: all become one.
    /// Without it each series is for itself.
    pub by: Option<Vec<String>>,
    /// The first moment that counts. Of the points before it only growth uses one: the last, to begin at.
    pub start: Timestamp,
    /// The last moment that counts.
    pub end: Timestamp,
}

impl Plan {
    /// The tags of the group that a series belongs to.
    fn group_of(&self, tags: &Tags) -> Tags {
        let shared = |by: &Vec<String>| Tags::new(by.iter().filter_map(|name| Some((name.as_str(), tags.get(name)?))));
        self.by.as_ref().map_or_else(|| tags.clone(), shared)
    }
}

/// Aggregates series as they come from [`super::Store::query`].
///
/// - With `step`, windows are `[k·step, (k+1)·step)` since the epoch and each value has the time at which its
///   window starts, which for the first can be before `start`. Without, the one value has the time of the
///   last point. A window without points has no value.
/// - With `by`, the points of all series of a group are pooled: `avg` is the mean of all their points, `sum`
///   their total. Only `rate`, `increase` and `last` are taken of each series first, and then added: what all
///   of them send, have sent, and use at the moment. (The newest of all points would be that of whichever
///   series happens to be read last.)
/// - `increase` is the growth within a window. A fall is a reset: the counter began again at zero, so all of
///   its new value is growth. It begins at the last point before the window, so that none is lost between
///   windows, and ends at the last within; nothing is extrapolated to the window's edges, so of whole numbers
///   it is one. It needs two points. `rate` is that growth divided by the time it took, gaps included.
/// - `stddev` is the population's: the root of the mean square distance from the mean, 0 for one point.
/// - Percentiles lie on the straight line between the two closest ranks (Hyndman and Fan's type 7, as NumPy
///   has it by default).
/// - `raw` gives the points as they are; callers refuse it together with `by` or `step`, which it ignores.
///
/// All but `raw` give gauges in the metric's unit, except that `count` is in [`Unit::COUNT`] and `rate` in the
/// unit a second, such as `bytes/s`. A value too large for an `f64` is left out, as are series without values.
/// The result is in the order of the series, or of the tags where `by` makes groups.
#[must_use]
pub fn aggregate(series: Vec<Series>, plan: &Plan) -> Vec<Series> {
    let reduce: &dyn Fn(&mut [f64]) -> f64 = match plan.aggregation {
        Aggregation::Raw => return cut(series, plan),
        Aggregation::Rate | Aggregation::Increase | Aggregation::Last => {
            return summarise(series, plan, |group| alone::of_group(group, plan));
        }
        Aggregation::Avg => &mean,
        Aggregation::Min => &smallest,
        Aggregation::Max => &largest,
        Aggregation::Sum => &sum,
        Aggregation::Count => &count,
        Aggregation::Stddev => &deviation,
        Aggregation::Percentile(which) => &move |values| percentile(values, which.share()),
    };
    summarise(series, plan, |group| pooled(group, plan, reduce))
}

/// The points within the range.
fn cut(mut series: Vec<Series>, plan: &Plan) -> Vec<Series> {
    for one in &mut series {
        one.points.retain(|p| (plan.start..=plan.end).contains(&p.time));
    }
    series.retain(|one| !one.points.is_empty());
    series
}

/// Makes one series of each group, with the points that `points_of` finds for it.
fn summarise(series: Vec<Series>, plan: &Plan, points_of: impl Fn(&[Series]) -> Vec<Point>) -> Vec<Series> {
    let summary = |metric: &Metric, tags: Tags, group: &[Series]| {
        let mut points = points_of(group);
        points.retain(|p| p.value.is_finite());
        let metric = Metric { name: metric.name.clone(), unit: unit(metric, plan.aggregation), kind: Kind::Gauge };
        (!points.is_empty()).then_some(Series { metric, tags, points })
    };
    let Some(by) = &plan.by else {
        let alone = |one: &Series| summary(&one.metric, one.tags.clone(), std::slice::from_ref(one));
        return series.iter().filter_map(alone).collect();
    };
    // The name is part of the key: series of two metrics never become one.
    let mut groups: BTreeMap<(Cow<'static, str>, Tags), Vec<Series>> = BTreeMap::new();
    for one in series {
        let shared = by.iter().filter_map(|name| Some((name.as_str(), one.tags.get(name)?)));
        groups.entry((one.metric.name.clone(), Tags::new(shared))).or_default().push(one);
    }
    let merged = |((_, tags), group): (_, Vec<Series>)| summary(&group.first()?.metric, tags, &group);
    groups.into_iter().filter_map(merged).collect()
}

/// One value for each window, of the points of all series in it.
fn pooled(group: &[Series], plan: &Plan, reduce: &dyn Fn(&mut [f64]) -> f64) -> Vec<Point> {
    let windows = Windows::new(plan.step);
    let mut points: Vec<Point> = group.iter().flat_map(|one| &one.points).copied().collect();
    points.retain(|p| (plan.start..=plan.end).contains(&p.time));
    points.sort_by_key(|p| p.time);
    let mut values = Vec::new();
    let window = |of_window: &[Point]| {
        values.clear();
        values.extend(of_window.iter().map(|p| p.value));
        Some(Point::new(windows.stamp(of_window.last()?.time), reduce(&mut values)))
    };
    points.chunk_by(|a, b| windows.index(a.time) == windows.index(b.time)).filter_map(window).collect()
}

fn unit(metric: &Metric, aggregation: Aggregation) -> Unit {
    match aggregation {
        Aggregation::Count => Unit::COUNT,
        Aggregation::Rate if metric.unit == Unit::NONE => Unit::new("1/s"),
        Aggregation::Rate => Unit::new(format!("{}/s", metric.unit)),
        _ => metric.unit.clone(),
    }
}
