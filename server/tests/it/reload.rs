//! The configuration, changed while the server runs.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{SOON, Server, client, telltale};

/// A server and the file that it was started with.
struct Configured {
    server: Server,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Configured {
    fn start(inside: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("telltale.json");
        fs::write(&file, whole(inside)).unwrap();
        let server = Server::run(telltale().args(["start", "--config"]).arg(&file));
        Self { server, file, _folder: folder }
    }

    fn write(&self, inside: &str) {
        fs::write(&self.file, whole(inside)).unwrap();
    }

    /// Changes the file and says so.
    fn reload(&self, inside: &str) {
        self.write(inside);
        self.server.signal("HUP");
    }

    /// Waits until `/api/status` says `want` at `pointer`.
    async fn says(&self, pointer: &str, want: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            // While a port changes there is a moment without one.
            let answer = client().get(self.server.url("/api/status")).send().await;
            let status = match answer {
                Ok(answer) => answer.json::<Value>().await.map(|whole| whole["data"].clone()).unwrap_or_default(),
                Err(_) => Value::Null,
            };
            if status.pointer(pointer).is_some_and(&want) {
                return status;
            }
            assert!(began.elapsed() < SOON, "{pointer} never came to be as it should: {status}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    async fn collectors(&self) -> Vec<(String, f64)> {
        let data = self.server.data("/api/collectors").await;
        let list = data["collectors"].as_array().unwrap().clone();
        list.iter().map(|one| (one["name"].as_str().unwrap().to_owned(), one["interval"].as_f64().unwrap())).collect()
    }
}

fn whole(inside: &str) -> String {
    format!("{{\"performance_monitoring\": {{{inside}}}}}")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const ANY: &str = r#""dashboard": {"port": 0}"#;

#[tokio::test]
async fn what_can_change_changes_and_the_rest_goes_on() {
    let one = Configured::start(
        r#""dashboard": {"port": 0}, "collectors": {"system_metrics": {"collection_interval": 0.2}}"#,
    );
    one.server.collected(5).await;
    let (before, since) =
        (one.collectors().await, one.server.data("/api/status").await["configuration"]["since"].clone());
    assert!(before.contains(&("network".to_owned(), 5.0)), "{before:?}");

    one.reload(
        r#""dashboard": {"port": 0, "theme": "light", "max_websocket_connections": 1,
                         "widgets": [{"id": "only", "title": "Only this", "chart_type": "line", "metric_name": "load_average"}]},
           "retention_period": 600, "performance": {"collection_threads": 9}, "collectors": {
           "system_metrics": {"collection_interval": 0.2}, "network_metrics": {"enabled": false},
           "processes": {"collection_interval": 0.5}}"#,
    );
    let status = one.says("/configuration/since", |now| *now != since).await;
    assert_eq!(status["configuration"]["retention_seconds"], 600.0);
    assert_eq!(status["needs_restart"], serde_json::json!(["performance.collection_threads"]));
    assert_eq!((&status["live"]["most"], &status["health"]["degraded"]), (&1.into(), &false.into()));
    let after = one.collectors().await;
    assert!(!after.iter().any(|(name, _)| name == "network"), "{after:?}");
    assert!(after.contains(&("processes".to_owned(), 0.5)), "{after:?}");
    let page = one.server.get("/").await.text();
    assert!(page.contains("Only this") && page.contains("light"), "{page}");

    // The collector that the change did not concern kept its grid, and lost nothing.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let points = one.server.points("metric_name=memory_total_bytes").await;
    let gaps = points.windows(2).map(|pair| pair[1].time - pair[0].time);
    let longest = gaps.fold(0.0, f64::max);
    assert!(points.len() > 8 && longest < 0.39, "{longest} s between two samples of {}", points.len());
    // It has not begun anew: a first reading of the processors would be lost.
    let system = one.server.data("/api/collectors").await["collectors"].as_array().unwrap().clone();
    let runs = system.iter().find(|one| one["name"] == "system").and_then(|one| one["runs"].as_u64()).unwrap();
    assert!(runs as usize + 2 >= points.len(), "{runs} runs, {} points", points.len());

    let (_first, second) = (one.server.ws().await, one.server.handshake(&[]).await);
    assert_eq!(second.0, 503, "one live connection is all that the new file allows");
}

#[tokio::test]
async fn a_bad_file_changes_nothing_is_told_and_mended() {
    let mut one = Configured::start(ANY);
    one.server.collected(1).await;
    let before = one.collectors().await;
    for (bad, says) in [
        (r#""collectors": {"system_metrics": {"enabled": "perhaps"}}, "dashbord": {}"#, "(and 1 more)"),
        (r#""enabled": false"#, "`enabled` is false"),
        ("{", "cannot be used"),
    ] {
        one.reload(bad);
        let found = |trouble: &Value| trouble.as_str().is_some_and(|text| text.contains(says));
        let status = one.says("/health/troubles/configuration", found).await;
        assert_eq!(status["health"]["degraded"], true);
        assert_eq!(one.collectors().await, before, "{bad}");
    }
    assert_eq!(one.server.get("/api/health").await.status, 200, "degraded is not down");
    fs::remove_file(&one.file).unwrap();
    one.server.signal("HUP");
    let gone = |trouble: &Value| trouble.as_str().is_some_and(|text| text.contains("cannot be read"));
    one.says("/health/troubles/configuration", gone).await;
    // A pipe that is held open and never written into.
    assert!(Command::new("mkfifo").arg(&one.file).status().unwrap().success());
    let held = fs::File::options().read(true).write(true).open(&one.file).unwrap();
    one.server.signal("HUP");
    let name = one.file.display().to_string();
    let waits = |trouble: &Value| {
        trouble.as_str().is_some_and(|text| text.contains(&(name.clone() + " cannot be read within")))
    };
    one.says("/health/troubles/configuration", waits).await;
    drop(held);
    fs::remove_file(&one.file).unwrap();
    one.reload(ANY);
    one.says("/health/degraded", |degraded| *degraded == false).await;
    one.server.signal("TERM");
    assert!(one.server.ended().await.0.success());
    let said = one.server.complaints();
    for part in ["$.performance_monitoring.dashbord", "\"perhaps\"", "the configuration was read again"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[tokio::test]
async fn a_changed_file_is_enough_where_the_file_says_so() {
    let hot = |more: &str| format!(r#"{ANY}, "development": {{"hot_reload": true}}, {more}"#);
    let one = Configured::start(&hot(r#""retention_period": 700"#));
    one.says("/configuration/retention_seconds", |seconds| *seconds == 700.0).await;
    one.write(&hot(r#""retention_period": 800"#));
    one.says("/configuration/retention_seconds", |seconds| *seconds == 800.0).await;
    one.write(&hot(r#""retention_period": "long""#));
    one.says("/health/troubles/configuration", Value::is_string).await;
    // As editors do it.
    let new = one.file.with_extension("new");
    fs::write(&new, whole(&hot(r#""retention_period": 900"#))).unwrap();
    fs::rename(&new, &one.file).unwrap();
    let status = one.says("/configuration/retention_seconds", |seconds| *seconds == 900.0).await;
    assert_eq!(status["health"]["degraded"], false);
}

#[tokio::test]
async fn without_a_file_a_hangup_is_answered_and_nothing_else() {
    let mut server = Server::start();
    server.signal("HUP");
    server.collected(2).await;
    assert_eq!(server.data("/api/health").await["degraded"], false);
    server.signal("TERM");
    assert!(server.ended().await.0.success());
    assert!(server.complaints().contains("started without --config"));
}

#[tokio::test]
async fn a_taken_port_leaves_it_where_it_was_until_the_port_is_free() {
    let mut one = Configured::start(ANY);
    let mut live = one.server.ws().await;
    assert_eq!(live.answer().await["type"], "connection");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    one.reload(&format!(r#""dashboard": {{"port": {port}}}"#));
    let found = |trouble: &Value| trouble.as_str().is_some_and(|text| text.contains("is taken by another program"));
    let status = one.says("/health/troubles/port", found).await;
    assert_eq!(status["health"]["degraded"], true);
    drop(taken);

    let (old, moved) = (one.server.address.clone(), format!("127.0.0.1:{port}"));
    let began = Instant::now();
    while client().get(format!("http://{moved}/api/health")).send().await.is_err() {
        assert!(began.elapsed() < SOON, "it did not move");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    one.server.address = moved;
    one.says("/health/degraded", |degraded| *degraded == false).await;
    assert!(client().get(format!("http://{old}/api/health")).send().await.is_err(), "the old port is closed");
    assert_eq!(live.ask(r#"{"type": "ping"}"#).await["type"], "pong", "who was connected still is");
}

#[tokio::test]
async fn every_address_of_the_same_port_can_be_had_and_given_back() {
    let port = free_port();
    let at = |host: &str| {
        format!(
            r#""dashboard": {{"host": "{host}", "port": {port}}}, "security": {{"authentication": {{"enabled": false}}}}"#
        )
    };
    let one = Configured::start(&at("127.0.0.1"));
    assert!(client().get(format!("http://127.0.0.2:{port}/api/health")).send().await.is_err());
    one.reload(&at("0.0.0.0"));
    let began = Instant::now();
    while client().get(format!("http://127.0.0.2:{port}/api/health")).send().await.is_err() {
        assert!(began.elapsed() < SOON, "it did not come to listen everywhere");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    one.reload(&at("127.0.0.1"));
    let began = Instant::now();
    // Between the two there is a moment without either.
    let answers = async |host: &str| client().get(format!("http://{host}:{port}/api/health")).send().await.is_ok();
    while answers("127.0.0.2").await || !answers("127.0.0.1").await {
        assert!(began.elapsed() < SOON, "it still listens everywhere");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    one.says("/health/degraded", |degraded| *degraded == false).await;
}

#[tokio::test]
async fn a_port_that_another_program_has_elsewhere_takes_nothing_away() {
    let port = free_port();
    let at = |host: &str| {
        format!(
            r#""dashboard": {{"host": "{host}", "port": {port}}}, "security": {{"authentication": {{"enabled": false}}}}"#
        )
    };
    let answers = async |host: &str| client().get(format!("http://{host}:{port}/api/health")).send().await.is_ok();
    for (wanted, least) in [("127.0.0.2", 300), ("0.0.0.0", 280)] {
        let foreign = TcpListener::bind(("127.0.0.2", port)).unwrap();
        let one = Configured::start(&at("127.0.0.1"));
        one.reload(&at(wanted));
        let found = |trouble: &Value| trouble.as_str().is_some_and(|text| text.contains("it stays where it was"));
        one.says("/health/troubles/port", found).await;
        let mut got = 0;
        for _ in 0..300 {
            got += u32::from(answers("127.0.0.1").await);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        // For every address ours has to be closed for a moment, each time that it is tried.
        assert!(got >= least, "{wanted}: {got} of 300 requests were answered");
        drop(foreign);
        let began = Instant::now();
        while !answers("127.0.0.2").await {
            assert!(began.elapsed() < SOON, "it did not come to {wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn what_a_start_would_refuse_a_reload_refuses_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("telltale.json");
    fs::write(&file, whole(r#""security": {"authentication": {"enabled": false}}"#)).unwrap();
    let server = Server::run(telltale().args(["start", "--listen", "0.0.0.0:0", "--config"]).arg(&file));
    let one = Configured { server, file, _folder: folder };
    one.reload(r#""retention_period": 600"#);
    let found =
        |trouble: &Value| trouble.as_str().is_some_and(|text| text.contains("can be reached from other machines"));
    let status = one.says("/health/troubles/configuration", found).await;
    assert_eq!(status["configuration"]["retention_seconds"], 604_800.0, "it has changed all the same");
}

#[tokio::test]
async fn an_address_from_a_variable_is_not_told() {
    const CANARY: &str = "127.0.77.7";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("telltale.json");
    let at = |port: u16| whole(&format!(r#""dashboard": {{"host": "${{WHERE}}", "port": {port}}}"#));
    fs::write(&file, at(0)).unwrap();
    let server = Server::run(telltale().env("WHERE", CANARY).args(["start", "--config"]).arg(&file));
    let mut one = Configured { server, file, _folder: folder };
    let taken = TcpListener::bind((CANARY, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    fs::write(&one.file, at(port)).unwrap();
    one.server.signal("HUP");
    let status = one.says("/health/troubles/port", Value::is_string).await;
    drop(taken);
    let began = Instant::now();
    while client().get(format!("http://{CANARY}:{port}/api/health")).send().await.is_err() {
        assert!(began.elapsed() < SOON, "it did not move");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    one.server.signal("TERM");
    one.server.ended().await;
    let said = one.server.complaints();
    assert!(said.contains("the page is at http://[secret]:"), "{said}");
    for told in [said, status["health"].to_string()] {
        assert!(!told.contains(CANARY), "{told}");
    }
}
