//! `collectors.custom_metrics`: numbers of the user's own, each from one source.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::collectors::{Pace, QUANTILES};
use super::{DAY, one_of, shown};
use crate::config::known::Known;
use crate::config::read::{Bool, Formed, Free, ListOf, MapOf, Name, Record, Seconds, Section, Url};
use crate::secret::Text;

/// `collectors.custom_metrics`.
#[derive(Debug)]
pub struct CustomMetrics {
    /// Whether and how often.
    pub pace: Pace,
    /// By the name of the metric.
    pub metrics: BTreeMap<String, CustomMetric>,
}

/// One number.
#[derive(Debug)]
pub struct CustomMetric {
    /// What it means, where somebody has said so.
    pub description: Option<Text>,
    /// Of its values; may be empty.
    pub unit: String,
    /// From one reading to the next.
    pub interval: Duration,
    /// How long a reading may take.
    pub timeout: Duration,
    /// Whether quantiles of it outlive the points.
    pub quantiles: bool,
    /// Where it comes from.
    pub source: Source,
}

/// Where a number comes from.
#[derive(Debug)]
pub enum Source {
    /// The standard output of a program; the program and its arguments, never through a shell.
    Command(Vec<Text>),
    /// The content of a file.
    File(Text),
    /// A part of an answer.
    Http {
        /// What is asked.
        url: Text,
        /// The part, as a JSON pointer; empty for the whole.
        pointer: Text,
    },
    /// A function that the program registered.
    Function(String),
}

const UNIT: Name = Name {
    allowed: "a unit of at most 24 letters on one line, or nothing; no variables (it is shown)",
    good: |unit| unit.chars().count() <= 24 && !unit.contains(char::is_control),
};

const POINTER: Formed = Formed {
    allowed: "a JSON pointer: nothing, or parts that each begin with /",
    good: |text| text.is_empty() || text.starts_with('/'),
};

/// Everything that begins so is about Telltale itself.
const OWN: &str = "telltale_";

/// How long a reading may take unless something else is said: no longer than to the next one.
const LONGEST_USUAL: Duration = Duration::from_secs(10);

impl CustomMetrics {
    pub(super) fn read(s: &mut Section<'_>, every: Duration, known: &Known) -> Self {
        let pace = Pace::read(s, every);
        let metrics = MapOf(Record(|s: &mut Section<'_>| CustomMetric::read(s, pace.interval)));
        let doc = "By the name of the metric. Each has one source: command, file, http or function. One whose name ends in \
                   _total is a counter.";
        let read = Self { pace, metrics: s.or("metrics", &metrics, BTreeMap::new(), doc) };
        for name in read.metrics.keys() {
            let at = s.at_path(&["metrics", name]);
            if !(Name::METRIC.good)(name) {
                at.refuse(crate::config::problem::quoted(name), Name::METRIC.allowed);
            } else if known.metrics.contains(&**name) || name.starts_with(OWN) {
                at.refuse(format!("{name}, which is a metric of Telltale's"), "a name of its own");
            }
        }
        read
    }
}

impl CustomMetric {
    fn read(s: &mut Section<'_>, every: Duration) -> Option<Self> {
        let description = s.maybe("description", &Free, "Jobs that wait", "What it means.");
        if let Some(description) = &description {
            shown(s, "description", description);
        }
        let unit = s.or("unit", &UNIT, String::new(), "Of its values, such as bytes, percent or seconds.");
        let own = "Seconds from one reading to the next; that of custom_metrics where this is left out.";
        let interval = s.maybe("collection_interval", &Seconds(0.1..=DAY), 60, own).unwrap_or(every);
        let limit = "Seconds that a reading may take; 10, or the interval where that is less, where this is left out.";
        let timeout = s.maybe("timeout", &Seconds(0.1..=DAY), 5, limit).unwrap_or(interval.min(LONGEST_USUAL));
        let command = s.maybe(
            "command",
            &ListOf(Free),
            json!(["/usr/local/bin/queue-depth", "--quiet"]),
            "A program and its arguments; the number is what it prints.",
        );
        let file = s.maybe("file", &Free, "/run/queue-depth", "A file; the number is what it holds.");
        let http = s.maybe(
            "http",
            &Record(read_http),
            json!(null),
            "An address; the number is what the pointer leads to in its JSON answer.",
        );
        let function =
            s.maybe("function", &Name::ANY, "queue_depth", "A function that the program registered by this name.");
        if command.as_ref().is_some_and(Vec::is_empty) {
            s.at_key("command").refuse("an empty list", "a program and its arguments");
        }
        one_of(s, &["command", "file", "http", "function"]);
        let source =
            command.map(Source::Command).or(file.map(Source::File)).or(http).or(function.map(Source::Function));
        let quantiles = s.or("quantiles", &Bool, false, QUANTILES);
        Some(Self { description, unit, interval, timeout, quantiles, source: source? })
    }
}

fn read_http(s: &mut Section<'_>) -> Option<Source> {
    let url = s.required("url", &Url, "http://127.0.0.1:9000/stats", "What is asked.");
    let pointer = s.or("pointer", &POINTER, Text::open(""), "A JSON pointer to the number, such as /queue/depth.");
    Some(Source::Http { url: url?, pointer })
}

impl CustomMetric {
    /// The function that it needs, if it needs one.
    #[must_use]
    pub fn function(&self) -> Option<&str> {
        match &self.source {
            Source::Function(name) => Some(name),
            _ => None,
        }
    }
}
