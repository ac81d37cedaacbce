//! `GET /api/metrics`: which metrics there are, their values beside the machine's own, which points are given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::harness::{Point, Server};

/// Each metric of the contract, its kind and the names of its tags besides `host` and `collector`.
const SYSTEM: [(&str, &str, &[&str]); 24] = [
    ("cpu_usage_percent", "gauge", &[]),
    ("cpu_usage_percent_per_core", "gauge", &["cpu"]),
    ("load_average", "gauge", &["period"]),
    ("memory_usage_percent", "gauge", &[]),
    ("memory_total_bytes", "gauge", &[]),
    ("memory_available_bytes", "gauge", &[]),
    ("memory_used_bytes", "gauge", &[]),
    ("swap_usage_percent", "gauge", &[]),
    ("swap_total_bytes", "gauge", &[]),
    ("swap_used_bytes", "gauge", &[]),
    ("disk_usage_percent", "gauge", &["device", "fstype", "mountpoint"]),
    ("disk_total_bytes", "gauge", &["device", "fstype", "mountpoint"]),
    ("disk_used_bytes", "gauge", &["device", "fstype", "mountpoint"]),
    ("disk_free_bytes", "gauge", &["device", "fstype", "mountpoint"]),
    ("disk_read_bytes_total", "counter", &["device"]),
    ("disk_write_bytes_total", "counter", &["device"]),
    ("disk_read_count_total", "counter", &["device"]),
    ("disk_write_count_total", "counter", &["device"]),
    ("network_bytes_sent_total", "counter", &[]),
    ("network_bytes_recv_total", "counter", &[]),
    ("network_packets_sent_total", "counter", &[]),
    ("network_packets_recv_total", "counter", &[]),
    ("network_errors_in_total", "counter", &[]),
    ("network_errors_out_total", "counter", &[]),
];

