//! Each collector by its keys: what it brings, how often, and that it is gone where it is off.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{SOON, Server};

/// The names of all metrics there are.
async fn metrics(server: &Server) -> BTreeSet<String> {
    let data = server.data("/api/metrics").await;
    data["metrics"].as_array().unwrap().iter().map(|m| m["metric_name"].as_str().unwrap().to_owned()).collect()
}

/// Each collector with its interval.
async fn intervals(server: &Server) -> Vec<(String, f64)> {
    let data = server.data("/api/collectors").await;
    let one = |c: &Value| (c["name"].as_str().unwrap().to_owned(), c["interval"].as_f64().unwrap());
    data["collectors"].as_array().unwrap().iter().map(one).collect()
}

fn named(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
    pairs.iter().map(|(name, interval)| ((*name).to_owned(), *interval)).collect()
}

#[tokio::test]
async fn interfaces_by_themselves_are_off_by_either_of_two_keys() {
    for (inside, want) in [
        (r#""system_metrics": {"network_interface_metrics": false}"#, false),
        (r#""network_metrics": {"collect_interface_metrics": false}"#, false),
        (r#""system_metrics": {"network_interface_metrics": true}"#, true),
    ] {
        let server = Server::configured(&format!(r#""collectors": {{{inside}}}"#));
        server.collected(2).await;
        let there = metrics(&server).await;
        assert_eq!(there.iter().any(|name| name.starts_with("network_interface_")), want, "{inside}: {there:?}");
        assert!(there.contains("network_connections") && there.contains("network_bytes_recv_total"), "{there:?}");
    }
}

#[tokio::test]
async fn all_are_on_without_a_file() {
    let server = Server::start();
    let every = [
        ("application", 1.0),
        ("network", 5.0),
        ("processes", 5.0),
        ("sensors", 10.0),
        ("system", 1.0),
        ("telltale", 1.0),
        ("units", 10.0),
    ];
    assert_eq!(intervals(&server).await, named(&every));
    let health = server.data("/api/health").await;
    assert_eq!((&health["collectors_count"], &health["degraded"]), (&7.into(), &false.into()), "{health}");
    let there = metrics(&server).await;
    for name in [
        "cpu_usage_percent",
        "pressure_waiting_percent",
        "uptime_seconds",
        "network_connections",
        "network_interface_bytes_recv_total",
        "process_count",
        "process_memory_rss_bytes",
        "app_memory_rss_bytes",
        "app_requests_total",
        "app_response_time_avg_seconds",
        "telltale_store_series",
    ] {
        assert!(
            there.contains(name) || (name.starts_with("pressure") && !std::path::Path::new("/proc/pressure").exists()),
            "{name} is not in {there:?}"
        );
    }
}

#[tokio::test]
async fn intervals_and_switches_are_those_of_the_file() {
    let server = Server::configured(
        r#""collection_interval": 3, "collectors": {
            "system_metrics": {"collect_cpu": false, "collect_disk": false, "kernel_metrics": false, "collection_interval": 0.5},
            "application_metrics": {"app_name": "till", "collect_process_metrics": false},
            "network_metrics": {"collect_interface_metrics": false, "monitored_ports": [8123]},
            "processes": {"top": 1, "per_process": true},
            "sensors": {"enabled": false}, "units": {"enabled": false}
        }"#,
    );
    let want = [("application", 3.0), ("network", 3.0), ("processes", 3.0), ("system", 0.5), ("telltale", 3.0)];
    assert_eq!(intervals(&server).await, named(&want));
    let there = metrics(&server).await;
    for name in [
        "cpu_usage_percent",
        "disk_usage_percent",
        "uptime_seconds",
        "app_threads",
        "network_interface_bytes_recv_total",
    ] {
        assert!(!there.contains(name), "{name} is there though it is switched off");
    }
    for name in ["memory_usage_percent", "app_requests_total", "network_connections"] {
        assert!(there.contains(name), "{name} is not in {there:?}");
    }
    assert_eq!(server.points("metric_name=app_requests_total").await[0].tag("app"), Some("till"));
    let ports = server.points("metric_name=network_connections&tags=port:8123").await;
    assert!(ports.len() >= 11 && ports.iter().all(|point| point.value == 0.0), "{ports:?}");
    let memory = server.points("metric_name=process_memory_rss_bytes").await;
    assert!(memory.iter().all(|point| point.tag("pid").is_some()), "{memory:?}");
}

#[tokio::test]
async fn one_that_is_off_is_gone() {
    let sections = [
        ("system_metrics", "system"),
        ("application_metrics", "application"),
        ("network_metrics", "network"),
        ("processes", "processes"),
        ("sensors", "sensors"),
        ("units", "units"),
        ("telltale", "telltale"),
    ];
    for (section, name) in sections {
        let server = Server::configured(&format!(r#""collectors": {{"{section}": {{"enabled": false}}}}"#));
        let there = intervals(&server).await;
        assert!(there.len() == 6 && there.iter().all(|(has, _)| has != name), "{section}: {there:?}");
    }
    let off = sections.map(|(section, _)| format!(r#""{section}": {{"enabled": false}}"#)).join(",");
    let server = Server::configured(&format!(r#""collectors": {{{off}}}"#));
    assert_eq!(server.data("/api/health").await["collectors_count"], 0);
    assert_eq!(server.get("/").await.status, 200);
}

#[tokio::test]
async fn requests_of_our_own_are_counted_and_timed() {
    let server = Server::configured(r#""collectors": {"application_metrics": {"collection_interval": 0.2}}"#);
    for _ in 0..20 {
        server.get("/api/health").await;
    }
    let began = Instant::now();
    loop {
        let total = server.points("metric_name=app_requests_total").await.last().map_or(0.0, |point| point.value);
        let times = server.points("metric_name=app_response_time_max_seconds").await;
        if total >= 20.0 && times.last().is_some_and(|point| point.value > 0.0 && point.value < 10.0) {
            break;
        }
        assert!(began.elapsed() < SOON, "{total} requests, {times:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let errors = server.points("metric_name=app_errors_total").await;
    assert!(errors.iter().all(|point| point.value == 0.0), "{errors:?}");
}

#[tokio::test]
async fn one_after_another_still_reads_them_all() {
    let server = Server::configured(r#""performance": {"async_processing": false, "collection_threads": 1}"#);
    let began = Instant::now();
    loop {
        let data = server.data("/api/collectors").await;
        if data["collectors"].as_array().unwrap().iter().all(|c| c["runs"].as_u64() > Some(0) && c["healthy"] == true) {
            break;
        }
        assert!(began.elapsed() < SOON, "{data}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn points_are_kept_as_many_and_as_long_as_the_file_says() {
    let server = Server::configured(
        r#""max_data_points": 3, "cleanup_interval": 0.1, "collectors": {"system_metrics": {"collection_interval": 0.1}}"#,
    );
    let began = Instant::now();
    let newest = |points: &[crate::harness::Point]| points.last().map_or(0.0, |point| point.time);
    let first = newest(&server.points("metric_name=memory_total_bytes").await);
    let mut fewest = usize::MAX;
    loop {
        let points = server.points("metric_name=memory_total_bytes").await;
        // Between two times that it is enforced, some more come.
        assert!(points.len() <= 9, "{points:?}");
        if newest(&points) > first + 1.0 {
            fewest = fewest.min(points.len());
        }
        if fewest == 3 {
            break;
        }
        assert!(began.elapsed() < SOON, "{points:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
