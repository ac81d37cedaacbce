//! The aggregations against cases worked out by hand, and against a slow and plain reading of what they mean.

use proptest::prelude::*;

use super::lead::Lead;
use super::*;
use crate::store::{Asker, Limits, Selection, Store, StoreError};

const SENT: Metric = Metric::counter("sent", Unit::BYTES);

fn plan(aggregation: Aggregation) -> Plan {
    Plan { aggregation, step: None, by: None, start: Timestamp::MIN, end: Timestamp::MAX }
}

fn in_steps(aggregation: Aggregation, step_secs: u64) -> Plan {
    Plan { step: Some(Duration::from_secs(step_secs)), ..plan(aggregation) }
}

fn over(aggregation: Aggregation, names: &[&str]) -> Plan {
    Plan { by: Some(names.iter().map(|n| (*n).to_owned()).collect()), ..plan(aggregation) }
}

/// `host=a disk=1: 0=5 10=7` is a series with two points; times are seconds.
fn series(line: &str) -> Series {
    let (tags, points) = line.split_once(':').unwrap_or_default();
    let tags = Tags::new(tags.split_whitespace().filter_map(|pair| pair.split_once('=')));
    let point = |(time, value): (&str, &str)| {
        Some(Point::new(Timestamp::from_secs_f64(time.parse().ok()?), value.parse().ok()?))
    };
    let points = points.split_whitespace().filter_map(|p| point(p.split_once('=')?)).collect();
    Series { metric: SENT, tags, points }
}

fn shown(series: &Series) -> String {
    let tags: Vec<String> = series.tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let points = series.points.iter().map(|p| format!(" {}={}", p.time.as_secs_f64(), p.value));
    format!("{}:{}", tags.join(" "), points.collect::<String>())
}

#[track_caller]
fn check(plan: &Plan, given: &[&str], want: &[&str]) {
    let got: Vec<String> = aggregate(given.iter().map(|line| series(line)).collect(), plan).iter().map(shown).collect();
    assert_eq!(got, want, "{plan:?}");
}

#[test]
fn without_a_step_each_series_becomes_its_value_at_its_last_point() {
    let Ok(Aggregation::Percentile(ten)) = "p10".parse() else { panic!("p10 is a percentile") };
    let given = ["n=0: 1=4 2=1 3=7", "n=1: 5=2"];
    check(&plan(Aggregation::Raw), &given, &given);
    check(&plan(Aggregation::Avg), &given, &["n=0: 3=4", "n=1: 5=2"]);
    check(&plan(Aggregation::Min), &given, &["n=0: 3=1", "n=1: 5=2"]);
    check(&plan(Aggregation::Max), &given, &["n=0: 3=7", "n=1: 5=2"]);
    check(&plan(Aggregation::Sum), &given, &["n=0: 3=12", "n=1: 5=2"]);
    check(&plan(Aggregation::Count), &given, &["n=0: 3=3", "n=1: 5=1"]);
    check(&plan(Aggregation::P50), &given, &["n=0: 3=4", "n=1: 5=2"]);
    check(&plan(Aggregation::Percentile(ten)), &given, &["n=0: 3=1.6", "n=1: 5=2"]);
    check(
        &plan(Aggregation::Stddev),
        &["n=0: 1=4 2=1 3=7 4=4", "n=1: 5=2"],
        &["n=0: 4=2.1213203435596424", "n=1: 5=0"],
    );
    check(&plan(Aggregation::Rate), &given, &["n=0: 3=3.5"]);
    check(&plan(Aggregation::Increase), &given, &["n=0: 3=7"]);
    check(&plan(Aggregation::Last), &given, &["n=0: 3=7", "n=1: 5=2"]);
    check(&plan(Aggregation::Max), &[], &[]);
}

#[test]
fn windows_begin_at_multiples_of_the_step_and_empty_ones_are_absent() {
    let given = ["n=0: 7=1 9=3 10=5 19.999=9 40=2"];
    check(&in_steps(Aggregation::Avg, 10), &given, &["n=0: 0=2 10=7 40=2"]);
    check(&in_steps(Aggregation::Count, 10), &given, &["n=0: 0=2 10=2 40=1"]);
    let late =
        Plan { start: Timestamp::from_secs_f64(9.0), end: Timestamp::from_secs_f64(10.0), ..plan(Aggregation::Sum) };
    check(&late, &given, &["n=0: 10=8"]);
    check(&Plan { step: Some(Duration::from_secs(10)), ..late.clone() }, &given, &["n=0: 0=3 10=5"]);
    check(&Plan { aggregation: Aggregation::Raw, ..late }, &given, &["n=0: 9=3 10=5"]);
}

