//! A rule that holds: everything that can be wrong with a draft is found when it is saved, and not at three in the morning.
//!
//! Invariant: a [`Rule`] has one to four levels, ordered from the mildest to the worst, and its thresholds are in that order too.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::draft::{Bound, Draft, NoDataPolicy};
use super::measure::Measure;
use super::severity::{Direction, Severity};
use super::template::Template;
use crate::model::{Aggregation, Tags};

const DAY: Duration = Duration::from_secs(86_400);
/// The longest of all durations of a rule.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);
/// So many times its window a prediction may look ahead.
const FARTHEST: u32 = 12;

/// One level of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// How bad it is to be beyond it.
    pub severity: Severity,
    /// Where it begins.
    pub threshold: f64,
    /// Where it ends; the threshold itself where there is no hysteresis.
    pub recovery: f64,
}

/// A draft that holds. On the wire it is its draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Rule {
    draft: Draft,
    levels: Vec<Level>,
    summary: Template,
    description: Template,
}

/// What is wrong with one field of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field, as it is called on the wire.
    pub field: &'static str,
    /// What is wrong with it.
    pub found: String,
    /// What would be right.
    pub allowed: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}; allowed: {}", self.field, self.found, self.allowed)
    }
}

/// All that is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule {name:?} does not hold: {}", list(.problems))]
pub struct Broken {
    /// The rule's name.
    pub name: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(". ")
}

impl Rule {
    /// What it was made of.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// Whether it looks at a series, given that it is switched on.
    #[must_use]
    pub fn looks_at(&self, metric: &str, tags: &Tags) -> bool {
        self.draft.metric_name == metric && tags.matches(&self.draft.tags_filter)
    }

    /// From the mildest to the worst.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Where the level of that severity begins.
    #[must_use]
    pub fn threshold(&self, severity: Severity) -> Option<f64> {
        self.levels.iter().find(|level| level.severity == severity).map(|level| level.threshold)
    }

    /// The line that says what is the matter.
    #[must_use]
    pub const fn summary(&self) -> &Template {
        &self.summary
    }

    /// What else there is to say; may be empty.
    #[must_use]
    pub const fn description(&self) -> &Template {
        &self.description
    }
}

impl From<Rule> for Draft {
    fn from(rule: Rule) -> Self {
        rule.draft
    }
}

impl TryFrom<Draft> for Rule {
    type Error = Broken;

    fn try_from(draft: Draft) -> Result<Self, Broken> {
        let mut found = Found::default();
        found.names(&draft);
        found.measure(&draft);
        found.times(&draft);
        let levels = found.levels(&draft);
        let summary = found.template("summary", draft.summary.as_deref().unwrap_or(Template::USUAL), &draft);
        let description = found.template("description", &draft.description, &draft);
        match (found.0.is_empty(), summary, description) {
            (true, Some(summary), Some(description)) => Ok(Self { draft, levels, summary, description }),
            _ => Err(Broken { name: draft.name, problems: found.0 }),
        }
    }
}

