//! What of a series is compared with the thresholds.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::secs;
use crate::model::Aggregation;

/// What the number is that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// The value itself, in the metric's unit.
    #[default]
    Value,
    /// How much it differs from what it was earlier.
    Change {
        /// How much earlier, in seconds on the wire.
        #[serde(with = "secs")]
        ago: Duration,
        /// In percent of the earlier value; else in the metric's unit.
        #[serde(default)]
        percent: bool,
    },
    /// Seconds until the value is expected to reach `until`, by a straight line through the window; at most
    /// [`NEVER`](super::fit::NEVER) where it is not on its way there.
    TimeLeft {
        /// In the metric's unit.
        until: f64,
    },
    /// Seconds since the last sample, as far as somebody was there to see one come.
    Silence,
}

/// How points become one value. On the wire: its lower-case name; `raw` is `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summary {
    /// The newest point.
    #[default]
    #[serde(alias = "raw")]
    Last,
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
    /// Growth of a counter per second, resets accounted for.
    Rate,
    /// Growth of a counter, resets accounted for.
    Increase,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
}

impl Summary {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Increase => "increase",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    /// Whether it says something of the whole window, so that half of the window's samples have to be there.
    pub(super) const fn describes(self) -> bool {
        matches!(self, Self::Avg | Self::P50 | Self::P90 | Self::P95 | Self::P99)
    }
}

impl From<Aggregation> for Summary {
    fn from(of: Aggregation) -> Self {
        match of {
            Aggregation::Raw => Self::Last,
            Aggregation::Avg => Self::Avg,
            Aggregation::Min => Self::Min,
            Aggregation::Max => Self::Max,
            Aggregation::Sum => Self::Sum,
            Aggregation::Count => Self::Count,
            Aggregation::Rate => Self::Rate,
            Aggregation::P50 => Self::P50,
            Aggregation::P90 => Self::P90,
            Aggregation::P95 => Self::P95,
            Aggregation::P99 => Self::P99,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregations_of_charts_mean_the_same_in_rules() {
        for aggregation in Aggregation::ALL {
            let read: Summary = serde_json::from_value(aggregation.name().into()).unwrap();
            assert_eq!(read, Summary::from(aggregation), "{aggregation}");
        }
    }
}