#[test]
fn by_pools_the_points_of_series_that_agree() {
    let given = ["disk=1 host=b: 1=1 2=2", "disk=2 host=a: 1=10", "disk=2 host=b: 2=6", "disk=3: 3=5"];
    check(&over(Aggregation::Avg, &["host"]), &given, &[": 3=5", "host=a: 1=10", "host=b: 2=3"]);
    check(&over(Aggregation::Sum, &[]), &given, &[": 3=24"]);
    check(&over(Aggregation::Max, &["host", "disk"]), &given[..2], &["disk=1 host=b: 2=2", "disk=2 host=a: 1=10"]);
    let in_steps = Plan { step: Some(Duration::from_secs(2)), ..over(Aggregation::Sum, &[]) };
    check(&in_steps, &given, &[": 0=11 2=13"]);
    check(&over(Aggregation::Rate, &[]), &given, &[": 2=1"]);
    check(&over(Aggregation::Stddev, &["host"]), &given[..3], &["host=a: 1=0", "host=b: 2=2.160246899469287"]);
}

#[test]
fn series_of_two_metrics_are_never_one() {
    let received = Series { metric: Metric::counter("received", Unit::BYTES), ..series("n=0: 1=1") };
    assert_eq!(aggregate(vec![series("n=0: 1=1"), received], &over(Aggregation::Sum, &[])).len(), 2);
}

#[test]
fn a_rate_is_growth_a_second_through_resets_and_gaps() {
    let rate = plan(Aggregation::Rate);
    check(&rate, &["n=0: 0=100 10=150"], &["n=0: 10=5"]);
    check(&rate, &["n=0: 0=100 10=150 20=30"], &["n=0: 20=4"]); // 50, then 30 since zero
    check(&rate, &["n=0: 0=100 10=0 20=0"], &["n=0: 20=0"]);
    check(&rate, &["n=0: 0=5 0.5=6"], &["n=0: 0.5=2"]);
    check(&rate, &["n=0: 0=5", "n=1:"], &[]);
    check(&rate, &["n=0: 0=-5 10=-10"], &["n=0: 10=0"]);

    let stepped = in_steps(Aggregation::Rate, 10);
    check(&stepped, &["n=0: 1=0 9=16 11=20 19=36"], &["n=0: 0=2 10=2"]);
    check(&stepped, &["n=0: 5=0 15=10 25=30"], &["n=0: 10=1 20=2"]); // one point a window
    check(&stepped, &["n=0: 5=0 105=200 109=240"], &["n=0: 100=2.3076923076923075"]); // over all of the gap
}

#[test]
fn a_rate_grows_from_the_last_point_before_the_range() {
    let given = ["n=0: 0=0 10=100 20=300 30=600"];
    let from = |start| Plan { start: Timestamp::from_secs_f64(start), ..in_steps(Aggregation::Rate, 10) };
    check(&from(15.0), &given, &["n=0: 20=20 30=30"]);
    check(&from(30.0), &given, &["n=0: 30=30"]);
    check(&from(31.0), &given, &[]);
    check(&Plan { end: Timestamp::from_secs_f64(25.0), ..from(0.0) }, &given, &["n=0: 10=10 20=20"]);
}

#[test]
fn the_rates_of_a_group_are_added() {
    let given = ["disk=1 host=a: 0=0 10=10 20=30", "disk=2 host=a: 3=500 13=20", "disk=3 host=b: 0=0 10=70"];
    check(&over(Aggregation::Rate, &["host"]), &given, &["host=a: 20=3.5", "host=b: 10=7"]);
    check(&over(Aggregation::Rate, &[]), &["n=0: 0=0 10=10", "n=1: 0=0 20=40", "n=2: 0=0 5=5"], &[": 20=4"]);
    let stepped = Plan { step: Some(Duration::from_secs(10)), ..over(Aggregation::Rate, &[]) };
    check(&stepped, &given, &[": 10=10 20=2"]);
}

