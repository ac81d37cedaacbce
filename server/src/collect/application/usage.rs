//! What a set of processes takes together.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use app::model::Timestamp;

use super::{CollectError, value};
use crate::collect::process_stat;

/// Sums over all processes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Taken {
    /// Those that were there.
    pub(super) processes: usize,
    /// Of one core, since the reading before; nothing at the first.
    pub(super) cpu_percent: Option<f64>,
    pub(super) resident_bytes: u64,
    pub(super) virtual_bytes: u64,
    pub(super) threads: u64,
    /// Nothing where any of them is not ours to see.
    pub(super) files: Option<u64>,
}

/// Keeps what the next reading is compared with.
#[derive(Debug)]
pub(super) struct Usage {
    proc: PathBuf,
    before: Option<Timestamp>,
    /// Of each process: when it started, and its ticks.
    known: HashMap<u32, (u64, u64)>,
}

impl Usage {
    pub(super) fn new(proc: PathBuf) -> Self {
        Self { proc, before: None, known: HashMap::new() }
    }

    /// A process that has gone is left out. One that is new counts from its next reading: what it worked
    /// before it was found is no usage of this time.
    pub(super) fn read(&mut self, pids: &[u32], now: Timestamp) -> Result<Taken, CollectError> {
        let elapsed = self.before.replace(now).map(|before| now.since(before).as_secs_f64()).filter(|s| *s > 0.0);
        let page_bytes = u64::try_from(rustix::param::page_size()).unwrap_or_default();
        let mut taken = Taken { files: Some(0), ..Taken::default() };
        let mut worked = None;
        for pid in pids {
            let folder = self.proc.join(pid.to_string());
            let path = folder.join("stat");
            let line = match fs::read(&path) {
                Ok(line) => line,
                Err(e) if is_gone(&e) => continue,
                Err(e) => return Err(CollectError::read(path.display().to_string(), e)),
            };
            let stat = process_stat::parse(&line)
                .ok_or_else(|| CollectError::not_understood(path.display().to_string(), "it is cut"))?;
            let before = self.known.insert(*pid, (stat.start_ticks, stat.cpu_ticks));
            if let Some((_, ticks)) = before.filter(|(start, _)| *start == stat.start_ticks) {
                worked = Some(worked.unwrap_or(0_u64).saturating_add(stat.cpu_ticks.saturating_sub(ticks)));
            }
            taken.processes += 1;
            taken.resident_bytes = taken.resident_bytes.saturating_add(stat.resident_pages.saturating_mul(page_bytes));
            taken.virtual_bytes = taken.virtual_bytes.saturating_add(stat.virtual_bytes);
            taken.threads = taken.threads.saturating_add(stat.threads);
            taken.files =
                taken.files.zip(files(*pid, &folder.join("fd"))).map(|(sum, files)| sum.saturating_add(files));
        }
        self.known.retain(|pid, _| pids.contains(pid));
        let ticks_a_second = value(rustix::param::clock_ticks_per_second());
        taken.cpu_percent = worked.zip(elapsed).map(|(ticks, s)| value(ticks) / ticks_a_second / s * 100.0);
        Ok(taken)
    }
}

/// Number of open files. Since 6.2 the kernel gives it as the folder's size, which spares listing it; before,
/// and where there are none, the size is 0.
fn files(pid: u32, folder: &Path) -> Option<u64> {
    match fs::metadata(folder).ok()?.len() {
        0 => {
            let listed = u64::try_from(fs::read_dir(folder).ok()?.count()).ok()?;
            // Listing one's own files opens one.
            Some(listed.saturating_sub(u64::from(pid == std::process::id())))
        }
        size => Some(size),
    }
}

fn is_gone(error: &io::Error) -> bool {
    const ESRCH: i32 = rustix::io::Errno::SRCH.raw_os_error();
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ESRCH)
}
