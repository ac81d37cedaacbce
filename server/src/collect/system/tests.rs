//! The whole collector on the machine that runs the tests, beside readings taken another way.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use app::model::{Kind, Sample, Timestamp};

use super::{System, SystemSettings};
use crate::collect::Collector;

/// Name, unit, kind and tags of every metric of the contract; `/` in the unit's place is none.
const CONTRACT: &str = "
cpu_usage_percent percent gauge
cpu_usage_percent_per_core percent gauge cpu
load_average / gauge period
memory_usage_percent percent gauge
memory_total_bytes bytes gauge
memory_available_bytes bytes gauge
memory_used_bytes bytes gauge
swap_usage_percent percent gauge
swap_total_bytes bytes gauge
swap_used_bytes bytes gauge
disk_usage_percent percent gauge device fstype mountpoint
disk_total_bytes bytes gauge device fstype mountpoint
disk_used_bytes bytes gauge device fstype mountpoint
disk_free_bytes bytes gauge device fstype mountpoint
disk_read_bytes_total bytes counter device
disk_write_bytes_total bytes counter device
disk_read_count_total count counter device
disk_write_count_total count counter device
network_bytes_sent_total bytes counter
network_bytes_recv_total bytes counter
network_packets_sent_total count counter
network_packets_recv_total count counter
network_errors_in_total count counter
network_errors_out_total count counter
";

/// What Linux tells beyond it. Left out here: what some kernels and file systems do not have.
const BEYOND: &str = "
cpu_time_percent percent gauge mode
context_switches_total count counter
processes_started_total count counter
processes_running count gauge
processes_blocked count gauge
memory_free_bytes bytes gauge
memory_buffers_bytes bytes gauge
memory_cached_bytes bytes gauge
memory_anonymous_bytes bytes gauge
memory_shared_bytes bytes gauge
memory_slab_bytes bytes gauge
memory_page_tables_bytes bytes gauge
memory_dirty_bytes bytes gauge
memory_writeback_bytes bytes gauge
memory_committed_bytes bytes gauge
memory_commit_limit_bytes bytes gauge
memory_oom_kills_total count counter
memory_major_faults_total count counter
swap_pages_in_total count counter
swap_pages_out_total count counter
disk_read_only / gauge device fstype mountpoint
disk_io_in_progress count gauge device
disk_utilisation_percent percent gauge device
disk_await_seconds seconds gauge device operation
uptime_seconds seconds gauge
file_descriptors_used count gauge
file_descriptors_max count gauge
file_descriptors_usage_percent percent gauge
";

/// Of a kernel with pressure stall information, of a file system with inodes, of a clock that may be asked.
const NOT_EVERYWHERE: &str = "
clock_synchronised / gauge
clock_offset_seconds seconds gauge
clock_max_error_seconds seconds gauge
pressure_waiting_percent percent gauge kind resource
pressure_waiting_seconds_total seconds counter kind resource
disk_inodes_usage_percent percent gauge device fstype mountpoint
disk_inodes_used count gauge device fstype mountpoint
disk_inodes_free count gauge device fstype mountpoint
";

fn reading() -> Vec<Sample> {
    let mut system = System::new();
    system.collect(Timestamp::from_millis(0), &mut Vec::new()).unwrap();
    sleep(Duration::from_millis(200));
    let mut out = Vec::new();
    system.collect(Timestamp::from_millis(200), &mut out).unwrap();
    out
}

fn of<'a>(samples: &'a [Sample], name: &'a str) -> impl Iterator<Item = &'a Sample> {
    samples.iter().filter(move |s| s.metric.name == name)
}

fn one(samples: &[Sample], name: &str) -> f64 {
    of(samples, name).next().unwrap().value
}

