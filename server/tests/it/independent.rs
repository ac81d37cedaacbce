//! Values beside readings of our own: `/proc` read here with a few lines, `df`, and statvfs(3).
//!
//! What the kernel counts never falls, so ours lies between a reading before and one after. What goes up and down
//! may differ from both by what the table says. `cargo xtask compare` does the same with more of others, and longer.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::harness::{Point, SOON, Server};

/// Numbers by their names, such as `meminfo MemTotal`.
type Reading = BTreeMap<String, f64>;

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// `/proc` as it is now.
fn reading() -> Reading {
    let mut found = Reading::new();
    for (file, path, factor) in
        [("meminfo", "/proc/meminfo", 1024.0), ("vmstat", "/proc/vmstat", 1.0), ("stat", "/proc/stat", 1.0)]
    {
        for line in read(path).lines() {
            let (name, rest) = line.split_once([' ', ':']).unwrap();
            found.extend(numbers(rest).first().map(|value| (format!("{file} {name}"), factor * value)));
        }
    }
    let busy = numbers(read("/proc/stat").lines().next().unwrap());
    found.insert("ticks busy".to_owned(), busy[..8].iter().sum::<f64>() - busy[3] - busy[4]);
    found.insert("ticks".to_owned(), busy[..8].iter().sum());
    for (at, value) in numbers(&read("/proc/loadavg")).iter().enumerate() {
        found.insert(format!("loadavg {at}"), *value);
    }
    found.insert("uptime".to_owned(), numbers(&read("/proc/uptime"))[0]);
    found.insert("file-nr".to_owned(), numbers(&read("/proc/sys/fs/file-nr"))[2]);
    for line in read("/proc/net/dev").lines() {
        let Some((name, rest)) = line.split_once(':') else { continue };
        for (at, value) in numbers(rest).iter().enumerate() {
            found.insert(format!("net {} {at}", name.trim()), *value);
        }
    }
    for line in read("/proc/diskstats").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for (at, value) in numbers(&words[3..].join(" ")).iter().enumerate() {
            found.insert(format!("disk {} {at}", words[2]), *value);
        }
    }
    let snmp = read("/proc/net/snmp");
    for pair in snmp.lines().collect::<Vec<_>>().chunks(2) {
        for (name, number) in pair[0].split_whitespace().zip(pair[1].split_whitespace()).skip(1) {
            let protocol = pair[0].split(':').next().unwrap();
            found.extend(number.parse().ok().map(|value| (format!("snmp {protocol}.{name}"), value)));
        }
    }
    found
}

/// How near ours has to be.
#[derive(Clone, Copy)]
enum Near {
    /// Between before and after.
    Between,
    /// The same, give or take so much.
    Within(f64),
}

use Near::{Between, Within};

