//! All that can be seen of a running server from outside, taken down once.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{SOON, Server, config_file, telltale};

/// Variables of the file; what they hold is told nowhere.
const ENVIRONMENT: [(&str, &str); 10] = [
    ("SMTP_PASSWORD", "c4n4ry"),
    ("SLACK_WEBHOOK_URL", "http://127.0.0.1:9/c4n4ry"),
    ("DISCORD_WEBHOOK_URL", "http://127.0.0.1:9/c4n4ry"),
    ("PAGERDUTY_INTEGRATION_KEY", "c4n4ry"),
    ("CUSTOM_WEBHOOK_URL", "http://127.0.0.1:9/c4n4ry"),
    ("WEBHOOK_TOKEN", "c4n4ry"),
    ("DASHBOARD_PASSWORD", "c4n4ry"),
    ("GRAFANA_API_KEY", "c4n4ry"),
    ("ELASTICSEARCH_USERNAME", "c4n4ry"),
    ("ELASTICSEARCH_PASSWORD", "c4n4ry"),
];

/// How long to look at what comes again and again.
const LOOK: Duration = Duration::from_millis(700);

pub(super) fn with_env(command: &mut Command) -> &mut Command {
    command.envs(ENVIRONMENT)
}

pub(super) struct Seen {
    pub(super) address: String,
    pub(super) metrics: BTreeSet<String>,
    /// Of each collector, in seconds.
    pub(super) intervals: BTreeMap<String, f64>,
    /// Points of one series of the system's, after [`LOOK`].
    /// Values of tags: of an application, and of ports.
    pub(super) apps: BTreeSet<String>,
    pub(super) ports: BTreeSet<String>,
    pub(super) status: Value,
    /// Its status and its text.
    pub(super) page: (u16, String),
    /// The layout in the page.
    pub(super) widgets: Value,
    /// Of two live connections at once.
    pub(super) handshakes: [u16; 2],
    /// The status of a file that lies in `static/dashboard`.
    pub(super) file: u16,
    /// Each collector, as `/api/collectors` has it.
    pub(super) collectors: Value,
    /// The name of the log within the server's folder, and what is in it.
    pub(super) log: (String, String),
    /// What `telltale status` prints.
    pub(super) told: String,
    /// What start has written to standard error.
    pub(super) complaints: String,
}

impl Seen {
    /// Starts a server with this file, in a folder of its own, and looks at everything.
    pub(super) async fn of(text: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("static/dashboard")).unwrap();
        std::fs::write(folder.path().join("static/dashboard/a.txt"), "a").unwrap();
        let file = config_file(&text);
        let mut command = telltale();
        command.current_dir(folder.path()).env("HOME", folder.path()).args(["start", "--config"]).arg(file.path());
        let mut server = Server::run(with_env(&mut command));
        let began = Instant::now();
        let page = server.get("/").await;
        let page = (page.status, page.text());
        let collectors = all_have_run(&server).await;
        tokio::time::sleep(LOOK.saturating_sub(began.elapsed())).await;
        let list = server.data("/api/metrics").await;
        let names = list["metrics"].as_array().unwrap().iter().map(|m| m["metric_name"].as_str().unwrap().to_owned());
        let metrics: BTreeSet<String> = names.collect();
        let (first, second) = (server.handshake(&[]).await, server.handshake(&[]).await);
        let told = telltale().args(["status", "--url", &server.url("")]).output().unwrap();
        let mut seen = Self {
            address: server.address.clone(),
            apps: tags(&server, &metrics, "app_requests_total", "app").await.1,
            ports: tags(&server, &metrics, "network_connections", "port").await.1,
            metrics,
            intervals: collectors,
            status: server.data("/api/status").await,
            widgets: layout(&page.1),
            page,
            handshakes: [first.0, second.0],
            file: server.get("/static/a.txt").await.status,
            collectors: server.data("/api/collectors").await["collectors"].clone(),
            log: Default::default(),
            told: String::from_utf8_lossy(&told.stdout).into_owned(),
            complaints: String::new(),
        };
        server.signal("TERM");
        server.ended().await;
        seen.complaints = server.complaints();
        let logs = ["logs/watch.log", "watch.log"];
        seen.log = logs
            .into_iter()
            .find_map(|name| Some((name.to_owned(), std::fs::read_to_string(folder.path().join(name)).ok()?)))
            .unwrap_or_default();
        seen
    }

    /// Whether this metric is there.
    pub(super) fn has(&self, metric: &str) -> String {
        if self.metrics.contains(metric) { "there" } else { "gone" }.to_owned()
    }

    /// The interval of a collector; none where it is off.
    pub(super) fn interval(&self, collector: &str) -> String {
        self.intervals.get(collector).map_or("off".to_owned(), ToString::to_string)
    }

    /// A field of what `/api/collectors` says of one of them.
    pub(super) fn collector(&self, name: &str, field: &str) -> String {
        let found = self.collectors.as_array().unwrap().iter().find(|one| one["name"] == name);
        found.map_or("off".to_owned(), |one| one[field].to_string())
    }

    /// A field of the first tile.
    pub(super) fn tile(&self, pointer: &str) -> String {
        self.widgets.pointer(&format!("/0{pointer}")).map_or("none".to_owned(), ToString::to_string)
    }

    /// A field of the configuration that `/api/status` tells.
    pub(super) fn setup(&self, field: &str) -> String {
        self.status["configuration"][field].to_string()
    }
}

async fn all_have_run(server: &Server) -> BTreeMap<String, f64> {
    let began = Instant::now();
    loop {
        let data = server.data("/api/collectors").await;
        let collectors = data["collectors"].as_array().unwrap();
        // One that reads several times a second has read several times by then.
        let runs = |one: &Value| if one["interval"].as_f64() < Some(1.0) { 5 } else { 1 };
        if collectors.iter().all(|one| one["runs"].as_u64() >= Some(runs(one))) {
            let one = |c: &Value| (c["name"].as_str().unwrap().to_owned(), c["interval"].as_f64().unwrap());
            return collectors.iter().map(one).collect();
        }
        assert!(began.elapsed() < SOON, "{data}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many points a metric has, and the values of one of its tags.
async fn tags(server: &Server, there: &BTreeSet<String>, metric: &str, tag: &str) -> (usize, BTreeSet<String>) {
    if !there.contains(metric) {
        return (0, BTreeSet::new());
    }
    let points = server.points(&format!("metric_name={metric}")).await;
    (points.len(), points.iter().filter_map(|point| point.tag(tag).map(str::to_owned)).collect())
}

/// The tiles as they are written into the page for the browser.
fn layout(page: &str) -> Value {
    let plain = page.replace("\\\"", "\"");
    let between = plain.split("\"widgets\":").nth(1).and_then(|rest| rest.split(",\"paused\":").next());
    between.map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}")))
}
