//! `GET /api/metrics`: which metrics there are, or the points of one.

use std::sync::Arc;

use app::model::{Kind, Tags, Timestamp, Unit};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;

use super::metrics_query::{Asked, parse};
use crate::monitor::Monitor;
use crate::store::{MetricInfo, Series};
use crate::web::envelope::{ApiError, reply};

pub(super) async fn metrics(
    State(monitor): State<Arc<Monitor>>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let turns = monitor.turns.clone();
    match parse(query.as_deref().unwrap_or_default(), monitor.now())? {
        Asked::List => reply(&turns, move |_| Ok(Listing::of(monitor.store.metrics()))).await,
        Asked::Points(query) => {
            reply(&turns, move |asker| Ok(Points::of(query.metric.clone(), &monitor.points(asker, &query)?))).await
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

#[derive(Serialize)]
struct Points {
    metric_name: String,
    data_points: Vec<Listable>,
}

#[derive(Serialize)]
struct Listable {
    value: f64,
    timestamp: Timestamp,
    tags: Tags,
    unit: Unit,
}

impl Points {
    /// Ascending by time over all series together; series by series where times are equal.
    fn of(metric_name: String, series: &[Series]) -> Self {
        let points_of = |one: &Series| {
            let (tags, unit) = (one.tags.clone(), one.metric.unit.clone());
            let point = move |p: &app::model::Point| Listable {
                value: p.value,
                timestamp: p.time,
                tags: tags.clone(),
                unit: unit.clone(),
            };
            one.points.iter().map(point).collect::<Vec<_>>()
        };
        let mut data_points: Vec<Listable> = series.iter().flat_map(points_of).collect();
        data_points.sort_by_key(|point| point.timestamp);
        Self { metric_name, data_points }
    }
}
