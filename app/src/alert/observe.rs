//! The points of one series to what a rule compares: a value, or the reason why there is none.
//!
//! Invariant: pure, and a function of points, gaps and time alone; what came between does not matter, so that one result can serve all rules
//! that agree in [`Reading`].
//! May not know: thresholds, levels, states.

use std::time::Duration;

use super::draft::Draft;
use super::fit;
use super::measure::{Measure, describes};
use crate::model::{Aggregation, Cause, Gap, Point, Timestamp};

/// A moment at which rules are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub now: Timestamp,
    /// How far apart the series' samples are when all is well, and with them these moments.
    pub interval: Duration,
}

/// What there is to compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observation {
    /// A value.
    Value {
        /// In the unit of what is compared.
        value: f64,
        /// The time of the newest sample in it.
        at: Timestamp,
    },
    /// Nothing.
    Gap {
        /// Why.
        cause: Cause,
        /// The time of the newest sample there is, else now.
        since: Timestamp,
    },
}

/// A sample is overdue, and a stretch was not watched, after so many intervals.
const PATIENCE: u32 = 3;
/// A line through a window is drawn anew this often in the time of the window.
const LINES: u32 = 120;

impl Tick {
    /// After that long without a sample something is missing.
    #[must_use]
    pub fn patience(self) -> Duration {
        self.interval.saturating_mul(PATIENCE)
    }

    /// The next moment to look at the series: when its next sample comes, or when that is half an interval late.
    #[must_use]
    pub fn next(self, sample: Option<Timestamp>) -> Timestamp {
        let late = self.now + self.interval + self.interval / 2;
        sample.map_or(late, |sample| sample.min(late))
    }
}

/// What is compared, without with what: rules that agree in this share one observation of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// What the number is.
    pub measure: Measure,
    /// How points become one value.
    pub aggregation: Aggregation,
    /// The time whose points count.
    pub window: Option<Duration>,
}

impl From<&Draft> for Reading {
    fn from(draft: &Draft) -> Self {
        Self { measure: draft.measure, aggregation: draft.aggregation, window: draft.window }
    }
}

impl Reading {
    /// How far back points are needed; older ones change nothing, but for the last one there is, which silence needs.
    #[must_use]
    pub fn reach(&self, interval: Duration) -> Duration {
        let patience = interval.saturating_mul(PATIENCE);
        let window = self.window.unwrap_or(patience).max(patience).saturating_add(patience);
        match self.measure {
            Measure::Value | Measure::Silence => window,
            Measure::Change { ago, .. } => window.saturating_add(ago),
            Measure::TimeLeft { .. } => window.saturating_add(self.window.unwrap_or_default() / LINES),
        }
    }

    /// The moment whose points count: now, but for a line, which is drawn anew only so often. The observation changes with this
    /// moment, or with whether a sample is overdue.
    #[must_use]
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        let Measure::TimeLeft { .. } = self.measure else { return now };
        let apart = i64::try_from(self.window.unwrap_or_default().as_millis()).unwrap_or(i64::MAX) / i64::from(LINES);
        Timestamp::from_millis(now.as_millis().saturating_sub(now.as_millis().rem_euclid(apart.max(1))))
    }

    /// What there is to compare at a moment. Points ascend by time; those after the moment do not count. Gaps are those since the
    /// oldest point, in any order.
    #[must_use]
    pub fn observe(&self, points: &[Point], gaps: &[Gap], tick: Tick) -> Observation {
        self.observe_again(points, gaps, tick, &mut None)
    }

    /// As [`Reading::observe`], for who looks at a series often: `line` is what the last line through it came to, which holds for a while.
    #[must_use]
    pub fn observe_again(
        &self,
        points: &[Point],
        gaps: &[Gap],
        tick: Tick,
        line: &mut Option<(Timestamp, Option<f64>)>,
    ) -> Observation {
        let points = until(points, tick.now);
        let Some(newest) = points.last() else {
            let cause = cause(gaps, Timestamp::MIN, tick, Cause::NotYet);
            return Observation::Gap { cause, since: tick.now };
        };
        if self.measure == Measure::Silence {
            return Observation::Value { value: watched(newest.time, tick.now, gaps).as_secs_f64(), at: tick.now };
        }
        if tick.now.since(newest.time) > tick.patience() {
            let cause = cause(gaps, newest.time, tick, Cause::Unknown);
            return Observation::Gap { cause, since: newest.time };
        }
        let value = match self.measure {
            Measure::Value => self.summarise(points, tick),
            Measure::Change { ago, percent } => {
                let earlier = Tick { now: tick.now - ago, ..tick };
                let before = self.summarise(until(points, earlier.now), earlier);
                before.zip(self.summarise(points, tick)).map(|(before, now)| match percent {
                    true => (now - before) / before.abs() * 100.0,
                    false => now - before,
                })
            }
            Measure::TimeLeft { until: goal } => {
                let moment = self.moment(tick.now);
                let window = self.window.unwrap_or_default();
                let draw = || fit::time_left(after(until(points, moment), moment - window), window.as_secs_f64(), goal);
                let known = line.filter(|(drawn, _)| *drawn == moment);
                let (_, left) = *line.insert(known.unwrap_or_else(|| (moment, draw())));
                left
            }
            Measure::Silence => None,
        };
        match value {
            Some(value) if value.is_finite() => Observation::Value { value, at: newest.time },
            _ => Observation::Gap { cause: Cause::NotYet, since: newest.time },
        }
    }

    /// The value of the window that ends at a moment, of points up to that moment. None where too few are there.
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 points")]
    fn summarise(&self, points: &[Point], tick: Tick) -> Option<f64> {
        let newest = points.last().filter(|newest| tick.now.since(newest.time) <= tick.patience())?;
        let Some(window) = self.window else {
            let [.., before, last] = points else { return Some(newest.value).filter(|_| !self.grows()) };
            return match self.aggregation {
                Aggregation::Rate => {
                    Some(growth(before.value, last.value) / last.time.since(before.time).as_secs_f64())
                }
                Aggregation::Increase => Some(growth(before.value, last.value)),
                _ => Some(newest.value),
            };
        };
        let within = after(points, tick.now - window);
        let sum = || within.iter().map(|point| point.value).sum::<f64>();
        let count = within.len() as f64;
        if describes(self.aggregation) && count * 2.0 * tick.interval.as_secs_f64() < window.as_secs_f64() {
            return None;
        }
        match self.aggregation {
            Aggregation::Raw | Aggregation::Last => Some(newest.value),
            Aggregation::Avg => Some(sum() / count),
            Aggregation::Min => within.iter().map(|point| point.value).reduce(f64::min),
            Aggregation::Max => within.iter().map(|point| point.value).reduce(f64::max),
            Aggregation::Sum => Some(sum()),
            Aggregation::Count => Some(count),
            Aggregation::Rate => grown(points, within, tick).map(|(amount, took)| amount / took.as_secs_f64()),
            Aggregation::Increase => grown(points, within, tick).map(|(amount, _)| amount),
            Aggregation::Stddev => deviation(within, count),
            Aggregation::Percentile(rank) => percentile(within, rank.share()),
        }
    }

    fn grows(&self) -> bool {
        self.aggregation.is_growth()
    }
}

