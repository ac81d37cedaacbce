//! Main memory and swap.

use app::model::{Metric, Sample, Tags, Unit};

use super::{CollectError, percent, value};

static USAGE: Metric = Metric::gauge("memory_usage_percent", Unit::PERCENT);
static TOTAL: Metric = Metric::gauge("memory_total_bytes", Unit::BYTES);
static AVAILABLE: Metric = Metric::gauge("memory_available_bytes", Unit::BYTES);
static USED: Metric = Metric::gauge("memory_used_bytes", Unit::BYTES);
static SWAP_USAGE: Metric = Metric::gauge("swap_usage_percent", Unit::PERCENT);
static SWAP_TOTAL: Metric = Metric::gauge("swap_total_bytes", Unit::BYTES);
static SWAP_USED: Metric = Metric::gauge("swap_used_bytes", Unit::BYTES);

/// All in bytes.
#[derive(Debug, PartialEq)]
struct Reading {
    total: u64,
    /// What programs could get without swapping, caches that can be dropped included.
    available: u64,
    swap_total: u64,
    swap_free: u64,
}

#[cfg(target_os = "linux")]
pub(super) use linux::Memory;

/// From `/proc/meminfo`, described in proc_meminfo(5).
#[cfg(target_os = "linux")]
mod linux {
    use super::{CollectError, Metric, Reading, Sample, Tags, Unit, samples, value};
    use crate::collect::kernel_file::KernelFile;

    const FILE: &str = "/proc/meminfo";

    const fn gauge(name: &'static str) -> Metric {
        Metric::gauge(name, Unit::BYTES)
    }

    /// What the kernel calls it, and our metric.
    static DETAILS: [(&str, Metric); 11] = [
        ("MemFree", gauge("memory_free_bytes")),
        ("Buffers", gauge("memory_buffers_bytes")),
        ("Cached", gauge("memory_cached_bytes")),
        ("AnonPages", gauge("memory_anonymous_bytes")),
        ("Shmem", gauge("memory_shared_bytes")),
        ("Slab", gauge("memory_slab_bytes")),
        ("PageTables", gauge("memory_page_tables_bytes")),
        ("Dirty", gauge("memory_dirty_bytes")),
        ("Writeback", gauge("memory_writeback_bytes")),
        ("Committed_AS", gauge("memory_committed_bytes")),
        ("CommitLimit", gauge("memory_commit_limit_bytes")),
    ];

    #[derive(Debug)]
    pub(in super::super) struct Memory(KernelFile);

    impl Default for Memory {
        fn default() -> Self {
            Self(KernelFile::new(FILE))
        }
    }

    impl Memory {
        pub(in super::super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
            let text = self.0.text()?;
            samples(&reading(text), out)?;
            for (name, bytes) in lines(text) {
                if let Some((_, metric)) = DETAILS.iter().find(|(called, _)| *called == name) {
                    out.push(metric.sample(Tags::default(), value(bytes)));
                }
            }
            Ok(())
        }
    }

    /// What is missing is zero, which for the total is told as an error. Kernels before 3.14 do not say
    /// what is available; their own formula was about this.
    pub(super) fn reading(text: &str) -> Reading {
        let of = |name: &str| lines(text).find_map(|(called, bytes)| (called == name).then_some(bytes));
        let sum = |names: &[&str]| names.iter().filter_map(|name| of(name)).fold(0, u64::saturating_add);
        let available = || sum(&["MemFree", "Buffers", "Cached", "SReclaimable"]).saturating_sub(sum(&["Shmem"]));
        Reading {
            total: sum(&["MemTotal"]),
            available: of("MemAvailable").unwrap_or_else(available),
            swap_total: sum(&["SwapTotal"]),
            swap_free: sum(&["SwapFree"]),
        }
    }

    /// Name and bytes of each line that has them; numbers without a unit are none.
    fn lines(text: &str) -> impl Iterator<Item = (&str, u64)> {
        text.lines().filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            let kibibytes: u64 = rest.strip_suffix(" kB")?.trim_start().parse().ok()?;
            Some((name, kibibytes.saturating_mul(1024)))
        })
    }
}

