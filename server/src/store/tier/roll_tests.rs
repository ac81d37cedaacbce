//! Windows against the points that they were made of.

use std::time::Duration;

use app::model::{Batch, Metric, Tags, Timestamp, Unit};
use proptest::prelude::*;

use super::read::{Days, windows};
use super::windows_of;
use crate::store::block::Tier;
use crate::store::columns::Columns;
use crate::store::query::SeriesReader;
use crate::store::{Disk, Limits, Selection, Store};

const LOAD: Metric = Metric::gauge("load", Unit::NONE);
const BEGIN: i64 = 20_000 * 86_400_000 - 1_200_000;
const LIMITS: Limits = Limits {
    max_age: Duration::from_secs(86_400 * 60),
    max_minutes_age: Duration::from_secs(86_400 * 60),
    max_hours_age: Duration::from_secs(86_400 * 60),
    ..Limits::NONE
};

fn everything() -> Selection {
    let (start, end) = (Timestamp::MIN, Timestamp::MAX);
    Selection { metric: "load".into(), tags: Tags::default(), matchers: Vec::new(), start, end }
}

fn check(store: &Store) -> Result<usize, TestCaseError> {
    let Ok((_, entries)) = store.select(&everything()) else { return Ok(0) };
    let mut seen = 0;
    for tier in [Tier::Minute, Tier::Hour] {
        for entry in &entries {
            let (mut points, mut found) = (Columns::default(), Vec::new());
            SeriesReader::new(store).read(entry, Timestamp::MIN, Timestamp::MAX, &mut points);
            let Some(days) = Days::of(store, tier) else { continue };
            let bounds = entry.head.lock().bounds();
            for (range, block) in days.cover(entry.number, &bounds, &(BEGIN - 86_400_000..BEGIN + 100 * 86_400_000)) {
                found.clear();
                windows(&block, entry.number, &range, &mut found);
                let inside = points.iter().filter(|p| range.contains(&p.time.as_millis()));
                prop_assert_eq!(&found, &windows_of(tier, inside));
                seen += found.len();
            }
        }
    }
    Ok(seen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_covered_is_what_the_points_give(
        deeds in prop::collection::vec((0..7_u8, 1..300_usize, -30 * 60_000..400 * 60_000_i64, 1..90_000_i64), 1..25),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk { folder: folder.path().to_owned(), flush_every: Duration::ZERO };
        let mut store = Store::open(&disk, LIMITS).unwrap().0;
        let (mut now, mut value) = (BEGIN, 0_i32);
        for (deed, points, jump, apart) in deeds {
            match deed {
                0..3 => for _ in 0..points {
                    value = (value + 7) % 500;
                    let samples = vec![LOAD.sample(Tags::default(), f64::from(value))];
                    // A clock that was set back is refused at first.
                    drop(store.append(&Batch { collector: "c".into(), time: Timestamp::from_millis(now), samples }));
                    now += apart;
                },
                3 => now += jump,
                4 => store.settle_down().unwrap(),
                5 => store.roll_up(Timestamp::from_millis(now), Some(Timestamp::MAX)).unwrap(),
                _ => { drop(store); store = Store::open(&disk, LIMITS).unwrap().0; }
            }
            store.roll_up(Timestamp::from_millis(now), None).unwrap();
            check(&store)?;
        }
        store.settle_down().unwrap();
        let later = Timestamp::from_millis(now + 90 * 60_000);
        store.roll_up(later, Some(Timestamp::MAX)).unwrap();
        let seen = check(&store)?;
        prop_assert!(seen > 0 || value == 0, "nothing is covered");
    }
}

#[test]
fn windows_ahead_of_a_clock_that_was_set_back_are_gone_with_the_points() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk { folder: folder.path().to_owned(), flush_every: Duration::ZERO };
    let store = Store::open(&disk, LIMITS).unwrap().0;
    let append = |time: i64| {
        let samples = vec![LOAD.sample(Tags::default(), 1.0)];
        drop(store.append(&Batch { collector: "c".into(), time: Timestamp::from_millis(time), samples }));
    };
    let day = 86_400_000;
    (0..2000).for_each(|n| append(BEGIN + n * 3 * 60_000));
    store.settle_down().unwrap();
    store.roll_up(Timestamp::from_millis(BEGIN + 5 * day), Some(Timestamp::MAX)).unwrap();
    assert!(check(&store).unwrap() > 2000);
    (0..3).for_each(|n| append(BEGIN + n * 60_000));
    check(&store).unwrap();
    store.settle_down().unwrap();
    check(&store).unwrap();
}

