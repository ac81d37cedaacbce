//! The back-test against an engine that takes samples one by one, on random histories; and what it says of them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const BEGIN: i64 = 1_767_225_600;
const INTERVAL: Duration = Duration::from_secs(10);

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis((BEGIN + secs) * 1000)
}

fn rule(more: &Value) -> Rule {
    let mut rule = json!({"name": "r", "metric_name": "m", "condition": "greater_than"});
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(rule).unwrap()
}

/// What an engine does, second by second: it looks when a sample comes, and when none has come for an interval and a half; now and then it
/// is begun again.
fn engine(rule: &Rule, points: &[Point], gaps: &[Gap], end: i64) -> Vec<Transition> {
    let mut state = State::default();
    let mut transitions = Vec::new();
    let (mut looked, mut was_away) = (None::<i64>, false);
    for second in 0..=end {
        let now = at(second);
        if gaps.iter().any(|gap| gap.cause == Cause::ProcessDown && gap.from < now && now < gap.to) {
            was_away = true;
            continue;
        }
        let comes = points.iter().any(|point| point.time == now);
        if !(comes || was_away || looked.is_none_or(|looked| second - looked >= 15)) {
            continue;
        }
        if was_away {
            state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        }
        (looked, was_away) = (Some(second), false);
        let known: Vec<Point> = points.iter().copied().filter(|point| point.time <= now).collect();
        let tick = Tick { now, interval: INTERVAL };
        let (after, transition) = step(rule, &state, Reading::from(rule.draft()).observe(&known, gaps, tick), tick);
        state = after;
        transitions.extend(transition);
    }
    transitions
}

fn rules() -> impl Strategy<Value = Rule> {
    let measure = prop::sample::select(vec![
        json!({}),
        json!({"aggregation": "avg", "window": 60}),
        json!({"aggregation": "max", "window": 40}),
        json!({"aggregation": "p90", "window": 100}),
        json!({"aggregation": "rate", "window": 50}),
        json!({"aggregation": "increase"}),
        json!({"measure": {"change": {"ago": 60}}}),
        json!({"measure": {"change": {"ago": 100, "percent": true}}, "aggregation": "avg", "window": 30}),
        json!({"measure": {"time_left": {"until": 20}}, "window": 300, "condition": "less_than", "levels": {"warning": 900, "critical": 100}}),
        json!({"measure": "silence", "levels": {"warning": 30, "critical": 90}, "no_data": "keep"}),
    ]);
    let policy = prop::sample::select(vec!["keep", "alert", "resolve"]);
    (measure, policy, 0..8_u32, 0..8_u32, 1..4_u32).prop_map(|(measure, policy, hold, keep, hits)| {
        let mut all = json!({"levels": {"warning": {"threshold": 6, "recovery": 4}, "critical": 9}, "no_data": policy,
            "for": hold * 10, "keep_firing_for": keep * 10, "consecutive_violations": hits});
        all.as_object_mut().unwrap().extend(measure.as_object().unwrap().clone());
        rule(&all)
    })
}

/// Values that stay for a while, as those of machines do.
fn values() -> impl Strategy<Value = Vec<Option<f64>>> {
    let run = (prop::option::weighted(0.85, 0..12_i32), 1..9_usize);
    prop::collection::vec(run, 1..40)
        .prop_map(|runs| runs.into_iter().flat_map(|(value, times)| vec![value.map(f64::from); times]).collect())
}

proptest! {
    #[test]
    fn back_test_and_engine_agree(
        rule in rules(),
        values in values(),
        down in prop::option::of((5..100_i64, prop_oneof![1..3_i64, 1..30_i64])),
        cause in prop::sample::select(vec![Cause::CollectorError, Cause::Gone, Cause::Unreachable, Cause::Permission]),
        late in prop::collection::vec(0..9_i64, 400),
    ) {
        // Samples do not come like clockwork.
        let points: Vec<Point> =
            (0..).zip(&values).zip(late).filter_map(|((n, value), late)| Some(Point::new(at(n * 10 + late), (*value)?))).collect();
        let mut gaps = vec![Gap { from: at(150), to: at(300), cause }];
        gaps.extend(down.map(|(from, long)| Gap { from: at(from * 10), to: at((from + long) * 10), cause: Cause::ProcessDown }));
        let end = i64::try_from(values.len()).unwrap() * 10 + 100;
        let tags = Tags::default();
        let past = Past { tags: &tags, points: &points, gaps: &gaps, interval: INTERVAL };
        let report = backtest(&rule, &[past], (at(0), at(end)));
        let found: Vec<_> = report.transitions.iter().map(|(_, transition)| *transition).collect();
        prop_assert_eq!(&found, &engine(&rule, &points, &gaps, end));
        // Firings are what lies between, and do not overlap.
        let begun = found.iter().filter(|t| t.was.is_none() && t.level.is_some()).count();
        prop_assert_eq!(report.firings.len(), begun);
        for pair in report.firings.windows(2) {
            prop_assert!(pair[0].end.unwrap() <= pair[1].begin);
        }
    }

    #[test]
    fn whatever_comes_a_state_outlives_being_written_down(rule in rules(), values in values()) {
        let mut state = State::default();
        for (n, value) in (0..).zip(values) {
            let tick = Tick { now: at(n * 10), interval: INTERVAL };
            let gap = Observation::Gap { cause: Cause::Unknown, since: at(0) };
            let seen = value.map_or(gap, |value| Observation::Value { value, at: tick.now });
            state = step(&rule, &state, seen, tick).0;
            let read: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
            prop_assert_eq!(read, state);
        }
    }
}