/// What is wrong between rules: names twice, and quiet for rules that are not there or for each other.
#[must_use]
pub fn check_together(rules: &[Rule]) -> Vec<(String, Problem)> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let named = |name: &str| rules.iter().find(|rule| rule.name() == name);
    for rule in rules {
        let mut wrong = |field, found: String, allowed: &str| {
            problems.push((rule.name().to_owned(), Problem { field, found, allowed: allowed.to_owned() }));
        };
        if !seen.insert(rule.name()) {
            wrong("name", format!("{:?} twice", rule.name()), "each name once");
        }
        for missing in rule.draft.quiet_while.iter().filter(|name| named(name).is_none()) {
            wrong("quiet_while", format!("{missing:?}"), "the name of another rule");
        }
        // Whom it waits for, whom those wait for, and so on.
        let mut all: Vec<&str> = Vec::new();
        let mut next: Vec<&str> = rule.draft.quiet_while.iter().map(String::as_str).collect();
        while let Some(name) = next.pop() {
            if !all.contains(&name) {
                all.push(name);
                next.extend(named(name).iter().flat_map(|rule| &rule.draft.quiet_while).map(String::as_str));
            }
        }
        if all.contains(&rule.name()) {
            wrong("quiet_while", "a circle that leads back to this rule".to_owned(), "rules that do not wait for it");
        }
    }
    problems
}

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn refuse(&mut self, field: &'static str, found: impl Into<String>, allowed: impl Into<String>) {
        self.0.push(Problem { field, found: found.into(), allowed: allowed.into() });
    }

    fn names(&mut self, draft: &Draft) {
        for (field, name) in [("name", &draft.name), ("metric_name", &draft.metric_name)] {
            if name.trim().is_empty() {
                self.refuse(field, "nothing", "a name");
            }
        }
        for twice in draft.quiet_while.iter().filter(|name| **name == draft.name) {
            self.refuse("quiet_while", format!("{twice:?}, the rule itself"), "names of other rules");
        }
    }

    fn measure(&mut self, draft: &Draft) {
        let last_of_all = matches!(
            draft.aggregation,
            Aggregation::Raw | Aggregation::Last | Aggregation::Rate | Aggregation::Increase
        );
        match draft.measure {
            Measure::Value | Measure::Change { .. } if draft.window.is_none() && !last_of_all => {
                self.refuse("window", "nothing", format!("the seconds of which {} is meant", draft.aggregation));
            }
            Measure::Change { ago, .. } if ago.is_zero() || ago > LONGEST => {
                self.refuse("measure.change.ago", format!("{} s", ago.as_secs_f64()), "more than 0 s, at most 31 days");
            }
            Measure::TimeLeft { until } if !until.is_finite() => {
                self.refuse("measure.time_left.until", until.to_string(), "a finite number");
            }
            Measure::TimeLeft { .. } if draft.window.is_none() => {
                self.refuse("window", "nothing", "the seconds through which the line is drawn, such as 21600");
            }
            Measure::TimeLeft { .. } | Measure::Silence
                if !matches!(draft.aggregation, Aggregation::Raw | Aggregation::Last) =>
            {
                self.refuse("aggregation", draft.aggregation.to_string(), "none with this measure");
            }
            Measure::Silence if draft.no_data != NoDataPolicy::Keep => {
                self.refuse("no_data", "a policy", "none with silence, which is about samples that are missing");
            }
            Measure::Silence if draft.window.is_some() => {
                self.refuse("window", "a window", "none with silence, which needs only the last sample");
            }
            Measure::TimeLeft { .. } => self.horizon(draft),
            _ => {}
        }
    }

    /// A line through an hour says nothing of next month.
    fn horizon(&mut self, draft: &Draft) {
        let thresholds = draft.levels.values().map(Bound::threshold).chain(draft.threshold);
        let ahead = Duration::try_from_secs_f64(thresholds.fold(0.0, f64::max)).unwrap_or(LONGEST);
        let window = draft.window.unwrap_or_default();
        if window.saturating_mul(FARTHEST) < ahead {
            let least = ahead.as_secs().div_ceil(u64::from(FARTHEST));
            self.refuse(
                "window",
                format!("{} s to look {} s ahead", window.as_secs(), ahead.as_secs()),
                format!("at least {least} s, a {FARTHEST}th of it"),
            );
        }
    }

    fn times(&mut self, draft: &Draft) {
        if draft.window.is_some_and(|window| window.is_zero() || window > LONGEST) {
            self.refuse("window", "a window of no length or over 31 days", "more than 0 s, at most 31 days");
        }
        for (field, duration) in [("for", draft.hold), ("keep_firing_for", draft.keep)] {
            if duration > LONGEST {
                self.refuse(field, format!("{} days", duration.as_secs() / DAY.as_secs()), "at most 31 days");
            }
        }
        if draft.consecutive_violations == 0 {
            self.refuse("consecutive_violations", "0", "1 or more");
        }
    }

    fn levels(&mut self, draft: &Draft) -> Vec<Level> {
        let level = |severity, threshold, recovery| Level { severity, threshold, recovery };
        let levels: Vec<Level> = match (draft.threshold, draft.levels.is_empty()) {
            (None, true) => {
                self.refuse("threshold", "nothing", "a number, or levels such as {\"warning\": 80, \"critical\": 95}");
                return Vec::new();
            }
            (Some(_), false) => {
                self.refuse("threshold", "a threshold beside levels", "one of the two");
                return Vec::new();
            }
            (Some(threshold), true) => {
                let severity = draft.severity.unwrap_or(Severity::Warning);
                vec![level(severity, threshold, draft.recovery_threshold.unwrap_or(threshold))]
            }
            (None, false) => {
                let field = if draft.severity.is_some() {
                    Some("severity")
                } else {
                    draft.recovery_threshold.map(|_| "recovery_threshold")
                };
                if let Some(field) = field {
                    self.refuse(field, "a value beside levels", "none: each level has its own");
                }
                draft
                    .levels
                    .iter()
                    .map(|(&severity, bound)| level(severity, bound.threshold(), bound.recovery()))
                    .collect()
            }
        };
        if levels.iter().any(|level| !level.threshold.is_finite() || !level.recovery.is_finite()) {
            self.refuse("threshold", "no finite number", "a finite number");
        }
        self.order(draft, &levels);
        levels
    }

    /// Worse means farther out, and the way back ends before the threshold.
    fn order(&mut self, draft: &Draft, levels: &[Level]) {
        let farther = match draft.condition.direction() {
            Direction::Up => |a: f64, b: f64| a > b,
            Direction::Down => |a: f64, b: f64| a < b,
            Direction::None => {
                if levels.len() > 1 {
                    self.refuse("levels", "several levels", "one, where a value is told from all others");
                }
                if levels.iter().any(|level| level.recovery.to_bits() != level.threshold.to_bits()) {
                    self.refuse("recovery_threshold", "a recovery", "none, where a value is told from all others");
                }
                return;
            }
        };
        for pair in levels.windows(2) {
            let [mild, bad] = pair else { continue };
            let more = if farther(2.0, 1.0) { "more" } else { "less" };
            if !farther(bad.threshold, mild.threshold) {
                self.refuse(
                    "levels",
                    format!("{} at {} and {} at {}", mild.severity, mild.threshold, bad.severity, bad.threshold),
                    format!("{more} than {} for {}", mild.threshold, bad.severity),
                );
            }
            if farther(mild.recovery, bad.recovery) {
                self.refuse(
                    "levels",
                    format!(
                        "{} well again only at {}, after {} at {}",
                        bad.severity, bad.recovery, mild.severity, mild.recovery
                    ),
                    format!("a recovery of {} that comes first", bad.severity),
                );
            }
        }
        for level in levels.iter().filter(|level| farther(level.recovery, level.threshold)) {
            let side = if farther(2.0, 1.0) { "most" } else { "least" };
            let field = if draft.levels.is_empty() { "recovery_threshold" } else { "levels" };
            self.refuse(
                field,
                format!("a recovery of {}", level.recovery),
                format!("at {side} {}, the threshold", level.threshold),
            );
        }
    }

    fn template(&mut self, field: &'static str, text: &str, draft: &Draft) -> Option<Template> {
        let labels: Vec<&str> = draft.labels.keys().map(String::as_str).collect();
        match Template::parse(text, &labels) {
            Ok(template) => Some(template),
            Err(error) => {
                self.refuse(field, error.found, error.allowed);
                None
            }
        }
    }
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