#[test]
fn an_increase_is_what_a_counter_grew_by_from_window_to_window() {
    let increase = plan(Aggregation::Increase);
    check(&increase, &["n=0: 0=100 10=150 20=30"], &["n=0: 20=80"]); // 50, then 30 since zero
    check(&increase, &["n=0: 0=100 10=100", "n=1: 5=3"], &["n=0: 10=0"]);
    let stepped = in_steps(Aggregation::Increase, 10);
    check(&stepped, &["n=0: 5=0 15=10 25=30 105=230"], &["n=0: 10=10 20=20 100=200"]);
    let from = |start| Plan { start: Timestamp::from_secs_f64(start), ..in_steps(Aggregation::Increase, 10) };
    check(&from(10.0), &["n=0: 0=7 10=9 15=10 20=20"], &["n=0: 10=3 20=10"]);
    check(&from(10.0), &["n=0: 10=9 15=10 20=20"], &["n=0: 10=1 20=10"]);
}

#[test]
fn increases_and_last_values_of_a_group_are_added() {
    let given = ["disk=1 host=a: 0=0 10=10 20=30", "disk=2 host=a: 3=500 13=20", "disk=3 host=b: 0=0 10=70"];
    check(&over(Aggregation::Increase, &["host"]), &given, &["host=a: 20=50", "host=b: 10=70"]);
    check(&over(Aggregation::Last, &["host"]), &given, &["host=a: 20=50", "host=b: 10=70"]);
    let stepped = |aggregation| Plan { step: Some(Duration::from_secs(10)), ..over(aggregation, &[]) };
    check(&stepped(Aggregation::Increase), &given, &[": 10=100 20=20"]);
    check(&stepped(Aggregation::Last), &given, &[": 0=500 10=100 20=30"]);
}

#[test]
fn results_are_gauges_in_a_unit_that_fits() {
    #[track_caller]
    fn check(aggregation: Aggregation, unit: Unit, want: (&str, Kind)) {
        let given = Series { metric: Metric { unit, ..SENT }, ..series("n=0: 0=1 1=2") };
        let got: Vec<Metric> = aggregate(vec![given], &plan(aggregation)).into_iter().map(|s| s.metric).collect();
        let (unit, kind) = want;
        assert_eq!(got, [Metric { name: "sent".into(), unit: Unit::new(unit.to_owned()), kind }], "{aggregation}");
    }
    check(Aggregation::Raw, Unit::BYTES, ("bytes", Kind::Counter));
    check(Aggregation::Max, Unit::BYTES, ("bytes", Kind::Gauge));
    check(Aggregation::P99, Unit::SECONDS, ("seconds", Kind::Gauge));
    check(Aggregation::Count, Unit::BYTES, ("count", Kind::Gauge));
    check(Aggregation::Increase, Unit::BYTES, ("bytes", Kind::Gauge));
    check(Aggregation::Last, Unit::BYTES, ("bytes", Kind::Gauge));
    check(Aggregation::Rate, Unit::BYTES, ("bytes/s", Kind::Gauge));
    check(Aggregation::Rate, Unit::COUNT, ("count/s", Kind::Gauge));
    check(Aggregation::Rate, Unit::NONE, ("1/s", Kind::Gauge));
}

#[test]
fn a_value_too_large_is_left_out() {
    let given = format!("n=0: 1={max} 2={max} 10=1", max = f64::MAX);
    check(&in_steps(Aggregation::Sum, 10), &[&given], &["n=0: 10=1"]);
}

