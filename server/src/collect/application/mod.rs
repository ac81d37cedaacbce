//! Applications: what this process and named ones take, and how their requests go.
//!
//! Invariant: an application that is not running has the value 0 for its number of processes and no others.
//! May not know: who serves requests; that is told through [`RequestStats`].

mod find;
mod requests;
mod usage;

use std::path::PathBuf;

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::number::value;
use super::{CollectError, Collector};
pub use find::Find;
pub use requests::RequestStats;
use requests::{QUANTILES, RequestSummary};

/// Of one core: an application that keeps two busy has 200.
static CPU: Metric = Metric::gauge("app_cpu_usage_percent", Unit::PERCENT);
static RSS: Metric = Metric::gauge("app_memory_rss_bytes", Unit::BYTES);
static VMS: Metric = Metric::gauge("app_memory_vms_bytes", Unit::BYTES);
static FILES: Metric = Metric::gauge("app_file_descriptors", Unit::COUNT);
static THREADS: Metric = Metric::gauge("app_threads", Unit::COUNT);
static PROCESSES: Metric = Metric::gauge("app_process_count", Unit::COUNT);
static REQUESTS: Metric = Metric::counter("app_requests_total", Unit::COUNT);
static ERRORS: Metric = Metric::counter("app_errors_total", Unit::COUNT);
static AVG: Metric = Metric::gauge("app_response_time_avg_seconds", Unit::SECONDS);
static MAX: Metric = Metric::gauge("app_response_time_max_seconds", Unit::SECONDS);
static MIN: Metric = Metric::gauge("app_response_time_min_seconds", Unit::SECONDS);
static QUANTILE: Metric = Metric::gauge("app_response_time_quantile_seconds", Unit::SECONDS);

/// What the collector reads.
#[derive(Debug, Clone, Default)]
pub struct ApplicationSettings {
    /// The applications, each with a name of its own.
    pub apps: Vec<App>,
    /// What their processes take.
    pub process: bool,
    /// Number of requests.
    pub requests: bool,
    /// Number of requests that failed.
    pub errors: bool,
    /// How long requests of the last 60 seconds took.
    pub response_times: bool,
}

/// An application.
#[derive(Debug, Clone)]
pub struct App {
    /// The tag `app`.
    pub name: String,
    /// Which processes it is; all of them together are one application.
    pub find: Find,
    /// Where its requests are counted, if anywhere.
    pub stats: Option<RequestStats>,
}

/// The `application` collector.
#[derive(Debug)]
pub struct Application {
    settings: ApplicationSettings,
    /// In the order of the settings' applications.
    watched: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    tags: Tags,
    quantiles: [Tags; QUANTILES.len()],
    finder: find::Finder,
    usage: usage::Usage,
}

impl Application {
    /// Reads nothing yet. `proc` is `/proc`.
    #[must_use]
    pub fn new(proc: impl Into<PathBuf>, settings: ApplicationSettings) -> Self {
        let proc = proc.into();
        let watch = |app: &App| {
            let name = app.name.as_str();
            Watched {
                tags: Tags::new([("app", name)]),
                quantiles: QUANTILES.map(|q| Tags::new([("app", name), ("quantile", &q.to_string())])),
                finder: find::Finder::new(proc.clone(), app.find.clone()),
                usage: usage::Usage::new(proc.clone()),
            }
        };
        let watched = settings.apps.iter().map(watch).collect();
        Self { settings, watched }
    }
}

impl Collector for Application {
    fn name(&self) -> &'static str {
        "application"
    }

    fn collect(&mut self, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let settings = &self.settings;
        CollectError::join(settings.apps.iter().zip(&mut self.watched).map(|(app, watched)| {
            if let Some(stats) = &app.stats {
                requests_of(settings, watched, &stats.summary(now), out);
            }
            if settings.process { process_of(watched, now, out) } else { Ok(()) }
        }))
    }
}

fn requests_of(settings: &ApplicationSettings, watched: &Watched, read: &RequestSummary, out: &mut Vec<Sample>) {
    let mut add = |metric: &Metric, value| out.push(metric.sample(watched.tags.clone(), value));
    if settings.requests {
        add(&REQUESTS, value(read.total));
    }
    if settings.errors {
        add(&ERRORS, value(read.errors));
    }
    if settings.response_times {
        add(&AVG, read.times.avg);
        add(&MAX, read.times.max);
        add(&MIN, read.times.min);
        let quantiles = watched.quantiles.iter().zip(read.times.quantiles);
        out.extend(quantiles.map(|(tags, seconds)| QUANTILE.sample(tags.clone(), seconds)));
    }
}

fn process_of(watched: &mut Watched, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
    let pids = watched.finder.pids(now)?;
    let read = watched.usage.read(pids, now)?;
    if read.processes < pids.len() {
        // One has ended; whether another took its place is looked for at the next reading.
        watched.finder.forget();
    }
    let mut add = |metric: &Metric, value| out.push(metric.sample(watched.tags.clone(), value));
    add(&PROCESSES, u64::try_from(read.processes).map_or(0.0, value));
    if read.processes > 0 {
        if let Some(percent) = read.cpu_percent {
            add(&CPU, percent);
        }
        add(&RSS, value(read.resident_bytes));
        add(&VMS, value(read.virtual_bytes));
        add(&THREADS, value(read.threads));
        if let Some(files) = read.files {
            add(&FILES, value(files));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
