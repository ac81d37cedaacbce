//! What a rule would have done: the engine's own steps over stored history.
//!
//! Invariant: given the samples as an engine had them and the moments at which it looked, the transitions are the engine's
//! (`backtest_tests.rs` holds the two against each other on random histories).
//! May not know: where history comes from.
//! Start reading at [`backtest`].

use std::collections::BTreeSet;
use std::time::Duration;

use super::draft::{Bound, Draft};
use super::observe::{Observation, Reading, Tick};
use super::phase::Transition;
use super::rule::Rule;
use super::severity::{Direction, Severity};
use super::step::{State, step};
use super::template::{compared_unit, quantity};
use super::{Cause, Gap};
use crate::model::{Point, Tags, Timestamp, Unit};
use crate::words;

/// The history of one series.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Which series.
    pub tags: &'a Tags,
    /// Ascending by time; also from before the range, as far as the rule's [`Reading::reach`].
    pub points: &'a [Point],
    /// Why samples are missing, where that is known.
    pub gaps: &'a [Gap],
    /// How far apart the samples are when all is well.
    pub interval: Duration,
}

/// A time in which a rule would have fired for one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Firing {
    /// An index into the series.
    pub series: usize,
    /// When it would have begun.
    pub begin: Timestamp,
    /// When it would have ended; none: not within the range.
    pub end: Option<Timestamp>,
    /// How bad it would have become.
    pub level: Severity,
}

/// What a rule would have done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// By series, then by time.
    pub transitions: Vec<(usize, Transition)>,
    /// By series, then by time.
    pub firings: Vec<Firing>,
    /// The value that was closest to firing, or farthest beyond it.
    pub worst: Option<f64>,
    /// The time from the first value to the end of the range, of the series of which there is most.
    pub known: Duration,
}

