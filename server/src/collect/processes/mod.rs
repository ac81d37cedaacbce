//! Processes: how many in which state, and which of them take most of the processors and of memory.
//!
//! Invariant: the number of series is bounded. At most twice [`ProcessesSettings::top`] names have values
//! at a reading; the line of one that is not among them any more ends.
//! Invariant: a process that goes while it is read is no error.
//! May not know: what any process is for; named ones are in `application`.

mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::number::value;
use super::{CollectError, Collector};
use table::{Process, Table};

static COUNT: Metric = Metric::gauge("process_count", Unit::COUNT);
static THREADS: Metric = Metric::gauge("process_threads_count", Unit::COUNT);
/// Of one core: a process that keeps two busy has 200.
static CPU: Metric = Metric::gauge("process_cpu_usage_percent", Unit::PERCENT);
/// Memory that is shared counts for each that shares it.
static MEMORY: Metric = Metric::gauge("process_memory_rss_bytes", Unit::BYTES);
static INSTANCES: Metric = Metric::gauge("process_instances", Unit::COUNT);

/// Letters of the kernel, and what they mean. The last takes all others.
const STATES: [(&[u8], &str); 7] = [
    (b"R", "running"),
    (b"S", "sleeping"),
    (b"D", "disk_sleep"),
    (b"Tt", "stopped"),
    (b"Z", "zombie"),
    (b"I", "idle"),
    (b"", "other"),
];

/// What the collector shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessesSettings {
    /// How many are shown for processors, and how many for memory.
    pub top: usize,
    /// Each process by itself, with the tag `pid`, instead of all of one name together. Every process that
    /// gets among the first makes series of its own, so this is for machines whose processes live long.
    pub per_process: bool,
}

impl Default for ProcessesSettings {
    fn default() -> Self {
        Self { top: 10, per_process: false }
    }
}

/// The `processes` collector.
#[derive(Debug)]
pub struct Processes {
    settings: ProcessesSettings,
    table: Table,
    before: Option<Timestamp>,
    states: [Tags; STATES.len()],
}

/// What is shown in one line: a name, or a process.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Group<'a> {
    name: &'a str,
    pid: Option<u32>,
    ticks: u64,
    resident_pages: u64,
    instances: u64,
}

impl Processes {
    /// Reads nothing yet. `proc` is `/proc`.
    #[must_use]
    pub fn new(proc: impl Into<PathBuf>, settings: ProcessesSettings) -> Self {
        let states = STATES.map(|(_, state)| Tags::new([("state", state)]));
        Self { settings, table: Table::new(proc.into()), before: None, states }
    }
}

impl Collector for Processes {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn collect(&mut self, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let elapsed = self.before.replace(now).map(|before| now.since(before).as_secs_f64()).filter(|s| *s > 0.0);
        self.table.read()?;
        self.totals(out);
        let all = groups(self.table.processes(), self.settings.per_process);
        let ticks_a_second = value(rustix::param::clock_ticks_per_second());
        let page_bytes = u64::try_from(rustix::param::page_size()).unwrap_or_default();
        for group in top(all, self.settings.top, elapsed.is_some()) {
            let pid = group.pid.map(|pid| pid.to_string());
            let tags = Tags::new([("name", group.name)].into_iter().chain(pid.as_deref().map(|pid| ("pid", pid))));
            // The first reading has nothing to compare with.
            let usage = elapsed.map(|seconds| value(group.ticks) / ticks_a_second / seconds * 100.0);
            out.extend(usage.map(|usage| CPU.sample(tags.clone(), usage)));
            out.push(MEMORY.sample(tags.clone(), value(group.resident_pages.saturating_mul(page_bytes))));
            if group.pid.is_none() {
                out.push(INSTANCES.sample(tags, value(group.instances)));
            }
        }
        Ok(())
    }
}

impl Processes {
    fn totals(&self, out: &mut Vec<Sample>) {
        let mut counts = [0_u64; STATES.len()];
        let mut threads = 0_u64;
        for process in self.table.processes() {
            let at = STATES.iter().position(|(letters, _)| letters.contains(&process.state));
            if let Some(count) = counts.get_mut(at.unwrap_or(STATES.len() - 1)) {
                *count += 1;
            }
            threads = threads.saturating_add(process.threads);
        }
        out.extend(counts.iter().zip(&self.states).map(|(n, tags)| COUNT.sample(tags.clone(), value(*n))));
        out.push(THREADS.sample(Tags::default(), value(threads)));
    }
}

fn groups<'a>(processes: impl Iterator<Item = &'a Process>, per_process: bool) -> Vec<Group<'a>> {
    let one = |process: &'a Process| Group {
        name: &process.name,
        pid: per_process.then_some(process.pid),
        ticks: process.worked_ticks,
        resident_pages: process.resident_pages,
        instances: 1,
    };
    if per_process {
        return processes.map(one).collect();
    }
    let mut names: BTreeMap<&str, Group<'a>> = BTreeMap::new();
    for process in processes {
        let process = one(process);
        let group = names.entry(process.name).or_insert(Group { name: process.name, ..Group::default() });
        group.ticks = group.ticks.saturating_add(process.ticks);
        group.resident_pages = group.resident_pages.saturating_add(process.resident_pages);
        group.instances += 1;
    }
    names.into_values().collect()
}

/// The first by processors, then those of the first by memory that are not among them. Nothing is first
/// with nothing. Of equals the name decides, so that they do not change places at every reading.
fn top(mut all: Vec<Group<'_>>, count: usize, by_ticks: bool) -> Vec<Group<'_>> {
    let mut first = Vec::new();
    let keys: [fn(&Group<'_>) -> u64; 2] = [|group| group.ticks, |group| group.resident_pages];
    for key in keys.iter().skip(usize::from(!by_ticks)) {
        all.sort_unstable_by(|a, b| (key(b), a.name, a.pid).cmp(&(key(a), b.name, b.pid)));
        for group in all.iter().take(count).filter(|group| key(group) > 0) {
            if !first.contains(group) {
                first.push(*group);
            }
        }
    }
    first
}

#[cfg(test)]
mod tests;