/// The points up to a moment.
fn until(points: &[Point], moment: Timestamp) -> &[Point] {
    match points.last() {
        Some(last) if last.time > moment => {
            points.get(..points.partition_point(|p| p.time <= moment)).unwrap_or_default()
        }
        _ => points,
    }
}

/// The points after a moment.
fn after(points: &[Point], moment: Timestamp) -> &[Point] {
    points.get(points.partition_point(|p| p.time <= moment)..).unwrap_or_default()
}

/// A fall is a reset: the counter began again at zero and has reached its new value since.
fn growth(before: f64, after: f64) -> f64 {
    if after >= before { after - before } else { after.max(0.0) }
}

/// What a counter grew by in the window, and in what time. It grew from the last point before the window, unless samples are missing between.
fn grown(points: &[Point], within: &[Point], tick: Tick) -> Option<(f64, Duration)> {
    let first = within.first()?;
    let lead = points.len().checked_sub(within.len() + 1).and_then(|at| points.get(at));
    let from = lead.filter(|lead| first.time.since(lead.time) <= tick.patience()).unwrap_or(first);
    let steps = within.windows(2).map(|pair| match pair {
        [before, after] => growth(before.value, after.value),
        _ => 0.0,
    });
    let took = within.last()?.time.since(from.time);
    (!took.is_zero()).then(|| (growth(from.value, first.value) + steps.sum::<f64>(), took))
}

/// At rank `share·(n-1)`, on the straight line between its neighbours (Hyndman and Fan's type 7).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rank lies from 0 to n-1"
)]
fn percentile(points: &[Point], share: f64) -> Option<f64> {
    let mut values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let rank = share * (values.len().checked_sub(1)? as f64);
    let (_, &mut lower, above) = values.select_nth_unstable_by(rank as usize, f64::total_cmp);
    let upper = above.iter().copied().reduce(f64::min).unwrap_or(lower);
    Some(lower + (upper - lower) * rank.fract())
}

/// The standard deviation of all points.
fn deviation(points: &[Point], count: f64) -> Option<f64> {
    let mean = points.iter().map(|point| point.value).sum::<f64>() / count;
    let squares: f64 = points.iter().map(|point| (point.value - mean).powi(2)).sum();
    (!points.is_empty()).then(|| (squares / count).sqrt())
}

/// Why there is nothing since a moment: the reason of the gap that reaches closest to now.
fn cause(gaps: &[Gap], since: Timestamp, tick: Tick, otherwise: Cause) -> Cause {
    let recent = gaps.iter().filter(|gap| gap.from < tick.now && gap.to > since);
    // A gap that ended long ago does not say why nothing came since.
    let lasting = recent.filter(|gap| tick.now.since(gap.to) <= tick.patience());
    lasting.max_by_key(|gap| gap.to).map_or(otherwise, |gap| gap.cause)
}

/// The time between two moments in which somebody was there to see a sample come.
fn watched(from: Timestamp, to: Timestamp, gaps: &[Gap]) -> Duration {
    let mut blind: Vec<(Timestamp, Timestamp)> = gaps
        .iter()
        .filter(|gap| gap.cause.is_ours())
        .map(|gap| (gap.from.max(from), gap.to.min(to)))
        .filter(|(from, to)| from < to)
        .collect();
    blind.sort_unstable();
    let mut end = from;
    let mut seen = Duration::ZERO;
    for (begin, until) in blind {
        seen += begin.since(end);
        end = end.max(until);
    }
    seen + to.since(end)
}
