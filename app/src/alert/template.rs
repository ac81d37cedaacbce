//! Small texts with places for what is known: `{{ value }} on {{ tag.host }}`.
//!
//! Invariant: rendering cannot fail; a name that nobody knows is found when the text is read.
//! Invariant: what is put in is text and nothing else. Whoever sends it as HTML or Markdown escapes all of it.

use super::fit::NEVER;
use super::measure::Measure;
use super::rule::Rule;
use super::severity::Severity;
use crate::chart::{format, per_second};
use crate::model::{Aggregation, Tags, Timestamp, Unit};
use crate::words;

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(Name),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Rule,
    Metric,
    Value,
    Threshold,
    Condition,
    Severity,
    Last,
    Since,
    Duration,
    Tag(String),
    Label(String),
}

/// The names without a dot.
const NAMES: [(&str, Name); 9] = [
    ("rule", Name::Rule),
    ("metric", Name::Metric),
    ("value", Name::Value),
    ("threshold", Name::Threshold),
    ("condition", Name::Condition),
    ("severity", Name::Severity),
    ("last", Name::Last),
    ("since", Name::Since),
    ("duration", Name::Duration),
];

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {found}; allowed: {allowed}")]
pub struct TemplateError {
    /// What is wrong.
    pub found: String,
    /// What would be right.
    pub allowed: String,
}

/// What is known when a text is made.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Of which rule.
    pub rule: &'a Rule,
    /// Of which series.
    pub tags: &'a Tags,
    /// The unit of the metric.
    pub unit: &'a Unit,
    /// How bad it is.
    pub severity: Severity,
    /// What was compared; none where samples are missing.
    pub value: Option<f64>,
    /// The newest sample, in the metric's unit.
    pub last: Option<f64>,
    /// Since when it fires.
    pub since: Timestamp,
    /// When the text is made.
    pub now: Timestamp,
}

impl Template {
    /// The summary of a rule that has none of its own.
    pub(super) const USUAL: &'static str = "{{ rule }}: {{ value }} {{ condition }} {{ threshold }}";

    /// Reads a text. `labels` are the names that `label.NAME` may have.
    ///
    /// # Errors
    /// A name that nobody knows, or braces without an end.
    pub fn parse(text: &str, labels: &[&str]) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once("{{") {
            let Some((name, after)) = inside.split_once("}}") else {
                let found = "{{ without }} behind it".to_owned();
                return Err(TemplateError { found, allowed: "{{ name }}".to_owned() });
            };
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Name(Name::parse(name.trim(), labels)?));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Self(parts))
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text.
    #[must_use]
    pub fn render(&self, facts: &Facts<'_>) -> String {
        self.0.iter().fold(String::new(), |mut text, part| {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Name(name) => text.push_str(&name.of(facts)),
            }
            text
        })
    }
}

impl Name {
    fn parse(name: &str, labels: &[&str]) -> Result<Self, TemplateError> {
        let wrong = |allowed: String| TemplateError { found: format!("{{{{ {name} }}}}"), allowed };
        match name.split_once('.') {
            Some(("tag", tag)) if !tag.is_empty() => Ok(Self::Tag(tag.to_owned())),
            Some(("label", label)) if labels.contains(&label) => Ok(Self::Label(label.to_owned())),
            Some(("label", _)) if labels.is_empty() => Err(wrong("a label of the rule, which has none".to_owned())),
            Some(("label", _)) => Err(wrong(format!("a label of the rule: {}", labels.join(", ")))),
            _ => NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, name)| name).ok_or_else(|| {
                let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
                wrong(format!("{}, tag.NAME, label.NAME", known.join(", ")))
            }),
        }
    }

    fn of(&self, facts: &Facts<'_>) -> String {
        let draft = facts.rule.draft();
        let compared = || compared_unit(facts.rule, facts.unit);
        match self {
            Self::Rule => draft.name.clone(),
            Self::Metric => draft.metric_name.clone(),
            Self::Value => facts.value.map_or_else(|| "no data".to_owned(), |value| quantity(value, &compared())),
            Self::Threshold => {
                facts.rule.threshold(facts.severity).map_or_else(String::new, |at| quantity(at, &compared()))
            }
            Self::Condition => draft.condition.sign().to_owned(),
            Self::Severity => facts.severity.name().to_owned(),
            Self::Last => facts.last.map_or_else(|| "no data".to_owned(), |last| quantity(last, facts.unit)),
            Self::Since => words::moment(facts.since, None),
            Self::Duration => words::duration(facts.now.since(facts.since)),
            Self::Tag(name) => facts.tags.get(name).map_or_else(|| format!("(no {name})"), str::to_owned),
            Self::Label(name) => draft.labels.get(name).cloned().unwrap_or_default(),
        }
    }
}

/// A value in the unit in which a rule compares.
#[must_use]
pub(super) fn quantity(value: f64, unit: &Unit) -> String {
    match unit.as_str() {
        "seconds" if value >= NEVER => "over ten years".to_owned(),
        // A time of a few days is told to the hour, not as 1.53 d.
        "seconds" if value >= 60.0 => {
            words::duration(std::time::Duration::try_from_secs_f64(value).unwrap_or_default())
        }
        _ => format(value, unit).to_string(),
    }
}

/// The unit of what a rule compares, given that of its metric.
#[must_use]
pub(super) fn compared_unit(rule: &Rule, unit: &Unit) -> Unit {
    let draft = rule.draft();
    match (draft.measure, draft.aggregation) {
        (Measure::Silence | Measure::TimeLeft { .. }, _) => Unit::SECONDS,
        (Measure::Change { percent: true, .. }, _) => Unit::PERCENT,
        (_, Aggregation::Rate) => per_second(unit),
        (_, Aggregation::Count) => Unit::COUNT,
        _ => unit.clone(),
    }
}