/// Looks at each sample from `from` to `to`, both included, and at the moments at which one should have come; as if nothing had been known
/// before.
#[must_use]
pub fn backtest(rule: &Rule, series: &[Past<'_>], (from, to): (Timestamp, Timestamp)) -> Report {
    let mut report = Report::default();
    for (n, past) in series.iter().enumerate() {
        one(rule, n, past, (from, to), &mut report);
    }
    report
}

fn one(rule: &Rule, series: usize, past: &Past<'_>, (from, to): (Timestamp, Timestamp), report: &mut Report) {
    let reading = Reading::from(rule.draft());
    let reach = reading.reach(past.interval);
    let (mut state, mut line) = (State::default(), None);
    let (mut first, mut end) = (0, 0);
    let mut now = from;
    while now <= to {
        let tick = Tick { now, interval: past.interval };
        if let Some(back) = away(past.gaps, now) {
            now = back;
            continue;
        }
        end += past.points.get(end..).unwrap_or_default().iter().take_while(|point| point.time <= now).count();
        // One point from before the reach is what the first one within it has grown from.
        while first + 1 < end && past.points.get(first + 1).is_some_and(|point| point.time < now - reach) {
            first += 1;
        }
        let known = past.points.get(first..end).unwrap_or_default();
        let seen = reading.observe_again(known, past.gaps, tick, &mut line);
        let (after, transition) = step(rule, &state, seen, tick);
        state = after;
        report.take(rule, series, seen, transition, (now, to));
        let next = tick.next(past.points.get(end).map(|point| point.time));
        // Whoever comes back looks at once.
        let next = returns(past.gaps).filter(|back| now < *back && *back < next).min().unwrap_or(next);
        // Intervals of no length, and the end of time.
        if next <= now {
            break;
        }
        now = next;
    }
}

impl Report {
    /// One more look.
    fn take(
        &mut self,
        rule: &Rule,
        series: usize,
        seen: Observation,
        transition: Option<Transition>,
        (now, to): (Timestamp, Timestamp),
    ) {
        if let Observation::Value { value, .. } = seen {
            self.known = self.known.max(to.since(now));
            self.worst = Some(self.worst.map_or(value, |worst| match rule.draft().condition.direction() {
                Direction::Down => worst.min(value),
                Direction::Up | Direction::None => worst.max(value),
            }));
        }
        let Some(transition) = transition else { return };
        self.transitions.push((series, transition));
        let open = self.firings.last_mut().filter(|firing| firing.series == series && firing.end.is_none());
        match (open, transition.level) {
            (None, Some(level)) => self.firings.push(Firing { series, begin: now, end: None, level }),
            (Some(firing), Some(level)) => firing.level = firing.level.max(level),
            (Some(firing), None) => firing.end = Some(now),
            (None, None) => {}
        }
    }
}

/// The moments at which somebody was there again.
fn returns(gaps: &[Gap]) -> impl Iterator<Item = Timestamp> {
    gaps.iter().filter(|gap| nobody_there(gap)).map(|gap| gap.to)
}

fn nobody_there(gap: &Gap) -> bool {
    matches!(gap.cause, Cause::ProcessDown | Cause::Suspended)
}

/// When somebody was there again, if nobody was.
fn away(gaps: &[Gap], now: Timestamp) -> Option<Timestamp> {
    let away = |gap: &&Gap| nobody_there(gap) && gap.from < now && now < gap.to;
    gaps.iter().filter(away).map(|gap| gap.to).max()
}

/// Of more firings a day than this, somebody asks whether they are too many.
const NOISY: usize = 20;
/// So many a day are few enough.
const FEW: usize = 3;
/// Tries at finding a better threshold.
const TRIES: usize = 12;

impl Report {
    /// The whole of it, for people: how often, where, how long, and when last. `minutes_east` is of the reader's clock; none: UTC.
    #[must_use]
    pub fn sentence(
        &self,
        rule: &Rule,
        series: &[Past<'_>],
        (from, to): (Timestamp, Timestamp),
        unit: &Unit,
        minutes_east: Option<i32>,
    ) -> String {
        let range = words::duration(to.since(from));
        let told = |value| quantity(value, &compared_unit(rule, unit));
        let mut text = match (self.firings.len(), self.worst) {
            (0, None) => return format!("Nothing is known of the last {range}."),
            (0, Some(worst)) => {
                let most = if rule.draft().condition.direction() == Direction::Down { "lowest" } else { "highest" };
                format!("Would not have fired in the last {range}; {most} was {}.", told(worst))
            }
            (times, _) => {
                let times = match times {
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                };
                let lengths = self.firings.iter().map(|firing| firing.end.unwrap_or(to).since(firing.begin));
                let total = words::duration(lengths.clone().sum());
                let longest = words::duration(lengths.max().unwrap_or_default());
                let last = self.firings.iter().max_by_key(|firing| firing.begin);
                let last = last.map_or_else(String::new, |last| {
                    let tags = series.get(last.series).map(|past| past.tags);
                    let host =
                        tags.and_then(|tags| tags.get("host")).map_or_else(String::new, |host| format!(" {host}"));
                    format!(" Last: {}{host}.", words::moment(last.begin, minutes_east))
                });
                let places = self.places(series);
                format!(
                    "Would have fired {times} in the last {range}{places}: {total} in total, longest {longest}.{last}"
                )
            }
        };
        if self.known * 10 < to.since(from) * 9 {
            text.push_str(&format!(" Based on {} of data.", words::duration(self.known)));
        }
        text
    }

    /// ` on 2 of 12 hosts`; nothing where there is one series only.
    fn places(&self, series: &[Past<'_>]) -> String {
        let hosts: BTreeSet<_> = series.iter().filter_map(|past| past.tags.get("host")).collect();
        let fired: BTreeSet<usize> = self.firings.iter().map(|firing| firing.series).collect();
        match series.len() {
            0 | 1 => String::new(),
            all if hosts.len() == all => format!(" on {} of {all} hosts", fired.len()),
            all => format!(" on {} of {all} series", fired.len()),
        }
    }

    /// Whether people would soon stop to listen: more than twenty a day.
    #[must_use]
    pub fn is_noisy(&self, range: Duration) -> bool {
        self.firings.len() > NOISY * days(range)
    }
}

fn days(range: Duration) -> usize {
    usize::try_from(range.as_secs() / 86_400).unwrap_or(usize::MAX).max(1)
}

/// A threshold with at most three firings a day, closest to the one there is. None where there is none on the way to the worst value, and
/// for rules with several levels, of which nobody can say which one is meant.
#[must_use]
pub fn quieter(rule: &Rule, series: &[Past<'_>], range: (Timestamp, Timestamp)) -> Option<f64> {
    let few = FEW * days(range.1.since(range.0));
    let [level] = rule.levels() else { return None };
    if rule.draft().condition.direction() == Direction::None {
        return None;
    }
    let firings = |threshold: f64| {
        let bound = Bound::Apart { threshold, recovery: level.recovery + threshold - level.threshold };
        let draft = Draft {
            threshold: None,
            severity: None,
            recovery_threshold: None,
            levels: [(level.severity, bound)].into(),
            ..rule.draft().clone()
        };
        Rule::try_from(draft).map(|rule| backtest(&rule, series, range).firings.len())
    };
    // Between one that is too noisy and one that never fires.
    let (mut noisy, mut calm) = (level.threshold, backtest(rule, series, range).worst?);
    if firings(calm).ok()? > few {
        return None;
    }
    for _ in 0..TRIES {
        let middle = f64::midpoint(noisy, calm);
        if firings(middle).ok()? > few { noisy = middle } else { calm = middle }
    }
    Some(calm)
}

#[cfg(test)]
#[path = "backtest_tests.rs"]
mod tests;