#[cfg(not(target_os = "linux"))]
#[derive(Debug, Default)]
pub(super) struct Memory(Option<sysinfo::System>);

#[cfg(not(target_os = "linux"))]
impl Memory {
    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let system = match &mut self.0 {
            Some(system) => system,
            none => none
                .insert(sysinfo::System::new().map_err(|e| CollectError::not_understood("the memory", e.to_string()))?),
        };
        system.refresh_memory();
        samples(
            &Reading {
                total: system.total_memory(),
                available: system.available_memory(),
                swap_total: system.total_swap(),
                swap_free: system.free_swap(),
            },
            out,
        )
    }
}

/// Used is total − available, so caches that can be dropped are not in use. No swap is 0 and 0 %.
fn samples(read: &Reading, out: &mut Vec<Sample>) -> Result<(), CollectError> {
    let used = read.total.saturating_sub(read.available);
    let usage = percent(used, read.total)
        .ok_or_else(|| CollectError::not_understood("the memory", "its total is missing or zero"))?;
    let swap_used = read.swap_total.saturating_sub(read.swap_free);
    out.extend(
        [
            (&USAGE, usage),
            (&TOTAL, value(read.total)),
            (&AVAILABLE, value(read.available)),
            (&USED, value(used)),
            (&SWAP_USAGE, percent(swap_used, read.swap_total).unwrap_or(0.0)),
            (&SWAP_TOTAL, value(read.swap_total)),
            (&SWAP_USED, value(swap_used)),
        ]
        .map(|(metric, value)| metric.sample(Tags::default(), value)),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `memory`: total and available; `swap`: total and free. `want`: usage, used, swap usage, swap used.
    #[track_caller]
    fn check(memory: (u64, u64), swap: (u64, u64), want: Option<[f64; 4]>) {
        let read = Reading { total: memory.0, available: memory.1, swap_total: swap.0, swap_free: swap.1 };
        let mut out = Vec::new();
        let good = samples(&read, &mut out).is_ok();
        let of = |metric: &Metric| out.iter().find(|s| s.metric == *metric).map_or(f64::NAN, |s| s.value);
        let got = [of(&USAGE), of(&USED), of(&SWAP_USAGE), of(&SWAP_USED)];
        assert_eq!(good.then_some(got), want, "memory {memory:?}, swap {swap:?}");
    }

    #[test]
    fn used_is_what_is_not_available() {
        check((200, 150), (100, 90), Some([25.0, 50.0, 10.0, 10.0]));
        check((200, 200), (0, 0), Some([0.0, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn odd_readings_never_leave_the_scale() {
        // In some containers more is available than there is.
        check((100, 150), (0, 0), Some([0.0, 0.0, 0.0, 0.0]));
        check((100, 50), (10, 20), Some([50.0, 50.0, 0.0, 0.0]));
        check((0, 0), (0, 0), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_s_table_is_read_by_name() {
        /// `want`: total, available, swap in all and free, in KiB.
        #[track_caller]
        fn check(text: &str, want: [u64; 4]) {
            let [total, available, swap_total, swap_free] = want.map(|kibibytes| kibibytes * 1024);
            assert_eq!(linux::reading(text), Reading { total, available, swap_total, swap_free }, "{text}");
        }
        check(
            "MemTotal:  100 kB\nMemFree: 10 kB\nMemAvailable:  50 kB\nSwapTotal: 9 kB\nSwapFree: 8 kB\n",
            [100, 50, 9, 8],
        );
        // Before 3.14.
        let old = "MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\nSReclaimable: 4 kB\nShmem: 6 kB\n";
        check(old, [100, 33, 0, 0]);
        check("MemTotal: 100 kB\nHugePages_Total: 7\nMemAvailable: 9", [100, 0, 0, 0]);
        check("", [0, 0, 0, 0]);
    }
}
