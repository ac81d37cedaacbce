//! Conversations with the machine: at each moment an event, and what is to be done and seen then.

use proptest::prelude::*;

use super::Action::{Drop, Open, Ping};
use super::Event::{Closed, Heard, Retry, Tick};
use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// Plays events at their milliseconds, with waits at their longest.
#[track_caller]
fn check(interval_ms: u64, script: &[(i64, Event, Option<Action>, Link)]) {
    let mut machine = Machine::new(at(0), Duration::from_millis(interval_ms));
    for &(ms, event, action, link) in script {
        assert_eq!(machine.step(event, at(ms), 1.0), action, "at {ms}: {event:?}");
        assert_eq!(machine.link(at(ms)), link, "at {ms} after {event:?}");
    }
}

const fn waiting(attempt: u32, seconds: u32) -> Link {
    Link::Waiting { attempt, seconds }
}

#[test]
fn it_is_live_when_the_server_speaks() {
    check(1000, &[(10, Tick, None, Link::Opening), (20, Heard, None, Link::Live), (30, Retry, None, Link::Live)]);
}

#[test]
fn waits_double_up_to_eight_seconds() {
    check(
        1000,
        &[
            (0, Closed, Some(Drop), waiting(1, 1)),
            (499, Tick, None, waiting(1, 1)),
            (500, Tick, Some(Open), Link::Opening),
            (600, Closed, Some(Drop), waiting(2, 1)),
            (1600, Tick, Some(Open), Link::Opening),
            (1600, Closed, Some(Drop), waiting(3, 2)),
            (3600, Tick, Some(Open), Link::Opening),
            (3600, Closed, Some(Drop), waiting(4, 4)),
            (7600, Tick, Some(Open), Link::Opening),
            (7600, Closed, Some(Drop), waiting(5, 8)),
            (10_000, Tick, None, waiting(5, 6)),
            (15_600, Tick, Some(Open), Link::Opening),
            (15_600, Closed, Some(Drop), waiting(6, 8)),
        ],
    );
}

#[test]
fn nobody_has_to_wait() {
    check(1000, &[(0, Closed, Some(Drop), waiting(1, 1)), (1, Retry, Some(Open), Link::Opening)]);
}

#[test]
fn an_attempt_that_hangs_has_failed() {
    check(1000, &[(9999, Tick, None, Link::Opening), (10_000, Tick, Some(Drop), waiting(1, 1))]);
}

#[test]
fn a_silent_server_is_asked_and_then_given_up() {
    check(
        1000,
        &[
            (0, Heard, None, Link::Live),
            (5000, Tick, None, Link::Live),
            (5001, Tick, Some(Ping), Link::Live),
            (5250, Tick, None, Link::Live),
            (10_000, Tick, None, Link::Live),
            (10_001, Tick, Some(Drop), waiting(1, 1)),
        ],
    );
}

#[test]
fn an_answer_is_a_sign_of_life() {
    check(
        1000,
        &[
            (0, Heard, None, Link::Live),
            (5001, Tick, Some(Ping), Link::Live),
            (9000, Heard, None, Link::Live),
            (10_001, Tick, None, Link::Live),
            (14_001, Tick, Some(Ping), Link::Live),
        ],
    );
}

#[test]
fn a_slow_stream_is_given_three_intervals() {
    check(
        10_000,
        &[(0, Heard, None, Link::Live), (30_000, Tick, None, Link::Live), (30_001, Tick, Some(Ping), Link::Live)],
    );
}

#[test]
fn only_a_steady_connection_starts_the_waits_afresh() {
    check(
        1000,
        &[
            (0, Closed, Some(Drop), waiting(1, 1)),
            (500, Tick, Some(Open), Link::Opening),
            (600, Heard, None, Link::Live),
            (700, Closed, Some(Drop), waiting(2, 1)),
            (1700, Tick, Some(Open), Link::Opening),
            (1800, Heard, None, Link::Live),
            (9800, Closed, Some(Drop), waiting(1, 1)),
        ],
    );
}

#[test]
fn what_comes_from_a_socket_that_was_let_go_changes_nothing() {
    check(
        1000,
        &[(0, Closed, Some(Drop), waiting(1, 1)), (10, Heard, None, waiting(1, 1)), (20, Closed, None, waiting(1, 1))],
    );
}

proptest! {
    #[test]
    fn waits_grow_and_have_an_end(failed in 1..40_u32, chance in 0.0..=1.0_f64, other in 0.0..=1.0_f64) {
        let (this, next) = (wait(failed, chance), wait(failed + 1, other));
        prop_assert!(this >= Duration::from_millis(250) && this <= Duration::from_secs(8));
        prop_assert!(failed >= 5 || this <= next, "{this:?} then {next:?}");
    }

    /// Whatever happens, it never lets go what it does not have and never opens a second socket.
    #[test]
    fn at_most_one_socket_is_open(events in proptest::collection::vec((0..4_u8, 0..9000_i64), 0..80)) {
        let mut machine = Machine::new(at(0), Duration::from_secs(1));
        let (mut open, mut now) = (true, 0);
        for (event, later) in events {
            now += later;
            let event = [Heard, Closed, Tick, Retry][usize::from(event)];
            match machine.step(event, at(now), 0.5) {
                Some(Open) => prop_assert!(!std::mem::replace(&mut open, true)),
                Some(Drop) => prop_assert!(std::mem::replace(&mut open, false)),
                Some(Ping) => prop_assert!(open),
                None => {}
            }
            prop_assert_eq!(open, !matches!(machine.link(at(now)), Link::Waiting { .. }));
        }
    }
}
