//! The steps against what they are to mean, spelt out over the whole past.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const SECOND: i64 = 1000;
const INTERVAL: i64 = 10;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis((1_767_225_600 + secs) * SECOND)
}

fn tick(secs: i64) -> Tick {
    Tick { now: at(secs), interval: Duration::from_secs(10) }
}

/// Bad above 10, well again at 8 or below; times in samples.
fn rule(hold: i64, keep: i64, hits: u32, policy: &str) -> Rule {
    serde_json::from_value(
        json!({"name": "r", "metric_name": "m", "condition": "greater_than", "threshold": 10, "recovery_threshold": 8,
        "for": hold * INTERVAL, "keep_firing_for": keep * INTERVAL, "consecutive_violations": hits, "no_data": policy}),
    )
    .unwrap()
}

fn sample(rule: &Rule, state: &State, value: f64, secs: i64) -> State {
    step(rule, state, Observation::Value { value, at: at(secs) }, tick(secs)).0
}

fn fires(state: &State) -> bool {
    state.level().is_some()
}

proptest! {
    #[test]
    fn on_a_regular_series_it_is_what_the_last_samples_say(
        values in prop::collection::vec(prop::sample::select(vec![5.0, 9.0, 12.0]), 1..120),
        (hold, keep, hits) in (0..6_i64, 0..6_i64, 1..5_u32),
    ) {
        let rule = rule(hold, keep, hits, "keep");
        let (mut state, mut wanted) = (State::default(), false);
        for (n, &value) in values.iter().enumerate() {
            state = sample(&rule, &state, value, i64::try_from(n).unwrap() * INTERVAL);
            // As many samples in a row as the time has, and one to begin with.
            let row = |of: i64, is: &dyn Fn(f64) -> bool| {
                let of = usize::try_from(of).unwrap();
                n + 1 >= of && values[n + 1 - of..=n].iter().all(|value| is(*value))
            };
            wanted = match wanted {
                false => row((hold + 1).max(i64::from(hits)), &|value| value > 10.0),
                true => !row(keep + 1, &|value| value <= 8.0),
            };
            prop_assert_eq!(fires(&state), wanted, "at sample {} of {:?}", n, values);
        }
    }

    #[test]
    fn a_clock_that_leaps_neither_hurries_nor_stops_anything(
        leaps in prop::collection::vec((-5000..5000_i64, 1..20_i64), 1..10),
        (hold, keep) in (1..6_i64, 1..6_i64),
        bad_first: bool,
    ) {
        let rule = rule(hold, keep, 1, "keep");
        let (mut state, mut now) = (State::default(), 0);
        let value = |bad: bool| if bad { 12.0 } else { 5.0 };
        let mut bad = bad_first;
        let mut same = 0;
        for (leap, samples) in leaps {
            now += leap;
            for _ in 0..samples {
                state = sample(&rule, &state, value(bad), now);
                same += 1;
                prop_assert!(same > hold || !bad || !fires(&state), "after {same} samples");
                now += INTERVAL;
            }
            // A last leap may have cost all that was counted; after that it takes no more than it says.
            for _ in 0..(hold + keep + 2) {
                state = sample(&rule, &state, value(bad), now);
                now += INTERVAL;
            }
            prop_assert_eq!(fires(&state), bad);
            bad = !bad;
            same = 0;
        }
    }

    #[test]
    fn samples_that_are_missing_change_nothing_that_the_policy_does_not_say(
        cause in prop::sample::select(vec![
            Cause::ProcessDown, Cause::Suspended, Cause::ClockJump, Cause::NotYet, Cause::CollectorError,
            Cause::Permission, Cause::Unreachable, Cause::Gone, Cause::Unknown,
        ]),
        policy in prop::sample::select(vec!["keep", "alert", "resolve"]),
        bad: bool,
        missing in 1..50_i64,
    ) {
        let rule = rule(0, 0, 1, policy);
        let before = sample(&rule, &State::default(), if bad { 12.0 } else { 5.0 }, 0);
        let mut state = before;
        for n in 1..=missing {
            state = step(&rule, &state, Observation::Gap { cause, since: at(0) }, tick(n * INTERVAL)).0;
        }
        let known = matches!(cause, Cause::CollectorError | Cause::Permission | Cause::Unreachable);
        let unknown = matches!(cause, Cause::Gone | Cause::Unknown);
        let wanted = match policy {
            "alert" if known || unknown => true,
            "resolve" if unknown => false,
            _ => bad,
        };
        prop_assert_eq!(fires(&state), wanted);
        // What comes afterwards decides.
        let after = (missing + 1) * INTERVAL;
        prop_assert!(fires(&sample(&rule, &state, 12.0, after)) && !fires(&sample(&rule, &state, 5.0, after)));
    }
}

#[test]
fn a_level_that_is_taken_out_of_a_rule_counts_no_more() {
    let with = |levels| -> Rule {
        serde_json::from_value(json!({"name": "r", "metric_name": "m", "condition": "greater_than", "levels": levels}))
            .unwrap()
    };
    let (both, mild) = (with(json!({"warning": 10, "critical": 20})), with(json!({"warning": 10})));
    let state = sample(&both, &State::default(), 25.0, 0);
    assert_eq!(state.level(), Some(Severity::Critical));
    assert_eq!(sample(&mild, &state, 25.0, 10).level(), Some(Severity::Warning));
    let gone = step(&mild, &state, Observation::Gap { cause: Cause::Unknown, since: at(0) }, tick(40)).0;
    assert_eq!(gone.level(), Some(Severity::Warning));
}

#[test]
fn an_old_sample_that_is_found_again_ends_the_gap() {
    let rule = rule(0, 0, 1, "keep");
    let bad = sample(&rule, &State::default(), 12.0, 0);
    let gone = step(&rule, &bad, Observation::Gap { cause: Cause::Unknown, since: at(0) }, tick(40)).0;
    assert_eq!(gone.name(), Name::NoData);
    // The clock was set back by half a minute.
    let found = step(&rule, &gone, Observation::Value { value: 12.0, at: at(0) }, tick(10)).0;
    assert_eq!(found.phase(), Phase::Firing { since: at(0), level: Severity::Warning });
}

#[test]
fn what_is_shown_has_its_details() {
    let rule = rule(6, 6, 1, "keep");
    let mut state = State::default();
    assert_eq!(state.phase(), Phase::Inactive);
    for secs in [0, 10, 20] {
        state = sample(&rule, &state, 12.0, secs);
    }
    let level = Severity::Warning;
    assert_eq!(state.phase(), Phase::Pending { since: at(0), level, held: Duration::from_secs(20), hits: 3 });
    for secs in (30..=100).step_by(10) {
        state = sample(&rule, &state, 12.0, secs);
    }
    assert_eq!(state.phase(), Phase::Firing { since: at(60), level });
    let gone = step(&rule, &state, Observation::Gap { cause: Cause::Gone, since: at(100) }, tick(140)).0;
    assert_eq!(
        gone.phase(),
        Phase::NoData { since: at(100), cause: Cause::Gone, before: Name::Firing, level: Some(level) }
    );
    assert_eq!((gone.no_data_since(), gone.firing_since()), (Some(at(100)), Some(at(60))));
    for secs in [110, 120] {
        state = sample(&rule, &state, 5.0, secs);
    }
    assert_eq!(state.phase(), Phase::Recovering { since: at(110), level, held: Duration::from_secs(10) });
    for secs in (130..=200).step_by(10) {
        state = sample(&rule, &state, 5.0, secs);
    }
    assert_eq!(state.phase(), Phase::Resolved { since: at(170) });
}