/// Our metric, the tag that stands for `$` and its values where there are others, what of the reading it is, times
/// how much, and how near. The memory of a machine that works moves by some hundred MB between two looks.
const ROWS: &[(&str, &str, &str, f64, Near)] = &[
    ("memory_total_bytes", "", "meminfo MemTotal", 1.0, Between),
    ("memory_available_bytes", "", "meminfo MemAvailable", 1.0, Within(1e9)),
    ("memory_free_bytes", "", "meminfo MemFree", 1.0, Within(1e9)),
    ("memory_cached_bytes", "", "meminfo Cached", 1.0, Within(1e9)),
    ("memory_slab_bytes", "", "meminfo Slab", 1.0, Within(3e8)),
    ("memory_commit_limit_bytes", "", "meminfo CommitLimit", 1.0, Within(1e6)),
    ("swap_total_bytes", "", "meminfo SwapTotal", 1.0, Between),
    ("memory_major_faults_total", "", "vmstat pgmajfault", 1.0, Between),
    ("swap_pages_in_total", "", "vmstat pswpin", 1.0, Between),
    ("swap_pages_out_total", "", "vmstat pswpout", 1.0, Between),
    ("context_switches_total", "", "stat ctxt", 1.0, Between),
    ("processes_started_total", "", "stat processes", 1.0, Between),
    ("load_average", "period=1m", "loadavg 0", 1.0, Between),
    ("load_average", "period=5m", "loadavg 1", 1.0, Between),
    ("load_average", "period=15m", "loadavg 2", 1.0, Between),
    ("uptime_seconds", "", "uptime", 1.0, Between),
    // So many that a float has no room for the last of their digits.
    ("file_descriptors_max", "", "file-nr", 1.0, Within(4096.0)),
    ("network_interface_bytes_recv_total", "interface", "net $ 0", 1.0, Between),
    ("network_interface_packets_recv_total", "interface", "net $ 1", 1.0, Between),
    ("network_interface_errors_in_total", "interface", "net $ 2", 1.0, Between),
    ("network_interface_drops_in_total", "interface", "net $ 3", 1.0, Between),
    ("network_interface_bytes_sent_total", "interface", "net $ 8", 1.0, Between),
    ("network_interface_packets_sent_total", "interface", "net $ 9", 1.0, Between),
    ("network_interface_errors_out_total", "interface", "net $ 10", 1.0, Between),
    ("network_interface_drops_out_total", "interface", "net $ 11", 1.0, Between),
    ("network_tcp_segments_recv_total", "", "snmp Tcp.InSegs", 1.0, Between),
    ("network_tcp_segments_sent_total", "", "snmp Tcp.OutSegs", 1.0, Between),
    ("network_tcp_retransmits_total", "", "snmp Tcp.RetransSegs", 1.0, Between),
    ("network_tcp_active_opens_total", "", "snmp Tcp.ActiveOpens", 1.0, Between),
    ("network_tcp_passive_opens_total", "", "snmp Tcp.PassiveOpens", 1.0, Between),
    ("network_udp_errors_in_total", "", "snmp Udp.InErrors", 1.0, Between),
    ("disk_read_count_total", "device", "disk $ 0", 1.0, Between),
    ("disk_read_bytes_total", "device", "disk $ 2", 512.0, Between),
    ("disk_write_count_total", "device", "disk $ 4", 1.0, Between),
    ("disk_write_bytes_total", "device", "disk $ 6", 512.0, Between),
];

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

async fn quick() -> Server {
    let server = Server::configured(
        r#""collectors": {"system_metrics": {"collection_interval": 0.2}, "network_metrics": {"collection_interval": 0.2}}"#,
    );
    server.collected(2).await;
    server
}

