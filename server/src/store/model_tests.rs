//! Random deeds over a month of a simulated clock, on a disk and in memory, against a plain map that is written to be understood.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use app::model::{Batch, Metric, Point, Tags, Timestamp, Unit};
use proptest::prelude::*;

use super::{Disk, Limits, Selection, Series, Store};

const LOAD: Metric = Metric::gauge("load", Unit::NONE);
const SERIES: usize = 3;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// 2026-01-01, a little before midnight.
const BEGIN: i64 = 1_767_225_600_000 - 20 * MINUTE;

/// One thing that is done to a store.
#[derive(Debug, Clone)]
enum Deed {
    /// So many points of one series, each so much later than the one before.
    Append {
        series: usize,
        points: usize,
        apart: i64,
    },
    /// As many, by the other door, some of them before the others.
    AppendShuffled {
        series: usize,
        points: usize,
        apart: i64,
        seed: usize,
    },
    /// So many milliseconds on, or back.
    Jump(i64),
    Enforce,
    Tend,
    SettleDown,
    Reopen,
    /// The process ends without a word, and another one finds what lies on the disk.
    Crash,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let apart = || prop_oneof![0..4_i64, Just(1000), 900..1100_i64, Just(15_000), Just(10 * MINUTE)];
    let append = |points| {
        (0..SERIES, points, apart()).prop_map(|(series, points, apart)| Deed::Append { series, points, apart })
    };
    let shuffled = (0..SERIES, 1..40_usize, apart(), 0..1000_usize)
        .prop_map(|(series, points, apart, seed)| Deed::AppendShuffled { series, points, apart, seed });
    let deed = prop_oneof![
        4 => append(1..6_usize),
        2 => append(200..1300),
        2 => shuffled,
        2 => (-15 * MINUTE..15 * MINUTE).prop_map(Deed::Jump),
        1 => (-3 * HOUR..0).prop_map(Deed::Jump),
        2 => (0..48 * HOUR).prop_map(Deed::Jump),
        1 => Just(Deed::Enforce),
        1 => Just(Deed::Tend),
        1 => Just(Deed::SettleDown),
        1 => Just(Deed::Reopen),
        1 => Just(Deed::Crash),
    ];
    prop::collection::vec(deed, 1..40)
}

/// The same store: a map a series.
#[derive(Debug, Default)]
struct Plain {
    series: [Map; SERIES],
    floor: Option<i64>,
}

#[derive(Debug, Default)]
struct Map {
    points: BTreeMap<i64, f64>,
    newest: Option<i64>,
    set_back: Option<i64>,
    /// By number of points.
    floor: Option<i64>,
}

impl Plain {
    fn append(&mut self, series: usize, time: i64, value: f64) -> bool {
        if self.floor.is_some_and(|floor| time < floor) {
            return false;
        }
        let map = &mut self.series[series];
        if map.floor.is_some_and(|floor| time < floor) {
            return false;
        }
        let set_back = map.set_back.take();
        if let Some(newest) = map.newest.filter(|&newest| time < newest) {
            if newest - time <= 10 * MINUTE {
                map.points.insert(time, value);
                return true;
            }
            if set_back.is_none_or(|before| time <= before) {
                map.set_back = Some(time);
                return false;
            }
            map.points.split_off(&time);
        }
        map.newest = Some(time);
        map.points.insert(time, value);
        true
    }

    fn append_of_others(&mut self, series: usize, time: i64, value: f64) -> bool {
        let map = &self.series[series];
        let too_late = map.newest.is_some_and(|newest| newest - time > 10 * MINUTE);
        let before = map.set_back;
        let taken = !too_late && self.append(series, time, value);
        // By another clock nothing is known of ours.
        self.series[series].set_back = before;
        taken
    }

    fn enforce(&mut self, now: i64, limits: Limits) {
        let floor = now.saturating_sub(i64::try_from(limits.max_age.as_millis()).unwrap());
        self.floor = Some(floor);
        for map in &mut self.series {
            map.points = map.points.split_off(&floor);
            let most = limits.max_points.unwrap_or(usize::MAX).max(1);
            while map.points.len() > most {
                map.points.pop_first();
            }
            if map.points.len() == most {
                map.floor = map.points.keys().next().copied();
            }
            if map.points.is_empty() {
                *map = Map::default();
            }
        }
    }

