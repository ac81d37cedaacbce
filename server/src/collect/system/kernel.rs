//! What the kernel says of itself: how long it runs, how many files are open, whom it had to kill.

use app::model::{Metric, Sample, Tags, Unit};

use super::{CollectError, percent, time, value};
use crate::collect::kernel_file::KernelFile;

static UPTIME: Metric = Metric::gauge("uptime_seconds", Unit::SECONDS);
static FILES_USED: Metric = Metric::gauge("file_descriptors_used", Unit::COUNT);
static FILES_MAX: Metric = Metric::gauge("file_descriptors_max", Unit::COUNT);
static FILES_USAGE: Metric = Metric::gauge("file_descriptors_usage_percent", Unit::PERCENT);

/// Our metric for each name of `/proc/vmstat`.
static VMSTAT: [(&str, Metric); 4] = [
    ("oom_kill", Metric::counter("memory_oom_kills_total", Unit::COUNT)),
    ("pgmajfault", Metric::counter("memory_major_faults_total", Unit::COUNT)),
    ("pswpin", Metric::counter("swap_pages_in_total", Unit::COUNT)),
    ("pswpout", Metric::counter("swap_pages_out_total", Unit::COUNT)),
];

/// What `/proc/stat` has below the processors.
static STAT: [(&str, Metric); 4] = [
    ("ctxt", Metric::counter("context_switches_total", Unit::COUNT)),
    ("processes", Metric::counter("processes_started_total", Unit::COUNT)),
    ("procs_running", Metric::gauge("processes_running", Unit::COUNT)),
    ("procs_blocked", Metric::gauge("processes_blocked", Unit::COUNT)),
];

#[derive(Debug)]
pub(super) struct Kernel {
    uptime: KernelFile,
    files: KernelFile,
    vmstat: KernelFile,
}

impl Kernel {
    pub(super) fn new() -> Self {
        Self {
            uptime: KernelFile::new("/proc/uptime"),
            files: KernelFile::new("/proc/sys/fs/file-nr"),
            vmstat: KernelFile::new("/proc/vmstat"),
        }
    }

    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let odd = |what| CollectError::not_understood(what, "a number is missing");
        CollectError::join([
            self.uptime.text().and_then(|text| {
                let seconds = text.split(' ').next().and_then(|first| first.parse().ok());
                seconds.map(|s| out.push(UPTIME.sample(Tags::default(), s))).ok_or_else(|| odd("/proc/uptime"))
            }),
            self.files.text().and_then(|text| files(text, out).ok_or_else(|| odd("/proc/sys/fs/file-nr"))),
            // Within some containers it is not shown.
            self.vmstat.text_if_there().map(|text| named(text.unwrap_or_default(), &VMSTAT, out)),
            time::read(out),
        ])
    }
}

/// The lines of `/proc/stat` that tell what the processors run.
pub(super) fn tasks(stat: &str, out: &mut Vec<Sample>) {
    named(stat, &STAT, out);
}

/// Lines of a name and a number. A name that the kernel does not have, or whose line is cut, is left out.
fn named(text: &str, wanted: &'static [(&str, Metric)], out: &mut Vec<Sample>) {
    for line in text.lines() {
        let Some((name, number)) = line.split_once(' ') else { continue };
        if let Some((_, metric)) = wanted.iter().find(|(called, _)| *called == name)
            && let Ok(count) = number.parse()
        {
            out.push(metric.sample(Tags::default(), value(count)));
        }
    }
}

/// Allocated, allocated and free (always 0), and the most there may be, which is beyond all sense where
/// nobody has set one.
fn files(text: &str, out: &mut Vec<Sample>) -> Option<()> {
    let mut numbers = text.split_ascii_whitespace().map(str::parse::<u64>);
    let used = numbers.next()?.ok()?.saturating_sub(numbers.next()?.ok()?);
    let most = numbers.next()?.ok()?;
    out.push(FILES_USED.sample(Tags::default(), value(used)));
    out.push(FILES_MAX.sample(Tags::default(), value(most)));
    out.extend(percent(used, most).map(|usage| FILES_USAGE.sample(Tags::default(), usage)));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(out: &[Sample]) -> String {
        out.iter().map(|s| format!("{}={}", s.metric.name, s.value)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let mut out = Vec::new();
        named("nr_free_pages 1\noom_kill 3\noom_kill_disabled 9\npswpin 4\npswpout x\npgmajfault\n", &VMSTAT, &mut out);
        assert_eq!(shown(&out), "memory_oom_kills_total=3 swap_pages_in_total=4");
        let mut out = Vec::new();
        tasks("cpu  1 2 3 4\nintr 9 8 7\nctxt 28\nbtime 5\nprocesses 6\nprocs_running 7\nprocs_bl", &mut out);
        assert_eq!(shown(&out), "context_switches_total=28 processes_started_total=6 processes_running=7");
    }

    #[test]
    fn open_files_are_those_that_are_not_free() {
        /// `want`: used, most and percent; `-` where nothing can be told.
        #[track_caller]
        fn check(text: &str, want: &str) {
            let mut out = Vec::new();
            let read = files(text, &mut out);
            let got = out.iter().map(|s| s.value.to_string()).collect::<Vec<_>>().join(" ");
            assert_eq!(if read.is_some() { got } else { "-".to_owned() }, want);
        }
        check("1151\t0\t4604\n", "1151 4604 25");
        check("1151\t151\t4000\n", "1000 4000 25");
        check("1151\t0\t0\n", "1151 0");
        check("10\t20\t100\n", "0 100 0");
        check("1151\t0", "-");
        check("", "-");
    }
}
