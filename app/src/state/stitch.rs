//! Two tellings of one series become one: the points of both, and a hole only where neither knows better.
//!
//! A telling that goes from one point to the next without a hole says that nothing is missing between the
//! two, however far apart they are: thinned-out histories do. So a hole stays only where no telling runs
//! across it *and* the points are too far apart for the series' interval.
//! May not know: what a track is, where tellings come from.

use std::time::Duration;

use crate::model::Timestamp;

/// A value, or `None` for a hole, at its time.
pub type Told = (Timestamp, Option<f64>);

/// Whether a sample is missing between two neighbours of a series that has one each `interval`.
#[must_use]
pub fn broken(earlier: Timestamp, later: Timestamp, interval: Duration) -> bool {
    later.since(earlier).saturating_mul(2) > interval.saturating_mul(5)
}

/// Puts a point behind all others, with a hole before it where samples are missing. False where it is not newer.
pub fn append(points: &mut Vec<Told>, time: Timestamp, value: f64, interval: Duration) -> bool {
    if let Some(&(newest, _)) = points.last() {
        if time <= newest {
            return false;
        }
        if broken(newest, time, interval) {
            points.push((newest + interval, None));
        }
    }
    points.push((time, Some(value)));
    true
}

/// All points of both, ascending; where both have one, `theirs` counts. Holes lie between two points, one interval
/// after the earlier one.
#[must_use]
pub fn stitch(ours: &[Told], theirs: &[Told], interval: Duration) -> Vec<Told> {
    let (mut our_runs, mut their_runs) = (Runs::of(ours), Runs::of(theirs));
    let mut out: Vec<Told> = Vec::with_capacity(ours.len() + theirs.len());
    let mut before: Option<Timestamp> = None;
    for (time, value) in union(ours, theirs) {
        if let Some(before) = before {
            // Both are asked each time: each follows its own runs step by step.
            let told = our_runs.across(before, time) | their_runs.across(before, time);
            if !told && broken(before, time, interval) {
                out.push((before + interval, None));
            }
        }
        out.push((time, Some(value)));
        before = Some(time);
    }
    out
}

/// The real points of both, ascending, each time once.
fn union<'a>(ours: &'a [Told], theirs: &'a [Told]) -> impl Iterator<Item = (Timestamp, f64)> + 'a {
    let real = |told: &'a [Told]| told.iter().filter_map(|&(t, v)| Some((t, v?))).peekable();
    let (mut ours, mut theirs) = (real(ours), real(theirs));
    std::iter::from_fn(move || match (ours.peek(), theirs.peek()) {
        (Some((a, _)), Some((b, _))) if a < b => ours.next(),
        (Some((a, _)), Some((b, _))) => {
            if a == b {
                ours.next();
            }
            theirs.next()
        }
        (Some(_), None) => ours.next(),
        (None, _) => theirs.next(),
    })
}

/// The stretches of one telling between its holes, asked from left to right.
struct Runs<'a> {
    left: Vec<&'a [Told]>,
}

impl<'a> Runs<'a> {
    fn of(told: &'a [Told]) -> Self {
        let mut left: Vec<_> = told.split(|(_, value)| value.is_none()).filter(|run| !run.is_empty()).collect();
        left.reverse();
        Self { left }
    }

    /// Whether one stretch reaches from `from` or earlier to `to` or later.
    fn across(&mut self, from: Timestamp, to: Timestamp) -> bool {
        while self.left.last().and_then(|run| run.last()).is_some_and(|&(end, _)| end <= from) {
            self.left.pop();
        }
        let reach = self.left.last().and_then(|run| Some((run.first()?.0, run.last()?.0)));
        reach.is_some_and(|(start, end)| start <= from && to <= end)
    }
}

#[cfg(test)]
#[path = "stitch_tests.rs"]
mod tests;
