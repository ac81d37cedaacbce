//! What the monitor does, told to people who look after it.

use std::sync::Arc;

use app::model::{Health, Timestamp};
use serde::Serialize;

use super::Monitor;
use crate::ingest::Written;

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
    remote_write: Written,
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
    points: usize,
    /// In bytes: sealed blocks, the log, and points that are in memory and in no block yet.
    block_bytes: u64,
    blocks: usize,
    log_bytes: u64,
    head_bytes: usize,
    /// Samples that were refused since the start.
    refused: u64,
    /// Why new samples are in memory alone, though there is a disk.
    trouble: Option<String>,
    /// Points that were dropped, since the disk refused and memory has a bound.
    dropped: u64,
    /// Files that cannot be read in part or at all.
    damaged: Vec<String>,
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
    /// All in all. It looks at files.
    #[must_use]
    pub fn status(&self) -> Status {
        let kept = self.store.metrics();
        let (size, store) = (self.store.size(), self.store.status());
        let setup = self.told().setup.clone();
        let (connections, most) = self.pipeline.live();
        Status {
            health: self.condition().health,
            storage: Stored {
                kind: if self.store.is_on_disk() { "disk" } else { "memory" },
                metrics: kept.len(),
                series: size.series,
                points: size.points,
                block_bytes: store.block_bytes,
                blocks: store.blocks,
                log_bytes: store.log_bytes,
                head_bytes: store.head_bytes,
                refused: store.refused,
                trouble: store.trouble,
                dropped: store.dropped,
                damaged: store.damaged,
            },
            live: Live { connections, most },
            remote_write: self.written.written(),
            not_active: setup.not_active.clone(),
            needs_restart: setup.needs_restart.clone(),
            configuration: setup,
        }
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
