//! The collector on the machine that runs the tests: on this process and on one that is started for it.

use std::collections::BTreeMap;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::*;
use crate::secret::Text;

fn settings(apps: Vec<App>) -> ApplicationSettings {
    ApplicationSettings { apps, process: true, requests: true, errors: true, response_times: true }
}

fn one(name: &str, find: Find) -> App {
    App { name: name.to_owned(), find, stats: None }
}

fn at(ms: u128) -> Timestamp {
    Timestamp::from_millis(i64::try_from(ms).unwrap())
}

/// Values by metric, `quantile` after the name where there is one.
fn read(collector: &mut Application, now: Timestamp) -> BTreeMap<String, f64> {
    let mut out = Vec::new();
    collector.collect(now, &mut out).unwrap();
    let name = |s: &Sample| [&*s.metric.name, s.tags.get("quantile").unwrap_or_default()].join(" ").trim().to_owned();
    let values: BTreeMap<String, f64> = out.iter().map(|s| (name(s), s.value)).collect();
    assert_eq!(values.len(), out.len(), "no series twice");
    values
}

/// Ends with its owner.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn this_process_takes_what_the_kernel_says() {
    let mut collector = Application::new("/proc", settings(vec![one("telltale", Find::This)]));
    let began = Instant::now();
    let first = read(&mut collector, at(0));
    assert!(!first.contains_key("app_cpu_usage_percent"), "there is nothing to compare with yet");
    // On a machine with much else to do, it takes a while until this process has a share that can be told.
    let got = loop {
        let until = began.elapsed() + Duration::from_millis(300);
        while began.elapsed() < until {
            std::hint::spin_loop();
        }
        let got = read(&mut collector, at(began.elapsed().as_millis()));
        if got["app_cpu_usage_percent"] > 10.0 {
            break got;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{got:?}");
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()
    };
    // Other tests run in this process meanwhile.
    let near = |metric: &str, want: f64, apart: f64| {
        assert!((got[metric] - want).abs() <= apart, "{metric} is {} for {want}", got[metric]);
    };
    near("app_memory_rss_bytes", of("VmRSS") * 1024.0, 32e6);
    near("app_memory_vms_bytes", of("VmSize") * 1024.0, 1e9);
    near("app_threads", of("Threads"), 16.0);
    let files = std::fs::read_dir("/proc/self/fd").unwrap().count();
    near("app_file_descriptors", f64::from(u32::try_from(files).unwrap()), 32.0);
    assert_eq!(got["app_process_count"], 1.0);
}

#[test]
fn one_that_starts_and_ends_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("app.pid");
    let mut collector = Application::new(
        "/proc",
        settings(vec![one("sleeper", Find::PidFile(Text::open(pid_file.to_str().unwrap())))]),
    );
    let none = BTreeMap::from([("app_process_count".to_owned(), 0.0)]);
    assert_eq!(read(&mut collector, at(0)), none);

    let started = Started(Command::new("sleep").arg("600").spawn().unwrap());
    std::fs::write(&pid_file, started.0.id().to_string()).unwrap();
    read(&mut collector, at(1000));
    // Of a program that has hardly begun, the kernel may not have added up the memory yet.
    let (got, second) = (2..)
        .map(|second| (read(&mut collector, at(second * 1000)), second))
        .inspect(|_| std::thread::sleep(Duration::from_millis(10)))
        .find(|(got, second)| got["app_memory_rss_bytes"] > 0.0 || *second > 1000)
        .unwrap();
    let values = ["app_process_count", "app_threads"].map(|name| got[name]);
    assert_eq!(values, [1.0, 1.0]);
    // It sleeps: at most the moment that it took to begin.
    assert!(got["app_cpu_usage_percent"] < 10.0, "{got:?}");
    // Standard input, output and error, and what this process was given.
    assert!(got["app_file_descriptors"] >= 3.0 && got["app_memory_rss_bytes"] > 0.0, "{got:?}");

    let mut by_command = Application::new("/proc", settings(vec![one("sleeper", Find::Command("sleep 60*0".into()))]));
    assert!(read(&mut by_command, at(0))["app_process_count"] >= 1.0);
    drop(started);
    assert_eq!(read(&mut collector, at((second + 1) * 1000)), none);
}

#[test]
fn requests_are_shown_as_the_settings_say() {
    let stats = RequestStats::new();
    let app = App { stats: Some(stats.clone()), ..one("web", Find::This) };
    let quiet = ApplicationSettings { process: false, ..settings(vec![app]) };
    let mut collector = Application::new("/proc", quiet.clone());
    let before = read(&mut collector, at(0));
    assert_eq!(before.len(), 9);
    assert!(before.values().all(|value| *value == 0.0), "all 0 before the first request: {before:?}");

    stats.record(at(0), Duration::from_millis(100), false);
    stats.record(at(1000), Duration::from_millis(300), true);
    let got = read(&mut collector, at(1000));
    let values = ["requests_total", "errors_total", "response_time_avg_seconds", "response_time_max_seconds"]
        .map(|name| got[&format!("app_{name}")]);
    assert_eq!(values, [2.0, 1.0, 0.2, 0.3]);
    assert_eq!(got["app_response_time_quantile_seconds 0.99"], 0.3);

    let names = |settings| read(&mut Application::new("/proc", settings), at(1000)).into_keys().collect::<Vec<_>>();
    let none = ApplicationSettings { requests: false, errors: false, response_times: false, ..quiet };
    assert_eq!(names(none.clone()), Vec::<String>::new());
    assert_eq!(names(ApplicationSettings { errors: true, ..none.clone() }), ["app_errors_total"]);
    assert_eq!(names(ApplicationSettings { requests: true, ..none }), ["app_requests_total"]);
}
