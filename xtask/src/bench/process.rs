//! What a process has used, as the kernel counts it.

use crate::command::Cmd;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::time::Duration;

/// A process at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    /// Ticks of the processor since it began, in its own code and in the kernel's on its behalf.
    ticks: u64,
    /// Resident memory now, in KiB.
    resident: u64,
    /// The most it ever was.
    peak: u64,
}

/// What running it costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// Share of one processor, in percent.
    pub(super) cpu: f64,
    /// The same as seconds of its time; the kernel counts them in hundredths.
    pub(super) busy: f64,
    /// Resident memory at the end, in MiB.
    pub(super) memory: f64,
    /// The most it ever was.
    pub(super) peak: f64,
}

impl Usage {
    /// Asks the kernel.
    pub(super) fn of(pid: u32) -> Result<Self> {
        let read = |file: &str| {
            let path = format!("/proc/{pid}/{file}");
            fs::read_to_string(&path).with_context(|| format!("reading {path}: is the process still there?"))
        };
        let (stat, status) = (read("stat")?, read("status")?);
        Self::parse(&stat, &status).with_context(|| format!("process {pid} is described in an unknown way: {stat}"))
    }

    fn parse(stat: &str, status: &str) -> Option<Self> {
        // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it.
        let mut times = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some(Self { ticks: user + system, resident: kib("VmRSS:")?, peak: kib("VmHWM:")? })
    }

    /// The cost of the time between this and a later moment.
    pub(super) fn until(self, later: Self, took: Duration) -> Result<Cost> {
        let per_second: f64 = Cmd::new("getconf").arg("CLK_TCK").read()?.trim().parse().context("getconf CLK_TCK")?;
        ensure!(later.ticks >= self.ticks, "the processor's time went backwards");
        Ok(self.cost(later, took, per_second))
    }

    fn cost(self, later: Self, took: Duration, ticks_per_second: f64) -> Cost {
        let mib = |kib: u64| kib as f64 / 1024.0;
        let busy = (later.ticks - self.ticks) as f64 / ticks_per_second;
        Cost { cpu: busy / took.as_secs_f64() * 100.0, busy, memory: mib(later.resident), peak: mib(later.peak) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_understood() {
        let stat = "42 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 900 900 20 0";
        let status = "Name:\tx\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\n";
        let before = Usage::parse(stat, status).unwrap();
        let after = Usage { ticks: before.ticks + 30, ..before };
        let cost = before.cost(after, Duration::from_secs(60), 100.0);
        assert_eq!(before.ticks, 200);
        assert_eq!(cost, Cost { cpu: 0.5, busy: 0.3, memory: 2.0, peak: 4.0 });
        assert!(Usage::parse("42 (x) S 1", status).is_none());
        assert!(Usage::parse(stat, "").is_none());
    }

    #[test]
    fn a_real_process_can_be_asked() {
        assert!(Usage::of(std::process::id()).unwrap().resident > 0);
    }
}
