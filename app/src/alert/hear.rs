//! What people hear of an alert: the difference between what they were told and what is so.
//!
//! Invariant: nothing is lost by being held back. Who is told nothing for a while is told afterwards what has become of it.
//! Invariant: it never takes flapping or quiet to swallow that something got worse than anybody was told.
//! May not know: channels, and why it is to be quiet.

use serde::{Deserialize, Serialize};

use super::flap::{Flap, Verdict};
use super::rule::Rule;
use super::severity::Severity;
use super::template::Facts;
use crate::model::{Tags, Timestamp};
use crate::words;

/// What people were told of one rule and one series. It outlives restarts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ear {
    /// How bad they think it is.
    told: Option<Severity>,
    /// How bad it was when last looked at.
    level: Option<Severity>,
    /// Since when it has been bad.
    since: Option<Timestamp>,
    flap: Flap,
}

/// What is said, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// It has begun.
    Fired(Severity),
    /// It has become worse.
    Raised(Severity),
    /// It has become less bad.
    Lowered(Severity),
    /// It is over.
    Resolved,
    /// It comes and goes; no more is said of each time.
    Flapping {
        /// How often it changed within the last hour.
        changes: u32,
        /// How bad it is at the moment.
        level: Option<Severity>,
    },
    /// It still comes and goes.
    StillFlapping {
        /// How often it has changed since that was last said.
        changes: u32,
        /// How bad it is at the moment.
        level: Option<Severity>,
    },
    /// It comes and goes no more.
    Settled(Option<Severity>),
}

/// What is to be said, given how bad it is now. `quiet`: not now, whatever it is.
#[must_use]
pub fn hear(before: &Ear, level: Option<Severity>, quiet: bool, now: Timestamp) -> (Ear, Option<Message>) {
    if *before == Ear::default() && level.is_none() {
        return (Ear::default(), None);
    }
    let mut ear = before.clone();
    let changed = before.level != level;
    ear.level = level;
    if before.level.is_none() && level.is_some() {
        ear.since = Some(now);
    }
    let verdict = ear.flap.look(changed, quiet, now);
    if quiet {
        return (ear, None);
    }
    let message = match (verdict, ear.told, level) {
        // Worse than anybody knows: nothing holds that back.
        (Verdict::Flapping, told, Some(level)) if Some(level) > told => Some(Message::Raised(level)),
        (Verdict::Flapping, ..) => None,
        (Verdict::Begins(changes), ..) => Some(Message::Flapping { changes, level }),
        (Verdict::GoesOn(changes), ..) => Some(Message::StillFlapping { changes, level }),
        (Verdict::Ends, ..) => Some(Message::Settled(level)),
        (Verdict::Steady, None, Some(level)) => Some(Message::Fired(level)),
        (Verdict::Steady, Some(told), Some(level)) if level > told => Some(Message::Raised(level)),
        (Verdict::Steady, Some(told), Some(level)) if level < told => Some(Message::Lowered(level)),
        (Verdict::Steady, Some(_), None) => Some(Message::Resolved),
        (Verdict::Steady, ..) => None,
    };
    match message {
        // While it flaps, people are to know the worst they heard of, so that it is not said again each time.
        Some(Message::Flapping { .. } | Message::StillFlapping { .. }) => ear.told = ear.told.max(level),
        Some(_) => ear.told = level,
        None => {}
    }
    let over = level.is_none() && ear.told.is_none() && verdict == Verdict::Steady && ear.flap.is_calm(now);
    (if over { Ear::default() } else { ear }, message)
}

impl Ear {
    /// Since when it has been bad, or was.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Whether it comes and goes.
    #[must_use]
    pub fn is_flapping(&self) -> bool {
        self.flap.is_flapping()
    }
}

impl Message {
    /// In a line. The facts are those of the moment; of a resolved alert, its severity is the one it had.
    #[must_use]
    pub fn text(self, facts: &Facts<'_>) -> String {
        let with = |severity| facts.rule.summary().render(&Facts { severity, ..*facts });
        let name = facts.rule.name();
        let so = |level: Option<Severity>| level.map_or_else(|| "well".to_owned(), |level| level.to_string());
        match self {
            Self::Fired(level) => with(level),
            Self::Raised(level) => format!("Now {level}: {}", with(level)),
            Self::Lowered(level) => format!("Only {level} now: {}", with(level)),
            Self::Resolved => match facts.value {
                Some(_) => format!("Resolved: {name} after {}", words::duration(facts.now.since(facts.since))),
                None => format!("Resolved, since there are no more samples: {name}"),
            },
            Self::Flapping { changes, level } => {
                format!("Flapping: {name} changed {changes} times within an hour, is {} now", so(level))
            }
            Self::StillFlapping { changes, level } => {
                format!("Still flapping: {name} changed {changes} times since, is {} now", so(level))
            }
            Self::Settled(level) => format!("No longer flapping: {name} is {}", so(level)),
        }
    }
}

/// Which of the rules that a rule is quiet for fires for the same host, if any. `firing` are all that do, with their series.
#[must_use]
pub fn quieted_by<'a>(
    rule: &Rule,
    tags: &Tags,
    firing: impl IntoIterator<Item = (&'a Rule, &'a Tags)>,
) -> Option<&'a str> {
    let names = &rule.draft().quiet_while;
    if names.is_empty() {
        return None;
    }
    let same_host = |other: &Tags| tags.get("host") == other.get("host");
    firing
        .into_iter()
        .find(|(other, of)| names.iter().any(|name| name == other.name()) && same_host(of))
        .map(|(other, _)| other.name())
}

#[cfg(test)]
#[path = "hear_tests.rs"]
mod tests;
