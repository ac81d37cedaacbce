//! `alerting`: rules, channels, and what holds for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::CENTURY;
use super::channel::Channel;
use super::root::flag;
use super::rule::Rule;
use crate::config::problem::quoted;
use crate::config::read::{ListOf, MapOf, Record, Seconds, Section, Value, Whole};

/// `alerting`.
#[derive(Debug)]
pub struct Alerting {
    /// Whether rules are applied.
    pub enabled: bool,
    /// The quiet after a message, for rules without one of their own.
    pub default_cooldown_period: Duration,
    /// Alerts that are remembered.
    pub max_alert_history: u32,
    /// Whether an alert that already fires is told once.
    pub deduplication_enabled: bool,
    /// The rules; none: those that Telltale brings along.
    pub rules: Option<Vec<Rule>>,
    /// Ways to tell people, by the name that rules use.
    pub channels: BTreeMap<String, Channel>,
}

impl Alerting {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        let enabled = s.switch(true, "Whether rules are applied.");
        let cooldown = s.or(
            "default_cooldown_period",
            &Seconds(0.0..=CENTURY),
            Duration::from_secs(300),
            "Seconds of quiet after a message, for rules without a cooldown_period.",
        );
        let max_alert_history =
            s.or("max_alert_history", &Whole(1..=10_000_000_u32), 1000, "Alerts that are remembered.");
        let deduplication_enabled =
            flag(s, "deduplication_enabled", "Whether an alert that fires already is told only once.");
        // By their names in the file: a channel that is wrong is told once, and not again by each rule that uses it.
        let names: Vec<&str> = match s.find("channels").map(|node| &node.value) {
            Some(Value::Object(entries)) => entries.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        };
        let rules = s.maybe(
            "rules",
            &ListOf(Record(|s: &mut Section<'_>| Rule::read(s, cooldown, &names))),
            json!(null),
            "In place of the rules that Telltale brings along; [] is no rules.",
        );
        let mut seen = BTreeSet::new();
        for rule in rules.iter().flatten().filter(|rule| !seen.insert(&rule.name)) {
            s.at_key("rules").refuse(format!("the name {} twice", quoted(&rule.name)), "each name once");
        }
        let channels = s.or(
            "channels",
            &MapOf(Record(Channel::read)),
            BTreeMap::new(),
            "Ways to tell people, by a name of your choice that rules use.",
        );
        Self { enabled, default_cooldown_period: cooldown, max_alert_history, deduplication_enabled, rules, channels }
    }
}
