//! How busy the processors are, between one reading and the next.

use std::collections::BTreeMap;

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;

static USAGE: Metric = Metric::gauge("cpu_usage_percent", Unit::PERCENT);
static USAGE_PER_CORE: Metric = Metric::gauge("cpu_usage_percent_per_core", Unit::PERCENT);
/// Of all processors' time; the modes together are 100.
static TIME: Metric = Metric::gauge("cpu_time_percent", Unit::PERCENT);

/// In the order of the kernel's columns.
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

/// Percent busy, from 0 to 100, since the reading before.
#[derive(Debug, PartialEq)]
struct Usage {
    /// Over all cores.
    all: f64,
    /// Share of each of [`MODES`] over all cores, where the system tells them apart.
    modes: Option<[f64; MODES.len()]>,
    /// Number and usage of each core that is online.
    cores: Vec<(u32, f64)>,
}

/// Keeps what the next reading is compared with.
#[derive(Debug)]
pub(super) struct Cpu {
    source: source::Source,
    per_core: bool,
    modes: [Tags; MODES.len()],
    cores: BTreeMap<u32, Tags>,
}

impl Cpu {
    /// Takes the first reading.
    pub(super) fn new(per_core: bool) -> Self {
        let modes = MODES.map(|mode| Tags::new([("mode", mode)]));
        Self { source: source::Source::new(), per_core, modes, cores: BTreeMap::new() }
    }

    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let Some(usage) = self.source.usage(out)? else { return Ok(()) };
        out.push(USAGE.sample(Tags::default(), usage.all));
        let modes = self.modes.iter().zip(usage.modes.into_iter().flatten());
        out.extend(modes.map(|(tags, share)| TIME.sample(tags.clone(), share)));
        for (core, busy) in usage.cores.into_iter().filter(|_| self.per_core) {
            let tags = self.cores.entry(core).or_insert_with(|| Tags::new([("cpu", core.to_string())]));
            out.push(USAGE_PER_CORE.sample(tags.clone(), busy));
        }
        Ok(())
    }
}

/// From `/proc/stat`, described in proc_stat(5). sysinfo tells cores apart by their line and not by
/// their number, which is wrong as soon as one goes offline.
#[cfg(target_os = "linux")]
mod source {
    use app::model::Sample;

    use super::{CollectError, Usage};
    use crate::collect::kernel_file::KernelFile;
    use crate::collect::number::percent;
    use crate::collect::system::kernel;

    const FILE: &str = "/proc/stat";

    /// The kernel counts in ticks of 10 ms. Fewer than these, and a share of them would be noise.
    const FEWEST_TICKS: u64 = 5;

    /// Ticks spent in user, nice, system, idle, iowait, irq, softirq and steal since the machine
    /// started. The columns after them, guest and guest_nice, are part of user and nice already.
    type Times = [u64; 8];

    /// How many columns a line needs at the least: up to idle, as kernels before 2.6 had them.
    const FEWEST_COLUMNS: usize = 4;

    #[derive(Debug, Clone, PartialEq)]
    struct Reading {
        all: Times,
        /// Sorted by number.
        cores: Vec<(u32, Times)>,
    }

    #[derive(Debug)]
    pub(super) struct Source {
        file: KernelFile,
        before: Option<Reading>,
    }

    impl Source {
        pub(super) fn new() -> Self {
            let mut file = KernelFile::new(FILE);
            let before = file.text().ok().and_then(parse);
            Self { file, before }
        }

        /// Pushes what else the file tells, since it is the dearest of all to read.
        pub(super) fn usage(&mut self, out: &mut Vec<Sample>) -> Result<Option<Usage>, CollectError> {
            let text = self.file.text()?;
            kernel::tasks(text, out);
            let now =
                parse(text).ok_or_else(|| CollectError::not_understood(FILE, "its line `cpu` is missing or cut"))?;
            let usage = self.before.as_ref().map(|before| between(before, &now));
            // Too early to tell: the older reading stays, so that the next one can.
            let Some(None) = usage else {
                self.before = Some(now);
                return Ok(usage.flatten());
            };
            Ok(None)
        }
    }

