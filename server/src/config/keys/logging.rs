//! `logging`: what the log says, and where.

use serde_json::{Value as Json, json};

use super::root::flag;
use crate::config::read::{At, Choice, Free, Kind, Node, OneOf, Plain, Section, Shape, Value, Whole};
use crate::secret::Text;

/// `logging`.
#[derive(Debug)]
pub struct Logging {
    /// What is less important is left out.
    pub level: Level,
    /// How a line looks.
    pub format: Format,
    /// The file; none: standard error.
    pub file: Option<Text>,
    /// From which size on a new one is begun.
    pub max_file_bytes: u64,
    /// How many old ones are kept.
    pub backup_count: u16,
    /// Whether a new one is begun every day.
    pub rotate_daily: bool,
}

/// How important a line is, the most important last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

impl Choice for Level {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("DEBUG", Self::Debug),
        ("INFO", Self::Info),
        ("WARNING", Self::Warning),
        ("ERROR", Self::Error),
        // The other names that files have for them.
        ("CRITICAL", Self::Error),
        ("WARN", Self::Warning),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("warning", Self::Warning),
        ("warn", Self::Warning),
        ("error", Self::Error),
        ("critical", Self::Error),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `text`, `json`, or a format string of Python, which counts as `text`.
struct LineFormat;

impl Kind for LineFormat {
    type Out = Format;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Format> {
        let text = Free.read(at, node)?;
        match text.as_str() {
            "json" => Some(Format::Json),
            "text" => Some(Format::Text),
            python if python.contains("%(") => Some(Format::Text),
            _ if text.is_secret() && !at.active => None,
            _ => {
                at.refuse(node.found(), "\"text\", \"json\", or a format string of Python, which counts as \"text\"");
                None
            }
        }
    }
}

impl Plain for LineFormat {
    fn write(&self, value: &Format) -> Json {
        match value {
            Format::Text => json!("text"),
            Format::Json => json!("json"),
        }
    }
}

/// A number of bytes, or text such as `10MB`.
struct Size;

const MOST_BYTES: u64 = 1 << 50;
const UNITS: [(&str, u64); 12] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("k", 1000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("bytes", 1),
    ("b", 1),
    ("", 1),
];

impl Kind for Size {
    type Out = u64;

    fn shape(&self) -> Shape {
        Shape::Size
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<u64> {
        if matches!(node.value, Value::Number(_)) {
            return Whole(1..=MOST_BYTES).read(at, node);
        }
        let text = Free.read(at, node)?;
        let bytes = parse_size(text.as_str());
        if bytes.is_none() && (at.active || !text.is_secret()) {
            at.refuse(
                node.found(),
                "a number of bytes, or a number with KB, MB, GB, KiB, MiB or GiB, such as \"10MB\"",
            );
        }
        bytes
    }
}

impl Plain for Size {
    fn write(&self, value: &u64) -> Json {
        match value % 1_000_000 {
            0 => json!(format!("{}MB", value / 1_000_000)),
            _ => json!(value),
        }
    }
}

fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let (number, unit) = UNITS.iter().find_map(|(name, bytes)| Some((text.strip_suffix(name)?, *bytes)))?;
    let bytes = number.trim().parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=MOST_BYTES).contains(&bytes).then_some(bytes)
}

impl Logging {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        Self {
            level: s.or("level", &OneOf::NEW, Level::Info, "What is less important is left out."),
            format: s.or("format", &LineFormat, Format::Text, "text, or json for programs that read it."),
            file: s.maybe("file", &Free, "/var/log/telltale.log", "The file; standard error, unless set."),
            max_file_bytes: s.or("max_file_size", &Size, 10_000_000, "From which size on a new file is begun."),
            backup_count: s.or("backup_count", &Whole(0..=1000_u16), 5, "How many old files are kept."),
            rotate_daily: flag(s, "rotate_daily", "Whether a new file is begun every day, at midnight UTC."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_units() {
        let check = |text: &str, want| assert_eq!(parse_size(text), want, "{text}");
        check("10MB", Some(10_000_000));
        check("10 MiB", Some(10 << 20));
        check("1k", Some(1000));
        check("512", Some(512));
        check("2Gb", Some(2_000_000_000));
        for bad in ["", "MB", "-1MB", "1.5MB", "0", "10XB", "99999999999999999999", "9999999999GiB"] {
            check(bad, None);
        }
    }
}
