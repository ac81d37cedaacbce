//! Why samples are missing, from what really happens to `/api/metrics`, through the end of the process and a backup.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::net::TcpListener;

use crate::harness::{SOON, Server, config_file, telltale};
use crate::storage::{check, storage};

fn start(folder: &Path, collectors: &str) -> Server {
    let file = config_file(&format!(
        r#"{{"performance_monitoring": {{"storage": {{"flush_interval": 0.1}}, "collectors": {{
            "system_metrics": {{"collection_interval": 0.2}}, {collectors}}}}}}}"#
    ));
    let mut command = telltale();
    let command = command.env("PATH", "/usr/bin:/bin").args(["start", "--listen", "127.0.0.1:0", "--data-dir"]);
    Server::run(command.arg(folder).arg("--config").arg(file.path()))
}

async fn gaps(server: &Server, query: &str) -> Vec<Value> {
    let data = server.data(&format!("/api/metrics?metric_name={query}")).await;
    data["gaps"].as_array().cloned().unwrap_or_default()
}

/// Waits until there is one gap with this cause, and is what else is asked for.
async fn until(server: &Server, query: &str, cause: &str, is: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let all = gaps(server, query).await;
        let of: Vec<&Value> = all.iter().filter(|gap| gap["cause"] == cause).collect();
        if let [one] = of[..]
            && is(one)
        {
            return one.clone();
        }
        assert!(began.elapsed() < SOON, "{cause}: {all:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

fn time(gap: &Value, name: &str) -> f64 {
    gap[name].as_f64().unwrap()
}

#[tokio::test]
async fn the_time_of_a_kill_is_told_as_such_after_the_next_start_and_in_a_backup() {
    let outer = tempfile::tempdir().unwrap();
    let (folder, copy) = (outer.path().join("data"), outer.path().join("copy"));
    let off = r#""telltale": {"enabled": false}"#;
    let mut first = start(&folder, off);
    let (began, waiting) = (now(), Instant::now());
    let samples = || fs::read_dir(folder.join("log")).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    while samples().sum::<u64>() < 10_000 {
        assert!(waiting.elapsed() < SOON, "nothing is written");
        assert_eq!(gaps(&first, "cpu_usage_percent").await, Vec::<Value>::new(), "there was nobody before");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    first.signal("KILL");
    first.ended().await;
    let killed = now();
    let second = start(&folder, off);
    let gap = until(&second, "cpu_usage_percent", "process_down", |_| true).await;
    let (from, to) = (time(&gap, "from"), time(&gap, "to"));
    assert!(began - 5.0 < from && from < killed && killed < to && to < now(), "{began} {killed}: {gap}");
    assert_eq!((gap.get("collector"), gap.get("detail")), (None, None));
    // Of a time that it does not reach into, it is not told.
    assert_eq!(gaps(&second, &format!("cpu_usage_percent&start_time={to}")).await, Vec::<Value>::new());
    assert_eq!(gaps(&second, &format!("cpu_usage_percent&end_time={from}")).await, Vec::<Value>::new());
    // A backup of the running server has it, once it is on the disk.
    let began = Instant::now();
    while !folder.join("gaps").is_file() {
        assert!(began.elapsed() < SOON, "it is not written");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    check(&storage(&["backup", copy.to_str().unwrap()], &folder), 0, &[]);
    assert_eq!(fs::read(copy.join("gaps")).unwrap(), fs::read(folder.join("gaps")).unwrap());
    let restored = outer.path().join("restored");
    check(&storage(&["restore", copy.to_str().unwrap()], &restored), 0, &[]);
    let third = start(&restored, off);
    let again = until(&third, &format!("cpu_usage_percent&end_time={to}"), "process_down", |_| true).await;
    // The time since the backup is less than a minute behind and so part of it.
    assert_eq!(again["from"], gap["from"]);
    drop(third);
    // What is damaged is found, and hinders no start.
    let mut bytes = fs::read(copy.join("gaps")).unwrap();
    bytes[20] ^= 1;
    fs::write(copy.join("gaps"), bytes).unwrap();
    check(&storage(&["verify"], &copy), 1, &["gaps: records that are not what was written: 1"]);
    check(&storage(&["restore", copy.to_str().unwrap()], &outer.path().join("no")), 1, &["the backup is damaged"]);
    let third = start(&copy, off);
    let status = third.data("/api/status").await;
    assert_eq!(status["storage"]["damaged"], serde_json::json!(["gaps"]));
    assert!(copy.join("damaged/gaps").is_file());
}

#[tokio::test]
async fn what_fails_has_its_reason_from_the_last_good_reading_to_the_next() {
    let outer = tempfile::tempdir().unwrap();
    let (folder, number) = (outer.path().join("data"), outer.path().join("number"));
    fs::write(&number, "1").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = start(
        &folder,
        &format!(
            r#""custom_metrics": {{"collection_interval": 0.2, "metrics": {{
                "from_command": {{"command": ["cat", "{}"]}}, "steady": {{"command": ["echo", "1"]}}}}}},
            "probes": {{"collection_interval": 0.2, "targets": {{
                "shop": {{"tcp": {{"host": "127.0.0.1", "port": {port}}}}}}}}}"#,
            number.display()
        ),
    );
    let began = Instant::now();
    for metric in ["from_command", "steady", "probe_up"] {
        while server.get(&format!("/api/metrics?metric_name={metric}")).await.status != 200 {
            assert!(began.elapsed() < SOON, "{metric} never comes");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(gaps(&server, metric).await, Vec::<Value>::new());
    }
    let broken = now();
    fs::remove_file(&number).unwrap();
    drop(listener);
    let open = until(&server, "from_command", "collector_error", |_| true).await;
    assert_eq!(open["collector"], "custom.from_command");
    assert!(open["detail"].as_str().unwrap().contains("No such file"), "{open}");
    // It lasts.
    until(&server, "from_command", "collector_error", |gap| time(gap, "to") > time(&open, "to")).await;
    let down = until(&server, "probe_up", "target_unreachable", |_| true).await;
    assert_eq!(
        (&down["collector"], &down["detail"]),
        (&"probe.shop".into(), &"the target takes no connection: connection refused".into())
    );
    // Others have nothing to do with it.
    for metric in ["steady", "cpu_usage_percent"] {
        assert_eq!(gaps(&server, metric).await, Vec::<Value>::new(), "{metric}");
    }
    let mended = now();
    fs::write(&number, "2").unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let (mut first, mut ends) = (None, Vec::new());
    for (metric, cause) in [("from_command", "collector_error"), ("probe_up", "target_unreachable")] {
        let closed = until(&server, metric, cause, |gap| time(gap, "to") >= mended).await;
        assert!(broken - 5.0 < time(&closed, "from") && time(&closed, "from") < mended, "{closed}");
        ends.push(time(&closed, "to"));
        first.get_or_insert(closed);
    }
    // Well again, the end stays where it is.
    let seen = now();
    let points = format!("/api/metrics?metric_name=from_command&start_time={seen}");
    while server.data(&points).await["data_points"].as_array().unwrap().len() < 12 {
        assert!(began.elapsed() < 3 * SOON, "it does not go on");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let closed = until(&server, "from_command", "collector_error", |_| true).await;
    assert_eq!(Some(&closed), first.as_ref());
    drop(listener);
}
