//! The connection to the server as a state machine: an event and a moment in, at most one thing to do out.
//!
//! Invariant: [`Machine::step`] is pure; time and chance are arguments.
//! Invariant: no wait is shorter than the one before it, until waits are as long as they get.
//! May not know: sockets, timers, what the frames say.

use std::time::Duration;

use crate::model::Timestamp;

/// How the connection is, as the page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The first attempt, or one after a wait, is under way.
    Opening,
    /// The server speaks.
    Live,
    /// The connection failed; the next attempt comes by itself.
    Waiting {
        /// The number of the coming attempt, from 1.
        attempt: u32,
        /// Until it starts, rounded up.
        seconds: u32,
    },
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A frame came, whatever it says.
    Heard,
    /// The socket closed or could not be opened.
    Closed,
    /// Time passed.
    Tick,
    /// Somebody does not want to wait.
    Retry,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Open a new socket.
    Open,
    /// Ask the server whether it is there.
    Ping,
    /// Let the socket go.
    Drop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Opening { since: Timestamp },
    Live { since: Timestamp, heard: Timestamp, pinged: Option<Timestamp> },
    Waiting { until: Timestamp },
}

/// The machine. It starts with a first attempt under way: its maker opens the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    state: State,
    /// Attempts that failed since the connection was last steady.
    failed: u32,
    patience: Duration,
}

/// The wait after the first failed attempt.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// An attempt that nothing is heard of for so long has failed.
const OPENING: Duration = Duration::from_secs(10);
/// A server is asked whether it is there after this much silence at the least.
const SILENCE: Duration = Duration::from_secs(5);
/// It has so long to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// A connection that has lasted so long is steady: its end starts the waits afresh.
const STEADY: Duration = Duration::from_secs(8);

/// The wait after so many failed attempts: half a second, doubled each time up to eight; of that at least half,
/// the rest by `chance` (from 0 to 1), so that the pages of a server that was restarted do not come all at once.
#[must_use]
pub fn wait(failed: u32, chance: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(failed.saturating_sub(1)));
    let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 1.0 };
    doubled.min(LONGEST_WAIT).mul_f64(0.5 + 0.5 * chance)
}

impl Machine {
    /// A first attempt starts `now`; frames are expected each `interval`.
    #[must_use]
    pub fn new(now: Timestamp, interval: Duration) -> Self {
        Self { state: State::Opening { since: now }, failed: 0, patience: interval.saturating_mul(3).max(SILENCE) }
    }

    /// What happened becomes what to do.
    pub fn step(&mut self, event: Event, now: Timestamp, chance: f64) -> Option<Action> {
        match (self.state, event) {
            (State::Opening { .. }, Event::Heard) => self.go(State::Live { since: now, heard: now, pinged: None }),
            (State::Opening { since }, Event::Tick) if now.since(since) >= OPENING => self.fail(now, chance),
            (State::Live { since, .. }, Event::Heard) => self.go(State::Live { since, heard: now, pinged: None }),
            (State::Live { pinged: Some(at), since, .. }, Event::Tick) if now.since(at) >= ANSWER => {
                self.settle(since, now);
                self.fail(now, chance)
            }
            (State::Live { heard, pinged: None, since }, Event::Tick) if now.since(heard) > self.patience => {
                self.state = State::Live { since, heard, pinged: Some(now) };
                Some(Action::Ping)
            }
            (State::Live { since, .. }, Event::Closed) => {
                self.settle(since, now);
                self.fail(now, chance)
            }
            (State::Opening { .. }, Event::Closed) => self.fail(now, chance),
            (State::Waiting { until }, Event::Tick) if now >= until => self.open(now),
            (State::Waiting { .. }, Event::Retry) => self.open(now),
            // A frame or an end of a socket that was let go, a tick before its time, a retry that is under way.
            (State::Waiting { .. }, _) | (_, Event::Tick | Event::Retry) => None,
        }
    }

    /// How the connection is.
    #[must_use]
    pub fn link(&self, now: Timestamp) -> Link {
        match self.state {
            State::Opening { .. } => Link::Opening,
            State::Live { .. } => Link::Live,
            State::Waiting { until } => {
                let seconds = until.since(now).as_millis().div_ceil(1000);
                Link::Waiting { attempt: self.failed, seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }
            }
        }
    }

    fn go(&mut self, state: State) -> Option<Action> {
        self.state = state;
        None
    }

    fn open(&mut self, now: Timestamp) -> Option<Action> {
        self.state = State::Opening { since: now };
        Some(Action::Open)
    }

    fn fail(&mut self, now: Timestamp, chance: f64) -> Option<Action> {
        self.failed = self.failed.saturating_add(1);
        self.state = State::Waiting { until: now + wait(self.failed, chance) };
        Some(Action::Drop)
    }

    fn settle(&mut self, since: Timestamp, now: Timestamp) {
        if now.since(since) >= STEADY {
            self.failed = 0;
        }
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
