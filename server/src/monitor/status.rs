//! What the monitor does, told to people who look after it.

use std::sync::Arc;

use app::model::{Health, Timestamp};
use serde::Serialize;

use super::Monitor;
use crate::store::StoreError;

/// What it was told to do. Nothing in it is secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Setup {
    /// The file that says so; none: the defaults.
    pub file: Option<String>,
    /// How old points may get.
    pub retention_seconds: f64,
    /// How many a series may have.
    pub max_data_points: Option<u64>,
    /// Whether there is a page.
    pub dashboard: bool,
    /// Whether there is a live stream.
    pub websocket: bool,
    /// What is asked for and not acted on, a sentence each.
    #[serde(skip)]
    pub not_active: Vec<String>,
    /// Keys that have changed in the file and count from the next start on.
    #[serde(skip)]
    pub needs_restart: Vec<String>,
    /// When it was read.
    pub since: Option<Timestamp>,
}

/// The data of `GET /api/status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    health: Health,
    storage: Stored,
    live: Live,
    configuration: Setup,
    not_active: Vec<String>,
    needs_restart: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Stored {
    #[serde(rename = "type")]
    kind: &'static str,
    metrics: usize,
    series: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Live {
    connections: usize,
    most: usize,
}

/// One collector, as `GET /api/collectors` tells it. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    name: Arc<str>,
    description: Option<Arc<str>>,
    healthy: bool,
    interval: f64,
    last_run: Option<Timestamp>,
    duration: Option<f64>,
    samples: usize,
    runs: u64,
    errors: u64,
    missed: u64,
    last_success: Option<Timestamp>,
    last_error: Option<String>,
}

impl Monitor {
    /// All in all.
    ///
    /// # Errors
    /// Where the store does not say what it has.
    pub fn status(&self) -> Result<Status, StoreError> {
        let kept = self.store.metrics()?;
        let setup = self.told().setup.clone();
        let (connections, most) = self.pipeline.live();
        Ok(Status {
            health: self.condition().health,
            storage: Stored {
                kind: "memory",
                metrics: kept.len(),
                series: kept.iter().map(|metric| metric.series).sum(),
            },
            live: Live { connections, most },
            not_active: setup.not_active.clone(),
            needs_restart: setup.needs_restart.clone(),
            configuration: setup,
        })
    }

    /// Each collector, in the order of their names.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let mut health = self.condition().health.collectors;
        let mut readings: Vec<Reading> = self
            .registry
            .status()
            .into_iter()
            .filter_map(|status| {
                let health = health.remove(&*status.name)?;
                Some(Reading {
                    name: status.name,
                    description: status.description,
                    healthy: health.healthy,
                    interval: status.interval.as_secs_f64(),
                    last_run: status.last_run,
                    duration: status.last_duration.map(|took| took.as_secs_f64()),
                    samples: status.samples,
                    runs: status.runs,
                    errors: status.errors,
                    missed: status.missed,
                    last_success: health.last_success,
                    last_error: health.last_error,
                })
            })
            .collect();
        readings.sort_by(|a, b| a.name.cmp(&b.name));
        readings
    }
}
