//! Requests as senders make them, written here by other means than they are read by.

use std::time::Duration;

use app::model::{Kind, Tags, Unit};
use proptest::prelude::*;

use super::*;
use crate::live::{Client, Wanted};
use crate::store::{Limits, Selection, Series};

/// A message's field of bytes: key, length, content.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut len = content.len();
    while len >= 128 {
        out.push(u8::try_from(len % 128).unwrap() | 128);
        len /= 128;
    }
    out.push(u8::try_from(len).unwrap());
    out.extend(content);
    out
}

fn number(key: u8, mut number: u64) -> Vec<u8> {
    let mut out = vec![key << 3];
    while number >= 128 {
        out.push(u8::try_from(number % 128).unwrap() | 128);
        number /= 128;
    }
    out.push(u8::try_from(number).unwrap());
    out
}

fn series(labels: &[(&str, &str)], samples: &[(i64, f64)]) -> Vec<u8> {
    let label =
        |(name, value): &(&str, &str)| field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat());
    let sample = |&(ms, value): &(i64, f64)| {
        let bits = [vec![1 << 3 | 1], value.to_le_bytes().to_vec()].concat();
        field(2, &[bits, number(2, ms.cast_unsigned())].concat())
    };
    let labels: Vec<_> = labels.iter().flat_map(label).collect();
    let samples: Vec<_> = samples.iter().flat_map(sample).collect();
    field(1, &[labels, samples].concat())
}

fn pack(parts: &[Vec<u8>]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(&parts.concat()).unwrap()
}

fn door() -> (Arc<Store>, RemoteWrite) {
    let store = Arc::new(Store::new(Limits::NONE));
    (Arc::clone(&store), RemoteWrite::new(store, no_hub()))
}

fn no_hub() -> Arc<Hub> {
    Arc::new(Hub::new(0, 1))
}

fn kept(store: &Store, metric: &str) -> Vec<Series> {
    let (start, end) = (Timestamp::MIN, Timestamp::MAX);
    store
        .query(&Selection { metric: metric.to_owned(), tags: Tags::default(), matchers: Vec::new(), start, end })
        .unwrap_or_default()
}

#[test]
fn samples_become_points_of_their_series() {
    let (store, door) = door();
    let up = [("__name__", "up"), ("instance", "a:9100"), ("empty", ""), ("job", "node")];
    let sent = [("__name__", "sent_bytes_total"), ("device", "eth0")];
    let request = pack(&[series(&up, &[(1000, 1.0), (2000, 0.0)]), series(&sent, &[(1000, 5.5)])]);
    assert_eq!(door.take(&request), Ok(()));
    // Again, as a sender does that got no answer; and one later.
    assert_eq!(door.take(&request), Ok(()));
    assert_eq!(door.take(&pack(&[series(&up, &[(3000, 1.0)])])), Ok(()));
    let [up] = &kept(&store, "up")[..] else { panic!("one series") };
    assert_eq!(up.tags, Tags::new([("instance", "a:9100"), ("job", "node")]));
    let points: Vec<_> = up.points.iter().map(|p| (p.time.as_millis(), p.value)).collect();
    assert_eq!(points, [(1000, 1.0), (2000, 0.0), (3000, 1.0)]);
    let sent = &kept(&store, "sent_bytes_total")[0];
    assert_eq!((sent.metric.kind, &sent.metric.unit), (Kind::Counter, &Unit::BYTES));
    assert_eq!((door.written().samples, door.written().refused), (7, Refused::default()));
}

#[test]
fn what_the_sender_says_of_a_metric_counts_for_its_samples_before_too() {
    let (store, door) = door();
    let labels = [("__name__", "odd"), ("n", "1")];
    assert_eq!(door.take(&pack(&[series(&labels, &[(1000, 1.0)])])), Ok(()));
    assert_eq!(kept(&store, "odd")[0].metric.kind, Kind::Gauge);
    let said = field(3, &[number(1, 1), field(2, b"odd"), field(5, b"bytes")].concat());
    assert_eq!(door.take(&pack(&[said])), Ok(()));
    assert_eq!(door.take(&pack(&[series(&labels, &[(2000, 2.0)])])), Ok(()));
    let odd = &kept(&store, "odd")[0];
    assert_eq!((odd.metric.kind, &odd.metric.unit, odd.points.len()), (Kind::Counter, &Unit::BYTES, 2));
}