/// The value of some points, by the book: everything is sorted, every rank is looked up.
fn by_the_book(aggregation: Aggregation, values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (count, total) = (sorted.len() as f64, sorted.iter().fold(0.0, |a, b| a + b));
    let at_share = |share: f64| {
        let thousandths = (share * 1e5).round() as usize * (sorted.len() - 1);
        let (rank, part) = (thousandths / 100_000, (thousandths % 100_000) as f64 / 1e5);
        sorted[rank] * (1.0 - part) + sorted[(rank + 1).min(sorted.len() - 1)] * part
    };
    match aggregation {
        Aggregation::Avg => total / count,
        Aggregation::Min => sorted[0],
        Aggregation::Max => sorted[sorted.len() - 1],
        Aggregation::Sum => total,
        Aggregation::Count => count,
        Aggregation::Percentile(which) => at_share(which.share()),
        Aggregation::Stddev => (sorted.iter().map(|value| (value - total / count).powi(2)).sum::<f64>() / count).sqrt(),
        Aggregation::Raw | Aggregation::Rate | Aggregation::Increase | Aggregation::Last => f64::NAN,
    }
}

/// A counter as if it had never been reset.
fn without_resets(points: &[Point]) -> Vec<Point> {
    let (mut lost, mut before) = (0.0, 0.0);
    let lifted = points.iter().map(|p| {
        if p.value < before {
            lost += before;
        }
        before = p.value;
        Point::new(p.time, p.value + lost)
    });
    lifted.collect()
}

/// The growth of each window and the seconds it took, found by looking up its two ends.
fn growths(points: &[Point], step_ms: i64) -> Vec<(i64, f64, f64)> {
    let whole = without_resets(points);
    let mut found = Vec::new();
    for start in (0..).map(|k| k * step_ms).take_while(|start| whole.iter().any(|p| p.time.as_millis() >= *start)) {
        let inside = |p: &&Point| (start..start + step_ms).contains(&p.time.as_millis());
        let before = whole.iter().rfind(|p| p.time.as_millis() < start).or_else(|| whole.iter().find(inside));
        let ends = before.zip(whole.iter().rfind(inside));
        if let Some((from, to)) = ends.filter(|(from, to)| to.time > from.time) {
            let took_secs = (to.time.as_millis() - from.time.as_millis()) as f64 / 1000.0;
            found.push((start, to.value - from.value, took_secs));
        }
    }
    found
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs() + b.abs())
}

/// Up to four series; whole numbers, so that sums are exact in any order, and falls now and then.
fn some_series() -> impl Strategy<Value = Vec<Series>> {
    let points = prop::collection::btree_map(0..60_000_i64, 0..1000_u32, 0..40);
    prop::collection::vec(points, 1..5).prop_map(|all| {
        let point = |(time, value): (i64, u32)| Point::new(Timestamp::from_millis(time), value.into());
        let one = |(n, points): (usize, BTreeMap<_, _>)| Series {
            metric: SENT,
            tags: Tags::new([("n", n.to_string()), ("side", (n % 2).to_string())]),
            points: points.into_iter().map(point).collect(),
        };
        all.into_iter().enumerate().map(one).collect()
    })
}

