//! Aggregates of a store that has summed up and dropped points, against those of all points that were ever appended.

use std::path::Path;

use app::model::{Batch, Tags};

use super::lead::Lead;
use super::*;
use crate::store::{Asker, Disk, Limits, Selection, Store};
use proptest::prelude::*;

const SENT: Metric = Metric::counter("sent", Unit::BYTES);
const SERIES: usize = 3;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// A little before midnight.
const BEGIN: i64 = 20_000 * 24 * HOUR - 20 * MINUTE;

#[derive(Debug, Clone)]
enum Deed {
    /// So many points, each so much later than the one before.
    Append {
        series: usize,
        points: usize,
        apart: i64,
    },
    /// One point so much earlier than the newest of the series.
    Late {
        series: usize,
        by: i64,
    },
    /// The counter begins again.
    Reset {
        series: usize,
    },
    Jump(i64),
    SettleDown,
    Reopen,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let append = (0..SERIES, 1..300_usize, prop_oneof![1..5_i64, Just(1000), 500..90_000_i64]);
    let deed = prop_oneof![
        4 => append.prop_map(|(series, points, apart)| Deed::Append { series, points, apart }),
        2 => (0..SERIES, 0..10 * MINUTE).prop_map(|(series, by)| Deed::Late { series, by }),
        1 => (0..SERIES).prop_map(|series| Deed::Reset { series }),
        2 => (0..3 * HOUR).prop_map(Deed::Jump),
        1 => (0..30 * HOUR).prop_map(Deed::Jump),
        1 => Just(Deed::SettleDown),
        1 => Just(Deed::Reopen),
    ];
    prop::collection::vec(deed, 1..30)
}

#[derive(Debug, Clone)]
struct Question {
    aggregation: Aggregation,
    step: Option<u64>,
    by: Option<usize>,
    /// Shares of what there is, in thousandths.
    from: i64,
    length: i64,
    lookback: i64,
}

fn question() -> impl Strategy<Value = Question> {
    let aggregation = prop::sample::select(
        &[
            Aggregation::Avg,
            Aggregation::Min,
            Aggregation::Max,
            Aggregation::Sum,
            Aggregation::Count,
            Aggregation::Rate,
            Aggregation::Increase,
            Aggregation::Last,
        ][..],
    );
    let step = prop::option::weighted(0.9, prop::sample::select(&[60_u64, 300, 3600, 7200, 86_400][..]));
    let lookback = prop::sample::select(&[0, MINUTE, 5 * MINUTE + 7, 2 * HOUR][..]);
    (aggregation, step, prop::option::of(0..2_usize), -20..1000_i64, 0..1100_i64, lookback).prop_map(
        |(aggregation, step, by, from, length, lookback)| Question { aggregation, step, by, from, length, lookback },
    )
}

fn nth(n: usize) -> Tags {
    Tags::new([("host", ["a", "a", "b"][n].to_owned()), ("n", n.to_string())])
}

/// What was ever appended of each series, and where its counter is.
type All = [(BTreeMap<i64, f64>, f64); SERIES];

