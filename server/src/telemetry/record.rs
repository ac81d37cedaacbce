//! One thing that was told, before it is a line.

use std::fmt::{Debug, Write as _};

use app::model::Timestamp;
use serde_json::Value;
use tracing::field::{Field, Visit};

/// Longer texts are cut: bounded lines and a bounded number of them are bounded memory.
const MOST_BYTES: usize = 4096;

/// How important a line is, the most important last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For those who look for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What may need somebody.
    Warning,
    /// What does.
    Error,
}

impl Level {
    /// None: it is finer than anything that is logged.
    pub(super) fn of(level: tracing::Level) -> Option<Self> {
        match level {
            tracing::Level::ERROR => Some(Self::Error),
            tracing::Level::WARN => Some(Self::Warning),
            tracing::Level::INFO => Some(Self::Info),
            tracing::Level::DEBUG => Some(Self::Debug),
            _ => None,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

/// What was told, by whom and when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) time: Timestamp,
    pub(super) level: Level,
    /// The module that tells it.
    pub(super) target: String,
    pub(super) message: String,
    /// What it is about, where that is what makes two lines the same and not what they say: the field `about`.
    pub(super) about: Option<String>,
    pub(super) fields: Vec<(&'static str, Value)>,
}

impl Record {
    pub(super) fn new(time: Timestamp, level: Level, message: impl Into<String>) -> Self {
        let message = cut(message.into());
        Self { time, level, target: "telltale".to_owned(), message, about: None, fields: Vec::new() }
    }

    pub(super) fn of(event: &tracing::Event<'_>, level: Level, time: Timestamp) -> Self {
        let mut record = Self::new(time, level, "");
        record.target = event.metadata().target().to_owned();
        event.record(&mut record);
        record
    }

    /// Whether it comes from a library.
    pub(super) fn is_foreign(&self) -> bool {
        !is_own(&self.target)
    }

    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("about", Value::String(text)) => self.about = Some(text),
            (name, value) => self.fields.push((name, value)),
        }
    }
}

/// Whether `target` is a module of ours.
pub(super) fn is_own(target: &str) -> bool {
    target.strip_prefix("telltale").is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

impl Visit for Record {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // Text takes whatever is written to it.
        let _ = write!(text, "{value:?}");
        self.put(field, Value::String(cut(text)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::String(cut(value.to_owned())));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MOST_BYTES {
        text.truncate(text.floor_char_boundary(MOST_BYTES));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_end_is_cut_between_two_characters() {
        let long = cut("ä".repeat(MOST_BYTES));
        assert!(long.len() < MOST_BYTES + 4 && long.ends_with("ä…"), "{}", long.len());
        assert_eq!(cut("short".to_owned()), "short");
    }

    #[test]
    fn a_module_is_ours_by_its_first_name() {
        assert!(["telltale", "telltale::web::serve"].into_iter().all(is_own));
        assert!(["hyper::proto", "telltales", "a::telltale", ""].into_iter().all(|target| !is_own(target)));
    }
}