proptest! {
    #[test]
    fn every_aggregation_is_what_the_book_says(
        all in some_series(),
        name in prop_oneof![Just("avg".to_owned()), Just("min".into()), Just("max".into()), Just("sum".into()),
            Just("count".into()), Just("stddev".into()), (0..=1000_u32).prop_map(|n| format!("p{}.{}", n / 10, n % 10))],
        step_ms in 1..30_000_i64,
        pool in any::<bool>(),
    ) {
        let aggregation: Aggregation = name.parse().unwrap();
        let step = Some(Duration::from_millis(step_ms.unsigned_abs()));
        let by = pool.then(|| vec!["side".to_owned()]);
        let got = aggregate(all.clone(), &Plan { step, by, ..plan(aggregation) });
        let belongs = |one: &Series, to: &Series| one.tags.matches(&to.tags);
        for result in &got {
            let points: Vec<Point> = all.iter().filter(|s| belongs(s, result)).flat_map(|s| s.points.clone()).collect();
            let mut left = points.len();
            for point in &result.points {
                let start = point.time.as_millis();
                prop_assert_eq!(start % step_ms, 0);
                let inside = |p: &&Point| (start..start + step_ms).contains(&p.time.as_millis());
                let values: Vec<f64> = points.iter().filter(inside).map(|p| p.value).collect();
                left -= values.len();
                prop_assert!(near(point.value, by_the_book(aggregation, &values)), "{:?} at {}", point, start);
            }
            prop_assert!(result.points.is_sorted_by(|a, b| a.time < b.time));
            prop_assert_eq!(left, 0, "every point is in a window");
        }
        let covered = all.iter().filter(|s| !s.points.is_empty()).all(|s| got.iter().any(|r| belongs(s, r)));
        prop_assert!(covered, "every series is in a result");
    }

    #[test]
    fn rates_are_never_negative_and_lose_no_growth(all in some_series(), step_ms in 1000..30_000_i64) {
        let step = Some(Duration::from_millis(step_ms.unsigned_abs()));
        for one in &all {
            let increases = aggregate(vec![one.clone()], &Plan { step, ..plan(Aggregation::Increase) });
            let increases: Vec<f64> = increases.into_iter().flat_map(|s| s.points).map(|p| p.value).collect();
            let got = aggregate(vec![one.clone()], &Plan { step, ..plan(Aggregation::Rate) });
            let got: Vec<Point> = got.into_iter().flat_map(|s| s.points).collect();
            let want = growths(&one.points, step_ms);
            prop_assert_eq!(got.len(), want.len());
            // Of whole numbers it is exactly one.
            prop_assert_eq!(increases, want.iter().map(|&(_, growth, _)| growth).collect::<Vec<_>>());
            let mut grown = 0.0;
            for (rate, (start, growth, took_secs)) in got.iter().zip(want) {
                prop_assert_eq!(rate.time.as_millis(), start);
                prop_assert!(rate.value >= 0.0 && near(rate.value, growth / took_secs));
                grown += rate.value * took_secs;
            }
            let whole = without_resets(&one.points);
            let total = whole.last().zip(whole.first()).map_or(0.0, |(last, first)| last.value - first.value);
            prop_assert!(near(grown, total), "{} of {}", grown, total);
        }
    }

    #[test]
    fn the_rate_of_a_group_is_the_sum_of_its_series(all in some_series(), step_ms in 1000..30_000_i64) {
        let step = Some(Duration::from_millis(step_ms.unsigned_abs()));
        let rates = Plan { step, ..plan(Aggregation::Rate) };
        let mut alone: BTreeMap<Timestamp, f64> = BTreeMap::new();
        for point in aggregate(all.clone(), &rates).into_iter().flat_map(|s| s.points) {
            *alone.entry(point.time).or_default() += point.value;
        }
        let together = aggregate(all, &Plan { by: Some(vec![]), ..rates });
        let together: Vec<Point> = together.into_iter().flat_map(|s| s.points).collect();
        prop_assert_eq!(together.len(), alone.len());
        for (point, (time, sum)) in together.iter().zip(alone) {
            prop_assert!(point.time == time && near(point.value, sum));
        }
    }
}

/// Drops what is before the plan and too far away.
fn lead_in(points: &mut Vec<Point>, plan: &Plan, lead: Lead) {
    let within = points.partition_point(|p| p.time < plan.start);
    let Some(last) = within.checked_sub(1).map(|at| points[at].time) else { return };
    let apart = within.checked_sub(2).map(|at| last.since(points[at].time)).unwrap_or_default();
    let far = lead.least.max(plan.step.unwrap_or_default().max(apart) * lead.distances);
    points.drain(..if plan.start.since(last) <= far { within - 1 } else { within });
}

/// Series with resets, gaps, late points and far-away days, sealed and not.
fn store(points: &[(u8, i32, u16)], sealed: usize) -> Store {
    let store = Store::new(Limits::NONE);
    for (n, &(series, apart, value)) in points.iter().enumerate() {
        let tags = Tags::new([("host", ["a", "b"][usize::from(series % 2)].to_owned()), ("n", series.to_string())]);
        // Two days in steps of about twenty minutes.
        let time = i64::try_from(n).unwrap() * 1_200_000 + i64::from(apart);
        let known = [store.series(&SENT, &tags)];
        store.append_points(&known, &[(0, Point::new(Timestamp::from_millis(time), f64::from(value)))]).unwrap();
        if n == sealed {
            store.settle_down().unwrap();
        }
    }
    store
}