    fn parse(text: &str) -> Option<Reading> {
        let mut all = None;
        let mut cores = Vec::new();
        for line in text.lines() {
            // All lines of processors are at the top; the long line of interrupts after them costs time.
            let Some(rest) = line.strip_prefix("cpu") else { break };
            let (name, columns) = rest.split_once(' ').unwrap_or((rest, ""));
            let Some(times) = times(columns) else { continue };
            if name.is_empty() {
                all = Some(times);
            } else if let Ok(core) = name.parse() {
                cores.push((core, times));
            }
        }
        cores.sort_unstable_by_key(|(core, _)| *core);
        Some(Reading { all: all?, cores })
    }

    fn times(columns: &str) -> Option<Times> {
        let mut times = Times::default();
        let mut found = 0;
        for (slot, column) in times.iter_mut().zip(columns.split_ascii_whitespace()) {
            *slot = column.parse().ok()?;
            found += 1;
        }
        (found >= FEWEST_COLUMNS).then_some(times)
    }

    /// Nothing where too little time lies between the two. A core that was not there before, or whose
    /// time stood still, is left out.
    fn between(before: &Reading, now: &Reading) -> Option<Usage> {
        let cores = u64::try_from(now.cores.len()).unwrap_or(u64::MAX).max(1);
        let grown = growth(&before.all, &now.all);
        let (busy, total) = spent(&grown);
        if total < FEWEST_TICKS.saturating_mul(cores) {
            return None;
        }
        let core = |(number, times): &(u32, Times)| {
            let at = before.cores.binary_search_by_key(number, |(number, _)| *number).ok()?;
            let (busy, total) = spent(&growth(&before.cores.get(at)?.1, times));
            Some((*number, percent(busy, total)?))
        };
        Some(Usage {
            all: percent(busy, total)?,
            modes: Some(grown.map(|ticks| percent(ticks, total).unwrap_or_default())),
            cores: now.cores.iter().filter_map(core).collect(),
        })
    }

    /// What each column grew. One that falls, as iowait may and a core's do when it comes back, counts as
    /// unchanged.
    fn growth(before: &Times, now: &Times) -> Times {
        let mut grown = Times::default();
        for ((slot, before), now) in grown.iter_mut().zip(before).zip(now) {
            *slot = now.saturating_sub(*before);
        }
        grown
    }

