//! A widget's tracks as what is shown of them: rates of counters, labels, colours, the ones that matter.
//!
//! May not know: what time it is, how it is drawn.

use std::time::Duration;

use crate::chart;
use crate::model::{Aggregation, ChartType, Timestamp, Unit, Widget};
use crate::state::Track;

/// Lines beyond this many cannot be told apart.
const MOST_LINES: usize = 10;

/// What a widget shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// The unit of every value: of a counter, what is counted a second.
    pub(super) unit: Unit,
    /// One a line or bar, in the order in which they are told.
    pub(super) series: Vec<Series>,
    /// Lines that are not shown since there are too many.
    pub(super) left_out: usize,
    /// The time from one sample to the next.
    pub(super) interval: Duration,
    /// Whether there are counters that were read once: a rate takes two readings.
    pub(super) half_known: bool,
}

/// A series as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// Tells it from all others: its metric and tags.
    pub(super) identity: String,
    /// What tells it from the others of this widget, in words.
    pub(super) label: String,
    /// Its colour and dash.
    pub(super) slot: usize,
    /// Ascending by time; `None` is a hole.
    pub(super) points: Vec<(Timestamp, Option<f64>)>,
}

/// A series' values within a time, in four numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) last: f64,
    pub(super) least: f64,
    pub(super) mean: f64,
    pub(super) most: f64,
}

impl Reading {
    pub(super) fn of(widget: &Widget, tracks: Vec<Track>) -> Self {
        let rated = widget.aggregation == Aggregation::Rate;
        let unit = tracks.first().map_or(Unit::NONE, |track| track.metric.unit.clone());
        let interval = tracks.iter().map(|track| track.interval_ms).max().unwrap_or(1000);
        let named: Vec<_> = tracks.iter().map(|track| (track.metric.name.as_ref(), &track.tags)).collect();
        let names = chart::labels(&named);
        let (half_known, alone) = (rated && !tracks.is_empty(), tracks.len() == 1);
        let series = tracks.into_iter().zip(names).map(|(track, label)| Series {
            identity: format!("{}{:?}", track.metric.name, track.tags),
            label: readable(label, &track, alone),
            slot: 0,
            points: if rated { chart::rate(&track.points) } else { track.points },
        });
        let mut series: Vec<Series> = series.filter(|one| one.newest().is_some()).collect();
        let lines = matches!(widget.chart_type, ChartType::Line | ChartType::Area);
        let left_out = if lines { series.len().saturating_sub(MOST_LINES) } else { 0 };
        if left_out > 0 {
            keep_largest(&mut series);
        }
        if lines {
            let slots = chart::slots(series.iter().map(|one| one.identity.as_str()));
            for (one, slot) in series.iter_mut().zip(slots) {
                one.slot = slot;
            }
        }
        Self {
            unit: if rated { chart::per_second(&unit) } else { unit },
            half_known: half_known && series.is_empty(),
            series,
            left_out,
            interval: Duration::from_millis(interval.into()),
        }
    }

    /// The time of the newest value of all.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.series.iter().filter_map(Series::newest).map(|(at, _)| at).max()
    }

    /// The time of the oldest value of all.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.series.iter().filter_map(|one| one.points.first()).map(|&(at, _)| at).min()
    }

    /// One series by its identity.
    pub(super) fn find(&self, identity: &str) -> Option<&Series> {
        self.series.iter().find(|one| one.identity == identity)
    }
}

impl Series {
    /// Its newest value.
    pub(super) fn newest(&self) -> Option<(Timestamp, f64)> {
        self.points.iter().rev().find_map(|&(at, value)| Some((at, value?)))
    }

    /// What it was from `start` on.
    pub(super) fn summary(&self, start: Timestamp) -> Option<Summary> {
        let from = self.points.partition_point(|&(at, _)| at < start);
        let values = || self.points[from..].iter().filter_map(|&(_, value)| value);
        let (sum, count) = values().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        let summary = Summary {
            last: values().next_back()?,
            least: values().fold(f64::INFINITY, f64::min),
            mean: sum / count,
            most: values().fold(f64::NEG_INFINITY, f64::max),
        };
        Some(summary)
    }
}

