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

/// Whether an aggregation says something of the whole window, so that half of the window's samples have to be there.
pub(super) const fn describes(aggregation: Aggregation) -> bool {
    matches!(aggregation, Aggregation::Avg | Aggregation::Stddev | Aggregation::Percentile(_))
}
