//! How many points become one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A function over the points of a window. On the wire: its lower-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// The points as they are.
    #[default]
    Raw,
    /// Arithmetic mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Sum.
    Sum,
    /// Number of points.
    Count,
    /// Growth of a counter per second, resets accounted for; never negative.
    Rate,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
}

impl Aggregation {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Raw,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::Sum,
        Self::Count,
        Self::Rate,
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of [`Aggregation::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no aggregation; one of raw, avg, min, max, sum, count, rate, p50, p90, p95, p99")]
pub struct UnknownAggregation(String);

impl FromStr for Aggregation {
    type Err = UnknownAggregation;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|a| a.name() == name).ok_or_else(|| UnknownAggregation(name.to_owned()))
    }
}
