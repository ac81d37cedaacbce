//! What a page asks for to draw its charts, and what it gets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{HostFacts, Metric, Tags, Timestamp, Widget};

/// One series as a chart wants it: thinned out to what can be seen, with its holes told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Name, unit, kind.
    pub metric: Metric,
    /// Which series of the metric.
    pub tags: Tags,
    /// The time from one sample to the next, as its collector has it.
    pub interval_ms: u32,
    /// Ascending by time. `None` is a hole: samples that should have come between two points did not.
    pub points: Vec<(Timestamp, Option<f64>)>,
}

/// Which series, from when to when, how finely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// Names of metrics; every series of each.
    pub metrics: Vec<String>,
    /// The first moment wanted.
    pub start: Timestamp,
    /// The last moment wanted.
    pub end: Timestamp,
    /// At most this many columns of a picture: a series comes with at most two points for each.
    pub columns: u32,
}

/// How far back the charts of a page reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Span {
    /// Each widget as it is laid out.
    #[default]
    Own,
    /// All widgets alike, in seconds back from now.
    Last(u32),
}

impl Span {
    /// What the time control offers, in seconds.
    pub const OFFERED: [u32; 4] = [300, 900, 3600, 7200];

    /// The range of one widget.
    #[must_use]
    pub fn of(self, widget: &Widget) -> Duration {
        Duration::from_secs(u64::from(match self {
            Self::Own => widget.time_range,
            Self::Last(secs) => secs,
        }))
    }
}

/// Everything the first page needs, in one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// The server's time when it answered.
    pub now: Timestamp,
    /// The machine that is watched.
    pub host: HostFacts,
    /// Who has trouble, and which; see [`Health::problems`](super::Health::problems).
    pub problems: Vec<(String, String)>,
    /// The layout.
    pub widgets: Vec<Widget>,
    /// Whether the page stands still until somebody lets it go on.
    pub paused: bool,
    /// Where there is no live stream: how often the page asks again instead, in milliseconds.
    pub poll_ms: Option<u32>,
    /// Each series that a widget shows.
    pub histories: Vec<History>,
}
