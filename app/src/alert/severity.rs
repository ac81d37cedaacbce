//! How bad something is, and how a value is compared with a threshold.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad it is, in this order. On the wire: its lower-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth a look.
    Warning,
    /// Something is wrong.
    Critical,
    /// Everything else can wait.
    Emergency,
}

impl Severity {
    /// All of them, from the mildest up.
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Critical, Self::Emergency];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Emergency => "emergency",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a value is compared with a threshold. On the wire: its name in words, such as `greater_than`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// `>`
    GreaterThan,
    /// `<`
    LessThan,
    /// `=`
    Equals,
    /// `≠`
    NotEquals,
    /// `≥`
    GreaterThanOrEqual,
    /// `≤`
    LessThanOrEqual,
}

/// The side on which values are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The larger the worse.
    Up,
    /// The smaller the worse.
    Down,
    /// One value is told from all others: there is no more and no less bad.
    None,
}

impl Condition {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GreaterThan => "greater_than",
            Self::LessThan => "less_than",
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::GreaterThanOrEqual => "greater_than_or_equal",
            Self::LessThanOrEqual => "less_than_or_equal",
        }
    }

    /// Whether `value` meets it.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "who asks for a value means that value")]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThan => value > threshold,
            Self::LessThan => value < threshold,
            Self::Equals => value == threshold,
            Self::NotEquals => value != threshold,
            Self::GreaterThanOrEqual => value >= threshold,
            Self::LessThanOrEqual => value <= threshold,
        }
    }

    /// Where the bad values are.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::GreaterThan | Self::GreaterThanOrEqual => Direction::Up,
            Self::LessThan | Self::LessThanOrEqual => Direction::Down,
            Self::Equals | Self::NotEquals => Direction::None,
        }
    }

    /// As mathematics writes it.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::GreaterThan => ">",
            Self::LessThan => "<",
            Self::Equals => "=",
            Self::NotEquals => "≠",
            Self::GreaterThanOrEqual => "≥",
            Self::LessThanOrEqual => "≤",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        use Condition::{Equals, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, NotEquals};
        for condition in [GreaterThan, LessThan, Equals, NotEquals, GreaterThanOrEqual, LessThanOrEqual] {
            assert_eq!(serde_json::to_value(condition).unwrap(), condition.name());
        }
        for severity in Severity::ALL {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.name());
        }
    }
}
