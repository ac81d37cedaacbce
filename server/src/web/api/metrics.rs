//! `GET /api/metrics`: which metrics there are, or the points of one.

use std::sync::Arc;

use app::model::{Kind, KnownGap, Point, Unit};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;

use super::metrics_query::{Asked, parse};
use crate::monitor::Monitor;
use crate::store::{Asker, MetricInfo, Series};
use crate::web::envelope::{ApiError, reply, success_written};

pub(super) async fn metrics(
    State(monitor): State<Arc<Monitor>>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let turns = monitor.turns.clone();
    match parse(query.as_deref().unwrap_or_default(), monitor.now())? {
        Asked::List => reply(&turns, move |_| Ok(Listing::of(monitor.store.metrics()))).await,
        Asked::Points(query) => {
            let find = move |asker: &Asker| {
                let found = monitor.points(asker, &query)?;
                let gaps = monitor.gaps(&query)?;
                success_written(|out| write_points(&query.metric, &found, &gaps, out))
            };
            turns.take_for(find).await.unwrap_or_else(|error| Err(error.into()))
        }
    }
}

#[derive(Serialize)]
struct Listing {
    metrics: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    metric_name: String,
    unit: Unit,
    kind: Kind,
    tags: Vec<String>,
    series: usize,
}

impl Listing {
    fn of(metrics: Vec<MetricInfo>) -> Self {
        let listed = |info: MetricInfo| Listed {
            metric_name: info.metric.name.into_owned(),
            unit: info.metric.unit,
            kind: info.metric.kind,
            tags: info.tag_names,
            series: info.series,
        };
        Self { metrics: metrics.into_iter().map(listed).collect() }
    }
}

/// `{metric_name, data_points, gaps}`, the latter where there are any: ascending by time over all series together; series by series where times are equal.
///
/// An answer repeats the tags of a series with each of its points, so most of it is tags: they are written once and copied then.
fn write_points(metric_name: &str, series: &[Series], gaps: &[KnownGap], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let ends = series.iter().map(end_of_point).collect::<serde_json::Result<Vec<_>>>()?;
    let mut points: Vec<(&Point, &Vec<u8>)> = Vec::with_capacity(series.iter().map(|one| one.points.len()).sum());
    for (one, end) in series.iter().zip(&ends) {
        points.extend(one.points.iter().map(|point| (point, end)));
    }
    points.sort_by_key(|(point, _)| point.time);
    out.reserve(points.iter().map(|(_, end)| end.len() + NUMBERS).sum());
    out.extend_from_slice(b"{\"metric_name\":");
    serde_json::to_writer(&mut *out, metric_name)?;
    out.extend_from_slice(b",\"data_points\":[");
    for (at, (point, end)) in points.into_iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{\"value\":" } else { b",{\"value\":" });
        serde_json::to_writer(&mut *out, &point.value)?;
        out.extend_from_slice(b",\"timestamp\":");
        serde_json::to_writer(&mut *out, &point.time)?;
        out.extend_from_slice(end);
    }
    out.push(b']');
    if !gaps.is_empty() {
        out.extend_from_slice(b",\"gaps\":");
        serde_json::to_writer(&mut *out, gaps)?;
    }
    out.push(b'}');
    Ok(())
}

/// About as many bytes as value and time of a point take, with their names.
const NUMBERS: usize = 64;

/// What comes after the time of each point of a series.
fn end_of_point(of: &Series) -> serde_json::Result<Vec<u8>> {
    let mut out = b",\"tags\":".to_vec();
    serde_json::to_writer(&mut out, &of.tags)?;
    out.extend_from_slice(b",\"unit\":");
    serde_json::to_writer(&mut out, &of.metric.unit)?;
    out.push(b'}');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use app::model::{Metric, Tags, Timestamp};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn points_of_all_series_ascend_together() {
        let series = |n: &str, times: &[i64]| Series {
            metric: Metric::gauge("m", Unit::new("a\"b")),
            tags: Tags::new([("n", n), ("\u{e4}\\", "\n")]),
            points: times.iter().map(|&t| Point::new(Timestamp::from_millis(t * 500), 0.1 * t as f64)).collect(),
        };
        let written = |all: &[Series]| {
            let mut out = Vec::new();
            write_points("m\"", all, &[], &mut out).unwrap();
            serde_json::from_slice::<Value>(&out).unwrap()
        };
        let point = |n: &str, time: f64, value: f64| json!({"value": value, "timestamp": time, "tags": {"n": n, "\u{e4}\\": "\n"}, "unit": "a\"b"});
        assert_eq!(written(&[]), json!({"metric_name": "m\"", "data_points": []}));
        let want = [point("1", 0.5, 0.1), point("2", 0.5, 0.1), point("2", 1.0, 0.2), point("1", 1.5, 0.1 * 3.0)];
        assert_eq!(
            written(&[series("1", &[1, 3]), series("2", &[1, 2])]),
            json!({"metric_name": "m\"", "data_points": want})
        );
    }
}
