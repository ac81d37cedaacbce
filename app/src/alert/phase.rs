//! What is shown of a rule and a series, and what is told when that changes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Cause;
use super::severity::Severity;
use crate::model::Timestamp;

/// What is shown of a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Phase {
    /// All is well.
    Inactive,
    /// Bad, but not yet for long enough.
    Pending {
        /// When it began.
        since: Timestamp,
        /// The worst level that is being counted.
        level: Severity,
        /// How long that has held, as far as it was watched.
        held: Duration,
        /// Samples in a row.
        hits: u32,
    },
    /// Bad.
    Firing {
        /// When it began to fire.
        since: Timestamp,
        /// How bad.
        level: Severity,
    },
    /// Well again, but not yet for long enough.
    Recovering {
        /// When it became well.
        since: Timestamp,
        /// How bad it still counts.
        level: Severity,
        /// How long that has held, as far as it was watched.
        held: Duration,
    },
    /// Well again.
    Resolved {
        /// Since when.
        since: Timestamp,
    },
    /// Samples are missing, and what was so is kept.
    NoData {
        /// Since when.
        since: Timestamp,
        /// Why.
        cause: Cause,
        /// What was so.
        before: Name,
        /// How bad that is.
        level: Option<Severity>,
    },
}

/// A phase without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// See [`Phase::Inactive`].
    Inactive,
    /// See [`Phase::Pending`].
    Pending,
    /// See [`Phase::Firing`].
    Firing,
    /// See [`Phase::Recovering`].
    Recovering,
    /// See [`Phase::Resolved`].
    Resolved,
    /// See [`Phase::NoData`].
    NoData,
}

/// What has changed: the phase, or how bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// The phase before.
    pub from: Name,
    /// The phase now.
    pub to: Name,
    /// How bad it counted before.
    pub was: Option<Severity>,
    /// How bad it counts now.
    pub level: Option<Severity>,
    /// What was compared.
    pub value: Option<f64>,
    /// Why there was nothing to compare.
    pub cause: Option<Cause>,
}