#[test]
fn the_mark_of_an_end_is_no_sample_and_no_mistake() {
    let (store, door) = door();
    let labels = [("__name__", "up")];
    let request = series(&labels, &[(1000, 1.0), (2000, f64::from_bits(STALE))]);
    assert_eq!(door.take(&pack(&[request])), Ok(()));
    assert_eq!(kept(&store, "up")[0].points.len(), 1);
    assert_eq!(door.written().refused, Refused::default());
    // Nor is that there is no value; but it is counted.
    assert_eq!(door.take(&pack(&[series(&labels, &[(3000, f64::NAN), (4000, 1.0)])])), Ok(()));
    assert_eq!(kept(&store, "up")[0].points.len(), 2);
    let never = series(&[("__name__", "never")], &[(1000, f64::NAN), (2000, f64::from_bits(STALE))]);
    assert_eq!(door.take(&pack(&[never])), Ok(()));
    assert_eq!((door.written().samples, door.written().refused.not_finite), (2, 2));
    assert_eq!(store.metrics().len(), 1, "a series without a point is none");
}

#[test]
fn what_is_refused_leaves_the_rest_stored() {
    let (store, door) = door();
    let at = |n: &'static str, samples: &[(i64, f64)]| series(&[("__name__", "up"), ("n", n)], samples);
    let request = pack(&[
        at("1", &[(9_000_000, 1.0), (1000, 1.0), (2000, 1.0)]),
        at("2", &[(5, f64::INFINITY)]),
        at("3", &[(5, 7.0)]),
    ]);
    let error = door.take(&request).unwrap_err();
    assert!(matches!(error, WriteError::Refused(_)), "{error}");
    assert!(error.to_string().starts_with("3 of 5 samples were refused, the others are stored"), "{error}");
    let refused = Refused { too_old: 0, out_of_order: 2, not_finite: 1 };
    assert_eq!((door.written().samples, door.written().refused), (2, refused));
    assert_eq!(door.written().bytes, request.len() as u64);
    let kept: Vec<_> =
        kept(&store, "up").iter().map(|s| s.points.iter().map(|p| p.time.as_millis()).collect::<Vec<_>>()).collect();
    assert_eq!(kept, [vec![9_000_000], vec![5]], "a late sender drops nothing");
}

#[test]
fn a_series_that_went_and_came_back_is_found_again() {
    let store = Arc::new(Store::new(Limits { max_age: Duration::from_secs(60), ..Limits::NONE }));
    let door = RemoteWrite::new(Arc::clone(&store), no_hub());
    let request = |ms| pack(&[series(&[("__name__", "up")], &[(ms, 1.0)])]);
    assert_eq!(door.take(&request(1000)), Ok(()));
    store.enforce(Timestamp::from_millis(500_000));
    assert_eq!(kept(&store, "up"), []);
    // Beside one that is refused.
    let bad = series(&[("__name__", "down")], &[(500_000, f64::INFINITY)]);
    let error = door.take(&pack(&[bad, series(&[("__name__", "up")], &[(500_000, 1.0)])])).unwrap_err();
    assert!(error.to_string().starts_with("1 of 2"), "{error}");
    assert_eq!(kept(&store, "up")[0].points.len(), 1);
    // What had to be taken twice counts once, and what is beyond what is kept counts as that.
    assert!(door.take(&request(1000)).is_err());
    let refused = Refused { too_old: 1, out_of_order: 0, not_finite: 1 };
    assert_eq!((door.written().samples, door.written().refused), (2, refused));
}

/// A door, and somebody who watches these metrics live.
fn watched(metrics: &[&str]) -> (RemoteWrite, Client) {
    let (store, _) = door();
    let hub = Arc::new(Hub::new(1, 64));
    let client = hub.connect().unwrap();
    let names: Vec<String> = metrics.iter().map(|&name| name.to_owned()).collect();
    client.change(|wanted: &mut Wanted| wanted.add(&names, &Tags::default())).unwrap();
    (RemoteWrite::new(store, hub), client)
}

/// The frames that came since: of each the points, as `series=value@milliseconds`.
async fn frames(door: &RemoteWrite, client: &Client) -> Vec<Vec<String>> {
    // What is published now is heard last.
    client.change(|wanted: &mut Wanted| wanted.add(&["end".to_owned()], &Tags::default())).unwrap();
    assert_eq!(door.take(&pack(&[series(&[("__name__", "end")], &[(i64::MAX / 2, 0.0)])])), Ok(()));
    let mut frames = Vec::new();
    loop {
        let next = client.next().await;
        assert_eq!(next.dropped, 0);
        let frame: serde_json::Value = serde_json::from_str(&next.frame.unwrap()).unwrap();
        let point = |point: &serde_json::Value| {
            let at = (point["timestamp"].as_f64().unwrap() * 1000.0).round();
            let n = point["tags"]["n"].as_str().unwrap_or_default();
            format!("{}{n}={}@{at}", point["metric_name"].as_str().unwrap(), point["value"])
        };
        let points: Vec<String> = frame["data"].as_array().unwrap().iter().map(point).collect();
        if points.iter().any(|point| point.starts_with("end=")) {
            return frames;
        }
        frames.push(points);
    }
}