/// A bare number says nothing: `cpu 3`, not `3`. And where nothing else is there to be told apart from, the title
/// has said what is measured: `/`, not `disk usage percent`.
fn readable(label: String, track: &Track, alone: bool) -> String {
    const PLACES: [&str; 4] = ["mountpoint", "device", "interface", "cpu"];
    let label = match PLACES.iter().find_map(|name| track.tags.get(name)) {
        Some(place) if alone => place.to_owned(),
        _ => label,
    };
    let is_number = !label.is_empty() && label.bytes().all(|c| c.is_ascii_digit());
    let name = track.tags.iter().find(|(_, value)| is_number && *value == label).map(|(name, _)| name);
    name.map_or(label.clone(), |name| format!("{name} {label}"))
}

/// The lines with the largest newest values, in the order in which they were.
fn keep_largest(series: &mut Vec<Series>) {
    let mut newest: Vec<f64> = series.iter().filter_map(Series::newest).map(|(_, value)| value).collect();
    newest.sort_by(|a, b| b.total_cmp(a));
    let Some(&least) = newest.get(MOST_LINES - 1) else { return };
    series.retain(|one| one.newest().is_some_and(|(_, value)| value >= least));
    series.truncate(MOST_LINES);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Metric, Tags, shipped_widgets};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn track(name: &'static str, device: &str, values: &[f64]) -> Track {
        let points = values.iter().zip(0..).map(|(&value, secs)| (at(secs), Some(value))).collect();
        let metric = Metric { name: name.into(), unit: Unit::BYTES, kind: Kind::Counter };
        Track { metric, tags: Tags::new([("device", device)]), interval_ms: 1000, points }
    }

    fn widget(id: &str) -> Widget {
        shipped_widgets().into_iter().find(|widget| widget.id == id).unwrap()
    }

    #[test]
    fn counters_become_rates() {
        let reading = Reading::of(&widget("disk_io"), vec![track("disk_read_bytes_total", "sda", &[100.0, 300.0])]);
        assert_eq!(reading.unit.as_str(), "bytes/s");
        assert_eq!(reading.series[0].newest(), Some((at(1), 200.0)));
        assert!(!reading.half_known);
    }

    #[test]
    fn one_reading_of_a_counter_is_not_enough() {
        let reading = Reading::of(&widget("disk_io"), vec![track("disk_read_bytes_total", "sda", &[100.0])]);
        assert!(reading.series.is_empty() && reading.half_known);
        assert!(!Reading::of(&widget("disk_io"), vec![]).half_known);
    }

    #[test]
    fn a_label_says_what_it_names() {
        #[track_caller]
        fn check(metric: &'static str, tags: &[(&str, &str)], others: usize, want: &str) {
            let one = |tags: Tags| Track { tags, ..track(metric, "", &[1.0]) };
            let others = (0..others).map(|n| one(Tags::new([("device", "x"), ("cpu", &n.to_string())])));
            let tracks = std::iter::once(one(Tags::new(tags.iter().copied()))).chain(others).collect();
            assert_eq!(Reading::of(&widget("cpu_per_core"), tracks).series[0].label, want);
        }
        check("disk_usage_percent", &[("device", "/dev/sda1"), ("mountpoint", "/")], 0, "/");
        check("cpu_usage_percent_per_core", &[("cpu", "7")], 0, "cpu 7");
        check("cpu_usage_percent_per_core", &[("cpu", "7"), ("device", "x")], 2, "cpu 7");
        check("load_average", &[], 0, "load average");
    }

    #[test]
    fn of_many_lines_the_largest_are_shown() {
        let many = |n: u32| (0..n).map(|i| track("load_average", &i.to_string(), &[f64::from(i % 13)])).collect();
        let reading = Reading::of(&widget("load_average"), many(12));
        let labels: Vec<_> = reading.series.iter().map(|one| one.identity.as_str()).collect();
        assert_eq!((reading.series.len(), reading.left_out), (10, 2));
        assert!(labels[0].contains("\"2\"") && labels[9].contains("\"11\""), "{labels:?}");
        assert_eq!(Reading::of(&widget("load_average"), many(40)).series.len(), 10);
        assert_eq!(Reading::of(&widget("cpu_per_core"), many(40)).series.len(), 40, "bars are all shown");
    }

    #[test]
    fn a_summary_is_of_its_time_alone() {
        let mut one = Reading::of(&widget("load_average"), vec![track("load_average", "1m", &[9.0, 1.0, 3.0, 2.0])]);
        one.series[0].points.push((at(4), None));
        let summary = one.series[0].summary(at(1));
        assert_eq!(summary, Some(Summary { last: 2.0, least: 1.0, mean: 2.0, most: 3.0 }));
        assert_eq!(one.series[0].summary(at(4)), None);
    }
}
