//! `alerting.rules[]`: when somebody is told.

use std::collections::BTreeMap;
use std::time::Duration;

use app::alert::{Condition, Severity};
use app::model::{Aggregation, Tags};
use serde_json::json;

use super::aggregation::OfPoints;
use super::root::flag;
use super::{CENTURY, DAY, shown};
use crate::config::problem::{nearest, quoted};
use crate::config::read::{Choice, Free, ListOf, MapOf, Name, Number, OneOf, Seconds, Section, Whole};
use crate::secret::Text;

impl Choice for Condition {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("greater_than", Self::GreaterThan),
        ("less_than", Self::LessThan),
        ("equals", Self::Equals),
        ("not_equals", Self::NotEquals),
        ("greater_than_or_equal", Self::GreaterThanOrEqual),
        ("less_than_or_equal", Self::LessThanOrEqual),
    ];

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Choice for Severity {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("info", Self::Info),
        ("warning", Self::Warning),
        ("critical", Self::Critical),
        ("emergency", Self::Emergency),
    ];

    fn word(self) -> &'static str {
        self.name()
    }
}

/// One rule, applied to each series by itself.
#[derive(Debug)]
pub struct Rule {
    /// Unique among the rules.
    pub name: String,
    /// What it looks at.
    pub metric_name: String,
    /// How the value is compared.
    pub condition: Condition,
    /// With what.
    pub threshold: f64,
    /// How bad it is.
    pub severity: Severity,
    /// What to tell people.
    pub description: Text,
    /// Whether it is applied.
    pub enabled: bool,
    /// Only series with all of these.
    pub tags_filter: Tags,
    /// How long it keeps quiet after having said something.
    pub cooldown_period: Duration,
    /// How many collections in a row have to break it.
    pub consecutive_violations: u32,
    /// Keys of `alerting.channels`; none: nobody is told.
    pub channels: Vec<String>,
    /// How points become the value that is compared.
    pub aggregation: Aggregation,
    /// Over which time; none: the last collection, or the last two for a rate.
    pub window: Option<Duration>,
}

impl Rule {
    pub(super) fn read(s: &mut Section<'_>, cooldown: Duration, channels: &[&str]) -> Option<Self> {
        let name = s.required("name", &Name::ANY, "High CPU usage", "Unique among the rules.");
        let metric_name = s.required("metric_name", &Name::METRIC, "cpu_usage_percent", "What it looks at.");
        let condition = s.required("condition", &OneOf::NEW, "greater_than", "How the value is compared.");
        let threshold = s.required("threshold", &Number::ANY, 90, "With what.");
        let description = s.or("description", &Free, Text::open("no description"), "What to tell people.");
        shown(s, "description", &description);
        let told = s.or(
            "channels",
            &ListOf(Name::ANY),
            Vec::new(),
            "Who is told: keys of alerting.channels. Nobody, unless set.",
        );
        for name in told.iter().filter(|name| !channels.contains(&name.as_str())) {
            let allowed = match channels {
                [] => "a key of alerting.channels, which has none".to_owned(),
                _ => format!("a key of alerting.channels: {}", channels.join(", ")),
            };
            let meant = nearest(name, channels.iter().copied()).map(quoted);
            s.at_key("channels").refuse_and_suggest(quoted(name), allowed, meant);
        }
        Some(Self {
            severity: s.or("severity", &OneOf::NEW, Severity::Warning, "How bad it is."),
            description,
            enabled: flag(s, "enabled", "Whether it is applied."),
            tags_filter: Tags::new(s.or(
                "tags_filter",
                &MapOf(Name::ANY),
                BTreeMap::new(),
                "Only series with all of these tags.",
            )),
            cooldown_period: s
                .maybe(
                    "cooldown_period",
                    &Seconds(0.0..=CENTURY),
                    300,
                    "Seconds of quiet after a message; alerting.default_cooldown_period, unless set.",
                )
                .unwrap_or(cooldown),
            consecutive_violations: s.or(
                "consecutive_violations",
                &Whole(1..=1_000_000_u32),
                1,
                "How many collections in a row have to break it.",
            ),
            channels: told,
            aggregation: s.or("aggregation", &OfPoints, Aggregation::Raw, "How points become the value."),
            window: s.maybe(
                "window",
                &Seconds(0.1..=31.0 * DAY),
                json!(300),
                "Seconds that the aggregation covers; the last collection, or the last two for a rate, unless set.",
            ),
            name: name?,
            metric_name: metric_name?,
            condition: condition?,
            threshold: threshold?,
        })
    }
}
