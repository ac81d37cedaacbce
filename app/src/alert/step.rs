//! Alert state: an observation and a moment in, a state and at most one transition out.
//!
//! Each level of a rule is a rung that is off or on. It goes on when values have been beyond its threshold for long enough, and off
//! when they have been on the other side of its recovery for long enough. The alert is as bad as the highest rung that is on; what is
//! shown, [`Phase`], follows from the rungs.
//!
//! Invariant: [`step`] is pure; equal inputs give equal outputs, whatever ran before.
//! Invariant: a series that is well has the state [`State::default`], in which no time is kept that could go wrong.
//! Invariant: a gap counts neither towards firing nor towards resolving. While samples are missing only the rule's policy decides, and it
//! is told why they are.
//!
//! # Time
//! Only time that was watched counts: from one sample to the next, if they are at most three intervals apart; an old sample is not
//! counted again. Of a longer stretch (samples were missing, Telltale did not run, the machine slept, the clock was set forward) and of one
//! that goes backwards nothing counts, so that waking up neither fires nor resolves by itself; what was counted before stays and goes on.
//! Only where the stretch is longer than all that has to be waited for, the count begins again: what is bad after a weekend's sleep is
//! not what was bad before it.
//!
//! May not know: where values come from, who is told, what time it is.
//! Start reading at [`step`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Cause;
use super::draft::NoDataPolicy;
use super::observe::{Observation, Tick};
use super::phase::{Name, Phase, Transition};
use super::rule::{Level, Rule};
use super::severity::{Condition, Direction, Severity};
use crate::model::Timestamp;

/// What is remembered of one rule and one series. It outlives restarts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    /// By severity.
    rungs: [Rung; 4],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Last>,
    /// When what is shown began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// When the lowest rung went on, or when the last one went off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turned: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<Missing>,
}

/// One level, off or on, and what has been counted towards the other.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Rung {
    on: bool,
    /// Milliseconds.
    held: u32,
    /// Samples; 0: nothing is being counted.
    hits: u32,
}

/// The last value there was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Last {
    /// When it was looked at.
    tick: Timestamp,
    /// The time of its newest sample.
    sample: Timestamp,
}

/// Samples that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Missing {
    since: Timestamp,
    cause: Cause,
    /// When that was last looked at.
    tick: Timestamp,
    /// Milliseconds of it that were watched.
    held: u32,
    /// Whether the rule's policy has done what it does.
    acted: bool,
}

/// Where a value lies, as one level sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Beyond the threshold.
    Beyond,
    /// Between threshold and recovery.
    Between,
    /// On the good side of both.
    Clear,
}

/// The time since the last value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elapsed {
    /// Watched, in milliseconds.
    Watched(u32),
    /// Nobody knows what was meanwhile, for so many milliseconds.
    Unwatched(u32),
}

/// The next state of a rule for one series.
#[must_use]
pub fn step(rule: &Rule, before: &State, seen: Observation, tick: Tick) -> (State, Option<Transition>) {
    // Nearly all series are well nearly always.
    if *before == State::default() && is_quiet(rule, seen) {
        return (*before, None);
    }
    let mut after = match seen {
        Observation::Value { value, at } => valued(rule, before, value, at, tick),
        Observation::Gap { cause, since } => missed(rule, before, cause, since, tick),
    };
    let (from, to) = (before.name(), after.name());
    let (was, level) = (before.level(), after.level());
    if from != to {
        after.since = Some(tick.now);
    }
    match (was, level) {
        (None, Some(_)) | (Some(_), None) => after.turned = Some(tick.now),
        _ => {}
    }
    if to == Name::Inactive && after.missing.is_none() {
        after = State::default();
    }
    let (value, cause) = match seen {
        Observation::Value { value, .. } => (Some(value), None),
        Observation::Gap { cause, .. } => (None, Some(cause)),
    };
    let changed = from != to || was != level;
    (after, changed.then_some(Transition { at: tick.now, from, to, was, level, value, cause }))
}