fn hour_blocks(store: &Store) -> usize {
    store.blocks.list().iter().filter(|block| block.tier() == Tier::Hour).count()
}

#[test]
fn hours_of_many_days_come_together_and_are_what_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk { folder: folder.path().to_owned(), flush_every: Duration::ZERO };
    let limits = Limits { max_age: Duration::MAX, max_minutes_age: Duration::ZERO, ..LIMITS };
    let limits = Limits { max_hours_age: Duration::MAX, ..limits };
    let mut store = Store::open(&disk, limits).unwrap().0;
    let day = 86_400_000;
    let append = |store: &Store, time: i64, value: f64| {
        let samples = vec![LOAD.sample(Tags::default(), value)];
        drop(store.append(&Batch { collector: "c".into(), time: Timestamp::from_millis(time), samples }));
    };
    let tend = |store: &Store, time: i64| {
        store.settle_down().unwrap();
        store.roll_up(Timestamp::from_millis(time), None).unwrap();
        store.join_hours(Timestamp::from_millis(time)).unwrap();
    };
    // Thirty an hour, for seventy days: too few for minutes.
    let mut now = BEGIN;
    for n in 0..70 * 720 {
        append(&store, now, f64::from(n % 50));
        now += 120_000;
    }
    tend(&store, now);
    let joined = hour_blocks(&store);
    assert!(joined < 40, "{joined}");
    assert!(store.blocks.list().iter().all(|block| block.tier() != Tier::Minute));
    let seen = check(&store).unwrap();
    assert!(seen >= 69 * 24, "{seen}");
    store.close();
    drop(store);
    store = Store::open(&disk, limits).unwrap().0;
    assert_eq!((hour_blocks(&store), check(&store).unwrap()), (joined, seen));
    tend(&store, now);
    assert_eq!(hour_blocks(&store), joined, "nothing is to be done twice");

    // A clock that is set back by fifty days takes hours out of joined days.
    now -= 50 * day;
    for n in 0..720 {
        append(&store, now, f64::from(n % 7));
        now += 120_000;
        if n == 300 {
            store.settle_down().unwrap();
            check(&store).unwrap();
        }
    }
    tend(&store, now);
    let less = check(&store).unwrap();
    assert!((20 * 24..23 * 24).contains(&less), "{less}");
    tend(&store, now + 90 * day);
    // The last hour is over now.
    assert_eq!(check(&store).unwrap(), less + 1);
}

#[test]
fn where_room_is_short_the_oldest_days_go_and_hours_stay_longest() {
    const DAYS: i64 = 20;
    let limits = Limits {
        max_bytes: Some(700_000),
        max_minutes_age: Duration::MAX,
        max_hours_age: Duration::MAX,
        ..Limits::NONE
    };
    let store = Store::new(limits);
    let mut now = BEGIN;
    for n in 0..DAYS * 8640 {
        let noise = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()) >> 20).rem_euclid(1_000_000) as f64;
        let samples = vec![LOAD.sample(Tags::default(), noise / 7.0)];
        store.append(&Batch { collector: "c".into(), time: Timestamp::from_millis(now), samples }).unwrap();
        now += 10_000;
        if n % 2000 == 0 {
            store.settle_down().unwrap();
            store.enforce(Timestamp::from_millis(now));
            assert!(store.status().block_bytes <= 700_000 + 150_000, "{:?}", store.status());
        }
    }
    store.settle_down().unwrap();
    store.enforce(Timestamp::from_millis(now));
    assert!(store.status().block_bytes <= 700_000, "{:?}", store.status());
    let oldest =
        |tier| store.blocks.list().iter().filter(|block| block.tier() == tier).map(|block| block.day()).min().unwrap();
    let today = now.div_euclid(86_400_000);
    let (points, hours) = (oldest(Tier::Raw), oldest(Tier::Hour));
    assert!(points > today - 10 && points < today, "{points} of {today}");
    assert!(hours <= today - DAYS + 1, "{hours} of {today}");
    let kept = store.query(&everything()).unwrap();
    assert!(kept[0].points[0].time.as_millis() >= points * 86_400_000);
}
