//! How many points become one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A function over the points of a window. On the wire: its lower-case name, such as `avg` or `p99.9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
    /// Growth of a counter, resets accounted for; never negative.
    Increase,
    /// The newest.
    Last,
    /// Standard deviation of all the points there are, not an estimate from a part of them.
    Stddev,
    /// The value below which a share of the points lie.
    Percentile(Percentile),
}

/// Which share, from 0 to 100 per cent, to a thousandth of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Percentile {
    thousandths: u32,
}

impl Percentile {
    const MOST: u32 = 100_000;

    const fn whole(percent: u32) -> Self {
        Self { thousandths: percent * 1000 }
    }

    /// From 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.thousandths) / f64::from(Self::MOST)
    }

    /// Reads what follows the `p`.
    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return None;
        }
        let thousandths = whole.parse::<u32>().ok()? * 1000 + format!("{part:0<3}").parse::<u32>().ok()?;
        (thousandths <= Self::MOST).then_some(Self { thousandths })
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.thousandths / 1000, self.thousandths % 1000);
        let part = format!("{part:03}");
        match part.trim_end_matches('0') {
            "" => write!(f, "p{whole}"),
            part => write!(f, "p{whole}.{part}"),
        }
    }
}

impl Aggregation {
    /// Median.
    pub const P50: Self = Self::Percentile(Percentile::whole(50));
    /// 90th percentile.
    pub const P90: Self = Self::Percentile(Percentile::whole(90));
    /// 95th percentile.
    pub const P95: Self = Self::Percentile(Percentile::whole(95));
    /// 99th percentile.
    pub const P99: Self = Self::Percentile(Percentile::whole(99));

    /// All that have one name, and of the percentiles those that are asked for most.
    pub const COMMON: [Self; 14] = [
        Self::Raw,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::Sum,
        Self::Count,
        Self::Rate,
        Self::Increase,
        Self::Last,
        Self::Stddev,
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
    ];

    /// Whether it makes sense of counters only.
    #[must_use]
    pub const fn is_growth(self) -> bool {
        matches!(self, Self::Rate | Self::Increase)
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Increase => "increase",
            Self::Last => "last",
            Self::Stddev => "stddev",
            Self::Percentile(percentile) => return percentile.fmt(f),
        })
    }
}

/// A name that is none of an [`Aggregation`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no aggregation; one of raw, avg, min, max, sum, count, rate, increase, last, stddev, or a percentile from p0 to \
     p100 with up to three decimals, such as p95 or p99.9"
)]
pub struct UnknownAggregation(String);

impl FromStr for Aggregation {
    type Err = UnknownAggregation;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let percentile = || Some(Self::Percentile(Percentile::parse(name.strip_prefix('p')?)?));
        let known = Self::COMMON.into_iter().find(|one| one.to_string() == name);
        known.or_else(percentile).ok_or_else(|| UnknownAggregation(name.to_owned()))
    }
}

impl TryFrom<String> for Aggregation {
    type Error = UnknownAggregation;
    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Aggregation> for String {
    fn from(aggregation: Aggregation) -> Self {
        aggregation.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `want`: the name it is written by; none where it is refused.
    #[track_caller]
    fn check(name: &str, want: Option<&str>) {
        let read = name.parse::<Aggregation>().ok();
        assert_eq!(read.map(|read| read.to_string()).as_deref(), want, "{name}");
        let json = format!("\"{name}\"");
        assert_eq!(serde_json::from_str::<Aggregation>(&json).ok(), read, "{json}");
        if let (Some(read), Some(want)) = (read, want) {
            assert_eq!(serde_json::to_string(&read).ok(), Some(format!("\"{want}\"")));
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for one in Aggregation::COMMON {
            check(&one.to_string(), Some(&one.to_string()));
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        for percentile in ["p0", "p99.9", "p99.99", "p99.999", "p0.5", "p7", "p100"] {
            check(percentile, Some(percentile));
        }
        check("p50.0", Some("p50"));
        check("p99.90", Some("p99.9"));
        check("p100.000", Some("p100"));
        for wrong in
            ["", "AVG", "mean", "p", "p.5", "p5.", "p-1", "p+1", "p100.001", "p101", "p1000", "p99.9999", "p1e1", "pp5"]
        {
            check(wrong, None);
        }
    }

    #[test]
    fn shares_are_what_they_are_called() {
        let share = |name: &str| match name.parse() {
            Ok(Aggregation::Percentile(percentile)) => percentile.share(),
            _ => f64::NAN,
        };
        assert_eq!(["p0", "p50", "p95", "p99.9", "p100"].map(share), [0.0, 0.5, 0.95, 0.999, 1.0]);
    }
}