#[test]
fn every_metric_of_the_contract_is_there_and_sane() {
    let samples = reading();
    let shape = |s: &Sample| {
        let kind = if s.metric.kind == Kind::Counter { "counter" } else { "gauge" };
        let unit = if s.metric.unit.as_str().is_empty() { "/" } else { s.metric.unit.as_str() };
        let mut words = vec![&*s.metric.name, unit, kind];
        words.extend(s.tags.iter().map(|(name, _)| name));
        words.join(" ")
    };
    let mut got: BTreeSet<String> = samples.iter().map(shape).collect();
    let lines = |table: &str| table.trim().lines().map(str::to_owned).collect::<BTreeSet<String>>();
    let mut want = &lines(CONTRACT) | &lines(BEYOND);
    if of(&samples, "disk_read_bytes_total").next().is_none() {
        // A machine all of whose disks are another's has no devices.
        want.retain(|line| {
            !line.contains(" counter device") && !line.contains(" gauge device") || line.contains("fstype")
        });
    }
    got.retain(|line| !lines(NOT_EVERYWHERE).contains(line));
    assert_eq!(got, want);

    let series: BTreeSet<String> = samples.iter().map(|s| format!("{} {:?}", s.metric.name, s.tags)).collect();
    assert_eq!(series.len(), samples.len(), "no series twice");
    for s in &samples {
        let most = if s.metric.unit.as_str() == "percent" { 100.0 } else { f64::MAX };
        assert!((0.0..=most).contains(&s.value), "{} {:?} is {}", s.metric.name, s.tags, s.value);
    }
    let cores = fs::read_to_string("/proc/cpuinfo").unwrap().matches("\nprocessor").count() + 1;
    assert!(of(&samples, "cpu_usage_percent_per_core").count() <= cores);
    let periods: Vec<_> = of(&samples, "load_average").map(|s| s.tags.get("period").unwrap()).collect();
    assert_eq!(periods, ["1m", "5m", "15m"]);
}

#[test]
fn memory_is_what_the_kernel_says() {
    let samples = reading();
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let bytes = |key: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
    };
    assert_eq!(one(&samples, "memory_total_bytes"), bytes("MemTotal"));
    assert_eq!(one(&samples, "swap_total_bytes"), bytes("SwapTotal"));
    assert_eq!(one(&samples, "memory_commit_limit_bytes"), bytes("CommitLimit"));
    let apart = (one(&samples, "memory_available_bytes") - bytes("MemAvailable")).abs();
    assert!(apart < bytes("MemTotal") / 4.0, "{apart} bytes apart within a moment");
}

#[test]
fn disk_usage_is_what_df_says() {
    let df = |column: &str| {
        let out = Command::new("df").args(["-B1", "/", &format!("--output={column}")]).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        text.lines().nth(1).unwrap().trim().trim_end_matches('%').parse::<f64>().unwrap()
    };
    let samples = reading();
    let root = |name| of(&samples, name).find(|s| s.tags.get("mountpoint") == Some("/")).unwrap().value;
    assert_eq!(root("disk_total_bytes"), df("size"));
    // `df` rounds up; other programs may write meanwhile.
    let (ours, theirs) = (root("disk_usage_percent"), df("pcent"));
    assert!((ours - theirs).abs() < 2.0, "{ours} against {theirs}");
    let near = df("size") / 50.0;
    assert!((root("disk_used_bytes") - df("used")).abs() < near);
    assert!((root("disk_free_bytes") - df("avail")).abs() < near);
}

/// Counters lie between readings of another source just before and just after.
#[test]
fn counters_are_what_sysfs_says() {
    let number = |path: String| fs::read_to_string(path).unwrap().trim().parse::<f64>().unwrap();
    let received = || -> f64 {
        let all = fs::read_dir("/sys/class/net").unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let real = all.filter(|name| name != "lo");
        real.map(|name| number(format!("/sys/class/net/{name}/statistics/rx_bytes"))).sum()
    };
    let written = |device: &str| -> f64 {
        let text = fs::read_to_string(format!("/sys/block/{device}/stat")).unwrap();
        text.split_whitespace().nth(6).unwrap().parse::<f64>().unwrap() * 512.0
    };
    let device = of(&reading(), "disk_write_bytes_total").next().map(|s| s.tags.get("device").unwrap().to_owned());
    let read = || (received(), device.as_deref().map_or(0.0, written));

    let (received_before, written_before) = read();
    let samples = reading();
    let (received_after, written_after) = read();
    let ours = one(&samples, "network_bytes_recv_total");
    assert!((received_before..=received_after).contains(&ours), "{received_before} {ours} {received_after}");
    if device.is_some() {
        let ours = one(&samples, "disk_write_bytes_total");
        assert!((written_before..=written_after).contains(&ours), "{written_before} {ours} {written_after}");
    }
}

