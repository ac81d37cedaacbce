//! A real Prometheus writes to the real server: what it has itself is what arrives, whatever becomes of the server meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::harness::{SOON, Server, client, config_file, telltale};

/// What Prometheus reads from us, another text each time. Its threads end with the test's process.
struct Exporter {
    address: String,
    /// Whether something is there that Telltale refuses.
    infinite: Arc<AtomicBool>,
}

impl Exporter {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let infinite = Arc::new(AtomicBool::new(true));
        let (is_infinite, asked) = (Arc::clone(&infinite), AtomicU32::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let text = text(asked.fetch_add(1, Ordering::Relaxed), is_infinite.load(Ordering::Relaxed));
                // Who asks and goes is nothing to us.
                drop(answer(stream, &text));
            }
        });
        Self { address, infinite }
    }
}

fn answer(mut stream: TcpStream, text: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while !lines.next().transpose()?.unwrap_or_default().is_empty() {}
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{text}", text.len())
}

fn text(n: u32, infinite: bool) -> String {
    let (n, third) = (f64::from(n), f64::from(n) / 3.0);
    let mut text = format!(
        "# TYPE shop_orders_total counter
shop_orders_total{{shop=\"wéb \\\"1\\\"\\\\ \\n\"}} {n}
shop_orders_total{{shop=\"b\"}} {}
# TYPE shop_odd counter
shop_odd {n}
# TYPE shop_queue_count gauge
shop_queue_count {third}
# TYPE shop_took_seconds histogram
shop_took_seconds_bucket{{le=\"0.5\"}} {n}
shop_took_seconds_bucket{{le=\"+Inf\"}} {n}
shop_took_seconds_sum {third}
shop_took_seconds_count {n}
# TYPE shop_waited_seconds summary
shop_waited_seconds{{quantile=\"0.9\"}} NaN
shop_waited_seconds_sum {third}
shop_waited_seconds_count {n}
shop_tiny 5e-324
shop_huge -1.7976931348623157e308
",
        n * 1e15
    );
    if infinite {
        text += "shop_infinite +Inf\n";
    }
    text
}

/// One that reads the exporter five times a second and writes to a server at once. It is gone with the test.
struct Prometheus {
    child: Child,
    address: String,
}

/// By series, its points: milliseconds and the bits of the value.
type Points = BTreeMap<(String, BTreeMap<String, String>), Vec<(i64, u64)>>;

impl Prometheus {
    fn start(folder: &Path, exporter: &Exporter, server: &Server) -> Self {
        let config = folder.join("prometheus.yml");
        let text = format!(
            "scrape_configs:
  - job_name: shop
    scrape_interval: 200ms
    scrape_timeout: 200ms
    static_configs: [{{targets: ['{}']}}]
remote_write:
  - url: {}
    queue_config: {{batch_send_deadline: 100ms, min_backoff: 30ms, max_backoff: 200ms}}
    metadata_config: {{send_interval: 500ms}}
",
            exporter.address,
            server.url("/api/v1/write")
        );
        fs::write(&config, text).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("prometheus").display()))
            .arg("--web.listen-address=127.0.0.1:0")
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.unwrap_or_else(|error| {
            panic!(
                "this test needs Prometheus, the program `prometheus` on PATH ({error}). On Debian, as root: \
                 apt-get install --no-install-recommends prometheus; elsewhere: https://prometheus.io/download"
            )
        });
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let (mut all, mut address) = (String::new(), None);
        while address.is_none() {
            let begins = all.len();
            assert!(said.read_line(&mut all).unwrap() > 0, "it does not listen: {all}");
            let told = all[begins..].split_once("msg=\"Listening on\" address=");
            address = told.and_then(|(_, rest)| rest.split_whitespace().next()).map(str::to_owned);
        }
        // What is not read would stop it some day.
        std::thread::spawn(move || drop(said.read_to_string(&mut all)));
        Self { child, address: address.unwrap() }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> String {
        let began = Instant::now();
        loop {
            let url = reqwest::Url::parse_with_params(&format!("http://{}{path}", self.address), query).unwrap();
            let answer = client().get(url).send().await.unwrap();
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            if status == 200 {
                return text;
            }
            assert!(status == 503 && began.elapsed() < SOON, "{status} {text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A count of its own, such as `samples_failed`, of what it writes.
    async fn counted(&self, name: &str) -> f64 {
        let own = self.get("/metrics", &[]).await;
        let begins = format!("prometheus_remote_storage_{name}_total{{");
        let line = own.lines().find(|line| line.starts_with(&begins));
        line.and_then(|line| line.rsplit(' ').next()).unwrap().parse().unwrap()
    }

    /// What it has up to a moment, but for values that are no finite numbers.
    async fn points(&self, end_ms: i64) -> Points {
        let time = format!("{}.{:03}", end_ms / 1000, end_ms % 1000);
        let text = self.get("/api/v1/query", &[("query", "{job=\"shop\"}[10m]"), ("time", &time)]).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        let mut all = Points::new();
        for series in answer["data"]["result"].as_array().unwrap() {
            let mut labels: BTreeMap<String, String> = serde_json::from_value(series["metric"].clone()).unwrap();
            let name = labels.remove("__name__").unwrap();
            let points = series["values"].as_array().unwrap().iter().map(|point| {
                let ms = (point[0].as_f64().unwrap() * 1000.0).round() as i64;
                (ms, point[1].as_str().unwrap().parse::<f64>().unwrap())
            });
            let points = points.filter(|(_, value)| value.is_finite()).map(|(ms, value)| (ms, value.to_bits()));
            all.insert((name, labels), points.collect());
        }
        all.retain(|_, points| !points.is_empty());
        all
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// What the server has of these metrics.
async fn kept(server: &Server, names: &BTreeSet<&String>, end_ms: i64) -> Points {
    let mut all = Points::new();
    for name in names {
        let query = format!("metric_name={name}&tags=job:shop&limit=100000&end_time={}", end_ms as f64 / 1000.0);
        let answer = server.get(&format!("/api/metrics?{query}")).await;
        for point in answer.json()["data"]["data_points"].as_array().into_iter().flatten() {
            let tags = serde_json::from_value(point["tags"].clone()).unwrap();
            let ms = (point["timestamp"].as_f64().unwrap() * 1000.0).round() as i64;
            let points = all.entry(((*name).clone(), tags)).or_default();
            points.push((ms, point["value"].as_f64().unwrap().to_bits()));
        }
    }
    all
}

/// Waits until the server has all that Prometheus has at this moment, point by point.
async fn check_same(prometheus: &Prometheus, server: &Server, at_least: usize) {
    let (end, began) = (now_ms(), Instant::now());
    let want = prometheus.points(end).await;
    let longest = want.values().map(Vec::len).max().unwrap_or_default();
    assert!(want.len() > 15 && longest >= at_least, "{longest} points of {:?}", want.keys());
    let names = want.keys().map(|(name, _)| name).collect();
    loop {
        let got = kept(server, &names, end).await;
        if got == want {
            return;
        }
        if began.elapsed() > SOON {
            for (series, points) in &want {
                assert_eq!(got.get(series), Some(points), "{series:?}");
            }
            assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is().await {
        assert!(began.elapsed() < SOON, "it does not come to that: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_prometheus_has_is_what_arrives_and_nothing_is_lost_by_a_kill_or_by_a_crowd() {
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("data");
    let config = config_file(
        r#"{"performance_monitoring": {"storage": {"flush_interval": 0},
            "collectors": {"system_metrics": {"enabled": false}, "processes": {"enabled": false}}}}"#,
    );
    let start = |listen: &str| {
        let mut command = telltale();
        command.args(["start", "--listen", listen, "--config"]).arg(config.path()).arg("--data-dir").arg(&data);
        Server::run(&mut command)
    };
    let mut server = start("127.0.0.1:0");
    let exporter = Exporter::start();
    let prometheus = Prometheus::start(outer.path(), &exporter, &server);

    // Some samples are refused by a 4xx: all others are stored, and it is not sent again.
    let written = async || server.data("/api/status").await["remote_write"].clone();
    until("a 400", async || written().await["requests"]["partly"].as_u64() >= Some(3)).await;
    check_same(&prometheus, &server, 3).await;
    assert!(prometheus.counted("samples_failed").await >= 3.0 && prometheus.counted("samples_retried").await < 0.5);
    let told = written().await;
    assert_eq!(told["requests"]["later"], 0, "{told}");
    assert!(told["refused"]["not_finite"].as_u64() >= Some(3) && told["refused"]["too_old"] == 0, "{told}");

    // What it says of its metrics counts more than their names.
    let kinds = [
        ("shop_orders_total", "counter", ""),
        ("shop_odd", "counter", ""),
        ("shop_queue_count", "gauge", ""),
        ("shop_took_seconds_bucket", "counter", "count"),
        ("shop_took_seconds_sum", "counter", "seconds"),
        ("shop_waited_seconds_count", "counter", "count"),
        ("up", "gauge", ""),
    ];
    until("kinds and units", async || {
        let told = server.data("/api/metrics").await;
        let metrics = told["metrics"].as_array().unwrap();
        kinds.iter().all(|(name, kind, unit)| {
            metrics.iter().any(|m| m["metric_name"] == *name && m["kind"] == *kind && m["unit"] == *unit)
        })
    })
    .await;

    // Without what is refused nothing fails any more: neither by a server that is killed…
    exporter.infinite.store(false, Ordering::Relaxed);
    until("no more infinity", async || {
        prometheus.get("/api/v1/query", &[("query", "shop_infinite")]).await.contains("\"result\":[]")
    })
    .await;
    check_same(&prometheus, &server, 5).await;
    let failed = prometheus.counted("samples_failed").await;
    server.signal("KILL");
    server.ended().await;
    until("retries", async || prometheus.counted("samples_retried").await > 0.0).await;
    let address = server.address.clone();
    drop(server);
    let server = start(&address);
    check_same(&prometheus, &server, 8).await;

    // …nor by one that says 503, since others have taken all places.
    let crowd: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            let head = "POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n";
            write!(stream, "{head}Content-Encoding: snappy\r\nContent-Length: 9\r\n\r\n").unwrap();
            stream
        })
        .collect();
    let retried = prometheus.counted("samples_retried").await;
    until("a 503 and a retry", async || {
        let told = server.data("/api/status").await;
        told["remote_write"]["requests"]["later"].as_u64() >= Some(1)
            && prometheus.counted("samples_retried").await > retried
    })
    .await;
    drop(crowd);
    check_same(&prometheus, &server, 20).await;
    assert!((prometheus.counted("samples_failed").await - failed).abs() < 0.5, "something was given up");
    assert!(prometheus.counted("samples_dropped").await < 0.5);
}
