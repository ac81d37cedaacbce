//! Telltale inside other programs: the examples, run; and what they have no room to show.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use telltale::library::Trouble;
use telltale::model::{Aggregation, Unit};
use telltale::run::StartError;
use telltale::{Closures, System, Telltale};

use crate::harness::{SOON, client, config_file};

const SECOND: Duration = Duration::from_secs(1);

/// Runs an example; what it printed.
fn example(name: &str) -> String {
    // Cargo puts examples beside the folder of the tests.
    let own = std::env::current_exe().unwrap();
    let folder: PathBuf = own.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(name);
    assert!(
        program.is_file(),
        "{name} is not built; `cargo build -p telltale --examples` builds it, and so does `cargo test` without a name"
    );
    let output = Command::new(program).env_clear().output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {out}{err}");
    out.into_owned()
}

/// The number behind `name: ` in what was printed.
#[track_caller]
fn number(printed: &str, name: &str) -> f64 {
    let line = printed.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_else(|| panic!("no number of {name} in {printed}"))
}

#[test]
fn the_examples_do_what_they_say() {
    let quick = example("quickstart");
    for part in ["points, the newest is ", "memory_usage_percent: at most ", " % on average"] {
        assert!(quick.contains(part), "{part} is not in {quick}");
    }
    let own = example("own_metrics");
    assert_eq!((number(&own, "active_users"), number(&own, "cache_hit_rate")), (42.0, 90.0));
    let spool = example("own_collector");
    assert_eq!((number(&spool, "spool_files"), number(&spool, "spool_bytes")), (1.0, 5.0));
    assert!(spool.contains("the page was at http://127.0.0.1:"), "{spool}");
    let shop = example("axum_service");
    assert_eq!((number(&shop, "app_requests_total"), number(&shop, "app_errors_total")), (3.0, 1.0));
    assert!(number(&shop, "app_response_time_max_seconds") > 0.0 && number(&shop, "app_memory_rss_bytes") > 1e6);
}

#[tokio::test]
async fn nothing_is_collected_but_what_is_added() {
    let one = Closures::new("one").gauge("answer", Unit::NONE, || 42.0);
    let monitor = Telltale::new().collector(one, Duration::from_millis(50)).start().await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(monitor.metrics(), ["answer"]);
    assert_eq!(monitor.address(), None);
    assert_eq!(monitor.last("answer").map(|point| point.value), Some(42.0));
    assert_eq!(monitor.last("cpu_usage_percent"), None);
    assert!(monitor.series("cpu_usage_percent", SECOND).unwrap_err().to_string().contains("cpu_usage_percent"));
    let count = monitor.aggregate("answer", Aggregation::Count, SECOND).unwrap();
    assert!(count.len() == 1 && count[0].1 >= 4.0, "{count:?}");
    assert!(monitor.aggregate("answer", Aggregation::Rate, SECOND).is_err(), "a gauge has no rate");
    let health = monitor.health();
    assert!(health.running && !health.degraded && health.collectors_count == 1, "{health:?}");
    monitor.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_added_outlives_a_reload() {
    let text = |interval: f64| {
        format!(
            r#"{{"performance_monitoring": {{"storage": {{"type": "memory"}}, "dashboard": {{"port": 0}},
                "collectors": {{"system_metrics": {{"collection_interval": {interval}}}}}}}}}"#
        )
    };
    let file = config_file(&text(5.0));
    let one = Closures::new("one").gauge("answer", Unit::NONE, || 42.0);
    let monitor = Telltale::configured(file.path(), |_| None).collector(one, SECOND / 20).start().await.unwrap();
    std::fs::write(file.path(), text(0.1)).unwrap();
    monitor.reload();
    tokio::time::sleep(SECOND * 2).await;
    assert!(monitor.health().collectors.contains_key("one"));
    for (name, least) in [("answer", 30), ("memory_total_bytes", 12)] {
        let points = monitor.series(name, SECOND * 10).unwrap()[0].points.len();
        assert!(points >= least, "{points} points of {name}");
    }
    monitor.stop().await.unwrap();
}