#[tokio::test]
async fn every_metric_of_the_contract_is_there_from_the_first_answer_on() {
    let server = Server::start();
    let list = server.data("/api/metrics").await;
    let listed: BTreeMap<String, &serde_json::Value> = list["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| (metric["metric_name"].as_str().unwrap().to_owned(), metric))
        .collect();
    for (name, kind, tags) in SYSTEM {
        let Some(metric) = listed.get(name) else { panic!("there is no {name}: {:?}", listed.keys()) };
        let mut want = [tags, &["collector", "host"]].concat();
        want.sort_unstable();
        assert_eq!((&metric["kind"], &metric["tags"]), (&kind.into(), &want.into()), "{metric}");
        assert!(metric["unit"].is_string() && metric["series"].as_u64() > Some(0), "{metric}");
    }
}

#[tokio::test]
async fn matchers_choose_series() {
    let server = Server::start();
    let periods = |points: Vec<Point>| -> BTreeSet<String> {
        let tag = |point: Point| point.tags.into_iter().find(|(name, _)| name == "period").map(|(_, value)| value);
        points.into_iter().filter_map(tag).collect()
    };
    for (query, want) in [
        ("match=period=5m", "5m"),
        ("match=period!=5m", "15m 1m"),
        ("match=period=~1.*", "15m 1m"),
        ("match=period%3D~%221.*%22&match=period!~15m", "1m"),
        ("match=period!~1.*&tags=period:5m", "5m"),
        ("match=cpu=&aggregation=avg&match=period=~.5m", "15m"),
        ("match=cpu!=", ""),
    ] {
        let got = periods(server.points(&format!("metric_name=load_average&{query}")).await);
        assert_eq!(got, want.split_whitespace().map(str::to_owned).collect(), "{query}");
    }
}

/// The newest value of a metric, all series added up.
async fn newest(server: &Server, query: &str) -> f64 {
    let points = server.points(&format!("metric_name={query}")).await;
    let last = points.last().unwrap_or_else(|| panic!("{query} has no points")).time;
    points.iter().filter(|point| point.time == last).map(|point| point.value).sum()
}

fn meminfo(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
    1024.0 * line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()
}

#[tokio::test]
async fn values_are_the_machine_s() {
    let server = Server::start();
    assert_eq!(newest(&server, "memory_total_bytes").await, meminfo("MemTotal"));
    assert_eq!(newest(&server, "swap_total_bytes").await, meminfo("SwapTotal"));
    let available = newest(&server, "memory_available_bytes").await;
    assert!((available - meminfo("MemAvailable")).abs() < 0.2 * meminfo("MemTotal"), "{available}");
    for percent in ["cpu_usage_percent", "memory_usage_percent", "swap_usage_percent"] {
        let value = newest(&server, percent).await;
        assert!((0.0..=100.0).contains(&value), "{percent} is {value}");
    }
    let cores = server.points("metric_name=cpu_usage_percent_per_core&limit=10000").await;
    let first = cores.first().unwrap().time;
    let online = fs::read_to_string("/proc/stat").unwrap().lines().filter(|line| is_core(line)).count();
    assert_eq!(cores.iter().filter(|point| point.time == first).count(), online);

    let load: f64 = fs::read_to_string("/proc/loadavg").unwrap().split(' ').nth(2).unwrap().parse().unwrap();
    let told = newest(&server, "load_average&tags=period:15m").await;
    assert!((told - load).abs() < 0.5, "{told} is not near {load}");
    let host = server.points("metric_name=load_average").await[0].tag("host").map(str::to_owned);
    assert_eq!(host.unwrap(), fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim());
}

fn is_core(line: &str) -> bool {
    line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn ascending(points: &[Point]) -> bool {
    points.is_sorted_by(|a, b| a.time <= b.time)
}

#[tokio::test]
async fn points_ascend_over_all_series_and_the_limit_keeps_the_newest() {
    let server = Server::start();
    server.collected(3).await;
    let until = server.points("metric_name=memory_total_bytes").await.last().unwrap().time;
    let query = format!("metric_name=load_average&end_time={until}");
    let all = server.points(&query).await;
    assert!(all.len() >= 9 && ascending(&all), "{all:?}");
    assert_eq!(server.points(&format!("{query}&limit=4")).await, all[all.len() - 4..]);
    assert_eq!(server.points(&format!("{query}&limit=100000")).await, all);

    let narrow = server.points(&format!("{query}&tags=period:5m&tags=collector:system")).await;
    let want: Vec<Point> = all.iter().filter(|point| point.tag("period") == Some("5m")).cloned().collect();
    assert!(!want.is_empty());
    assert_eq!(narrow, want);
    assert_eq!(server.points(&format!("{query}&tags=period:7m")).await, []);
}

#[tokio::test]
async fn times_can_be_said_in_three_ways() {
    let server = Server::start();
    server.collected(3).await;
    let all = server.points("metric_name=memory_total_bytes").await;
    let (first, second) = (all[0].time, all[1].time);
    let rfc = |secs: f64| {
        let millis = (secs * 1000.0).round() as i64;
        jiff::Timestamp::from_millisecond(millis).unwrap().to_string()
    };
    for end in [second.to_string(), rfc(second)] {
        for start in [first.to_string(), rfc(first)] {
            let found =
                server.points(&format!("metric_name=memory_total_bytes&start_time={start}&end_time={end}")).await;
            assert_eq!(found, all[..2], "from {start} to {end}, both included");
        }
    }
    let count = async |range: &str| server.points(&format!("metric_name=memory_total_bytes&{range}")).await.len();
    assert!(count("start_time=now-1h&end_time=now").await >= 3);
    assert!(count("start_time=now-15m").await >= 3);
    assert_eq!(count("start_time=now-2h&end_time=now-1h").await, 0);
    assert_eq!(count("start_time=now%2B1h").await, 0, "a start in the future is no mistake");
}
