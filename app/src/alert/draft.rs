//! A rule as somebody writes it, right or wrong: what files, pages and REST carry.
//!
//! The seed's rules are drafts as they stand: one `threshold` with one `severity`. [`super::Rule`] is a draft that holds.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::measure::Measure;
use super::secs;
use super::severity::{Condition, Severity};
use crate::model::{Aggregation, Tags};

/// A rule as it is written. Durations are seconds on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Unique among the rules.
    pub name: String,
    /// What it looks at: each series of this metric by itself.
    pub metric_name: String,
    /// Whether it is applied.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Only series with all of these.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags_filter: Tags,
    /// What of the series is compared.
    #[serde(default, skip_serializing_if = "is_default")]
    pub measure: Measure,
    /// How the points of the window become one value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub aggregation: Aggregation,
    /// The time whose points count; none: the last point, or the last two for growth.
    #[serde(default, with = "secs::maybe", skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// How the value is compared.
    pub condition: Condition,
    /// With what, where there is one level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How bad that is, where there is one level; `warning` unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Where the value has to come back to before it counts as well again, where there is one level; the threshold unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_threshold: Option<f64>,
    /// In place of the three above: a threshold for each severity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<Severity, Bound>,
    /// How long it has to hold before somebody is told.
    #[serde(rename = "for", default, with = "secs", skip_serializing_if = "Duration::is_zero")]
    pub hold: Duration,
    /// How long it has to be well again before that is told.
    #[serde(rename = "keep_firing_for", default, with = "secs", skip_serializing_if = "Duration::is_zero")]
    pub keep: Duration,
    /// How many samples in a row have to break it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub consecutive_violations: u32,
    /// What missing samples mean.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_data: NoDataPolicy,
    /// Names of rules: while one of them fires for the same host, nobody is told of this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet_while: Vec<String>,
    /// Words of one's own that routes can look at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// One line, a template; made of metric, value and threshold unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What to tell people, a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What to do about it: a link or Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// How long it keeps quiet after having said something; as alerting has it unless set.
    #[serde(default, with = "secs::maybe", skip_serializing_if = "Option::is_none")]
    pub cooldown_period: Option<Duration>,
    /// Names of channels; none: nobody is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
}

/// The threshold of one level: a number, or one with another to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields, expecting = "a level is a number or {\"threshold\": 90, \"recovery\": 85}")]
pub enum Bound {
    /// Bad beyond it, well before it.
    Plain(f64),
    /// Bad beyond `threshold`, well again only before `recovery`.
    Apart {
        /// Bad beyond it.
        threshold: f64,
        /// Well again before it.
        recovery: f64,
    },
}

impl Bound {
    /// Where the level begins.
    #[must_use]
    pub const fn threshold(&self) -> f64 {
        match *self {
            Self::Plain(threshold) | Self::Apart { threshold, .. } => threshold,
        }
    }

    /// Where it ends.
    #[must_use]
    pub const fn recovery(&self) -> f64 {
        match *self {
            Self::Plain(threshold) => threshold,
            Self::Apart { recovery, .. } => recovery,
        }
    }
}

/// What missing samples mean, beyond a gap that is our own: that never means anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoDataPolicy {
    /// Nothing: what was so is so, until somebody knows better.
    #[default]
    Keep,
    /// As bad as the rule's mildest level, once they have been missing for `for`.
    Alert,
    /// That all is well, once the series has been gone for `keep_firing_for`.
    Resolve,
}

const fn yes() -> bool {
    true
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_one(n: &u32) -> bool {
    *n == 1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