    /// Ticks busy, and ticks in all. Busy is all that is neither idle nor waiting for a disk.
    fn spent(grown: &Times) -> (u64, u64) {
        let [user, nice, system, idle, iowait, irq, softirq, steal] = *grown;
        let sum = |ticks: &[u64]| ticks.iter().fold(0, |sum: u64, &t| sum.saturating_add(t));
        let busy = sum(&[user, nice, system, irq, softirq, steal]);
        (busy, sum(&[busy, idle, iowait]))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// `want`: usage of all, then of each core, as in `25 0:50 1:0`; `-` where nothing can be told.
        #[track_caller]
        fn check(before: &str, now: &str, want: &str) {
            let usage = parse(before).zip(parse(now)).and_then(|(before, now)| between(&before, &now));
            let got = usage.map_or("-".to_owned(), |usage| {
                let cores = usage.cores.iter().map(|(core, busy)| format!(" {core}:{busy:.0}"));
                std::iter::once(format!("{:.0}", usage.all)).chain(cores).collect()
            });
            assert_eq!(got, want, "from\n{before}\nto\n{now}");
        }

        #[test]
        fn busy_is_what_is_neither_idle_nor_waiting_for_a_disk() {
            let start = "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n";
            check(start, "cpu  10 10 10 40 10 10 5 5 0 0\ncpu0 10 10 10 40 10 10 5 5 0 0\n", "50 0:50");
            check(start, "cpu  0 0 0 0 100 0 0 0 0 0\ncpu0 0 0 0 100 0 0 0 0 0 0\n", "0 0:0");
            // Guest time is in user already: 50 of 100, not 100 of 150.
            check(start, "cpu  50 0 0 50 0 0 0 0 50 0\ncpu0 50 0 0 50 0 0 0 0 50 0\n", "50 0:50");
            // Columns of kernels to come.
            check(start, "cpu  25 0 0 75 0 0 0 0 0 0 999 999\ncpu0 25 0 0 75 0 0 0 0 0 0 999\n", "25 0:25");
            // Four columns, as they were before 2.6.
            check("cpu 0 0 0 0\n", "cpu 30 0 0 70\n", "30");
        }

        #[test]
        fn the_modes_of_all_cores_are_one_hundred() {
            let modes = |before: &str, now: &str| between(&parse(before).unwrap(), &parse(now).unwrap()).unwrap().modes;
            let start = "cpu  0 0 0 100 50 0 0 0 0 0\n";
            let want = [20.0, 5.0, 10.0, 40.0, 10.0, 1.0, 4.0, 10.0];
            assert_eq!(modes(start, "cpu  20 5 10 140 60 1 4 10 9 9\n"), Some(want));
            // Waiting for disks may be taken back.
            assert_eq!(modes(start, "cpu  50 0 0 150 20\n"), Some([50.0, 0.0, 0.0, 50.0, 0.0, 0.0, 0.0, 0.0]));
        }

        #[test]
        fn a_core_that_comes_or_goes_takes_nothing_from_the_others() {
            let two = "cpu  0 0 0 0 0\ncpu0 0 0 0 0 0\ncpu1 0 0 0 0 0\n";
            let one = "cpu  50 0 0 50 0\ncpu1 25 0 0 75 0\n";
            check(two, one, "50 1:25");
            check(one, "cpu  90 0 0 110 0\ncpu0 9 0 0 1 0\ncpu1 75 0 0 125 0\n", "40 1:50");
        }

        #[test]
        fn odd_counters_never_leave_the_scale() {
            let before = "cpu  100 0 0 1000 500\ncpu0 100 0 0 1000 500\n";
            check(before, "cpu  200 0 0 1000 400\ncpu0 200 0 0 1000 400\n", "100 0:100");
            check(before, "cpu  90 0 0 1100 500\ncpu0 90 0 0 1100 500\n", "0 0:0");
            check(before, "cpu  0 0 0 0 0\ncpu0 0 0 0 0 0\n", "-");
            let most = u64::MAX;
            check("cpu 0 0 0 0\n", &format!("cpu {most} {most} 0 {most}\n"), "100");
        }

        #[test]
        fn what_cannot_be_told_is_left_out() {
            let before = "cpu  0 0 0 0 0\ncpu0 0 0 0 0 0\ncpu1 0 0 0 0 0\n";
            check(before, before, "-");
            check(before, "cpu  1 0 0 8 0\ncpu0 1 0 0 4 0\ncpu1 0 0 0 4 0\n", "-");
            // The second core's line is cut.
            check(before, "cpu  50 0 0 150 0\ncpu0 25 0 0 75 0\ncpu1 25 0", "25 0:25");
            check(before, "intr 1 2 3\n", "-");
            check(before, "", "-");
        }

        #[test]
        fn a_reading_that_comes_too_early_is_made_up_for_by_the_next() {
            let mut source = Source::new();
            let first = source.before.clone();
            let mut out = Vec::new();
            assert!(matches!(source.usage(&mut out), Ok(None)), "nothing can be told after no time");
            assert_eq!(out.len(), 4, "what is no difference can be told");
            assert_eq!(source.before, first);
        }
    }
}

/// From sysinfo, which takes its values from the system's own interfaces.
#[cfg(not(target_os = "linux"))]
mod source {
    use std::time::Instant;

    use app::model::Sample;

    use super::{CollectError, Usage};

    #[derive(Debug)]
    pub(super) struct Source {
        system: Option<sysinfo::System>,
        since: Instant,
    }

    impl Source {
        pub(super) fn new() -> Self {
            let mut system = sysinfo::System::new().ok();
            if let Some(system) = &mut system {
                system.refresh_cpu_usage();
            }
            Self { system, since: Instant::now() }
        }

        pub(super) fn usage(&mut self, _out: &mut Vec<Sample>) -> Result<Option<Usage>, CollectError> {
            let Some(system) = &mut self.system else {
                return Err(CollectError::not_understood("this system", "sysinfo does not support it"));
            };
            // sysinfo would repeat what it said before, at first a zero.
            if self.since.elapsed() < sysinfo::MINIMUM_CPU_UPDATE_INTERVAL {
                return Ok(None);
            }
            system.refresh_cpu_usage();
            self.since = Instant::now();
            let scale = |percent: f32| f64::from(percent).clamp(0.0, 100.0);
            let cores = (0..).zip(system.cpus()).map(|(i, cpu)| (i, scale(cpu.usage())));
            Ok(Some(Usage { all: scale(system.global_cpu_usage()), modes: None, cores: cores.collect() }))
        }
    }
}