#[tokio::test]
async fn a_reload_gives_no_collector_the_name_of_another() {
    let text = |custom: &str| {
        format!(
            r#"{{"performance_monitoring": {{"storage": {{"type": "memory"}}, "dashboard": {{"port": 0}},
                "collectors": {{"custom_metrics": {{"metrics": {{{custom}}}}}}}}}}}"#
        )
    };
    let file = config_file(&text(""));
    let own = Closures::new("custom.carts").gauge("answer", Unit::NONE, || 42.0);
    let monitor = Telltale::configured(file.path(), |_| None).collector(own, SECOND / 20).start().await.unwrap();
    std::fs::write(file.path(), text(r#""carts": {"file": "/proc/uptime"}"#)).unwrap();
    monitor.reload();
    let began = Instant::now();
    while monitor.health().troubles.is_empty() && began.elapsed() < SECOND * 5 {
        tokio::time::sleep(SECOND / 50).await;
    }
    let says = monitor.health().troubles.remove("configuration").unwrap_or_default();
    assert!(says.contains("two collectors are called `custom.carts`"), "{says}");
    monitor.stop().await.unwrap();
}

#[tokio::test]
async fn one_that_has_ended_can_be_started_again_at_once_and_finds_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    let file = config_file(&format!(
        r#"{{"performance_monitoring": {{"storage": {{"path": "{}"}}, "dashboard": {{"port": 0}}}}}}"#,
        folder.path().display()
    ));
    let mut points = 0;
    for round in 0..5 {
        let one = Closures::new("one").gauge("answer", Unit::NONE, || 42.0);
        let monitor = Telltale::configured(file.path(), |_| None).collector(one, SECOND / 50).start().await.unwrap();
        tokio::time::sleep(SECOND / 5).await;
        let now = monitor.series("answer", SECOND * 100).unwrap()[0].points.len();
        assert!(now > points, "round {round}: {now} points after {points}");
        points = now;
        monitor.stop().await.unwrap();
    }
}

#[tokio::test]
async fn the_requests_of_the_page_are_none_of_the_program_s() {
    let file = config_file(
        r#"{"performance_monitoring": {"storage": {"type": "memory"}, "dashboard": {"port": 0},
            "collectors": {"application_metrics": {"collection_interval": 0.1}}}}"#,
    );
    let monitor = Telltale::configured(file.path(), |_| None);
    let shop = Router::new().route("/", get(|| async { "welcome" })).layer(monitor.request_layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, shop).await });
    let monitor = monitor.start().await.unwrap();
    let health = format!("http://{}/api/health", monitor.address().unwrap());
    for url in [&format!("http://{at}/"), &health, &health, &health] {
        assert!(client().get(url).send().await.unwrap().status().is_success(), "{url}");
    }
    let asked = monitor.last("app_requests_total").map(|point| point.time);
    let began = Instant::now();
    let counted = loop {
        // The reading after the next one began when all had been answered.
        match monitor.series("app_requests_total", SECOND * 60).unwrap_or_default().first() {
            Some(series) if series.points.iter().filter(|point| Some(point.time) > asked).count() > 1 => {
                break series.points.last().unwrap().value;
            }
            _ => assert!(began.elapsed() < SOON, "no requests are counted"),
        }
        tokio::time::sleep(SECOND / 20).await;
    };
    assert_eq!(counted, 1.0, "what the shop was asked, and what Telltale was");
    monitor.stop().await.unwrap();
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let twice = Telltale::new().system(SECOND).collector(System::new(), SECOND).start().await;
    assert!(matches!(twice, Err(Trouble::Start(StartError::SameName(name))) if name == "system"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let there = Telltale::new().serve(taken.local_addr().unwrap()).start().await;
    assert!(matches!(there, Err(Trouble::Start(StartError::PortTaken { .. }))));
    let open = Telltale::new().serve(([0, 0, 0, 0], 0).into()).start().await;
    assert!(matches!(open, Err(Trouble::Start(StartError::Exposed(_)))));
    let wrong = config_file(r#"{"performance_monitoring": {"collectors": {"spool": {}}}}"#);
    let wrong = Telltale::configured(wrong.path(), |_| None).start().await;
    assert!(wrong.err().unwrap().to_string().contains("$.performance_monitoring.collectors.spool"));
    let off = config_file(r#"{"performance_monitoring": {"enabled": false}}"#);
    assert!(matches!(Telltale::configured(off.path(), |_| None).start().await, Err(Trouble::SwitchedOff)));
}
