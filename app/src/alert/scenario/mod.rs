//! A story of samples, gaps and restarts, and what is to come of it: the file that `rules test` reads.
//!
//! Times are those of a clock that nobody sets and that runs from the story's beginning; what the machine's clock says meanwhile is what
//! `clock` makes of it.
//!
//! Invariant: the same file has the same outcome, whenever and wherever it is run.
//! Start reading at [`Scenario`]; [`Scenario::run`] plays it.

mod notation;
mod run;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use notation::{Time, Unreadable, samples};
pub use run::Outcome;

use super::Cause;
use super::phase::Name;
use super::rule::Rule;
use super::severity::Severity;
use crate::model::Unit;

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, for people.
    pub about: String,
    /// How often samples are taken and rules are looked at.
    pub interval: Time,
    /// How long the story is; else until the last sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The samples, by metric and tags: `load_average{period="1m"}`. The first one is taken at the beginning.
    pub series: BTreeMap<String, Line>,
    /// Why samples are missing, where that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Missing>,
    /// What happens to Telltale and its machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// All transitions, in their order.
    pub expect: Vec<Expected>,
    /// All that people hear, in its order; not looked at where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hears: Option<Vec<Heard>>,
}

/// The samples of a series, short or with more to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a series is a text of samples or {\"values\": \"1 2\", \"every\": \"10s\", \"unit\": \"percent\"}"
)]
pub enum Line {
    /// One sample an interval, without a unit.
    Values(String),
    /// With more to say.
    Full {
        /// In the notation of [`samples`].
        values: String,
        /// How often samples are taken; else each interval.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        every: Option<Time>,
        /// The metric's unit.
        #[serde(default)]
        unit: Option<Unit>,
    },
}

/// Why samples are missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Of which series; else of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// From when on.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// Why.
    pub cause: Cause,
}

/// Something that happens to Telltale or its machine. What would be sampled while nobody runs is lost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "what")]
pub enum Event {
    /// Telltale ends, and begins again with what it had written down.
    Restart {
        /// When it ends.
        at: Time,
        /// How long it is away.
        down: Time,
    },
    /// The machine sleeps.
    Suspend {
        /// When it falls asleep.
        at: Time,
        /// How long it sleeps.
        down: Time,
    },
    /// Somebody sets the clock.
    Clock {
        /// When.
        at: Time,
        /// By how many seconds, back where that is negative.
        by: i32,
    },
}

/// A transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// When.
    pub at: Time,
    /// Of which rule, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Of which series, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The phase before.
    pub from: Name,
    /// The phase after.
    pub to: Name,
    /// How bad it counts then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Severity>,
}

/// What people hear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heard {
    /// When.
    pub at: Time,
    /// The line.
    pub text: String,
}

/// Why a scenario cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The text of a series.
    #[error("series {series}: {why}")]
    Samples {
        /// Its key.
        series: String,
        /// What is wrong.
        why: Unreadable,
    },
    /// The key of a series.
    #[error("{0:?} names no series; as in load_average{{period=\"1m\"}}")]
    Key(String),
    /// An interval that is nothing.
    #[error("interval: found 0s; allowed: more than that")]
    Interval,
    /// Rules that do not go together.
    #[error("the rule {0:?}: {1}")]
    Rules(String, String),
    /// The state cannot be kept. This is a mistake of ours.
    #[error("a state does not outlive a restart: {0}")]
    State(String),
}

/// What differs between what was to come and what came; empty where nothing does.
#[must_use]
pub fn differences(scenario: &Scenario, outcome: &Outcome) -> String {
    let transitions = |all: &[Expected]| all.iter().map(|one| line(one, scenario)).collect::<Vec<_>>();
    let mut text = compare(&transitions(&scenario.expect), &transitions(&outcome.transitions));
    if let Some(hears) = &scenario.hears {
        let heard =
            |all: &[Heard]| all.iter().map(|one| format!("{} hears {:?}", one.at, one.text)).collect::<Vec<_>>();
        text.push_str(&compare(&heard(hears), &heard(&outcome.heard)));
    }
    text
}

/// A transition in a line. Which rule and which series is said where there are several.
fn line(of: &Expected, scenario: &Scenario) -> String {
    let name = |name: Name| serde_json::to_string(&name).unwrap_or_default().replace('"', "");
    let rule = of.rule.as_deref().filter(|_| scenario.rules.len() > 1).map(|rule| format!(" [{rule}]"));
    let series = of.series.as_deref().filter(|_| scenario.series.len() > 1).map(|series| format!(" {series}"));
    let level = of.level.map(|level| format!(" {level}"));
    let [rule, series, level] = [rule, series, level].map(Option::unwrap_or_default);
    format!("{}{rule}{series}: {} -> {}{level}", of.at, name(of.from), name(of.to))
}

/// Two lists of lines, side by side as far as they differ.
fn compare(want: &[String], got: &[String]) -> String {
    if want == got {
        return String::new();
    }
    let same = want.iter().zip(got).take_while(|(want, got)| want == got).count();
    let show = |sign, lines: &[String]| {
        lines.iter().skip(same).fold(String::new(), |text, line| format!("{text}{sign} {line}\n"))
    };
    format!("after {same} as expected:\n{}{}", show("expected", want), show("     got", got))
}

impl Line {
    fn values(&self) -> &str {
        match self {
            Self::Values(values) | Self::Full { values, .. } => values,
        }
    }

    fn every(&self) -> Option<Duration> {
        match self {
            Self::Values(_) => None,
            Self::Full { every, .. } => every.map(|every| every.0),
        }
    }

    fn unit(&self) -> Unit {
        match self {
            Self::Full { unit: Some(unit), .. } => unit.clone(),
            _ => Unit::NONE,
        }
    }
}