fn ask(store: &Store, all: &All, question: &Question, (now, floor): (i64, i64)) -> Result<(), TestCaseError> {
    let Question { aggregation, step, by, from, length, lookback } = *question;
    let at = |share: i64| BEGIN + (now - BEGIN) / 1000 * share;
    let (mut start, mut end) = (at(from), at(from + length));
    let by = by.map(|names| ["host"].iter().take(names).map(|&name| name.to_owned()).collect());
    let plan = |start, end| Plan {
        aggregation,
        step: step.map(Duration::from_secs),
        by: by.clone(),
        start: Timestamp::from_millis(start),
        end: Timestamp::from_millis(end),
    };
    let what = Selection {
        metric: "sent".to_owned(),
        tags: Tags::default(),
        matchers: Vec::new(),
        start: Timestamp::from_millis(start),
        end: Timestamp::from_millis(end),
    };
    let lead = Lead { least: Duration::from_millis(lookback.unsigned_abs()), distances: 0 };
    let got = store.aggregate_on(&what, &plan(start, end), |_| 1, lead, &Asker::default()).unwrap_or_default();
    // Where points have gone, whole minutes are all there is.
    if start < floor {
        start = start.div_euclid(MINUTE) * MINUTE;
    }
    if end < floor {
        end = end.div_euclid(MINUTE) * MINUTE + MINUTE - 1;
    }
    let mut before = start - lookback;
    if before < floor && before % MINUTE != 0 {
        before += MINUTE - before.rem_euclid(MINUTE);
    }
    let kept: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(n, (points, _))| {
            let points = points.range(before.min(start)..=end.max(before.min(start)));
            let points = points.map(|(&time, &value)| Point::new(Timestamp::from_millis(time), value)).collect();
            Series { metric: SENT, tags: nth(n), points }
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    let want = aggregate(kept, &plan(start, end));
    let shape = |all: &[Series]| -> Vec<_> {
        let times = |s: &Series| s.points.iter().map(|p| p.time).collect::<Vec<_>>();
        all.iter().map(|s| (s.metric.clone(), s.tags.clone(), times(s))).collect()
    };
    prop_assert_eq!(shape(&got), shape(&want), "{:?} at {}, points since {}", question, now, floor);
    let values = |all: &[Series]| all.iter().flat_map(|s| &s.points).map(|p| p.value).collect::<Vec<_>>();
    for (got, want) in values(&got).into_iter().zip(values(&want)) {
        // Sums are added up in another order.
        prop_assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{:?}: {} is not {}", question, got, want);
    }
    Ok(())
}

fn open(folder: &Path, limits: Limits, on_disk: bool) -> Store {
    if !on_disk {
        return Store::new(limits);
    }
    let (store, notes) =
        Store::open(&Disk { folder: folder.to_owned(), flush_every: Duration::from_secs(1) }, limits).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_summed_up_is_as_good_as_all_points(
        deeds in deeds(),
        questions in prop::collection::vec(question(), 40),
        hours in prop::sample::select(&[1_u64, 4, 30, 24 * 100][..]),
        on_disk: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let days = Duration::from_secs(100 * 86_400);
        let max_age = Duration::from_secs(3600 * hours);
        let limits = Limits { max_age, max_minutes_age: days, max_hours_age: days, ..Limits::NONE };
        let mut store = open(folder.path(), limits, on_disk);
        let mut all = All::default();
        let (mut now, mut questions) = (BEGIN, questions.into_iter());
        let tend = |store: &Store, now: i64| {
            let now = Timestamp::from_millis(now);
            store.enforce(now);
            store.tend(now);
            store.needed().as_millis()
        };
        let mut floor = tend(&store, now);
        let append = |store: &Store, all: &mut All, n: usize, time: i64, value: f64| {
            let batch = Batch { collector: "c".into(), time: Timestamp::from_millis(time), samples: vec![SENT.sample(nth(n), value)] };
            if store.append(&batch).is_ok() {
                all[n].0.insert(time, value);
            }
        };
        for deed in deeds {
            match deed {
                Deed::Append { series, points, apart } => for n in 0..points {
                    all[series].1 += (n * 7 % 11) as f64 / 10.0;
                    let value = all[series].1;
                    append(&store, &mut all, series, now, value);
                    let next = now + apart;
                    if next.div_euclid(MINUTE) > now.div_euclid(MINUTE) {
                        tend(&store, next);
                    }
                    now = next;
                },
                Deed::Late { series, by } => if let Some((&newest, &value)) = all[series].0.last_key_value() {
                    append(&store, &mut all, series, newest - by, value / 2.0);
                },
                Deed::Reset { series } => all[series].1 = 0.0,
                Deed::Jump(by) => now += by,
                Deed::SettleDown => store.settle_down().unwrap(),
                Deed::Reopen if !on_disk => {}
                Deed::Reopen => {
                    store.close();
                    drop(store);
                    store = open(folder.path(), limits, on_disk);
                }
            }
            floor = tend(&store, now);
            prop_assert_eq!(store.trouble(), None);
            if let Some(question) = questions.next() {
                ask(&store, &all, &question, (now, floor))?;
            }
        }
        for question in questions {
            ask(&store, &all, &question, (now, floor))?;
        }
    }
}
