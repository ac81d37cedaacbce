//! Joining, forgetting, writing seldom, and what becomes of damaged files.

use std::fs;

use super::*;
use crate::store::{Disk, Limits, Store};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

fn gap(collector: &str, (from, to): (i64, i64)) -> KnownGap {
    let collector = (!collector.is_empty()).then(|| collector.to_owned());
    let cause = if collector.is_some() { Cause::CollectorError } else { Cause::ProcessDown };
    KnownGap { gap: Gap { from: at(from), to: at(to), cause }, collector, detail: None }
}

fn told(gaps: &Gaps) -> Vec<(i64, i64)> {
    let all = gaps.within(Timestamp::MIN, Timestamp::MAX);
    all.iter().map(|k| (k.gap.from.as_millis() / 1000, k.gap.to.as_millis() / 1000)).collect()
}

#[track_caller]
fn check(noted: &[(i64, i64)], want: &[(i64, i64)]) {
    let gaps = Gaps::default();
    noted.iter().for_each(|&range| gaps.note(gap("c", range)));
    assert_eq!(told(&gaps), want, "{noted:?}");
}

#[test]
fn gaps_that_are_near_are_one() {
    check(&[(10, 20), (10, 30), (10, 25)], &[(10, 30)]);
    check(&[(10, 20), (80, 90)], &[(10, 90)]);
    check(&[(10, 20), (81, 90)], &[(10, 20), (81, 90)]);
    check(&[(81, 90), (10, 20)], &[(10, 20), (81, 90)]);
    check(&[(10, 20), (200, 210), (400, 410), (70, 350)], &[(10, 410)]);
    check(&[(10, 20), (200, 210), (90, 100)], &[(10, 20), (90, 100), (200, 210)]);
    check(&[(20, 10)], &[]);
}

#[test]
fn each_collector_and_each_cause_has_its_own() {
    let gaps = Gaps::default();
    [gap("a", (10, 20)), gap("b", (15, 25)), gap("", (5, 12))].into_iter().for_each(|gap| gaps.note(gap));
    assert_eq!(told(&gaps), [(5, 12), (10, 20), (15, 25)]);
    assert_eq!(gaps.within(at(12), at(15)), [gap("a", (10, 20))]);
    assert_eq!(gaps.within(at(25), at(30)), []);
}

#[test]
fn what_was_said_last_counts() {
    let gaps = Gaps::default();
    for (to, says) in [(20, Some("one")), (30, Some("two")), (40, None), (25, Some("late"))] {
        gaps.note(KnownGap { detail: says.map(str::to_owned), ..gap("c", (10, to)) });
    }
    let want = KnownGap { detail: Some("two".to_owned()), ..gap("c", (10, 40)) };
    assert_eq!(gaps.within(Timestamp::MIN, Timestamp::MAX), [want]);
}

#[test]
fn however_much_fails_there_is_a_bound() {
    let gaps = Gaps::default();
    let most = i64::try_from(MOST).unwrap();
    (0..most + 5).for_each(|n| gaps.note(gap(if n % 2 > 0 { "a" } else { "b" }, (n * 100, n * 100 + 1))));
    let kept = told(&gaps);
    assert_eq!((kept.len(), kept[0]), (MOST, (500, 501)));
    gaps.tend(at(0), at(most * 100));
    assert_eq!(told(&gaps).len(), 5);
}

fn layout(folder: &std::path::Path) -> Layout {
    let layout = Layout::of(folder);
    layout.folders().into_iter().for_each(|folder| files::make_folder(folder).unwrap());
    layout
}

#[test]
fn a_beginning_and_an_end_are_written_soon_and_what_lasts_once_a_minute() {
    let outer = tempfile::tempdir().unwrap();
    let layout = layout(outer.path());
    let (gaps, _) = Gaps::open(&layout).unwrap();
    let mut writes = Vec::new();
    let mut before = Vec::new();
    for second in 0..400 {
        if (100..300).contains(&second) {
            gaps.note(gap("c", (99, second)));
        }
        gaps.tend(at(second), Timestamp::MIN);
        let now = fs::read(&layout.gaps).unwrap_or_default();
        if now != before {
            writes.push(second);
            before = now;
        }
    }
    assert_eq!(writes, [100, 160, 220, 280, 300]);
    let (again, found) = Gaps::open(&layout).unwrap();
    assert_eq!((told(&again), found.notes), (vec![(99, 299)], vec![]));
}

