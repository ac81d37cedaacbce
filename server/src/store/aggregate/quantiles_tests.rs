//! Quantiles of points that have gone against those of all points.

use std::time::Duration;

use app::model::{Aggregation, Batch, Metric, Point, Tags, Timestamp, Unit};

use super::{Plan, aggregate};
use crate::store::{Disk, Limits, Selection, Series, SeriesFilter, Store};

const SECONDS: Metric = Metric::gauge("response_seconds", Unit::SECONDS);
const BEGIN: i64 = 20_000 * 86_400_000;
const HOUR: i64 = 3_600_000;
const LIMITS: Limits = Limits {
    max_age: Duration::from_secs(6 * 3600),
    max_minutes_age: Duration::from_secs(86_400),
    max_hours_age: Duration::from_secs(30 * 86_400),
    ..Limits::NONE
};

fn host(n: usize) -> Tags {
    Tags::new([("host", ["web-1", "web-2", "db"][n])])
}

/// As answers are slow: many quick ones, few slow ones.
fn latency(n: i64) -> f64 {
    let noise = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()) >> 24).rem_euclid(10_000) as f64 / 10_000.0;
    0.02 * (3.0 * noise).exp() + if n % 97 == 0 { 2.5 } else { 0.0 }
}

/// Three hosts for two days and some minutes; of `db` nobody wants quantiles. Gives all points too.
fn filled(store: &Store, minutes: i64) -> Vec<Series> {
    store.keep_spread_of(vec![
        SeriesFilter { metric: None, tags: host(0) },
        SeriesFilter { metric: None, tags: host(1) },
    ]);
    let mut all: Vec<_> = (0..3).map(|n| Series { metric: SECONDS, tags: host(n), points: Vec::new() }).collect();
    let mut time = BEGIN;
    for n in 0..(2 * 24 * 60 + minutes) * 6 {
        for (host, series) in (0..).zip(&mut all) {
            let value = latency(n * 3 + host);
            let samples = vec![SECONDS.sample(series.tags.clone(), value)];
            store.append(&Batch { collector: "c".into(), time: Timestamp::from_millis(time), samples }).unwrap();
            series.points.push(Point::new(Timestamp::from_millis(time), value));
        }
        time += 10_000;
        if n % 60 == 0 {
            store.enforce(Timestamp::from_millis(time));
            store.tend(Timestamp::from_millis(time));
        }
    }
    store.enforce(Timestamp::from_millis(time));
    all
}

#[track_caller]
fn check(store: &Store, all: &[Series], (from, to): (i64, i64), step: Option<i64>, by: Option<&[&str]>) {
    for aggregation in [Aggregation::P50, Aggregation::P95, Aggregation::P99] {
        let (start, end) = (Timestamp::from_millis(BEGIN + from * HOUR), Timestamp::from_millis(BEGIN + to * HOUR - 1));
        let plan = Plan {
            aggregation,
            step: step.map(|ms| Duration::from_millis(ms.unsigned_abs())),
            by: by.map(|by| by.iter().map(|&name| name.to_owned()).collect()),
            start,
            end,
        };
        let what = Selection {
            metric: SECONDS.name.into_owned(),
            tags: Tags::default(),
            matchers: vec!["host=~web-.*".parse().unwrap()],
            start,
            end,
        };
        let got = store.aggregate(&what, &plan).unwrap();
        let want = aggregate(all.iter().filter(|series| series.tags != host(2)).cloned().collect(), &plan);
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(&want) {
            assert_eq!((&got.metric, &got.tags, got.points.len()), (&want.metric, &want.tags, want.points.len()));
            for (got, want) in got.points.iter().zip(&want.points) {
                assert!(step.is_none() || got.time == want.time, "{got:?} {want:?}");
                assert!(
                    (got.value - want.value).abs() <= 0.010_001 * want.value,
                    "{aggregation}: {got:?}, not {want:?}"
                );
            }
        }
    }
}

fn check_all(store: &Store, all: &[Series]) {
    // Minutes that have gone, minutes that are there, and a range that has both.
    check(store, all, (30, 40), Some(60_000), None);
    check(store, all, (46, 48), Some(60_000), None);
    check(store, all, (38, 48), Some(5 * 60_000), None);
    // Minutes of the first day have gone too.
    check(store, all, (0, 48), Some(HOUR), None);
    check(store, all, (0, 48), Some(HOUR), Some(&[]));
    check(store, all, (0, 48), Some(24 * HOUR), Some(&["host"]));
    check(store, all, (3, 47), None, None);
    check(store, all, (3, 47), None, Some(&[]));
}

#[test]
fn quantiles_outlive_points_within_one_per_cent() {
    let store = Store::new(LIMITS);
    let all = filled(&store, 0);
    check_all(&store, &all);
    // Of a series that nobody wants them of, only the points tell.
    let what = Selection {
        metric: SECONDS.name.into_owned(),
        tags: host(2),
        matchers: Vec::new(),
        start: Timestamp::from_millis(BEGIN),
        end: Timestamp::MAX,
    };
    let plan = Plan {
        aggregation: Aggregation::P95,
        step: Some(Duration::from_secs(3600)),
        by: None,
        start: what.start,
        end: what.end,
    };
    let hours = store.aggregate(&what, &plan).unwrap().remove(0).points.len();
    assert!((6..=8).contains(&hours), "{hours}");
}

/// The oldest points that are told are of the middle of an hour, and those before them wait for being summed up no longer.
#[test]
fn no_window_is_missing_where_points_begin() {
    let store = Store::new(LIMITS);
    let all = filled(&store, 33);
    for step in [60_000, 5 * 60_000, HOUR] {
        check(&store, &all, (40, 48), Some(step), None);
    }
}

#[test]
fn they_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk { folder: folder.path().to_owned(), flush_every: Duration::from_secs(1) };
    let store = Store::open(&disk, LIMITS).unwrap().0;
    let all = filled(&store, 0);
    store.close();
    drop(store);
    let (store, notes) = Store::open(&disk, LIMITS).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    store.enforce(Timestamp::from_millis(BEGIN + 48 * HOUR));
    check_all(&store, &all);
}
