//! `collectors.custom_metrics`: numbers of the user's own, each from one source.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::collectors::Pace;
use super::shown;
use crate::config::read::{Formed, Free, ListOf, MapOf, Name, Record, Section, Url};
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
    /// What it means.
    pub description: Text,
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

const POINTER: Formed = Formed {
    allowed: "a JSON pointer: nothing, or parts that each begin with /",
    good: |text| text.is_empty() || text.starts_with('/'),
};

impl CustomMetrics {
    pub(super) fn read(s: &mut Section<'_>, every: Duration) -> Self {
        let metrics = MapOf(Record(CustomMetric::read));
        let read = Self {
            pace: Pace::read(s, every),
            metrics: s.or(
                "metrics",
                &metrics,
                BTreeMap::new(),
                "By the name of the metric. Each has one source: command, file, http or function.",
            ),
        };
        for name in read.metrics.keys().filter(|name| !(Name::METRIC.good)(name)) {
            s.at_path(&["metrics", name]).refuse(crate::config::problem::quoted(name), Name::METRIC.allowed);
        }
        read
    }
}

impl CustomMetric {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let description = s.or("description", &Free, Text::open("a number of our own"), "What it means.");
        shown(s, "description", &description);
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
        let sources: Vec<&str> =
            s.names().filter(|name| ["command", "file", "http", "function"].contains(name)).collect();
        if sources.len() != 1 {
            let found = if sources.is_empty() { "no source".to_owned() } else { sources.join(", ") };
            s.at().refuse(found, "exactly one of command, file, http, function");
        }
        let source =
            command.map(Source::Command).or(file.map(Source::File)).or(http).or(function.map(Source::Function));
        Some(Self { description, source: source? })
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