/// Whether a state in which all is well stays as it is.
fn is_quiet(rule: &Rule, seen: Observation) -> bool {
    match seen {
        Observation::Value { value, .. } => {
            rule.levels().first().is_none_or(|mildest| !rule.draft().condition.holds(value, mildest.threshold))
        }
        Observation::Gap { cause, .. } => cause == Cause::NotYet,
    }
}

/// With a value: each rung for itself.
fn valued(rule: &Rule, before: &State, value: f64, at: Timestamp, tick: Tick) -> State {
    // To look twice at one sample changes nothing, but that it is there.
    if before.last.is_some_and(|last| last.sample == at) {
        return State { missing: None, ..*before };
    }
    let elapsed = before.last.map_or(Elapsed::Watched(0), |last| elapsed(last.tick, tick));
    let mut after =
        State { missing: None, last: Some(Last { tick: tick.now, sample: at }), rungs: Default::default(), ..*before };
    for level in rule.levels() {
        let side = side(level, rule.draft().condition, value);
        if let (Some(old), Some(new)) = (before.rung(level), after.rung_mut(level)) {
            *new = rung(*old, side, rule, elapsed, tick);
        }
    }
    after
}

/// One level, given where the value lies.
fn rung(rung: Rung, side: Side, rule: &Rule, elapsed: Elapsed, tick: Tick) -> Rung {
    let draft = rule.draft();
    match (rung.on, side) {
        // Bad and not told: it counts, and is told once it has been so for long enough, in enough samples.
        (false, Side::Beyond) => {
            let counted = rung.count(elapsed, draft.hold, tick);
            let enough = counted.held >= ms(draft.hold) && counted.hits >= draft.consecutive_violations;
            if enough { Rung::ON } else { counted }
        }
        // A single value that is not bad begins the count anew.
        (false, Side::Between | Side::Clear) => Rung::default(),
        // Well and told as bad: it counts, and is told once it has been so for long enough.
        (true, Side::Clear) => {
            let counted = rung.count(elapsed, draft.keep, tick);
            if counted.held >= ms(draft.keep) { Rung::default() } else { counted }
        }
        // Bad, or not yet well enough: it stays bad.
        (true, Side::Beyond | Side::Between) => Rung::ON,
    }
}

/// Without a value: nothing changes but by the rule's policy.
fn missed(rule: &Rule, before: &State, cause: Cause, since: Timestamp, tick: Tick) -> State {
    let draft = rule.draft();
    let mut missing = before.missing.unwrap_or(Missing { since, cause, tick: tick.now, held: 0, acted: false });
    if let Elapsed::Watched(ms) = elapsed(missing.tick, tick)
        && !cause.is_ours()
    {
        missing.held = missing.held.saturating_add(ms);
    }
    missing = Missing { cause, tick: tick.now, ..missing };
    let mut after = *before;
    for (severity, rung) in Severity::ALL.into_iter().zip(&mut after.rungs) {
        // Somebody took that level out of the rule.
        if rule.threshold(severity).is_none() {
            *rung = Rung::default();
        }
    }
    match draft.no_data {
        NoDataPolicy::Keep => {}
        // Not to know is as bad as it gets mildest; what is worse already stays so.
        NoDataPolicy::Alert if !cause.is_ours() && missing.held >= ms(draft.hold) => {
            missing.acted = true;
            if let Some(mildest) = rule.levels().first().and_then(|level| after.rung_mut(level)) {
                *mildest = Rung::ON;
            }
        }
        // The series has ended, and what was wrong with it too.
        NoDataPolicy::Resolve if cause.may_be_the_end() && missing.held >= ms(draft.keep) => {
            missing.acted = true;
            after.rungs = Default::default();
        }
        NoDataPolicy::Alert | NoDataPolicy::Resolve => {}
    }
    after.missing = Some(missing);
    after
}

/// Where a value lies, as a level sees it.
fn side(level: &Level, condition: Condition, value: f64) -> Side {
    let between = match condition.direction() {
        Direction::Up => value > level.recovery,
        Direction::Down => value < level.recovery,
        Direction::None => false,
    };
    match (condition.holds(value, level.threshold), between) {
        (true, _) => Side::Beyond,
        (false, true) => Side::Between,
        (false, false) => Side::Clear,
    }
}

