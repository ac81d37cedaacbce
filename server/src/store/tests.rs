//! The store as its callers see it, against a list of points that is searched from end to end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Limits, MetricInfo, Reason, Refusal, Selection, Series, Size, Store, StoreError};
use app::model::{Batch, Metric, Sample, Tags, Timestamp, Unit};

const UNBOUNDED: Limits = Limits::NONE;
const LOAD: Metric = Metric::gauge("load", Unit::NONE);

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn nth(n: usize) -> Tags {
    Tags::new([("n", n.to_string())])
}

fn batch(ms: i64, samples: Vec<Sample>) -> Batch {
    Batch { collector: "test".into(), time: at(ms), samples }
}

fn everything(metric: &str) -> Selection {
    Selection {
        metric: metric.to_owned(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    }
}

/// What a store holds of a metric, as `tags: time=value …`, a line a series.
fn shown(store: &Store, what: &Selection) -> String {
    let line = |series: &Series| {
        let points = series.points.iter().map(|p| format!(" {}={}", p.time.as_millis(), p.value));
        format!("{:?}:{}", series.tags, points.collect::<String>())
    };
    match store.query(what) {
        Ok(series) => series.iter().map(line).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_query_narrows_by_tags_and_time() {
    let store = Store::new(UNBOUNDED);
    for time in [10, 20, 30] {
        let core = |n: &str, host: &str| LOAD.sample(Tags::new([("cpu", n), ("host", host)]), time as f64);
        let samples = vec![core("1", "b"), core("0", "b"), core("0", "a")];
        assert_eq!(store.append(&batch(time, samples)), Ok(()));
    }
    #[track_caller]
    fn check(store: &Store, tags: &[(&str, &str)], (start, end): (i64, i64), want: &str) {
        let tags = Tags::new(tags.iter().copied());
        let what = Selection { metric: "load".to_owned(), tags, matchers: Vec::new(), start: at(start), end: at(end) };
        assert_eq!(shown(store, &what), want);
    }
    check(
        &store,
        &[],
        (20, 20),
        "{cpu=\"0\", host=\"a\"}: 20=20\n{cpu=\"0\", host=\"b\"}: 20=20\n{cpu=\"1\", host=\"b\"}: 20=20",
    );
    check(&store, &[("cpu", "1")], (11, 30), "{cpu=\"1\", host=\"b\"}: 20=20 30=30");
    check(&store, &[("host", "a")], (0, 99), "{cpu=\"0\", host=\"a\"}: 10=10 20=20 30=30");
    check(&store, &[("host", "c")], (0, 99), "");
    check(&store, &[], (31, 99), "");
    check(&store, &[], (30, 10), "");
    assert_eq!(store.query(&everything("laod")), Err(StoreError::UnknownMetric("laod".to_owned())));
}

#[test]
fn a_query_narrows_by_matchers_and_tags_together() {
    let store = Store::new(UNBOUNDED);
    let core = |n: &str, host: &str| LOAD.sample(Tags::new([("cpu", n), ("host", host)]), 1.0);
    let bare = LOAD.sample(Tags::new([("host", "web-2")]), 1.0);
    store.append(&batch(1, vec![core("0", "web-1"), core("1", "web-1"), core("0", "db"), bare])).unwrap();
    let check = |tags: &[(&str, &str)], matchers: &[&str], want: &[&str]| {
        let tags = Tags::new(tags.iter().copied());
        let what =
            Selection { tags, matchers: matchers.iter().map(|m| m.parse().unwrap()).collect(), ..everything("load") };
        let of = |one: &Series| ["host", "cpu"].map(|name| one.tags.get(name).unwrap_or("-")).join(" ");
        let got: Vec<_> = store.query(&what).unwrap().iter().map(of).collect();
        assert_eq!(got, want, "{what:?}");
    };
    check(&[], &["host=~web-.*"], &["web-1 0", "web-1 1", "web-2 -"]);
    check(&[], &["host=~web-.*", "cpu!=1"], &["web-1 0", "web-2 -"]);
    check(&[("cpu", "0")], &["host!~web-.*"], &["db 0"]);
    check(&[], &["cpu="], &["web-2 -"]);
    check(&[], &["rack!="], &[]);
}

#[test]
fn a_bad_sample_hurts_only_itself() {
    let store = Store::new(UNBOUNDED);
    let one = |n, value| LOAD.sample(nth(n), value);
    assert_eq!(store.append(&batch(50, vec![one(0, 1.0)])), Ok(()));

    let mixed = vec![one(1, f64::NAN), one(0, 2.0), one(2, 3.0), one(3, f64::INFINITY)];
    let reason = Reason::NotFinite;
    let first = Refusal { metric: "load".to_owned(), tags: nth(1), reason };
    assert_eq!(store.append(&batch(40, mixed)), Err(StoreError::Refused { refused: 2, of: 4, first }));
    assert_eq!(shown(&store, &everything("load")), "{n=\"0\"}: 40=2 50=1\n{n=\"2\"}: 40=3", "no trace of 1 and 3");

    let late = store.append(&batch(50 - 600_001, vec![one(0, 9.0)])).map_err(|e| e.to_string());
    let want = "1 of 1 samples were refused, the others are stored; the first was `load` {n=\"0\"}: the time is 600.001s before \
                the newest point of the series; if the clock was set back, the points ahead of it are dropped with the next sample";
    assert_eq!(late, Err(want.to_owned()));
}

#[test]
fn a_batch_sent_again_changes_nothing_and_a_corrected_one_corrects() {
    let store = Store::new(UNBOUNDED);
    for value in [1.0, 1.0, 2.0] {
        assert_eq!(store.append(&batch(10, vec![LOAD.sample(nth(0), value)])), Ok(()));
    }
    assert_eq!(shown(&store, &everything("load")), "{n=\"0\"}: 10=2");
    let twice = vec![LOAD.sample(nth(0), 3.0), LOAD.sample(nth(1), 4.0), LOAD.sample(nth(1), 5.0)];
    assert_eq!(store.append(&batch(10, twice)), Ok(()));
    assert_eq!(shown(&store, &everything("load")), "{n=\"0\"}: 10=3\n{n=\"1\"}: 10=5");
}

#[test]
fn a_metric_is_what_its_newest_stored_sample_says() {
    let store = Store::new(UNBOUNDED);
    let corrected = Metric::counter("load", Unit::BYTES);
    #[track_caller]
    fn check(store: &Store, time: i64, sample: Sample, stored: bool, want: &Metric) {
        assert_eq!(store.append(&batch(time, vec![sample])).is_ok(), stored);
        assert_eq!(store.metrics().into_iter().map(|m| m.metric).collect::<Vec<_>>(), std::slice::from_ref(want));
        let series = store.query(&everything("load")).unwrap_or_default();
        assert!(series.iter().all(|s| s.metric == *want), "{series:?}");
    }
    check(&store, 10, LOAD.sample(nth(0), 1.0), true, &LOAD);
    check(&store, 10 - 600_001, corrected.sample(nth(0), 1.0), false, &LOAD);
    check(&store, 20, corrected.sample(nth(0), f64::NAN), false, &LOAD);
    check(&store, 20, corrected.sample(nth(0), 2.0), true, &corrected);
    check(&store, 20, LOAD.sample(nth(1), 2.0), true, &LOAD);
    assert_eq!(shown(&store, &everything("load")), "{n=\"0\"}: 10=1 20=2\n{n=\"1\"}: 20=2");
}

#[test]
fn metrics_are_told_by_name_with_the_tags_they_have() {
    let store = Store::new(UNBOUNDED);
    assert_eq!(store.metrics(), []);
    let used = Metric::gauge("disk_used", Unit::BYTES);
    let samples = vec![
        LOAD.sample(Tags::default(), 1.0),
        used.sample(Tags::new([("host", "a"), ("mountpoint", "/")]), 1.0),
        used.sample(Tags::new([("host", "a"), ("device", "sda")]), 1.0),
    ];
    assert_eq!(store.append(&batch(1, samples)), Ok(()));
    let names = ["device", "host", "mountpoint"].map(str::to_owned).to_vec();
    let want = vec![
        MetricInfo { metric: used, tag_names: names, series: 2 },
        MetricInfo { metric: LOAD, tag_names: vec![], series: 1 },
    ];
    assert_eq!(store.metrics(), want);
}

#[test]
fn what_vanished_is_forgotten_and_may_come_back() {
    let store = Store::new(Limits { max_age: Duration::from_millis(100), ..Limits::NONE });
    let append = |time, n| assert_eq!(store.append(&batch(time, vec![LOAD.sample(nth(n), 1.0)])), Ok(()));
    append(0, 0);
    append(0, 1);
    append(50, 1);
    assert_eq!(store.size(), Size { series: 2, points: 3 });
    store.enforce(at(100));
    assert_eq!(shown(&store, &everything("load")), "{n=\"0\"}: 0=1\n{n=\"1\"}: 0=1 50=1");
    store.enforce(at(101));
    assert_eq!(shown(&store, &everything("load")), "{n=\"1\"}: 50=1");
    assert_eq!(store.metrics().iter().map(|m| m.series).sum::<usize>(), 1);
    assert_eq!(store.size().series, 1);
    store.enforce(at(1000));
    assert_eq!(store.size(), Size::default());
    assert_eq!(shown(&store, &everything("load")), "there is no metric `load`");
    append(900, 1);
    assert_eq!(shown(&store, &everything("load")), "{n=\"1\"}: 900=1");
    let expired = store.append(&batch(899, vec![LOAD.sample(nth(1), 1.0)])).map_err(|e| e.to_string());
    assert!(expired.is_err_and(|says| says.contains("beyond what is kept")));
}

#[test]
fn all_metrics_of_one_device_share_one_set_of_tags_while_one_is_left() {
    let store = Store::new(Limits { max_age: Duration::ZERO, ..Limits::NONE });
    let metric = |n: usize| Metric { name: format!("m{n}").into(), ..LOAD };
    let device = || Tags::new([("device", "sda"), ("host", "web-1")]);
    let append = |time, tags: &dyn Fn() -> Tags| {
        let samples = (0..50).map(|n| metric(n).sample(tags(), 1.0)).collect();
        assert_eq!(store.append(&batch(time, samples)), Ok(()));
    };
    // Where the first name lies: the same for two `Tags` of one allocation, and for no others.
    let address = |tags: &Tags| tags.iter().next().map(|(name, _)| name.as_ptr());
    let kept = || -> Vec<Tags> {
        let series = (0..50).flat_map(|n| store.query(&everything(&metric(n).name)).unwrap_or_default());
        series.map(|one| one.tags).collect()
    };
    append(1, &device);
    append(2, &device);
    let before = kept();
    assert_eq!(before.len(), 50);
    assert!(before.iter().all(|tags| address(tags) == address(&before[0])));

    store.enforce(at(3));
    let newer = device();
    append(4, &|| newer.clone());
    let after = kept();
    assert_eq!(after.len(), 50);
    assert!(after.iter().all(|tags| address(tags) == address(&newer)), "the set before was not let go");
}

/// Readers that ask for everything, while a writer adds a point a batch and now and then a series.
#[test]
fn readers_see_a_prefix_without_gaps_while_a_writer_appends() {
    const BATCHES: i64 = 3000;
    let store = Store::new(UNBOUNDED);
    let done = AtomicBool::new(false);
    let read_until_done = || {
        let mut seen = 0;
        loop {
            let last_round = done.load(Ordering::Acquire);
            for series in store.query(&everything("load")).unwrap_or_default() {
                let born = series.points.first().map_or(0, |p| p.time.as_millis());
                assert!((born..).zip(&series.points).all(|(t, p)| p.time == at(t) && p.value == t as f64));
                if series.tags == nth(0) {
                    assert!(born == 0 && series.points.len() >= seen, "something seen before is gone");
                    seen = series.points.len();
                }
            }
            if last_round {
                return seen;
            }
        }
    };
    thread::scope(|scope| {
        let readers = [scope.spawn(read_until_done), scope.spawn(read_until_done)];
        let stored = (0..BATCHES).all(|time| {
            let series = 0..=usize::try_from(time / 500).unwrap_or(0);
            let samples = series.map(|n| LOAD.sample(nth(n), time as f64)).collect();
            store.append(&batch(time, samples)).is_ok()
        });
        done.store(true, Ordering::Release);
        assert!(stored);
        for reader in readers {
            assert_eq!(reader.join().ok(), usize::try_from(BATCHES).ok());
        }
    });
}