#[tokio::test]
async fn who_watches_sees_what_is_newest_and_nothing_that_came_late_or_was_refused() {
    let (door, client) = watched(&["up"]);
    let up = |n: &'static str, samples: &[(i64, f64)]| series(&[("__name__", "up"), ("n", n)], samples);
    let other = series(&[("__name__", "down")], &[(9_000_000, 1.0)]);
    let first = [up("1", &[(9_000_000, 1.0), (9_001_000, 2.0)]), other, up("2", &[(9_000_500, 3.0)])];
    assert_eq!(door.take(&pack(&first)), Ok(()));
    assert_eq!(door.take(&pack(&[up("1", &[(9_000_500, 4.0)])])), Ok(()), "late, and stored");
    assert!(
        door.take(&pack(&[up("1", &[(5, 4.0), (9_002_000, f64::INFINITY)]), up("2", &[(9_003_000, 5.0)])])).is_err()
    );
    let want = [vec!["up1=2.0@9001000", "up2=3.0@9000500"], vec!["up2=5.0@9003000"]];
    assert_eq!(frames(&door, &client).await, want);
}

#[tokio::test]
async fn a_burst_is_one_update_and_one_of_many_series_a_few() {
    let (door, client) = watched(&["up"]);
    let many: Vec<(i64, f64)> = (0..10_000).map(|at| (at, 1.0)).collect();
    assert_eq!(door.take(&pack(&[series(&[("__name__", "up")], &many)])), Ok(()));
    assert_eq!(frames(&door, &client).await, [["up=1.0@9999"]]);
    let wide: Vec<_> = (0..2500).map(|n| series(&[("__name__", "up"), ("n", &n.to_string())], &[(1, 1.0)])).collect();
    assert_eq!(door.take(&pack(&wide)), Ok(()));
    let lengths: Vec<usize> = frames(&door, &client).await.iter().map(Vec::len).collect();
    assert_eq!(lengths, [1000, 1000, 500]);
}

#[tokio::test]
async fn subscriptions_count_from_when_they_change() {
    let (door, client) = watched(&["up"]);
    let both = |ms| pack(&["up", "down"].map(|name| series(&[("__name__", name)], &[(ms, 1.0)])));
    assert_eq!(door.take(&both(1)), Ok(()));
    let names = |name: &str| [name.to_owned()];
    client.change(|wanted: &mut Wanted| wanted.add(&names("down"), &Tags::default())).unwrap();
    assert_eq!(door.take(&both(2)), Ok(()));
    client.change(|wanted: &mut Wanted| wanted.remove(&names("up"), &Tags::default())).unwrap();
    assert_eq!(client.next().await.frame, None, "it waited, and is not wanted any more");
    assert_eq!(frames(&door, &client).await, [["down=1.0@2"]]);
    assert_eq!(door.take(&both(3)), Ok(()));
    assert_eq!(frames(&door, &client).await, [["down=1.0@3"]]);
}

#[test]
fn what_cannot_be_read_is_said_and_nothing_of_it_is_stored() {
    #[track_caller]
    fn check(packed: &[u8], want: &str) {
        let (store, door) = door();
        let error = door.take(packed).unwrap_err();
        assert!(error.to_string().contains(want), "{error}");
        assert_eq!(store.metrics(), []);
    }
    let good = series(&[("__name__", "up")], &[(1, 1.0)]);
    check(b"plain text", "snappy");
    check(&good, "snappy");
    check(&pack(&[good.clone(), good[..good.len() - 1].to_vec()]), "in the middle of a field");
    check(&pack(&[series(&[("job", "x")], &[(1, 1.0)])]), "no label `__name__`");
    check(&pack(&[series(&[("__name__", "up"), ("", "x")], &[(1, 1.0)])]), "a label has no name");
    check(&pack(&[vec![1 << 3 | 3]]), "unknown type");
    check(&pack(&[[10, 2, 18, 0].repeat(MOST_SAMPLES + 1)]), "more than 1048576 samples");
    // It says that it is very long, in five bytes.
    check(&[0xff, 0xff, 0xff, 0xff, 0x0f], "longer than 64 MiB");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let (_, door) = door();
        drop(door.take(&pack(std::slice::from_ref(&bytes))));
        drop(door.take(&bytes));
        let mut good = [series(&[("__name__", "up"), ("a", "b")], &[(1, 1.0), (2, 2.0)]), field(3, &number(1, 1))].concat();
        for (at, flip) in flips {
            let at = at.index(good.len());
            good[at] ^= flip;
        }
        drop(door.take(&pack(&[good])));
    }
}
