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
struct Reading {
    total: u64,
    /// What programs could get without swapping, caches that can be dropped included.
    available: u64,
    swap_total: u64,
    swap_free: u64,
}

#[derive(Debug, Default)]
pub(super) struct Memory(Option<sysinfo::System>);

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
}
