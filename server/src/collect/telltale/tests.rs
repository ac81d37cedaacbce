//! What is told of a server that is made up for it; the real one is asked in the integration tests.

use std::collections::BTreeSet;

use app::model::Kind;

use super::*;
use crate::collect::Scope;

fn told(own: &Own) -> Vec<Sample> {
    let own = own.clone();
    let mut out = Vec::new();
    Telltale::new(Box::new(move || own.clone())).collect(Timestamp::from_millis(0), &mut out).unwrap();
    let series: BTreeSet<String> = out.iter().map(|s| format!("{}{:?}", s.metric.name, s.tags)).collect();
    assert_eq!(series.len(), out.len(), "no series twice");
    out
}

/// `want`: series as they are shown, each with its value.
#[track_caller]
fn check(own: &Own, want: &[(&str, f64)]) {
    let out = told(own);
    for (series, value) in want {
        let shown = |s: &&Sample| format!("{} {:?}", s.metric.name, s.tags) == *series;
        assert_eq!(out.iter().find(shown).map(|s| s.value), Some(*value), "{series} in {out:?}");
    }
}

fn status(name: &str, took: Option<u64>) -> CollectorStatus {
    CollectorStatus {
        name: name.into(),
        tag: name.into(),
        scope: Scope::default(),
        description: None,
        waits: false,
        interval: Duration::from_secs(1),
        since: Timestamp::from_millis(0),
        running_since: None,
        last_run: None,
        last_duration: took.map(Duration::from_millis),
        samples: 0,
        last_success: None,
        last_error: None,
        missed_last: None,
        runs: 3,
        errors: 2,
        missed: 1,
        lost: false,
    }
}

fn own() -> Own {
    Own {
        version: "1.2.3",
        uptime: Duration::from_millis(1500),
        series: 3,
        points: 40,
        appended: 50,
        refused: 6,
        abandoned: 9,
        live: 7,
        dropped: 8,
        answered: [1, 2, 3, 4, 5],
        written: Written {
            requests: vec![("stored", 10), ("later", 11)],
            samples: 12,
            refused: vec![("too_old", 13)],
            bytes: 14,
        },
        restarts: vec![("web", 1), ("cleanup", 0)],
        collectors: vec![status("system", Some(250)), status("units", None)],
        stages: Vec::new(),
    }
}

#[test]
fn everything_is_told_once_and_by_name() {
    check(
        &own(),
        &[
            (r#"telltale_build_info {version="1.2.3"}"#, 1.0),
            ("telltale_uptime_seconds {}", 1.5),
            ("telltale_store_series {}", 3.0),
            ("telltale_store_points {}", 40.0),
            ("telltale_samples_appended_total {}", 50.0),
            ("telltale_samples_refused_total {}", 6.0),
            ("telltale_queries_abandoned_total {}", 9.0),
            ("telltale_live_connections {}", 7.0),
            ("telltale_live_updates_dropped_total {}", 8.0),
            (r#"telltale_http_requests_total {status="1xx"}"#, 1.0),
            (r#"telltale_http_requests_total {status="5xx"}"#, 5.0),
            (r#"telltale_remote_write_requests_total {outcome="stored"}"#, 10.0),
            (r#"telltale_remote_write_requests_total {outcome="later"}"#, 11.0),
            ("telltale_remote_write_samples_total {}", 12.0),
            (r#"telltale_remote_write_samples_refused_total {reason="too_old"}"#, 13.0),
            ("telltale_remote_write_bytes_total {}", 14.0),
            (r#"telltale_task_restarts_total {task="web"}"#, 1.0),
            (r#"telltale_task_restarts_total {task="cleanup"}"#, 0.0),
            (r#"telltale_collector_duration_seconds {collector_name="system"}"#, 0.25),
            (r#"telltale_collector_errors_total {collector_name="units"}"#, 2.0),
            (r#"telltale_collector_missed_total {collector_name="system"}"#, 1.0),
        ],
    );
    // One that has not run yet has taken no time yet, and stages are told where they are timed.
    assert_eq!(told(&own()).len(), 9 + 5 + 5 + 2 + 3 + 2);
}

#[test]
fn stages_are_told_where_they_are_timed() {
    let timed = Own { stages: vec![("append", 9, Duration::from_millis(30))], ..own() };
    check(
        &timed,
        &[
            (r#"telltale_stage_seconds_total {stage="append"}"#, 0.03),
            (r#"telltale_stage_runs_total {stage="append"}"#, 9.0),
        ],
    );
}

#[test]
fn units_are_in_the_names_and_totals_are_counters() {
    let timed = Own { stages: vec![("append", 9, Duration::from_millis(30))], ..own() };
    for sample in told(&timed) {
        let name = sample.metric.name.as_ref();
        assert!(name.starts_with("telltale_"), "{name}");
        let grows = ["_total", "_sum", "_count"].iter().any(|end| name.ends_with(end));
        assert_eq!(sample.metric.kind, if grows { Kind::Counter } else { Kind::Gauge }, "{name}");
        assert_eq!(
            name.contains("_seconds"),
            sample.metric.unit == Unit::SECONDS || name.ends_with("_count"),
            "{name}"
        );
    }
}
