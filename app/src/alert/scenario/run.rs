//! Plays a scenario: a clock, samples as they come, and for each rule and series what an engine would do.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::notation::{Time, samples};
use super::{Event, Expected, Heard, Scenario, ScenarioError};
use crate::alert::hear::{Ear, hear, quieted_by};
use crate::alert::observe::{Observation, Reading, Tick};
use crate::alert::phase::Transition;
use crate::alert::rule::{Rule, check_together};
use crate::alert::severity::Severity;
use crate::alert::step::{State, step};
use crate::alert::template::Facts;
use crate::alert::{Cause, Gap};
use crate::model::{Point, Tags, Timestamp, Unit};

/// What the machine's clock says at the beginning: 2026-01-01, midnight.
const BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// In their order.
    pub transitions: Vec<Expected>,
    /// In its order.
    pub heard: Vec<Heard>,
}

/// A series as it comes to be known.
struct Series {
    key: String,
    metric: String,
    tags: Tags,
    unit: Unit,
    every: Duration,
    samples: Vec<Option<f64>>,
    points: Vec<Point>,
    gaps: Vec<Gap>,
}

/// A rule and one of its series.
struct Watch<'a> {
    rule: &'a Rule,
    series: usize,
    state: State,
    ear: Ear,
    value: Option<f64>,
}

impl Scenario {
    /// Plays it.
    ///
    /// # Errors
    /// Where the file makes no sense.
    pub fn run(&self) -> Result<Outcome, ScenarioError> {
        if self.interval.0.is_zero() {
            return Err(ScenarioError::Interval);
        }
        if let Some((rule, problem)) = check_together(&self.rules).into_iter().next() {
            return Err(ScenarioError::Rules(rule, problem.to_string()));
        }
        let mut series = self.series()?;
        let mut watches: Vec<Watch<'_>> = self.watches(&series);
        let mut outcome = Outcome::default();
        let length = |one: &Series| one.every.saturating_mul(u32::try_from(one.samples.len()).unwrap_or(u32::MAX));
        let end = self.until.map_or_else(|| series.iter().map(length).max().unwrap_or_default(), |until| until.0);
        let mut at = Duration::ZERO;
        let mut last = None;
        while at < end {
            if self.away(at).is_none() {
                if let Some(cause) = last.and_then(|last| self.away_since(last, at)) {
                    came_back(&mut series, &mut watches, cause, (self.clock(last.unwrap_or(at)), self.clock(at)))?;
                }
                self.set_clock(&mut series, last.unwrap_or(at), at);
                self.take(&mut series, at);
                self.look(&series, &mut watches, at, &mut outcome);
                last = Some(at);
            }
            at += self.interval.0;
        }
        Ok(outcome)
    }

    fn series(&self) -> Result<Vec<Series>, ScenarioError> {
        let read = |(key, line): (&String, &super::Line)| {
            let (metric, tags) = identity(key).ok_or_else(|| ScenarioError::Key(key.clone()))?;
            let samples = samples(line.values()).map_err(|why| ScenarioError::Samples { series: key.clone(), why })?;
            let known = self.gaps.iter().filter(|gap| gap.series.as_ref().is_none_or(|series| series == key));
            let gaps = known
                .map(|gap| Gap { from: self.clock(gap.from.0), to: self.clock(gap.to.0), cause: gap.cause })
                .collect();
            Ok(Series {
                key: key.clone(),
                metric,
                tags,
                unit: line.unit(),
                every: line.every().unwrap_or(self.interval.0),
                samples,
                points: Vec::new(),
                gaps,
            })
        };
        self.series.iter().map(read).collect()
    }