/// The time between two ticks.
fn elapsed(before: Timestamp, tick: Tick) -> Elapsed {
    let passed = tick.now.since(before);
    if passed <= tick.patience() { Elapsed::Watched(ms(passed)) } else { Elapsed::Unwatched(ms(passed)) }
}

/// Forty-nine days at most, which is more than any rule waits.
fn ms(of: Duration) -> u32 {
    u32::try_from(of.as_millis()).unwrap_or(u32::MAX)
}

impl Rung {
    const ON: Self = Self { on: true, held: 0, hits: 0 };

    /// One more sample, towards something that has to hold for `wanted`.
    fn count(self, elapsed: Elapsed, wanted: Duration, tick: Tick) -> Self {
        let begins = Self { held: 0, hits: 1, ..self };
        match elapsed {
            _ if self.hits == 0 => begins,
            Elapsed::Unwatched(away) if away > ms(wanted.max(tick.patience())) => begins,
            Elapsed::Watched(ms) => {
                Self { held: self.held.saturating_add(ms), hits: self.hits.saturating_add(1), ..self }
            }
            Elapsed::Unwatched(_) => Self { hits: self.hits.saturating_add(1), ..self },
        }
    }
}

impl State {
    fn rung(&self, level: &Level) -> Option<&Rung> {
        self.rungs.get(level.severity as usize)
    }

    fn rung_mut(&mut self, level: &Level) -> Option<&mut Rung> {
        self.rungs.get_mut(level.severity as usize)
    }

    fn highest(&self, is: impl Fn(&Rung) -> bool) -> Option<Severity> {
        Severity::ALL.into_iter().zip(&self.rungs).rev().find(|(_, rung)| is(rung)).map(|(severity, _)| severity)
    }

    /// How bad it is, where it counts as bad.
    #[must_use]
    pub fn level(&self) -> Option<Severity> {
        self.highest(|rung| rung.on)
    }

    /// Since when it fires, where it does.
    #[must_use]
    pub fn firing_since(&self) -> Option<Timestamp> {
        self.turned.filter(|_| self.level().is_some())
    }

    /// Since when samples are missing, where they are.
    #[must_use]
    pub fn no_data_since(&self) -> Option<Timestamp> {
        self.missing.map(|missing| missing.since)
    }

    /// What is shown, without details.
    #[must_use]
    pub fn name(&self) -> Name {
        if self.missing.is_some_and(|missing| !missing.acted) { Name::NoData } else { self.beneath() }
    }

    /// What is so, or was before samples went missing.
    fn beneath(&self) -> Name {
        let on = self.rungs.iter().any(|rung| rung.on);
        let all_end = self.rungs.iter().filter(|rung| rung.on).all(|rung| rung.hits > 0);
        let counting = self.rungs.iter().any(|rung| rung.hits > 0);
        match (on, counting) {
            (true, true) if all_end => Name::Recovering,
            (true, _) => Name::Firing,
            (false, true) => Name::Pending,
            (false, false) if self.turned.is_some() => Name::Resolved,
            (false, false) => Name::Inactive,
        }
    }

    /// What is shown.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let since = self.since.unwrap_or_default();
        let level = self.level();
        let counted = |severity: Severity| self.rungs.get(severity as usize).copied().unwrap_or_default();
        let held = |severity| Duration::from_millis(u64::from(counted(severity).held));
        match (self.name(), self.missing, level) {
            (Name::NoData, Some(missing), level) => {
                Phase::NoData { since: missing.since, cause: missing.cause, before: self.beneath(), level }
            }
            (Name::Firing, _, Some(level)) => Phase::Firing { since: self.turned.unwrap_or(since), level },
            (Name::Recovering, _, Some(level)) => Phase::Recovering { since, level, held: held(level) },
            (Name::Resolved, ..) => Phase::Resolved { since },
            (Name::Pending, ..) => match self.highest(|rung| rung.hits > 0) {
                Some(level) => Phase::Pending { since, level, held: held(level), hits: counted(level).hits },
                None => Phase::Inactive,
            },
            _ => Phase::Inactive,
        }
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
