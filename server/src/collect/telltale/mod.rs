//! Telltale itself: what it keeps, serves and drops, and how its collectors do. What its process takes is the
//! `application` collector's.
//!
//! May not know: the parts that it tells of; it is given a way to look at them.

mod answers;

use std::time::Duration;

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::number::value;
use super::{CollectError, Collector, CollectorStatus};
pub use answers::{Answers, CLASSES};

static BUILD: Metric = Metric::gauge("telltale_build_info", Unit::NONE);
static UPTIME: Metric = Metric::gauge("telltale_uptime_seconds", Unit::SECONDS);
static SERIES: Metric = Metric::gauge("telltale_store_series", Unit::COUNT);
static POINTS: Metric = Metric::gauge("telltale_store_points", Unit::COUNT);
static APPENDED: Metric = Metric::counter("telltale_samples_appended_total", Unit::COUNT);
static REFUSED: Metric = Metric::counter("telltale_samples_refused_total", Unit::COUNT);
static ABANDONED: Metric = Metric::counter("telltale_queries_abandoned_total", Unit::COUNT);
static LIVE: Metric = Metric::gauge("telltale_live_connections", Unit::COUNT);
static DROPPED: Metric = Metric::counter("telltale_live_updates_dropped_total", Unit::COUNT);
static REQUESTS: Metric = Metric::counter("telltale_http_requests_total", Unit::COUNT);
static RESTARTS: Metric = Metric::counter("telltale_task_restarts_total", Unit::COUNT);
static WRITES: Metric = Metric::counter("telltale_remote_write_requests_total", Unit::COUNT);
static WRITTEN: Metric = Metric::counter("telltale_remote_write_samples_total", Unit::COUNT);
static UNWRITTEN: Metric = Metric::counter("telltale_remote_write_samples_refused_total", Unit::COUNT);
static WRITTEN_BYTES: Metric = Metric::counter("telltale_remote_write_bytes_total", Unit::BYTES);
static DURATION: Metric = Metric::gauge("telltale_collector_duration_seconds", Unit::SECONDS);
static ERRORS: Metric = Metric::counter("telltale_collector_errors_total", Unit::COUNT);
static MISSED: Metric = Metric::counter("telltale_collector_missed_total", Unit::COUNT);
static STAGE_SECONDS: Metric = Metric::counter("telltale_stage_seconds_total", Unit::SECONDS);
static STAGE_RUNS: Metric = Metric::counter("telltale_stage_runs_total", Unit::COUNT);

/// What the server knows of itself at one moment. What is counted is counted since its start.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// Of the server.
    pub version: &'static str,
    /// Since its start.
    pub uptime: Duration,
    /// Series in the store.
    pub series: usize,
    /// Points of all of them.
    pub points: usize,
    /// Samples that the store took.
    pub appended: u64,
    /// Samples that it refused.
    pub refused: u64,
    /// Questions that were given up since whoever had asked had left.
    pub abandoned: u64,
    /// Who watches live.
    pub live: usize,
    /// Updates that somebody who watches live was too slow for.
    pub dropped: u64,
    /// Requests that were answered, by [`CLASSES`].
    pub answered: [u64; CLASSES.len()],
    /// Each core task, and how often it was begun again.
    pub restarts: Vec<(&'static str, u64)>,
    /// What others wrote.
    pub written: Written,
    /// The collectors, this one too.
    pub collectors: Vec<CollectorStatus>,
    /// Each stage that is timed: how often it ended, and how long it took altogether.
    pub stages: Vec<(&'static str, u64, Duration)>,
}

/// What came by remote write.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Requests, by how they ended.
    pub requests: Vec<(&'static str, u64)>,
    /// Samples that are stored.
    pub samples: u64,
    /// Samples that are not, by why.
    pub refused: Vec<(&'static str, u64)>,
    /// Of the bodies, as they were sent.
    pub bytes: u64,
}

/// Looks at the server.
pub type Look = Box<dyn Fn() -> Own + Send>;

/// The `telltale` collector.
pub struct Telltale {
    look: Look,
    classes: [Tags; CLASSES.len()],
}

impl Telltale {
    /// It looks by `look` alone.
    #[must_use]
    pub fn new(look: Look) -> Self {
        Self { look, classes: CLASSES.map(|class| Tags::new([("status", class)])) }
    }
}

impl Collector for Telltale {
    fn name(&self) -> &'static str {
        "telltale"
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let own = (self.look)();
        out.push(BUILD.sample(Tags::new([("version", own.version)]), 1.0));
        let mut add = |metric: &Metric, value| out.push(metric.sample(Tags::default(), value));
        let size = |number| u64::try_from(number).map_or(0.0, value);
        add(&UPTIME, own.uptime.as_secs_f64());
        add(&SERIES, size(own.series));
        add(&POINTS, size(own.points));
        add(&APPENDED, value(own.appended));
        add(&REFUSED, value(own.refused));
        add(&ABANDONED, value(own.abandoned));
        add(&LIVE, size(own.live));
        add(&DROPPED, value(own.dropped));
        add(&WRITTEN, value(own.written.samples));
        add(&WRITTEN_BYTES, value(own.written.bytes));
        by(&WRITES, "outcome", &own.written.requests, out);
        by(&UNWRITTEN, "reason", &own.written.refused, out);
        let answered = self.classes.iter().zip(own.answered);
        out.extend(answered.map(|(class, count)| REQUESTS.sample(class.clone(), value(count))));
        by(&RESTARTS, "task", &own.restarts, out);
        own.collectors.iter().for_each(|status| collector(status, out));
        own.stages.iter().for_each(|timed| stage(timed, out));
        Ok(())
    }
}

/// One sample for each value of a tag.
fn by(metric: &Metric, tag: &'static str, counts: &[(&'static str, u64)], out: &mut Vec<Sample>) {
    out.extend(counts.iter().map(|(name, count)| metric.sample(Tags::new([(tag, *name)]), value(*count))));
}

/// The tag `collector` is that of the collector that tells.
fn collector(status: &CollectorStatus, out: &mut Vec<Sample>) {
    let tags = Tags::new([("collector_name", &*status.name)]);
    let took = status.last_duration.map(|took| DURATION.sample(tags.clone(), took.as_secs_f64()));
    out.extend(took);
    out.push(ERRORS.sample(tags.clone(), value(status.errors)));
    out.push(MISSED.sample(tags, value(status.missed)));
}

fn stage((stage, count, took): &(&'static str, u64, Duration), out: &mut Vec<Sample>) {
    let tags = Tags::new([("stage", *stage)]);
    out.push(STAGE_SECONDS.sample(tags.clone(), took.as_secs_f64()));
    out.push(STAGE_RUNS.sample(tags, value(*count)));
}

#[cfg(test)]
mod tests;