#[test]
fn whoever_comes_back_looks_at_once() {
    let tags = Tags::default();
    let points = [0, 10, 20].map(|secs| Point::new(at(secs), 5.0));
    let gaps = [Gap { from: at(36), to: at(47), cause: Cause::ProcessDown }];
    let past = Past { tags: &tags, points: &points, gaps: &gaps, interval: INTERVAL };
    let report = backtest(&rule(&json!({"threshold": 6})), &[past], (at(0), at(90)));
    // At 35, at 47 because of the return, and at 62, when the sample is overdue; without the return it were 50 and 65.
    let found: Vec<_> = report.transitions.iter().map(|(_, transition)| transition.at).collect();
    assert_eq!(found, [at(62)]);
}

/// The samples of hosts, one an hour, and what is said of a rule at 90.
#[track_caller]
fn check(hosts: &[&str], want: &str) {
    let tags: Vec<Tags> = (1..).zip(hosts).map(|(n, _)| Tags::new([("host", format!("web-{n}"))])).collect();
    let points: Vec<Vec<Point>> = hosts
        .iter()
        .map(|values| {
            let samples = crate::alert::scenario::samples(values).unwrap();
            (0..).zip(samples).filter_map(|(n, value)| Some(Point::new(at(n * 3600), value?))).collect()
        })
        .collect();
    let past = |(tags, points)| Past { tags, points, gaps: &[], interval: Duration::from_secs(3600) };
    let series: Vec<Past<'_>> = tags.iter().zip(points.iter().map(Vec::as_slice)).map(past).collect();
    let (rule, range) = (rule(&json!({"threshold": 90})), (at(0), at(24 * 3600)));
    let report = backtest(&rule, &series, range);
    assert_eq!(report.sentence(&rule, &series, range, &Unit::PERCENT, None), want, "of {hosts:?}");
}

#[test]
fn a_sentence_says_what_would_have_been() {
    check(&["10x25"], "Would not have fired in the last 1 d; highest was 10.0 %.");
    check(&[""], "Nothing is known of the last 1 d.");
    check(
        &["10x5 95x2 10x4 95x3 10x11", "71x25", "10x23 95x2"],
        "Would have fired 3 times in the last 1 d on 2 of 3 hosts: 6 h in total, longest 3 h. Last: 2026-01-01 23:00 UTC web-3.",
    );
    check(
        &["_x18 10x2 95 10x4"],
        "Would have fired once in the last 1 d: 1 h in total, longest 1 h. Last: 2026-01-01 20:00 UTC web-1. Based on 6 h of data.",
    );
}

#[test]
fn what_is_not_on_its_way_is_told_as_that() {
    let tags = Tags::default();
    let points: Vec<Point> = (0..1000).map(|n| Point::new(at(n * 10), 50.0)).collect();
    let rule = rule(
        &json!({"measure": {"time_left": {"until": 100}}, "window": 3600, "condition": "less_than", "threshold": 7200}),
    );
    let (series, range) =
        ([Past { tags: &tags, points: &points, gaps: &[], interval: INTERVAL }], (at(1800), at(9990)));
    let sentence = backtest(&rule, &series, range).sentence(&rule, &series, range, &Unit::PERCENT, None);
    assert_eq!(sentence, "Would not have fired in the last 2 h 16 min; lowest was over ten years.");
}

#[test]
fn a_noisy_rule_is_offered_a_calmer_threshold() {
    let tags = Tags::default();
    // Up to 60 each five minutes, up to 80 three times, each with a short relief that a recovery five below sees through.
    let value = |n: i64| match (n % 30, n % 2880) {
        (_, 100 | 102) => 80.0,
        (_, 101) => 62.0,
        (0..5, _) => 60.0,
        _ => 10.0,
    };
    let points: Vec<Point> = (0..8640).map(|n| Point::new(at(n * 10), value(n))).collect();
    let series = [Past { tags: &tags, points: &points, gaps: &[], interval: INTERVAL }];
    let range = (at(0), at(86_390));
    let noisy = rule(&json!({"threshold": 50, "recovery_threshold": 45}));
    let report = backtest(&noisy, &series, range);
    assert!(report.is_noisy(range.1.since(range.0)), "{} firings", report.firings.len());
    let calmer = quieter(&noisy, &series, range).unwrap();
    assert!((60.0..65.0).contains(&calmer), "{calmer}");
    let report = backtest(&rule(&json!({"threshold": calmer, "recovery_threshold": calmer - 5.0})), &series, range);
    assert_eq!((report.firings.len(), report.is_noisy(range.1.since(range.0))), (3, false));
}
