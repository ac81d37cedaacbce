//! What a store promises of its disk, where that has refused or is damaged.

use std::fs;
use std::time::Duration;

use app::model::{Batch, Metric, Tags, Timestamp, Unit};

use super::{Disk, Limits, Selection, Store};

const LIMITS: Limits = Limits { max_minutes_age: Duration::MAX, max_hours_age: Duration::MAX, ..Limits::NONE };

fn open(folder: &std::path::Path) -> (Store, Vec<String>) {
    Store::open(&Disk { folder: folder.to_owned(), flush_every: Duration::ZERO }, LIMITS).unwrap()
}

fn append(store: &Store, seconds: std::ops::Range<i64>) {
    for second in seconds {
        let samples = vec![Metric::gauge("m", Unit::NONE).sample(Tags::default(), 1.5)];
        let time = Timestamp::from_millis(second * 1000);
        store.append(&Batch { collector: "c".into(), time, samples }).unwrap();
    }
}

fn points(store: &Store) -> usize {
    let (start, end) = (Timestamp::MIN, Timestamp::MAX);
    let what = Selection { metric: "m".to_owned(), tags: Tags::default(), matchers: Vec::new(), start, end };
    store.query(&what).unwrap_or_default().iter().map(|series| series.points.len()).sum()
}

#[test]
fn what_was_sealed_in_memory_is_on_the_disk_before_the_log_forgets_it() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    append(&store, 0..100);
    // As while the disk takes no blocks.
    store.cut_to(None).unwrap();
    // On another day, so that no merge writes both.
    append(&store, 90_000..90_100);
    store.settle_down().unwrap();
    assert_eq!(points(&store), 200);
    drop(store);
    assert_eq!(points(&open(folder.path()).0), 200);
}

#[test]
fn a_damaged_log_is_kept_as_it_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    append(&store, 0..50);
    drop(store);
    let log = folder.path().join("log");
    let path = fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // A record in the middle, and the last one is torn.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    bytes.truncate(bytes.len() - 3);
    fs::write(&path, &bytes).unwrap();
    for round in 0..2 {
        let (_, notes) = open(folder.path());
        assert_eq!(notes.iter().filter(|note| note.contains("a copy is kept")).count(), 1, "{notes:?}");
        let kept =
            fs::read_dir(folder.path().join("damaged")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        let kept: Vec<_> = kept.collect();
        assert_eq!(kept.len(), round + 1);
        assert!(kept.contains(&bytes), "round {round}: what was found is not what was kept");
    }
}
