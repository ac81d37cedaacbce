//! What systemd's services and containers take, from their control groups (version 2), without asking any daemon.
//!
//! Invariant: a group that goes while it is read, or lacks a controller, has the values that are left.
//! May not know: names that people gave containers; only the engine knows those, and it is not asked.

mod group;
mod kind;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::number::value;
use super::{CollectError, Collector};
use group::{Reader, Taken};
use kind::Kind;

/// Groups below this depth belong to what runs within a container.
const DEEPEST: usize = 12;

/// What the collector shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitsSettings {
    /// Services of systemd.
    pub services: bool,
    /// Containers of any engine that uses control groups.
    pub containers: bool,
}

impl Default for UnitsSettings {
    fn default() -> Self {
        Self { services: true, containers: true }
    }
}

/// The `units` collector.
#[derive(Debug)]
pub struct Units {
    root: PathBuf,
    settings: UnitsSettings,
    reader: Reader,
}

impl Units {
    /// Reads nothing yet. `root` is `/sys/fs/cgroup`; a machine that has version 1 there and nothing else has
    /// no samples.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, settings: UnitsSettings) -> Self {
        Self { root: root.into(), settings, reader: Reader::default() }
    }
}

impl Collector for Units {
    fn name(&self) -> &'static str {
        "units"
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        // Machines between the versions have the second one in a folder of its own, mostly without controllers.
        let both = [self.root.clone(), self.root.join("unified")];
        let Some(root) = both.into_iter().find(|root| root.join("cgroup.controllers").exists()) else { return Ok(()) };
        let failed = |e| CollectError::read(root.display().to_string(), e);
        self.walk(&root, 0, false, out).map_err(failed)
    }
}

impl Units {
    /// A service within a service is part of it, as those of a user are of `user@1000.service`. A container is
    /// one wherever it is, and what is within it is its own affair.
    fn walk(&mut self, folder: &Path, depth: usize, in_service: bool, out: &mut Vec<Sample>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            // One that went meanwhile.
            let Ok(entry) = entry else { continue };
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let kind = kind::of(&name);
            let path = entry.path();
            let is_service = matches!(kind, Kind::Service(_));
            match &kind {
                Kind::Service(name) if self.settings.services && !in_service => {
                    let tags = Tags::new([("unit", *name)]);
                    samples(&UNIT, &tags, &self.reader.read(&path), out);
                }
                Kind::Container { runtime, id } if self.settings.containers => {
                    let tags = Tags::new([("container", *id), ("runtime", *runtime)]);
                    samples(&CONTAINER, &tags, &self.reader.read(&path), out);
                }
                _ => {}
            }
            if !matches!(kind, Kind::Container { .. }) && depth < DEEPEST {
                // Its folder may be gone, or another user's.
                let _ = self.walk(&path, depth + 1, in_service || is_service, out);
            }
        }
        Ok(())
    }
}

/// One for each field of [`Taken`].
struct Metrics {
    cpu: Metric,
    throttled: Metric,
    memory: Metric,
    memory_limit: Metric,
    oom_kills: Metric,
    tasks: Metric,
    read: Metric,
    written: Metric,
}

/// `memory` counts the cache of files too, as the kernel's own limit does.
static UNIT: Metrics = Metrics {
    cpu: Metric::counter("unit_cpu_seconds_total", Unit::SECONDS),
    throttled: Metric::counter("unit_cpu_throttled_seconds_total", Unit::SECONDS),
    memory: Metric::gauge("unit_memory_bytes", Unit::BYTES),
    memory_limit: Metric::gauge("unit_memory_limit_bytes", Unit::BYTES),
    oom_kills: Metric::counter("unit_memory_oom_kills_total", Unit::COUNT),
    tasks: Metric::gauge("unit_tasks", Unit::COUNT),
    read: Metric::counter("unit_io_read_bytes_total", Unit::BYTES),
    written: Metric::counter("unit_io_write_bytes_total", Unit::BYTES),
};

static CONTAINER: Metrics = Metrics {
    cpu: Metric::counter("container_cpu_seconds_total", Unit::SECONDS),
    throttled: Metric::counter("container_cpu_throttled_seconds_total", Unit::SECONDS),
    memory: Metric::gauge("container_memory_bytes", Unit::BYTES),
    memory_limit: Metric::gauge("container_memory_limit_bytes", Unit::BYTES),
    oom_kills: Metric::counter("container_memory_oom_kills_total", Unit::COUNT),
    tasks: Metric::gauge("container_tasks", Unit::COUNT),
    read: Metric::counter("container_io_read_bytes_total", Unit::BYTES),
    written: Metric::counter("container_io_write_bytes_total", Unit::BYTES),
};

fn samples(metrics: &Metrics, tags: &Tags, taken: &Taken, out: &mut Vec<Sample>) {
    let seconds = |us: Option<u64>| us.map(|us| value(us) / 1e6);
    let values = [
        (&metrics.cpu, seconds(taken.cpu_us)),
        (&metrics.throttled, seconds(taken.throttled_us)),
        (&metrics.memory, taken.memory.map(value)),
        (&metrics.memory_limit, taken.memory_limit.map(value)),
        (&metrics.oom_kills, taken.oom_kills.map(value)),
        (&metrics.tasks, taken.tasks.map(value)),
        (&metrics.read, taken.read_bytes.map(value)),
        (&metrics.written, taken.written_bytes.map(value)),
    ];
    out.extend(values.into_iter().filter_map(|(metric, value)| Some(metric.sample(tags.clone(), value?))));
}

#[cfg(test)]
mod tests;
