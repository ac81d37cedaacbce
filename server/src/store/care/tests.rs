//! Looking and copying while a store is at work: what was appended before is there, whatever is sealed and merged meanwhile.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use app::model::{Batch, Metric, Point, Tags, Timestamp, Unit};

use super::open_files::OpenFiles;
use super::*;
use crate::store::{Disk, Limits, Selection, Store, StoreError};

const GAUGE: Metric = Metric::gauge("m", Unit::NONE);
/// From one point to the next: a day has twelve, so that every few points belong to another block.
const STEP_MS: i64 = 2 * 60 * 60 * 1000;
const SERIES: i64 = 3;

fn open(folder: &Path) -> Store {
    let disk = Disk { folder: folder.to_owned(), flush_every: Duration::ZERO };
    Store::open(&disk, Limits::default()).unwrap().0
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap()
}

/// Point number `n` of each series.
fn batch(n: i64) -> Batch {
    let time = Timestamp::from_millis(n * STEP_MS);
    let sample = |s: i64| GAUGE.sample(Tags::new([("n", s.to_string())]), value(n, s));
    Batch { collector: "test".into(), time, samples: (0..SERIES).map(sample).collect() }
}

fn value(n: i64, series: i64) -> f64 {
    (n * SERIES + series) as f64 * 0.1
}