    fn watches(&self, series: &[Series]) -> Vec<Watch<'_>> {
        let matches = |rule: &Rule, one: &Series| rule.draft().enabled && rule.looks_at(&one.metric, &one.tags);
        let pairs = self.rules.iter().flat_map(|rule| series.iter().enumerate().map(move |(n, one)| (rule, n, one)));
        pairs
            .filter(|(rule, _, one)| matches(rule, one))
            .map(|(rule, series, _)| Watch { rule, series, state: State::default(), ear: Ear::default(), value: None })
            .collect()
    }

    /// What the machine's clock says.
    fn clock(&self, at: Duration) -> Timestamp {
        let set = |event: &Event| match event {
            Event::Clock { at: when, by } if when.0 <= at => i64::from(*by) * 1000,
            _ => 0,
        };
        Timestamp::from_millis((BEGIN + at).as_millis() + self.events.iter().map(set).sum::<i64>())
    }

    /// Why nobody looks at that time, if nobody does.
    fn away(&self, at: Duration) -> Option<Cause> {
        self.events.iter().find_map(|event| {
            let (from, down, cause) = match event {
                Event::Restart { at, down } => (at.0, down.0, Cause::ProcessDown),
                Event::Suspend { at, down } => (at.0, down.0, Cause::Suspended),
                Event::Clock { .. } => return None,
            };
            (from <= at && at < from + down).then_some(cause)
        })
    }

    /// Why nobody looked between two times.
    fn away_since(&self, last: Duration, at: Duration) -> Option<Cause> {
        let mut between = last;
        while between < at {
            if let Some(cause) = self.away(between) {
                return Some(cause);
            }
            between += self.interval.0;
        }
        // A restart that takes no time.
        let at_once = |event: &Event| matches!(event, Event::Restart { at: when, .. } if last < when.0 && when.0 <= at);
        self.events.iter().any(at_once).then_some(Cause::ProcessDown)
    }

    /// A clock that was set forward leaves a stretch that never was.
    fn set_clock(&self, series: &mut [Series], last: Duration, at: Duration) {
        let was_set = |event: &Event| matches!(event, Event::Clock { at: when, .. } if last < when.0 && when.0 <= at);
        let (from, to) = (self.clock(last), self.clock(at));
        if self.events.iter().any(was_set) && from < to {
            series.iter_mut().for_each(|one| one.gaps.push(Gap { from, to, cause: Cause::ClockJump }));
        }
    }

    fn take(&self, series: &mut [Series], at: Duration) {
        let time = self.clock(at);
        for one in series {
            let (since, every) = (at.as_millis(), one.every.as_millis().max(1));
            let sample = usize::try_from(since / every).ok().and_then(|n| one.samples.get(n)).copied().flatten();
            if let Some(value) = sample.filter(|_| since.is_multiple_of(every)) {
                let after = one.points.partition_point(|point| point.time <= time);
                one.points.insert(after, Point::new(time, value));
            }
        }
    }

    fn look(&self, series: &[Series], watches: &mut [Watch<'_>], at: Duration, outcome: &mut Outcome) {
        let now = self.clock(at);
        for watch in &mut *watches {
            let Some(one) = series.get(watch.series) else { continue };
            let tick = Tick { now, interval: one.every };
            let seen = Reading::from(watch.rule.draft()).observe(&one.points, &one.gaps, tick);
            let (state, transition) = step(watch.rule, &watch.state, seen, tick);
            watch.state = state;
            watch.value = match seen {
                Observation::Value { value, .. } => Some(value),
                Observation::Gap { .. } => None,
            };
            outcome.transitions.extend(transition.map(|transition| expected(&transition, watch.rule, one, at)));
        }
        let firing: Vec<(&Rule, &Tags)> = watches
            .iter()
            .filter(|watch| watch.state.level().is_some())
            .filter_map(|watch| Some((watch.rule, &series.get(watch.series)?.tags)))
            .collect();
        let quiet: Vec<bool> = watches
            .iter()
            .map(|watch| {
                series
                    .get(watch.series)
                    .and_then(|one| quieted_by(watch.rule, &one.tags, firing.iter().copied()))
                    .is_some()
            })
            .collect();
        for (watch, quiet) in watches.iter_mut().zip(quiet) {
            let Some(one) = series.get(watch.series) else { continue };
            let (ear, message) = hear(&watch.ear, watch.state.level(), quiet, now);
            // What is over has nothing left to say since when it was.
            let since = ear.since().or(watch.ear.since()).unwrap_or(now);
            watch.ear = ear;
            let Some(message) = message else { continue };
            let facts = Facts {
                rule: watch.rule,
                tags: &one.tags,
                unit: &one.unit,
                severity: watch.state.level().unwrap_or(Severity::Info),
                value: watch.value,
                last: one.points.last().map(|point| point.value),
                since,
                now,
            };
            outcome.heard.push(Heard { at: Time(at), text: message.text(&facts) });
        }
    }
}

/// After a time in which nobody looked; what was written down is read again where Telltale itself had ended.
fn came_back(
    series: &mut [Series],
    watches: &mut [Watch<'_>],
    cause: Cause,
    (from, to): (Timestamp, Timestamp),
) -> Result<(), ScenarioError> {
    series.iter_mut().for_each(|one| one.gaps.push(Gap { from, to, cause }));
    if cause == Cause::ProcessDown {
        for watch in watches {
            watch.state = written_and_read(&watch.state)?;
            watch.ear = written_and_read(&watch.ear)?;
        }
    }
    Ok(())
}

fn written_and_read<T: Serialize + DeserializeOwned>(of: &T) -> Result<T, ScenarioError> {
    let lost = |error: serde_json::Error| ScenarioError::State(error.to_string());
    serde_json::from_str(&serde_json::to_string(of).map_err(lost)?).map_err(lost)
}

fn expected(of: &Transition, rule: &Rule, series: &Series, at: Duration) -> Expected {
    Expected {
        at: Time(at),
        rule: Some(rule.name().to_owned()),
        series: Some(series.key.clone()),
        from: of.from,
        to: of.to,
        level: of.level,
    }
}

/// `metric{name="value", …}`.
fn identity(key: &str) -> Option<(String, Tags)> {
    let Some((metric, rest)) = key.split_once('{') else { return Some((key.to_owned(), Tags::default())) };
    let inside = rest.strip_suffix('}')?;
    let pair = |pair: &str| {
        let (name, value) = pair.trim().split_once('=')?;
        Some((name.to_owned(), value.strip_prefix('"')?.strip_suffix('"')?.to_owned()))
    };
    let pairs: Option<Vec<_>> = inside.split(',').map(pair).collect();
    Some((metric.to_owned(), Tags::new(pairs?)))
}
