//! The collector on folders such as `/proc`, and on the machine that runs the tests.

use std::fs;
use std::time::Instant;

use super::*;

struct Proc(tempfile::TempDir, Processes);

impl Proc {
    fn new(settings: ProcessesSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["stat", "self", "12x"] {
            fs::write(folder.path().join(file), "no process").unwrap();
        }
        let processes = Processes::new(folder.path(), settings);
        Self(folder, processes)
    }

    /// `processes`: of each number, name, state, ticks, threads, start and pages; read at `seconds`.
    /// `want`: what is shown of them.
    #[track_caller]
    fn check(&mut self, seconds: i64, processes: &[(u32, &str, char, u64, u64, u64, u64)], want: &[&str]) {
        for entry in fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                fs::remove_dir_all(entry).unwrap();
            }
        }
        for (pid, name, state, ticks, threads, start, pages) in processes {
            let folder = self.0.path().join(pid.to_string());
            fs::create_dir(&folder).unwrap();
            let line =
                format!("{pid} ({name}) {state} 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 {threads} 0 {start} 1 {pages}");
            fs::write(folder.join("stat"), line).unwrap();
        }
        let shown = |s: &Sample| {
            let tags = s.tags.iter().map(|(_, value)| value).collect::<Vec<_>>().join("/");
            let short = s.metric.name.strip_prefix("process_").unwrap();
            (s.value != 0.0).then(|| format!("{short} {tags} {}", s.value).replace("  ", " "))
        };
        let page = value(u64::try_from(rustix::param::page_size()).unwrap());
        let mut out = Vec::new();
        self.1.collect(Timestamp::from_millis(seconds * 1000), &mut out).unwrap();
        out.iter_mut().filter(|s| s.metric.name == "process_memory_rss_bytes").for_each(|s| s.value /= page);
        assert_eq!(out.iter().filter_map(shown).collect::<Vec<_>>(), want);
    }
}

#[test]
fn the_first_by_processors_and_by_memory_are_shown_together() {
    let mut proc = Proc::new(ProcessesSettings { top: 1, per_process: false });
    proc.check(
        0,
        &[(1, "init", 'S', 100, 1, 5, 10), (2, "php", 'R', 10, 2, 6, 4), (3, "php", 'Z', 20, 1, 7, 0)],
        &[
            "count running 1",
            "count sleeping 1",
            "count zombie 1",
            "threads_count 4",
            "memory_rss_bytes init 10",
            "instances init 1",
        ],
    );
    // In two seconds one of 2 worked a quarter of a second, 4 came and worked as long; 3 stood still.
    proc.check(
        2,
        &[
            (1, "init", 'S', 100, 1, 5, 10),
            (2, "php", 'D', 35, 2, 6, 4),
            (3, "php", 'Z', 20, 1, 7, 0),
            (4, "php", 'T', 25, 1, 200, 1),
        ],
        &[
            "count sleeping 1",
            "count disk_sleep 1",
            "count stopped 1",
            "count zombie 1",
            "threads_count 5",
            "cpu_usage_percent php 25",
            "memory_rss_bytes php 5",
            "instances php 3",
            "memory_rss_bytes init 10",
            "instances init 1",
        ],
    );
}

#[test]
fn a_number_that_is_given_again_is_another_process() {
    let mut proc = Proc::new(ProcessesSettings { top: 2, per_process: true });
    let first = ["count sleeping 1", "threads_count 1", "memory_rss_bytes a/7 1"];
    proc.check(0, &[(7, "a", 'S', 1000, 1, 5, 1)], &first);
    let again = ["count sleeping 1", "threads_count 1", "cpu_usage_percent a/7 50", "memory_rss_bytes a/7 1"];
    proc.check(1, &[(7, "a", 'S', 50, 1, 900, 1)], &again);
    // Its counter falls, which the kernel rules out, and it becomes another program.
    proc.check(2, &[(7, "b", 'S', 40, 1, 900, 1)], &["count sleeping 1", "threads_count 1", "memory_rss_bytes b/7 1"]);
    proc.check(3, &[], &[]);
}

#[test]
fn a_clock_that_stands_or_goes_back_gives_no_usage() {
    let mut proc = Proc::new(ProcessesSettings { top: 1, per_process: true });
    let want = ["count other 1", "threads_count 1", "memory_rss_bytes a/7 1"];
    proc.check(5, &[(7, "a", 'W', 100, 1, 5, 1)], &want);
    proc.check(5, &[(7, "a", 'W', 200, 1, 5, 1)], &want);
    proc.check(1, &[(7, "a", 'W', 300, 1, 5, 1)], &want);
}

#[test]
fn odd_folders_are_no_processes_and_no_folder_is_an_error() {
    let mut proc = Proc::new(ProcessesSettings::default());
    proc.check(0, &[], &[]);
    for (pid, text) in [("8", None), ("9", Some("9 (cut")), ("99999999999", Some(""))] {
        fs::create_dir(proc.0.path().join(pid)).unwrap();
        text.map_or(Ok(()), |text| fs::write(proc.0.path().join(pid).join("stat"), text)).unwrap();
    }
    let mut out = Vec::new();
    proc.1.collect(Timestamp::from_millis(0), &mut out).unwrap();
    assert!(out.iter().all(|s| s.value == 0.0), "{out:?}");
    let gone =
        Processes::new("/no/such/proc", ProcessesSettings::default()).collect(Timestamp::from_millis(0), &mut out);
    assert!(gone.unwrap_err().to_string().starts_with("/no/such/proc cannot be read"));
}

#[test]
fn this_process_is_seen_at_work() {
    let mut processes = Processes::new("/proc", ProcessesSettings { top: 1000, per_process: true });
    let mut out = Vec::new();
    processes.collect(Timestamp::from_millis(0), &mut out).unwrap();
    let began = Instant::now();
    while began.elapsed().as_millis() < 300 {
        std::hint::spin_loop();
    }
    out.clear();
    let took = i64::try_from(began.elapsed().as_millis()).unwrap();
    processes.collect(Timestamp::from_millis(took), &mut out).unwrap();
    let pid = std::process::id().to_string();
    let of = |name: &str| out.iter().find(|s| s.metric.name == name && s.tags.get("pid") == Some(&pid)).unwrap().value;
    assert!(of("process_cpu_usage_percent") > 10.0);
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let rss = rss.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0;
    // The kernel counts by processor and adds up now and then; other tests allocate meanwhile.
    assert!((of("process_memory_rss_bytes") - rss).abs() < 16e6, "{} against {rss}", of("process_memory_rss_bytes"));
    let counted: f64 = out.iter().filter(|s| s.metric.name == "process_count").map(|s| s.value).sum();
    let listed = fs::read_dir("/proc")
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().parse::<u32>().is_ok());
    let listed = f64::from(u32::try_from(listed.count()).unwrap());
    assert!((counted - listed).abs() <= listed / 2.0, "{counted} against {listed}");
}
