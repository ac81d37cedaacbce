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
    max_tier_age: Duration::from_secs(86_400 * 60),
    max_points: None,
};

fn check(store: &Store) -> Result<usize, TestCaseError> {
    let all = Selection {
        metric: "load".into(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    let Ok((_, entries)) = store.select(&all) else { return Ok(0) };
    let mut seen = 0;
    for tier in [Tier::Minute, Tier::Hour] {
        for entry in &entries {
            let (mut points, mut found) = (Columns::default(), Vec::new());
            SeriesReader::new(store).read(entry, Timestamp::MIN, Timestamp::MAX, &mut points);
            let Some(days) = Days::of(store, tier) else { continue };
            let bounds = entry.head.lock().bounds();
            for (range, block) in days.cover(&bounds, &(BEGIN - 86_400_000..BEGIN + 50 * 86_400_000)) {
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
        deeds in prop::collection::vec((0..6_u8, 1..300_usize, -30 * 60_000..400 * 60_000_i64, 1..90_000_i64), 1..25),
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
                _ => { drop(store); store = Store::open(&disk, LIMITS).unwrap().0; }
            }
            store.roll_up(Timestamp::from_millis(now), Timestamp::MAX).unwrap();
            check(&store)?;
        }
        store.settle_down().unwrap();
        let later = Timestamp::from_millis(now + 90 * 60_000);
        store.roll_up(later, Timestamp::MAX).unwrap();
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
    store.roll_up(Timestamp::from_millis(BEGIN + 5 * day), Timestamp::MAX).unwrap();
    assert!(check(&store).unwrap() > 2000);
    (0..3).for_each(|n| append(BEGIN + n * 60_000));
    check(&store).unwrap();
    store.settle_down().unwrap();
    check(&store).unwrap();
}