    fn query(&self, start: i64, end: i64) -> Vec<Series> {
        let one = |(n, map): (usize, &Map)| {
            let within = map.points.iter().filter(|&(&time, _)| (start..=end).contains(&time));
            let points: Vec<_> =
                within.map(|(&time, &value)| Point::new(Timestamp::from_millis(time), value)).collect();
            (!points.is_empty()).then(|| Series { metric: LOAD, tags: nth(n), points })
        };
        self.series.iter().enumerate().filter_map(one).collect()
    }
}

fn nth(n: usize) -> Tags {
    Tags::new([("n", n.to_string())])
}

fn disk(folder: &Path) -> Disk {
    Disk { folder: folder.to_owned(), flush_every: Duration::ZERO }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            drop(std::fs::copy(entry.path(), target));
        }
    }
}

fn check(deeds: Vec<Deed>, limits: Limits, ranges: &[(i64, i64)], on_disk: bool) -> Result<(), TestCaseError> {
    let folders = tempfile::tempdir().unwrap();
    let mut folder = folders.path().join("0");
    let open = |folder: &Path| {
        if !on_disk {
            return Store::new(limits);
        }
        let (store, notes) = Store::open(&disk(folder), limits).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        store
    };
    let (mut store, mut plain) = (open(&folder), Plain::default());
    let (mut now, mut value) = (BEGIN, 0.0);
    // What an earlier call dropped is gone or not, as it happens to lie in files: so the bound never goes back here.
    let mut latest = now;
    for (nth_deed, deed) in deeds.into_iter().enumerate() {
        match deed {
            Deed::Append { series, points, apart } => {
                for _ in 0..points {
                    value += 1.0;
                    let samples = vec![LOAD.sample(nth(series), value)];
                    let batch = Batch { collector: "c".into(), time: Timestamp::from_millis(now), samples };
                    prop_assert_eq!(store.append(&batch).is_ok(), plain.append(series, now, value));
                    now += apart;
                }
            }
            Deed::AppendShuffled { series, points, apart, seed } => {
                let found = [store.series(&LOAD, &nth(series))];
                let mut list = Vec::new();
                let mut all = true;
                for n in 0..points {
                    let time = now + apart * i64::try_from((n * 7 + seed) % points).unwrap();
                    value += 1.0;
                    list.push((0, Point::new(Timestamp::from_millis(time), value)));
                    all &= plain.append_of_others(series, time, value);
                }
                prop_assert_eq!(store.append_points(&found, &list).is_ok(), all);
                now += apart * i64::try_from(points).unwrap();
            }
            Deed::Jump(by) => now += by,
            Deed::Enforce => {
                latest = latest.max(now);
                store.enforce(Timestamp::from_millis(latest));
                plain.enforce(latest, limits);
            }
            Deed::Tend => store.tend(Timestamp::from_millis(now)),
            Deed::SettleDown => store.settle_down().unwrap(),
            Deed::Reopen | Deed::Crash if !on_disk => {}
            Deed::Reopen | Deed::Crash => {
                if matches!(deed, Deed::Crash) {
                    let found = folders.path().join(format!("{}", nth_deed + 1));
                    copy(&folder, &found);
                    folder = found;
                }
                drop(store);
                store = open(&folder);
                // What waits for a second one is forgotten, as is what was dropped but for what is in files.
                plain.series.iter_mut().for_each(|map| map.set_back = None);
                latest = latest.max(now);
                store.enforce(Timestamp::from_millis(latest));
                plain.enforce(latest, limits);
            }
        }
        prop_assert_eq!(store.trouble(), None);
    }
    for &(start, end) in ranges.iter().chain(&[(i64::MIN, i64::MAX)]) {
        let (start, end) = (start.saturating_add(BEGIN), end.saturating_add(BEGIN));
        let what = Selection {
            metric: "load".to_owned(),
            tags: Tags::default(),
            matchers: Vec::new(),
            start: Timestamp::from_millis(start),
            end: Timestamp::from_millis(end),
        };
        prop_assert_eq!(store.query(&what).unwrap_or_default(), plain.query(start, end));
    }
    Ok(())
}

proptest! {
    // Each case syncs a disk some thousand times.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn it_holds_what_a_plain_map_holds(
        deeds in deeds(),
        max_points in prop::option::of(prop_oneof![1..6_usize, 250..1800_usize]),
        max_age_hours in prop_oneof![Just(0_u64), 1..72_u64, Just(24 * 31)],
        ranges in prop::collection::vec((-HOUR..100 * HOUR, -HOUR..100 * HOUR), 8),
        on_disk: bool,
    ) {
        let limits = Limits { max_age: Duration::from_secs(3600 * max_age_hours), max_points, ..Limits::NONE };
        check(deeds, limits, &ranges, on_disk)?;
    }
}