fn read(view: &View) -> Vec<(Tags, Vec<Point>)> {
    let what = Selection {
        metric: "m".into(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    let mut all: Vec<(Tags, Vec<Point>)> = Vec::new();
    let read: Result<(), StoreError> = view.read(&what, |_, tags, points| {
        match all.last_mut().filter(|(of, _)| of == tags) {
            Some((_, before)) => before.extend_from_slice(points),
            None => all.push((tags.clone(), points.to_vec())),
        }
        Ok(())
    });
    read.unwrap();
    all
}

/// All points up to number `known` are there, none is twice, and none is made up.
#[track_caller]
fn check(view: &View, known: i64) {
    assert_eq!(view.damage(), []);
    let all = read(view);
    assert_eq!(count(all.len()), SERIES);
    for (series, (_, points)) in (0..).zip(&all) {
        assert!(count(points.len()) >= known, "{} of {known}", points.len());
        let want = (0..).map(|n| Point::new(Timestamp::from_millis(n * STEP_MS), value(n, series)));
        assert!(points.iter().copied().eq(want.take(points.len())), "series {series}");
    }
}

#[test]
fn what_was_appended_before_is_seen_and_copied_whatever_goes_on() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let store = open(&folder);
    store.append(&batch(0)).unwrap();
    let (appended, stop) = (AtomicI64::new(1), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in (1..5000).take_while(|_| !stop.load(Ordering::Relaxed)) {
                store.append(&batch(n)).unwrap();
                appended.store(n + 1, Ordering::Release);
                // As often as can be: every other look then falls into the middle of it.
                store.settle_down().unwrap();
            }
        });
        for round in 0..300 {
            let known = appended.load(Ordering::Acquire);
            check(&View::open(&folder, &mut |_, _| {}).unwrap(), known);
            if round % 15 > 0 {
                continue;
            }
            let known = appended.load(Ordering::Acquire);
            let copy = outer.path().join(format!("copy {round}"));
            assert_eq!(back_up(&folder, &copy, (round % 2 > 0).then_some(1), &mut |_, _| {}).unwrap().damage, []);
            check(&View::open(&copy, &mut |_, _| {}).unwrap(), known);
            // As a server would open it.
            let copied = open(&copy);
            assert!(count(copied.size().points) >= known * SERIES);
            assert_eq!(copied.status().damaged, Vec::<String>::new());
            assert_eq!(verify(&folder, &mut |_, _| {}).unwrap().damage, []);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(appended.load(Ordering::Relaxed) > 5, "nothing went on");
}

#[test]
fn what_is_sealed_and_merged_between_two_steps_is_neither_lost_nor_twice() {
    let outer = tempfile::tempdir().unwrap();
    let store = open(outer.path());
    // Of each day some is sealed, and the newest is in the log.
    for n in 0..20 {
        store.append(&batch(n)).unwrap();
        if n % 7 == 6 {
            store.settle_down().unwrap();
        }
    }
    for at in 0..3 {
        let (known, mut step) = (20 + at * 2, 0);
        store.append(&batch(known)).unwrap();
        let files = OpenFiles::open_while(outer.path(), || {
            if step == at {
                store.append(&batch(known + 1)).unwrap();
                store.settle_down().unwrap();
            }
            step += 1;
        });
        check(&View::of(files.unwrap(), &mut |_, _| {}).unwrap(), known + 1);
        assert!(step > at, "nothing happened at step {at}");
    }
}

#[test]
fn who_waits_is_told_how_far_it_is() {
    let outer = tempfile::tempdir().unwrap();
    let store = open(outer.path());
    for n in 0..30 {
        store.append(&batch(n)).unwrap();
        if n % 9 == 8 {
            store.settle_down().unwrap();
        }
    }
    drop(store);
    #[track_caller]
    fn check(work: impl FnOnce(&mut dyn FnMut(u64, u64))) {
        let mut told = Vec::new();
        work(&mut |done, total| told.push((done, total)));
        let total = told[0].1;
        assert!(told.len() > 2 && told.is_sorted() && told.iter().all(|told| told.1 == total), "{told:?}");
        assert_eq!(told.last(), Some(&(total, total)));
    }
    let disk = Disk { folder: outer.path().to_owned(), flush_every: Duration::ZERO };
    check(|progress| drop(Store::open_told(&disk, Limits::default(), progress).unwrap()));
    check(|progress| drop(View::open(outer.path(), progress).unwrap()));
    check(|progress| drop(verify(outer.path(), progress).unwrap()));
    check(|progress| drop(back_up(outer.path(), &outer.path().join("copy"), None, progress).unwrap()));
    let what = Selection {
        metric: "m".into(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    let view = View::open(outer.path(), &mut |_, _| {}).unwrap();
    let points: usize = read(&view).iter().map(|(_, points)| points.len()).sum();
    assert_eq!(view.weigh(&what).unwrap(), points as u64);
}

#[test]
fn a_look_sees_what_an_opened_store_gives() {
    let outer = tempfile::tempdir().unwrap();
    let store = open(outer.path());
    for n in 0..40 {
        store.append(&batch(n)).unwrap();
        if n == 20 {
            store.settle_down().unwrap();
        }
    }
    // The clock is set back: the first sample is refused, the next one takes the place of what lies ahead, in blocks too.
    assert!(store.append(&batch(9)).is_err());
    store.append(&batch(10)).unwrap();
    let view = View::open(outer.path(), &mut |_, _| {}).unwrap();
    let what = Selection {
        metric: "m".into(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    let want: Vec<_> = store.query(&what).unwrap().into_iter().map(|series| (series.tags, series.points)).collect();
    assert_eq!(want[0].1.len(), 11);
    assert_eq!(read(&view), want);
    store.settle_down().unwrap();
    assert_eq!(read(&view), want, "what is opened stays as it was");
    assert_eq!(read(&View::open(outer.path(), &mut |_, _| {}).unwrap()), want);
}

#[test]
fn what_is_imported_lies_over_what_was_there_whatever_its_age() {
    let outer = tempfile::tempdir().unwrap();
    let store = open(outer.path());
    (20..40).for_each(|n| store.append(&batch(n)).unwrap());
    // Left in the log, and to be cut from there.
    assert!(store.append(&batch(29)).is_err());
    store.append(&batch(30)).unwrap();
    drop(store);
    let (mut importer, notes) = Importer::open(outer.path(), &mut |_, _| {}).unwrap();
    assert_eq!(notes, Vec::<String>::new());
    for series in 0..SERIES {
        for n in (0..60).rev() {
            let point = Point::new(Timestamp::from_millis(n * STEP_MS), value(n, series));
            importer.push(GAUGE, Tags::new([("n", series.to_string())]), point).unwrap();
        }
    }
    importer.finish(&mut |_, _| {}).unwrap();
    let view = View::open(outer.path(), &mut |_, _| {}).unwrap();
    check(&view, 60);
    assert_eq!(view.contents().points, 60 * 3);
    assert_eq!(open(outer.path()).size().points, 60 * 3);
}