proptest! {
    #[test]
    fn as_points_are_read_is_as_with_all_points_at_hand(
        points in prop::collection::vec((0..4_u8, -500_000..500_000_i32, 0..1000_u16), 1..150),
        sealed in 0..150_usize,
        // The others are taken of all points at hand anyway.
        aggregation in prop::sample::select(&Aggregation::COMMON[1..10]),
        threads in 1..5_usize,
        step in prop::option::of(prop::sample::select(&[1_u64, 60, 1000, 3600, 86_400, 100_000][..])),
        by in prop::option::of(0..3_usize),
        (start, length) in (-1000..180_000_i64, 0..180_000_i64),
        lookback in prop::sample::select(&[0_u64, 300, 2000, 100_000][..]),
        distances in prop::sample::select(&[0_u32, 1, 2][..]),
    ) {
        let store = store(&points, sealed);
        let by = by.map(|names| ["host", "n"].iter().take(names).map(|&name| name.to_owned()).collect());
        let (start, end) = (Timestamp::from_millis(start * 1000), Timestamp::from_millis((start + length) * 1000));
        let plan = Plan { aggregation, step: step.map(Duration::from_secs), by, start, end };
        let lead = Lead { least: Duration::from_secs(lookback), distances };
        let what = Selection { metric: "sent".to_owned(), tags: Tags::default(), matchers: Vec::new(), start, end };
        let got = store.aggregate_on(&what, &plan, |_| threads, lead, &Asker::default()).unwrap();
        let mut all = store.query(&Selection { start: Timestamp::MIN, ..what }).unwrap();
        all.iter_mut().for_each(|one| lead_in(&mut one.points, &plan, lead));
        let want = aggregate(all, &plan);
        let shape = |all: &[Series]| -> Vec<_> {
            all.iter().map(|s| (s.metric.clone(), s.tags.clone(), s.points.iter().map(|p| p.time).collect::<Vec<_>>())).collect()
        };
        prop_assert_eq!(shape(&got), shape(&want));
        let values = |all: &[Series]| all.iter().flat_map(|s| &s.points).map(|p| p.value).collect::<Vec<_>>();
        for (got, want) in values(&got).into_iter().zip(values(&want)) {
            // Sums are added up in another order.
            prop_assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{} is not {}", got, want);
        }
    }
}

proptest! {
    #[test]
    fn the_newest_are_those_of_all(
        points in prop::collection::vec((0..4_u8, -500_000..500_000_i32, 0..1000_u16), 1..150),
        sealed in 0..150_usize,
        (start, length) in (-1000..180_000_i64, -10..2_000_000_i64),
        limit in prop_oneof![0..10_usize, 0..200_usize],
    ) {
        let store = store(&points, sealed);
        let (start, end) = (Timestamp::from_millis(start * 1000), Timestamp::from_millis((start + length) * 1000));
        let what = Selection { metric: "sent".to_owned(), tags: Tags::default(), matchers: Vec::new(), start, end };
        let want = crate::store::newest(store.query(&what).unwrap(), limit);
        prop_assert_eq!(store.newest_for(&Asker::default(), &what, limit).unwrap(), want);
    }
}

#[test]
fn what_nobody_waits_for_any_more_is_given_up() {
    let points: Vec<_> = (0..100).map(|n| (n % 4, 0, 7)).collect();
    let (start, end) = (Timestamp::MIN, Timestamp::MAX);
    let what = Selection { metric: "sent".to_owned(), tags: Tags::default(), matchers: Vec::new(), start, end };
    for sealed in [50, 1000] {
        let store = store(&points, sealed);
        for aggregation in Aggregation::COMMON {
            let (asker, plan) = (Asker::default(), plan(aggregation));
            assert!(store.aggregate_for(&asker, &what, &plan).is_ok_and(|found| found.len() == 4), "{aggregation}");
            // When it is known how much there is, they leave.
            let left_then = store.aggregate_on(
                &what,
                &plan,
                |_| {
                    asker.leave();
                    2
                },
                Lead::USUAL,
                &asker,
            );
            if !matches!(aggregation, Aggregation::Raw | Aggregation::Percentile(_)) {
                assert_eq!(left_then, Err(StoreError::Abandoned), "{aggregation}");
            }
            asker.leave();
            assert_eq!(store.aggregate_for(&asker, &what, &plan), Err(StoreError::Abandoned), "{aggregation}");
        }
        assert_eq!(store.abandoned(), Aggregation::COMMON.len() as u64);
    }
}
