//! What is asked of the store and what it gives.

use std::collections::BTreeSet;

use app::model::{Metric, Point, Tags, Timestamp};

use super::Matcher;

/// Which points of which series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The metric's name.
    pub metric: String,
    /// Only series with all of these; empty for every series.
    pub tags: Tags,
    /// Only series that all of these match.
    pub matchers: Vec<Matcher>,
    /// The first moment wanted.
    pub start: Timestamp,
    /// The last moment wanted.
    pub end: Timestamp,
}

/// Some of all series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesFilter {
    /// The metric's name; none for any.
    pub metric: Option<String>,
    /// Only series with all of these.
    pub tags: Tags,
}

impl SeriesFilter {
    /// Whether a series is one of them.
    pub(super) fn covers(&self, metric: &Metric, tags: &Tags) -> bool {
        self.metric.as_ref().is_none_or(|name| *name == metric.name) && tags.matches(&self.tags)
    }
}

/// Points of one series, ascending by time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name, unit, kind.
    pub metric: Metric,
    /// Which series of the metric.
    pub tags: Tags,
    /// At least one.
    pub points: Vec<Point>,
}

/// What is known of a metric without its points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricInfo {
    /// Name, unit, kind.
    pub metric: Metric,
    /// The names of tags that at least one series has, sorted.
    pub tag_names: Vec<String>,
    /// The number of series.
    pub series: usize,
}

impl MetricInfo {
    pub(super) fn new<'a>(metric: Metric, series: impl ExactSizeIterator<Item = &'a Tags>) -> Self {
        let count = series.len();
        let names: BTreeSet<&str> = series.flat_map(|tags| tags.iter().map(|(name, _)| name)).collect();
        Self { metric, tag_names: names.into_iter().map(str::to_owned).collect(), series: count }
    }
}

/// Keeps the newest `limit` points over all series together, and leaves out series that lose all theirs.
/// Of points of the same time those of later series count as newer: the result is the end of what all
/// points are in ascending order, series by series where times are equal.
#[must_use]
pub fn newest(mut series: Vec<Series>, limit: usize) -> Vec<Series> {
    let mut order: Vec<(Timestamp, usize)> =
        series.iter().enumerate().flat_map(|(at, s)| s.points.iter().map(move |p| (p.time, at))).collect();
    let surplus = order.len().saturating_sub(limit);
    if surplus == 0 {
        return series;
    }
    if surplus == order.len() {
        return Vec::new();
    }
    let (_, &mut oldest_kept, _) = order.select_nth_unstable(surplus);
    for (at, one) in series.iter_mut().enumerate() {
        one.points.drain(..one.points.partition_point(|p| (p.time, at) < oldest_kept));
    }
    series.retain(|one| !one.points.is_empty());
    series
}

#[cfg(test)]
mod tests {
    use app::model::Unit;
    use proptest::prelude::*;

    use super::*;

    /// A series for each list of times; each value is its time.
    fn series(times: &[Vec<i32>]) -> Vec<Series> {
        let points = |times: &[i32]| {
            times.iter().map(|&t| Point::new(Timestamp::from_millis(t.into()), f64::from(t))).collect::<Vec<_>>()
        };
        let one = |(at, times): (usize, &Vec<i32>)| Series {
            metric: Metric::gauge("m", Unit::NONE),
            tags: Tags::new([("n", at.to_string())]),
            points: points(times),
        };
        times.iter().enumerate().map(one).collect()
    }

    /// All points, ascending, series by series where times are equal.
    fn merged(series: &[Series]) -> Vec<(Timestamp, Tags)> {
        let mut all: Vec<_> = series.iter().flat_map(|s| s.points.iter().map(|p| (p.time, s.tags.clone()))).collect();
        all.sort_by_key(|(time, _)| *time);
        all
    }

    #[test]
    fn a_series_that_loses_all_points_is_left_out() {
        let kept = newest(series(&[vec![1, 2], vec![3, 4]]), 2);
        assert_eq!(kept, series(&[vec![], vec![3, 4]])[1..]);
        assert_eq!(newest(kept, 0), []);
    }

    proptest! {
        #[test]
        fn the_newest_are_the_end_of_all(
            times in prop::collection::vec(prop::collection::btree_set(0..30, 0..20), 0..5),
            limit in 0..60_usize,
        ) {
            let all = series(&times.into_iter().map(Vec::from_iter).collect::<Vec<_>>());
            let want = merged(&all);
            let got = merged(&newest(all, limit));
            prop_assert_eq!(&got[..], &want[want.len().saturating_sub(limit)..]);
        }
    }
}