#[test]
fn what_is_left_is_written_at_the_end() {
    let outer = tempfile::tempdir().unwrap();
    let layout = layout(outer.path());
    let (gaps, _) = Gaps::open(&layout).unwrap();
    gaps.note(gap("", (10, 20)));
    gaps.close();
    assert_eq!(told(&Gaps::open(&layout).unwrap().0), [(10, 20)]);
}

#[test]
fn a_disk_that_refuses_is_tried_again() {
    let outer = tempfile::tempdir().unwrap();
    let layout = layout(&outer.path().join("data"));
    let (gaps, _) = Gaps::open(&layout).unwrap();
    let aside = outer.path().join("aside");
    fs::rename(outer.path().join("data"), &aside).unwrap();
    gaps.note(gap("c", (10, 20)));
    let tend = |second: i64| {
        gaps.tend(at(second), Timestamp::MIN);
        gaps.trouble().is_none()
    };
    assert!(!tend(20));
    fs::rename(&aside, outer.path().join("data")).unwrap();
    // Not every second, and until then it is told.
    assert_eq!((21..27).map(tend).collect::<Vec<_>>(), [false, false, false, false, true, true]);
    assert_eq!(told(&Gaps::open(&layout).unwrap().0), [(10, 20)]);
}

/// A store whose record of gaps has two, and `spoil` was done to its bytes.
fn spoilt(spoil: impl FnOnce(&mut Vec<u8>)) -> (tempfile::TempDir, Result<(Store, Vec<String>), OpenError>) {
    let outer = tempfile::tempdir().unwrap();
    let disk = Disk { folder: outer.path().to_owned(), flush_every: Duration::ZERO };
    let (store, _) = Store::open(&disk, Limits::default()).unwrap();
    store.gaps().note(gap("a", (10, 20)));
    store.gaps().note(gap("b", (30, 40)));
    store.close();
    drop(store);
    let path = Layout::of(outer.path()).gaps;
    let mut bytes = fs::read(&path).unwrap();
    spoil(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let opened = Store::open(&disk, Limits::default());
    (outer, opened)
}

#[test]
fn a_damaged_file_is_set_aside_and_told_and_what_is_whole_of_it_stays() {
    type Case = (fn(&mut Vec<u8>), &'static str, &'static [(i64, i64)]);
    let spoils: [Case; 5] = [
        (|bytes| bytes[GAPS + 12] ^= 1, "records that are not what was written: 1", &[(30, 40)]),
        (|bytes| bytes.truncate(bytes.len() - 1), "is out of reach", &[(10, 20)]),
        (|bytes| bytes[0] = b'x', "does not begin as it should", &[]),
        (|bytes| bytes.truncate(3), "too short", &[]),
        (Vec::clear, "too short", &[]),
    ];
    for (spoil, says, left) in spoils {
        let (outer, opened) = spoilt(spoil);
        let (store, notes) = opened.unwrap();
        assert_eq!(told(store.gaps()), left, "{says}");
        assert!(notes.iter().any(|note| note.contains(says) && note.contains("`damaged/gaps`")), "{notes:?}");
        assert_eq!(store.status().damaged, ["gaps"], "{says}");
        assert!(outer.path().join("damaged/gaps").is_file());
        // The next start finds what was left, and no damage.
        store.close();
        drop(store);
        let disk = Disk { folder: outer.path().to_owned(), flush_every: Duration::ZERO };
        let (again, notes) = Store::open(&disk, Limits::default()).unwrap();
        assert_eq!((told(again.gaps()), notes), (left.to_vec(), vec![]));
    }
}

/// Where the first record begins.
const GAPS: usize = 8;

#[test]
fn a_later_version_s_file_is_refused_and_not_touched() {
    let (outer, opened) = spoilt(|bytes| bytes[7] = 9);
    let says = opened.unwrap_err().to_string();
    assert!(says.contains("`gaps` is of format 9") && says.contains("start the later version"), "{says}");
    assert!(outer.path().join("gaps").is_file());
}
