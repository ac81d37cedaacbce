//! A metric, its samples, and the batch in which a collector hands them on.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Tags, Timestamp};

/// What one number of a metric means beside another of the same series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A reading that goes up and down; each stands for itself.
    Gauge,
    /// A running total; only its growth has a meaning, and a fall is a reset.
    Counter,
}

/// The unit's name on the wire; `""` or `count` where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(Cow<'static, str>);

impl Unit {
    /// From 0 to 100.
    pub const PERCENT: Self = Self(Cow::Borrowed("percent"));
    /// Bytes, shown in powers of 1024.
    pub const BYTES: Self = Self(Cow::Borrowed("bytes"));
    /// Seconds.
    pub const SECONDS: Self = Self(Cow::Borrowed("seconds"));
    /// Things that are counted.
    pub const COUNT: Self = Self(Cow::Borrowed("count"));
    /// Degrees Celsius.
    pub const CELSIUS: Self = Self(Cow::Borrowed("celsius"));
    /// Days of 24 hours.
    pub const DAYS: Self = Self(Cow::Borrowed("days"));
    /// Turns a minute.
    pub const RPM: Self = Self(Cow::Borrowed("rpm"));
    /// A bare number.
    pub const NONE: Self = Self(Cow::Borrowed(""));

    /// A unit of one's own.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name as it is on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What all series of one name share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// The field's name for it, such as `cpu_usage_percent`.
    pub name: Cow<'static, str>,
    /// The unit of its values; of a counter, the unit of what is counted.
    pub unit: Unit,
    /// Gauge or counter.
    pub kind: Kind,
}

impl Metric {
    /// A gauge known at compile time.
    #[must_use]
    pub const fn gauge(name: &'static str, unit: Unit) -> Self {
        Self { name: Cow::Borrowed(name), unit, kind: Kind::Gauge }
    }

    /// A counter known at compile time.
    #[must_use]
    pub const fn counter(name: &'static str, unit: Unit) -> Self {
        Self { name: Cow::Borrowed(name), unit, kind: Kind::Counter }
    }

    /// This metric with tags and a value.
    #[must_use]
    pub fn sample(&self, tags: Tags, value: f64) -> Sample {
        Sample { metric: self.clone(), tags, value }
    }
}

/// One value of one series; its time is its batch's.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name, unit, kind.
    pub metric: Metric,
    /// Which series of the metric.
    pub tags: Tags,
    /// In the metric's unit.
    pub value: f64,
}

/// What one run of one collector read.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Who read it.
    pub collector: Cow<'static, str>,
    /// When it was read.
    pub time: Timestamp,
    /// What was read, one sample a series.
    pub samples: Vec<Sample>,
}

/// A value at its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When.
    pub time: Timestamp,
    /// In the metric's unit.
    pub value: f64,
}

impl Point {
    /// From milliseconds since the epoch and a value.
    #[must_use]
    pub const fn new(time: Timestamp, value: f64) -> Self {
        Self { time, value }
    }
}
