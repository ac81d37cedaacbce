//! How much of a series is kept.

use std::time::Duration;

/// Bounds of each series; the tighter one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Points older than this go when [`super::Store::enforce`] is called.
    pub max_age: Duration,
    /// What minutes and hours came to is kept for so long; it may be longer than points are.
    pub max_tier_age: Duration,
    /// No series holds more points than this; the oldest go first. The newest one always stays.
    pub max_points: Option<usize>,
}

impl Default for Limits {
    /// Two hours, in points and in what they come to, and any number of points: at one a second some thirty kilobytes a series, which
    /// memory alone can hold.
    fn default() -> Self {
        let hours = Duration::from_secs(2 * 60 * 60);
        Self { max_age: hours, max_tier_age: hours, max_points: None }
    }
}
