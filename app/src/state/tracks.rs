//! The series that a page shows, each with its points: filled by histories, grown by the live stream.
//!
//! Invariant: a track's points ascend, each time once; its first and last are values, never holes; there are
//! at most [`MAX_POINTS`].
//! May not know: sockets, signals, what time it is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::order;
use super::stitch;
use crate::model::{DataPoint, History, Kind, Metric, Tags, Timestamp, Widget};

/// One series with its points, as stored: counters are not rates yet.
pub use crate::model::History as Track;

/// The most points that a track keeps; beyond, the oldest go. Two hours of samples twice a second.
pub const MAX_POINTS: usize = 16_384;

/// The interval of a series of which nothing at all is known.
const FIRST_GUESS_MS: u32 = 1000;

/// All tracks of the metrics that it was made for; other metrics are not let in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tracks {
    by_metric: BTreeMap<String, Vec<Track>>,
}

impl Tracks {
    /// Empty, for these metrics.
    pub fn new<'a>(metrics: impl IntoIterator<Item = &'a str>) -> Self {
        Self { by_metric: metrics.into_iter().map(|name| (name.to_owned(), Vec::new())).collect() }
    }

    /// Takes in what was stored meanwhile or before. Answers with the names of the metrics it touched.
    pub fn merge(&mut self, histories: Vec<History>) -> BTreeSet<String> {
        let mut touched = BTreeSet::new();
        for mut history in histories {
            let name = history.metric.name.as_ref();
            let Some(tracks) = self.by_metric.get_mut(name) else { continue };
            touched.insert(name.to_owned());
            let interval = interval(&history);
            let at = tracks.binary_search_by(|t| order::by_tags(&t.tags, &history.tags));
            let ours = at.ok().and_then(|i| tracks.get(i)).map_or(&[][..], |t| &t.points);
            history.points = stitch::stitch(ours, &history.points, interval);
            bound(&mut history.points);
            match at {
                Ok(i) => tracks[i] = history,
                Err(_) if history.points.is_empty() => {}
                Err(i) => tracks.insert(i, history),
            }
        }
        touched
    }

    /// Takes in what the live stream brought. Answers with the names of the metrics that have more now.
    pub fn push(&mut self, data: &[DataPoint]) -> BTreeSet<String> {
        let mut touched = BTreeSet::new();
        for point in data {
            if let Some(i) = self.place(point)
                && let Some(track) = self.by_metric.get_mut(&point.metric_name).and_then(|tracks| tracks.get_mut(i))
            {
                let interval = interval(track);
                if stitch::append(&mut track.points, point.timestamp, point.value, interval) {
                    bound(&mut track.points);
                    touched.insert(point.metric_name.clone());
                }
            }
        }
        touched
    }

    /// Forgets what is older than `since` says of each metric, but for one point before it, from which a line
    /// reaches the edge; and series that have nothing newer.
    pub fn trim(&mut self, since: impl Fn(&str) -> Timestamp) {
        for (name, tracks) in &mut self.by_metric {
            let since = since(name);
            tracks.retain_mut(|track| {
                let from = first_kept(&track.points, since);
                track.points.drain(..from);
                track.points.last().is_some_and(|&(newest, _)| newest >= since)
            });
        }
    }

    /// What a widget shows from `since` on, with one point before: its metrics in its order, series as people count.
    #[must_use]
    pub fn select(&self, widget: &Widget, since: Timestamp) -> Vec<Track> {
        self.of(widget)
            .filter(|track| track.points.last().is_some_and(|&(newest, _)| newest >= since))
            .map(|track| Track {
                points: track.points[first_kept(&track.points, since)..].to_vec(),
                metric: track.metric.clone(),
                tags: track.tags.clone(),
                ..*track
            })
            .collect()
    }

    /// The time of the newest point that a widget can show.
    #[must_use]
    pub fn newest(&self, widget: &Widget) -> Option<Timestamp> {
        self.of(widget).filter_map(|track| track.points.last()).map(|&(time, _)| time).max()
    }

    /// The time of the newest point of all.
    #[must_use]
    pub fn newest_of_all(&self) -> Option<Timestamp> {
        self.all().filter_map(|track| track.points.last()).map(|&(time, _)| time).max()
    }

    /// The shortest and the longest interval of all tracks.
    #[must_use]
    pub fn intervals(&self) -> Option<(Duration, Duration)> {
        let (shortest, longest) = (self.all().map(interval).min()?, self.all().map(interval).max()?);
        Some((shortest, longest))
    }

    /// The metrics it keeps.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.by_metric.keys().map(String::as_str)
    }

    fn all(&self) -> impl Iterator<Item = &Track> {
        self.by_metric.values().flatten()
    }

    fn of(&self, widget: &Widget) -> impl Iterator<Item = &Track> {
        let tracks = widget.metrics().filter_map(|name| self.by_metric.get(name)).flatten();
        tracks.filter(|track| track.tags.matches(&widget.filters))
    }

    /// Where a point's track is among its metric's, made if need be. `None` for a metric that is not kept.
    fn place(&mut self, point: &DataPoint) -> Option<usize> {
        let guess = self.all().map(|t| t.interval_ms).min().unwrap_or(FIRST_GUESS_MS);
        let tracks = self.by_metric.get_mut(&point.metric_name)?;
        match tracks.binary_search_by(|t| order::by_tags(&t.tags, &point.tags)) {
            Ok(i) => Some(i),
            Err(i) => {
                let (metric, interval_ms) =
                    tracks.first().map_or_else(|| (metric_of(point), guess), |t| (t.metric.clone(), t.interval_ms));
                let tags: Tags = point.tags.clone();
                tracks.insert(i, Track { metric, tags, interval_ms, points: Vec::new() });
                Some(i)
            }
        }
    }
}

/// What a live point says of its metric: counters are known by their names.
fn metric_of(point: &DataPoint) -> Metric {
    let kind = if point.metric_name.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
    Metric { name: Cow::Owned(point.metric_name.clone()), unit: point.unit.clone(), kind }
}

/// The time from one sample to the next.
fn interval(track: &Track) -> Duration {
    Duration::from_millis(u64::from(track.interval_ms.max(1)))
}

/// Where the points of a picture that starts at `since` begin: at the last value before, if no hole lies between.
fn first_kept(points: &[stitch::Told], since: Timestamp) -> usize {
    let inside = points.partition_point(|&(time, _)| time < since);
    match inside.checked_sub(1).and_then(|i| points.get(i)) {
        Some((_, Some(_))) => inside - 1,
        _ => inside,
    }
}

/// Lets the oldest points go where there are too many.
fn bound(points: &mut Vec<stitch::Told>) {
    let mut excess = points.len().saturating_sub(MAX_POINTS);
    if excess > 0 && points.get(excess).is_some_and(|(_, value)| value.is_none()) {
        excess += 1;
    }
    points.drain(..excess);
}

#[cfg(test)]
#[path = "tracks_tests.rs"]
mod tests;