#[test]
fn a_busy_core_is_seen() {
    let mut system = System::new();
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_millis(500) {
        std::hint::spin_loop();
    }
    let mut out = Vec::new();
    system.collect(Timestamp::from_millis(0), &mut out).unwrap();
    let busiest = of(&out, "cpu_usage_percent_per_core").map(|s| s.value).fold(0.0, f64::max);
    assert!(busiest > 20.0, "{busiest} % after half a second of work");
}

#[test]
fn uptime_inodes_and_context_switches_are_what_others_say() {
    let uptime = || -> f64 { fs::read_to_string("/proc/uptime").unwrap().split(' ').next().unwrap().parse().unwrap() };
    let switches = || -> f64 {
        let text = fs::read_to_string("/proc/stat").unwrap();
        text.lines().find_map(|line| line.strip_prefix("ctxt ")).unwrap().parse().unwrap()
    };
    let before = (uptime(), switches());
    let samples = reading();
    let after = (uptime(), switches());
    assert!((before.0..=after.0).contains(&one(&samples, "uptime_seconds")));
    assert!((before.1..=after.1).contains(&one(&samples, "context_switches_total")));

    let modes: f64 = of(&samples, "cpu_time_percent").map(|s| s.value).sum();
    assert!((modes - 100.0).abs() < 0.01, "{modes}");
    let out = Command::new("df").args(["/", "--output=iused"]).output().unwrap();
    let df: f64 = String::from_utf8(out.stdout).unwrap().lines().nth(1).unwrap().trim().parse().unwrap_or(0.0);
    let ours =
        of(&samples, "disk_inodes_used").find(|s| s.tags.get("mountpoint") == Some("/")).map_or(0.0, |s| s.value);
    // Other programs make and remove files meanwhile.
    assert!((ours - df).abs() <= df / 50.0 + 1000.0, "{ours} against {df}");
}

#[test]
fn what_is_switched_off_is_not_read() {
    let off = SystemSettings {
        cpu: false,
        per_core: true,
        memory: false,
        disk: false,
        disk_io: false,
        network: false,
        pressure: false,
        kernel: false,
    };
    let names = |settings| {
        let mut system = System::with(settings);
        sleep(Duration::from_millis(150));
        let mut out = Vec::new();
        system.collect(Timestamp::from_millis(0), &mut out).unwrap();
        out.iter().map(|s| s.metric.name.to_string()).collect::<BTreeSet<String>>()
    };
    let check = |settings, has: &str| {
        let names = names(settings);
        let all = names.iter().all(|name| has.split(' ').any(|prefix| name.starts_with(prefix)));
        assert!(all && !names.is_empty(), "{names:?} beside {has}");
    };
    assert_eq!(names(off), BTreeSet::new());
    check(SystemSettings { memory: true, ..off }, "memory_ swap_");
    check(SystemSettings { disk: true, ..off }, "disk_");
    check(SystemSettings { network: true, ..off }, "network_");
    check(SystemSettings { kernel: true, ..off }, "uptime_ file_ memory_ swap_ clock_");
    let cpu = SystemSettings { cpu: true, per_core: false, ..off };
    check(cpu, "cpu_usage_percent cpu_time load_ processes_ context_");
    assert!(!names(cpu).contains("cpu_usage_percent_per_core"));
}