/// The first points of a metric after `since`, one a series; waits for them.
async fn after(server: &Server, metric: &str, since: f64) -> Vec<Point> {
    let began = Instant::now();
    loop {
        let points = server.points(&format!("metric_name={metric}&start_time={since}")).await;
        // The last collection may not have been handed on as a whole: a later one is.
        let mut first: Vec<Point> = Vec::new();
        for point in points.iter().filter(|point| point.time > since) {
            if !first.iter().any(|has| has.tags == point.tags) {
                first.push(point.clone());
            }
        }
        if !first.is_empty() && points.iter().any(|point| point.time > first[0].time) {
            return first;
        }
        assert!(began.elapsed() < SOON, "{metric} has no points");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_the_kernel_counts_lies_between_two_looks() {
    let server = quick().await;
    let before = reading();
    let since = now();
    // Both collectors have read once more when these have come.
    after(&server, "network_tcp_segments_recv_total", since).await;
    after(&server, "uptime_seconds", since).await;
    let (mut seen, later) = (Vec::new(), reading());
    for (metric, tag, what, factor, near) in ROWS {
        let (tag, only) = tag.split_once('=').unwrap_or((tag, ""));
        let points = after(&server, metric, since).await;
        let points = points.iter().filter(|point| only.is_empty() || point.tag(tag) == Some(only));
        let mut count = 0;
        for point in points {
            count += 1;
            let name = what.replace('$', point.tag(tag).unwrap_or_default());
            let of = |reading: &Reading| factor * reading.get(&name).unwrap_or_else(|| panic!("{metric}: no {name}"));
            let slack = if let Within(slack) = near { *slack } else { 0.0 };
            let (low, high) = (of(&before).min(of(&later)) - slack, of(&before).max(of(&later)) + slack);
            seen.push(format!("{metric} {name}: {low} {} {high}", point.value));
            assert!((low..=high).contains(&point.value), "{}", seen.last().unwrap());
        }
        assert!(count > 0, "{metric} has no series");
    }
    assert!(seen.len() >= ROWS.len(), "{seen:?}");
}

#[tokio::test]
async fn the_share_of_the_processors_is_what_their_ticks_say() {
    let server = quick().await;
    let (before, since) = (reading(), now());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (later, until) = (reading(), now());
    let points = server.points(&format!("metric_name=cpu_usage_percent&start_time={since}&end_time={until}")).await;
    let mean = points.iter().map(|point| point.value).sum::<f64>() / points.len() as f64;
    let grew = |what: &str| later[what] - before[what];
    let want = 100.0 * grew("ticks busy") / grew("ticks");
    // A window of ours, 0.2 s, reaches over either end.
    assert!(points.len() >= 5 && (mean - want).abs() < 15.0, "{mean} is not near {want}: {points:?}");
}

/// Size, used, available and percent, of the place.
fn df(place: &str) -> Vec<f64> {
    let columns = "--output=size,used,avail,pcent";
    let output = Command::new("df").args(["-B1", columns, place]).env("LC_ALL", "C").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    numbers(&text.lines().nth(1).unwrap_or_else(|| panic!("df says nothing of {place}")).replace('%', ""))
}

#[tokio::test]
async fn disks_are_as_full_as_df_and_the_system_say() {
    let server = quick().await;
    let since = now();
    let places: Vec<String> = after(&server, "disk_total_bytes", since)
        .await
        .iter()
        .map(|point| point.tag("mountpoint").unwrap().to_owned())
        .collect();
    assert!(places.contains(&"/".to_owned()), "{places:?}");
    for place in places {
        let (first, since) = (df(&place), now());
        let mut ours = Vec::new();
        for metric in ["disk_total_bytes", "disk_used_bytes", "disk_free_bytes", "disk_usage_percent"] {
            let points = after(&server, metric, since).await;
            ours.push(points.iter().find(|point| point.tag("mountpoint") == Some(&place)).unwrap().value);
        }
        let second = df(&place);
        // Other tests build and write meanwhile; df rounds its percent up.
        for (at, slack) in [0.0, 3e8, 3e8, 1.0].into_iter().enumerate() {
            let (low, high) = (first[at].min(second[at]) - slack, first[at].max(second[at]) + slack);
            assert!((low..=high).contains(&ours[at]), "{place}, column {at}: {low} {} {high}", ours[at]);
        }
        let system = rustix::fs::statvfs(place.as_str()).unwrap();
        assert_eq!(ours[0], (system.f_blocks * system.f_frsize) as f64, "{place}");
        for (metric, want) in [
            ("disk_inodes_used", system.f_files.saturating_sub(system.f_favail)),
            ("disk_inodes_free", system.f_favail),
        ] {
            let points = after(&server, metric, since).await;
            let told = points.iter().find(|point| point.tag("mountpoint") == Some(&place)).map(|point| point.value);
            // File systems that make inodes as they need them have none to tell of.
            assert_eq!(told.is_some(), system.f_files > 0, "{metric} of {place}");
            assert!(
                told.is_none_or(|told| (told - want as f64).abs() < 50_000.0),
                "{metric} of {place}: {told:?} {want}"
            );
        }
    }
}
