//! Stretches without samples, and why there are none.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Telltale did not run.
    ProcessDown,
    /// The machine slept.
    Suspended,
    /// The clock was set.
    ClockJump,
    /// There are not yet enough samples for a value.
    NotYet,
    /// The collector failed.
    CollectorError,
    /// What is to be read may not be read.
    #[serde(rename = "permission_denied")]
    Permission,
    /// The machine or the service that is asked did not answer.
    #[serde(rename = "target_unreachable")]
    Unreachable,
    /// The collector works and reports this series no more.
    Gone,
    /// Nobody knows.
    Unknown,
}

impl Cause {
    /// Whether it is about those who look and not about what is looked at. Such a gap never fires and never resolves.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::ProcessDown | Self::Suspended | Self::ClockJump | Self::NotYet)
    }

    /// Whether the series may have come to its end. Where something is known to be broken, it may not.
    #[must_use]
    pub const fn may_be_the_end(self) -> bool {
        matches!(self, Self::Gone | Self::Unknown)
    }
}

/// A stretch in which a series had no samples, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// After this moment.
    pub from: Timestamp,
    /// Up to this moment.
    pub to: Timestamp,
    /// Why.
    pub cause: Cause,
}

/// A gap, and whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownGap {
    /// When, and why.
    #[serde(flatten)]
    pub gap: Gap,
    /// The collector whose samples may be missing; none: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collector: Option<String>,
    /// What was said of it last, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_gap_is_read_again() {
        let gap =
            Gap { from: Timestamp::from_millis(1500), to: Timestamp::from_millis(3001), cause: Cause::Unreachable };
        let all = KnownGap { gap, collector: Some("probe.shop".into()), detail: Some("takes no connection".into()) };
        let text = r#"{"from":1.5,"to":3.001,"cause":"target_unreachable","collector":"probe.shop","detail":"takes no connection"}"#;
        let down = KnownGap { gap: Gap { cause: Cause::ProcessDown, ..gap }, collector: None, detail: None };
        for (known, text) in [(all, text), (down, r#"{"from":1.5,"to":3.001,"cause":"process_down"}"#)] {
            assert_eq!(serde_json::to_string(&known).unwrap(), text);
            assert_eq!(serde_json::from_str::<KnownGap>(text).unwrap(), known);
        }
    }
}
