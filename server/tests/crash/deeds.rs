//! What a process does to a store, as it follows from a number: the one that is killed and the one that checks know the same.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use app::model::{Metric, Point, Tags, Timestamp, Unit};

use crate::store::{Disk, Limits, Selection, Store};

pub(crate) const SERIES: usize = 8;
const METRIC: Metric = Metric::gauge("crash", Unit::NONE);
const MINUTE: i64 = 60_000;
/// 2026-01-01.
pub(crate) const BEGIN: i64 = 1_767_225_600_000;

/// Times and values of each series.
pub(crate) type Held = [BTreeMap<i64, f64>; SERIES];

/// One thing that is done.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// Series, time, value.
    Append(Vec<(usize, i64, f64)>),
    Settle,
    Tend(i64),
}

/// Numbers that look random and are the same for the same seed (xorshift).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            chance.below(2);
        }
        chance
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most.max(1)
    }
}

/// All deeds of one process, without an end.
pub(crate) struct Deeds {
    chance: Chance,
    now: i64,
    newest: [i64; SERIES],
}

impl Deeds {
    pub(crate) fn new(seed: u64, begin: i64) -> Self {
        Self { chance: Chance::new(seed), now: begin, newest: [begin; SERIES] }
    }
}

impl Iterator for Deeds {
    type Item = Deed;

    fn next(&mut self) -> Option<Deed> {
        let chance = &mut self.chance;
        let mut up_to = |most: i64| chance.below(most.unsigned_abs()).cast_signed();
        self.now += match up_to(40) {
            0 => up_to(20 * 60 * MINUTE),
            1..4 => up_to(30 * MINUTE),
            _ => 1 + up_to(15_000),
        };
        match up_to(30) {
            0 => return Some(Deed::Settle),
            1 => return Some(Deed::Tend(self.now)),
            _ => {}
        }
        let points = match up_to(10) {
            0 => 400,
            _ => 1 + up_to(12),
        };
        let mut list = Vec::new();
        for _ in 0..points {
            let series = usize::try_from(up_to(8)).unwrap_or(0);
            let late = up_to(12) == 0;
            let time = if late {
                (self.newest[series] - up_to(9 * MINUTE)).max(self.newest[series] - 9 * MINUTE)
            } else {
                self.now += up_to(50);
                self.now
            };
            self.newest[series] = self.newest[series].max(time);
            list.push((series, time, up_to(1_000_000) as f64 / 100.0));
        }
        Some(Deed::Append(list))
    }
}

fn tags(series: usize) -> Tags {
    Tags::new([("n", series.to_string())])
}

fn unbounded() -> Limits {
    Limits::NONE
}

pub(crate) fn open(folder: &Path) -> Result<(Store, Vec<String>), crate::store::OpenError> {
    Store::open(&Disk { folder: folder.to_owned(), flush_every: Duration::ZERO }, unbounded())
}

/// Does it; whether the disk has it.
pub(crate) fn perform(store: &Store, deed: &Deed) -> bool {
    match deed {
        Deed::Append(list) => {
            let series: Vec<_> = (0..SERIES).map(|n| store.series(&METRIC, &tags(n))).collect();
            let point = |&(series, time, value): &(usize, i64, f64)| {
                (u32::try_from(series).unwrap_or(0), Point::new(Timestamp::from_millis(time), value))
            };
            let points: Vec<_> = list.iter().map(point).collect();
            store.append_points(&series, &points).expect("nothing of it is to be refused");
            store.trouble().is_none()
        }
        Deed::Settle => store.settle_down().is_ok(),
        Deed::Tend(now) => {
            store.tend(Timestamp::from_millis(*now));
            store.trouble().is_none()
        }
    }
}

/// Does one deed after the other, and says so on standard output, until somebody kills it.
pub(crate) fn child(folder: &Path, seed: u64, begin: i64) {
    let (store, notes) = open(folder).expect("the store opens");
    let mut out = std::io::stdout();
    // What the kill before has torn is told, and nothing else.
    assert!(notes.iter().all(|note| note.contains("ends in the middle of a record")), "{notes:?}");
    for deed in Deeds::new(seed, begin) {
        assert!(perform(&store, &deed), "{:?}", store.trouble());
        if out.write_all(b".").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// Everything that a store has.
pub(crate) fn held(store: &Store) -> Held {
    let mut held = Held::default();
    let what = Selection {
        metric: METRIC.name.into_owned(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    for series in store.query(&what).unwrap_or_default() {
        let n: usize = series.tags.get("n").and_then(|n| n.parse().ok()).expect("a series of ours");
        held[n] = series.points.iter().map(|point| (point.time.as_millis(), point.value)).collect();
    }
    held
}

pub(crate) fn apply(held: &mut Held, deed: &Deed) {
    if let Deed::Append(list) = deed {
        for &(series, time, value) in list {
            held[series].insert(time, value);
        }
    }
}
