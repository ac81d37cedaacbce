//! A record as a line, for people or for programs.
//!
//! Invariant: one record is one line, whatever was told: no text that came from outside ends a line or begins an escape
//! sequence of a terminal.

use std::fmt::Write as _;

use app::model::Timestamp;
use serde_json::{Map, Value};

use super::Level;
use super::record::Record;
use super::settings::Look;

/// With the newline.
pub(super) fn line(record: &Record, look: Look) -> String {
    let mut line = match look {
        Look::Json => json(record),
        Look::Text => text(record, |word, _| word),
        Look::Colour => text(record, |word, code| format!("\x1b[{code}m{word}\x1b[0m")),
    };
    line.push('\n');
    line
}

fn text(record: &Record, paint: impl Fn(String, &str) -> String) -> String {
    let colour = match record.level {
        Level::Debug => "2",
        Level::Info => "32",
        Level::Warning => "33",
        Level::Error => "31",
    };
    let (time, level) = (paint(time(record.time), "2"), paint(format!("{:7}", record.level.word()), colour));
    let mut line = format!("{time} {level} ");
    if record.is_foreign() {
        push_plain(&mut line, &record.target);
        line.push_str(": ");
    }
    push_plain(&mut line, &record.message);
    for (name, value) in &record.fields {
        let _ = write!(line, " {name}=");
        match value {
            Value::String(text) => push_plain(&mut line, text),
            other => push_plain(&mut line, &other.to_string()),
        }
    }
    line
}

fn json(record: &Record) -> String {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    put("time", time(record.time).into());
    put("level", record.level.word().to_ascii_lowercase().into());
    put("target", record.target.as_str().into());
    put("message", record.message.as_str().into());
    if let Some(about) = &record.about {
        put("about", about.as_str().into());
    }
    if !record.fields.is_empty() {
        let fields = record.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        put("fields", Value::Object(fields.collect()));
    }
    Value::Object(object).to_string()
}

/// RFC 3339 in UTC, with milliseconds.
fn time(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.as_millis()) {
        Ok(time) => format!("{time:.3}"),
        // Beyond the year 9999.
        Err(_) => time.as_millis().to_string(),
    }
}

fn push_plain(line: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut record = Record::new(Timestamp::from_millis(1_732_508_329_007), Level::Warning, "a\nb \x1b[31mé");
        record.fields.push(("ms", Value::from(12)));
        record
    }

    #[test]
    fn text_is_one_line_without_control_characters() {
        assert_eq!(line(&record(), Look::Text), "2024-11-25T04:18:49.007Z WARNING a\\nb \\u{1b}[31mé ms=12\n");
        let mut foreign = record();
        foreign.target = "hyper::proto".to_owned();
        assert!(line(&foreign, Look::Text).contains(" WARNING hyper::proto: a"));
    }

    #[test]
    fn colours_surround_the_time_and_the_level_only() {
        let want = "\x1b[2m2024-11-25T04:18:49.007Z\x1b[0m \x1b[33mWARNING\x1b[0m a\\nb \\u{1b}[31mé ms=12\n";
        assert_eq!(line(&record(), Look::Colour), want);
    }

    #[test]
    fn json_is_an_object_a_line() {
        let mut record = record();
        record.about = Some("a thing".to_owned());
        let line = line(&record, Look::Json);
        assert_eq!(line.matches('\n').count(), 1);
        let object: Value = serde_json::from_str(&line).unwrap();
        let want = serde_json::json!({"time": "2024-11-25T04:18:49.007Z", "level": "warning", "target": "telltale",
            "message": "a\nb \x1b[31mé", "about": "a thing", "fields": {"ms": 12}});
        assert_eq!(object, want);
    }
}
