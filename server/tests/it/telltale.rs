//! What Telltale tells of itself, held against what really happened, and of applications that a file names.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::harness::{SOON, Server};

/// The newest value of each series of this query, by the tag.
async fn newest(server: &Server, query: &str, tag: &str) -> Vec<(String, f64)> {
    let mut points = server.points(query).await;
    points.reverse();
    let mut newest: Vec<(String, f64)> = Vec::new();
    for point in points {
        let value = point.tag(tag).unwrap_or_default().to_owned();
        if newest.iter().all(|(has, _)| *has != value) {
            newest.push((value, point.value));
        }
    }
    newest.sort_by(|a, b| a.0.cmp(&b.0));
    newest
}

/// Waits until the newest value of one series is as wanted.
async fn until(server: &Server, query: &str, want: impl Fn(f64) -> bool) {
    let began = Instant::now();
    loop {
        let answer = server.get(&format!("/api/metrics?metric_name={query}")).await;
        let value = answer.json()["data"]["data_points"].as_array().and_then(|points| points.last()?["value"].as_f64());
        if value.is_some_and(&want) {
            return;
        }
        assert!(began.elapsed() < SOON, "{query} is {value:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

const FAST: &str = r#""telltale": {"collection_interval": 0.2}"#;

#[tokio::test]
async fn it_tells_of_itself_what_happened() {
    let server = Server::configured(&format!(r#""collectors": {{{FAST}}}"#));
    for _ in 0..7 {
        assert_eq!(server.get("/api/nothing").await.status, 404);
    }
    until(&server, "telltale_http_requests_total&tags=status:4xx", |count| count == 7.0).await;
    until(&server, "telltale_http_requests_total&tags=status:2xx", |count| count >= 1.0).await;
    let ws = server.ws().await;
    until(&server, "telltale_live_connections", |count| count == 1.0).await;
    drop(ws);
    until(&server, "telltale_live_connections", |count| count == 0.0).await;

    let build = server.points("metric_name=telltale_build_info").await;
    assert_eq!((build[0].tag("version"), build[0].value), (Some(env!("CARGO_PKG_VERSION")), 1.0));
    assert_eq!(build[0].tag("collector"), Some("telltale"));
    let tasks = newest(&server, "metric_name=telltale_task_restarts_total", "task").await;
    let none = |name: &str| (name.to_owned(), 0.0);
    assert_eq!(tasks, ["collector log", "data folder", "gaps", "storage", "web"].map(none));
    let names = ["application", "network", "processes", "sensors", "system", "telltale", "units"];
    let errors = newest(&server, "metric_name=telltale_collector_errors_total", "collector_name").await;
    assert_eq!(errors, names.map(none));
    let took = newest(&server, "metric_name=telltale_collector_duration_seconds", "collector_name").await;
    assert!(took.len() == 7 && took.iter().all(|(_, seconds)| *seconds > 0.0 && *seconds < 5.0), "{took:?}");

    // Everything that is told of was stored, but for what came in since.
    let status = server.data("/api/status").await;
    let series = status["storage"]["series"].as_f64().unwrap();
    until(&server, "telltale_store_series", |count| count >= series).await;
    let appended = server.points("metric_name=telltale_samples_appended_total").await;
    let points = server.points("metric_name=telltale_store_points").await;
    let last = |points: &[crate::harness::Point]| points.last().unwrap().value;
    // Nothing was refused, and nothing is too old yet. Both are read one after the other, so another collector may come in between,
    // but not each time.
    let as_many = |one: &crate::harness::Point| points.iter().any(|p| p.time == one.time && p.value == one.value);
    assert!(appended.iter().any(as_many), "{appended:?} {points:?}");
    assert!(last(&points) > series);
    assert_eq!(last(&server.points("metric_name=telltale_samples_refused_total").await), 0.0);
    let uptime = last(&server.points("metric_name=telltale_uptime_seconds").await);
    assert!(uptime > 0.0 && uptime < 60.0, "{uptime}");
    assert_eq!(server.get("/api/metrics?metric_name=telltale_stage_seconds_total").await.status, 404);
}

#[tokio::test]
async fn profiling_times_every_stage() {
    let server = Server::configured(&format!(r#""development": {{"profiling": true}}, "collectors": {{{FAST}}}"#));
    for path in ["/", "/api/metrics?metric_name=memory_total_bytes"] {
        assert_eq!(server.get(path).await.status, 200);
    }
    for stage in ["append", "collect", "publish", "query", "render"] {
        until(&server, &format!("telltale_stage_runs_total&tags=stage:{stage}"), |count| count > 0.0).await;
        until(&server, &format!("telltale_stage_seconds_total&tags=stage:{stage}"), |seconds| seconds > 0.0).await;
    }
    let not_active = server.data("/api/status").await["not_active"].to_string();
    assert!(!not_active.contains("profiling"), "{not_active}");
}

/// Ends with its owner.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn applications_that_the_file_names_are_found_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("tt-worker");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let pid_file = folder.path().join("worker.pid");
    let begin = || Started(Command::new(&program).args(["600", "7"]).spawn().unwrap());
    let worker = begin();
    std::fs::write(&pid_file, worker.0.id().to_string()).unwrap();
    let server = Server::configured(&format!(
        r#""collectors": {{"application_metrics": {{"collection_interval": 0.2, "processes": {{
            "by name": {{"name": "tt-worker"}}, "by command": {{"command": "{}*600 7"}},
            "by pid file": {{"pid_file": "{}"}}, "by unit": {{"unit": "no-such.service"}}
        }}}}}}"#,
        program.display(),
        pid_file.display(),
    ));
    for app in ["by name", "by command", "by pid file"] {
        let app = app.replace(' ', "%20");
        until(&server, &format!("app_process_count&tags=app:{app}"), |count| count == 1.0).await;
        until(&server, &format!("app_memory_rss_bytes&tags=app:{app}"), |bytes| bytes > 0.0).await;
    }
    until(&server, "app_process_count&tags=app:by%20unit", |count| count == 0.0).await;
    until(&server, "app_process_count&tags=app:telltale", |count| count == 1.0).await;
    assert!(server.points("metric_name=app_requests_total&tags=app:by%20name").await.is_empty());
    drop(worker);
    for app in ["by%20name", "by%20command", "by%20pid%20file"] {
        until(&server, &format!("app_process_count&tags=app:{app}"), |count| count == 0.0).await;
    }
    let _again = begin();
    until(&server, "app_process_count&tags=app:by%20name", |count| count == 1.0).await;
}
