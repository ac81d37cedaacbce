//! What one control group takes: its files, described in the kernel's Documentation/admin-guide/cgroup-v2.rst.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Nothing where the group does not have the controller, or has gone.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) cpu_us: Option<u64>,
    /// Not run because of a limit.
    pub(super) throttled_us: Option<u64>,
    pub(super) memory: Option<u64>,
    /// Nothing where there is none.
    pub(super) memory_limit: Option<u64>,
    pub(super) oom_kills: Option<u64>,
    pub(super) tasks: Option<u64>,
    /// Over all devices; one that lies on another, as logical volumes do, counts besides it.
    pub(super) read_bytes: Option<u64>,
    pub(super) written_bytes: Option<u64>,
}

/// Keeps its buffer.
#[derive(Debug, Default)]
pub(super) struct Reader(Vec<u8>);

impl Reader {
    pub(super) fn read(&mut self, folder: &Path) -> Taken {
        let cpu = self.text(folder, "cpu.stat");
        let (cpu_us, throttled_us) = (keyed(cpu, "usage_usec"), keyed(cpu, "throttled_usec"));
        let memory = plain(self.text(folder, "memory.current"));
        let memory_limit = plain(self.text(folder, "memory.max"));
        let oom_kills = keyed(self.text(folder, "memory.events"), "oom_kill");
        let tasks = plain(self.text(folder, "pids.current"));
        let io = self.text(folder, "io.stat");
        let (read_bytes, written_bytes) = (devices(io, "rbytes="), devices(io, "wbytes="));
        Taken { cpu_us, throttled_us, memory, memory_limit, oom_kills, tasks, read_bytes, written_bytes }
    }

    fn text(&mut self, folder: &Path, name: &str) -> Option<&str> {
        self.0.clear();
        File::open(folder.join(name)).and_then(|mut file| file.read_to_end(&mut self.0)).ok()?;
        str::from_utf8(&self.0).ok()
    }
}

/// A number; `max` is none.
fn plain(text: Option<&str>) -> Option<u64> {
    text?.trim().parse().ok()
}

/// The number on the line of `key`.
fn keyed(text: Option<&str>, key: &str) -> Option<u64> {
    text?.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok())
}

/// The sum of a field over all lines, each of which is a device's: `254:0 rbytes=4096 wbytes=0`. Nothing where
/// there is no file; with the file and no line, nothing has been read or written yet.
fn devices(text: Option<&str>, field: &str) -> Option<u64> {
    let fields = text?.split_ascii_whitespace().filter_map(|word| word.strip_prefix(field)?.parse::<u64>().ok());
    Some(fields.fold(0, u64::saturating_add))
}
