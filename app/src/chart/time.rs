//! Values over time: a line a series, broken where nothing is known.

use super::axis::{self, Frame};
use super::bounds::{Bounds, extent};
use super::line::{self, Run};
use super::picture::{Anchor, Ink, Picture, Spot};
use super::slot::dash_of;
use super::text;
use super::time_ticks::{Zone, tame_ms, time_ticks};
use super::value_ticks::{Ticks, ticks};
use crate::model::{Thresholds, Timestamp, Unit};
use crate::theme::{SERIES, Token};

/// A series in a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// What tells it from the others.
    pub label: String,
    /// Its colour and pattern: an index into the series' palette, see [`slot_of`](super::slot_of).
    pub slot: usize,
    /// Ascending by time. `None` breaks the line: a hole.
    pub points: Vec<(Timestamp, Option<f64>)>,
}

/// Lines over time, or areas.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeChart {
    /// The series. Those of later ones lie over earlier ones.
    pub traces: Vec<Trace>,
    /// Whether what is under a line is filled; zero is in sight then.
    pub filled: bool,
    /// The moment at the left edge.
    pub start: Timestamp,
    /// The moment at the right edge.
    pub end: Timestamp,
    /// Of all values.
    pub unit: Unit,
    /// The ends of the scale and the dashed lines.
    pub thresholds: Thresholds,
    /// In which the moments are told.
    pub zone: Zone,
    /// From here to the end nothing is known: samples should have come and did not.
    pub stale_since: Option<Timestamp>,
}

/// Half the least width of a hole, so that a short one is seen as well.
const HALF_BAND: f64 = 3.0;
const FILL: f64 = 0.18;

impl TimeChart {
    pub(super) fn mark(&self, picture: &mut Picture) {
        let (start, end) = self.range();
        let runs: Vec<(&Trace, Vec<Run>)> =
            self.traces.iter().map(|trace| (trace, line::runs(&trace.points, start, end))).collect();
        let values = runs.iter().flat_map(|(_, runs)| runs.iter().flatten().map(|point| point.1));
        let bounds = Bounds::new(extent(values), &self.thresholds, self.filled, &self.unit);
        let most = if picture.size.height < 120.0 { 3 } else { 5 };
        let ticks = ticks(bounds, &self.unit, most);
        let plot = Plot { frame: Frame::new(picture, &ticks, &self.thresholds, &self.unit), start, end, ticks };

        self.times(picture, &plot);
        axis::values(picture, &plot.frame, &plot.ticks);
        self.unknown(picture, &plot, &runs);
        let lines = runs.iter().flat_map(|(trace, runs)| runs.iter().map(|run| (trace.slot, plot.line(run))));
        let lines: Vec<(usize, Vec<Spot>)> = lines.collect();
        if self.filled {
            // All of them under all lines, so that no line is dimmed.
            for (slot, line) in &lines {
                fill(picture, &plot, *slot, line);
            }
        }
        for (slot, line) in lines {
            self.stroke(picture, slot, line);
        }
        axis::thresholds(picture, &plot.frame, &plot.ticks.bounds, &self.thresholds, &self.unit);
        for (trace, runs) in &runs {
            self.newest(picture, &plot, trace, runs);
        }
    }

    /// From where to where, never empty and never too far to calculate with.
    pub(super) fn range(&self) -> (Timestamp, Timestamp) {
        let start = tame_ms(self.start);
        (Timestamp::from_millis(start), Timestamp::from_millis(tame_ms(self.end).max(start + 1000)))
    }

    fn times(&self, picture: &mut Picture, plot: &Plot) {
        let (frame, width) = (&plot.frame, picture.size.width);
        // A narrow picture has three, since more would be hard to tell apart.
        let apart = if width < 400.0 { (frame.width() / 3.4).max(80.0) } else { 80.0 };
        let span = plot.end.since(plot.start).as_secs_f64() * 1000.0;
        let apart_ms = apart / frame.width() * span;
        for tick in time_ticks(plot.start.as_millis(), plot.end.as_millis(), apart_ms, self.zone) {
            let x = plot.x(Timestamp::from_millis(tick.at_ms)).round();
            picture.rect(Spot::new(x - 0.5, frame.top), Spot::new(x + 0.5, frame.bottom + 4.0), Token::Grid);
            let half = text::width(&tick.label) / 2.0;
            if x - half >= 0.0 && x + half <= width {
                picture.text(Spot::new(x, frame.below()), tick.label, Anchor::Middle, Token::Muted);
            }
        }
    }

    /// Hatches where no series has anything.
    fn unknown(&self, picture: &mut Picture, plot: &Plot, runs: &[(&Trace, Vec<Run>)]) {
        let frame = &plot.frame;
        let all: Vec<Run> = runs.iter().flat_map(|(_, runs)| runs.iter().cloned()).collect();
        let mut bands: Vec<(f64, f64)> = line::bands(&all)
            .into_iter()
            .map(|(from, to)| {
                let (from, to) = (plot.x(from), plot.x(to));
                let middle = f64::midpoint(from, to);
                (from.min(middle - HALF_BAND).max(frame.left), to.max(middle + HALF_BAND).min(frame.right))
            })
            .collect();
        if let Some(since) = self.stale_since.filter(|&since| since < plot.end) {
            bands.push((plot.x(since), frame.right));
        }
        for (from, to) in bands {
            let (from, to) = (Spot::new(from, frame.top), Spot::new(to, frame.bottom));
            picture.rect(from, to, Ink::faint(Token::Surface3, 0.5));
            picture.hatch(from, to, Ink::faint(Token::BorderStrong, 0.55));
        }
    }

    fn stroke(&self, picture: &mut Picture, slot: usize, line: Vec<Spot>) {
        let width = if self.traces.len() <= 4 { 2.0 } else { 1.5 };
        let Some(&first) = line.first() else { return };
        // One point, or several within a pixel, would be a line that nobody can see.
        if line.iter().all(|spot| (spot.x - first.x).abs().max((spot.y - first.y).abs()) < 1.0) {
            picture.dot(first, 1.5, false, ink(slot));
        } else {
            picture.line(line, width, dash_of(slot), ink(slot));
        }
    }

    /// The end of a line: a ring where it should have gone on.
    fn newest(&self, picture: &mut Picture, plot: &Plot, trace: &Trace, runs: &[Run]) {
        let Some(&last) = runs.last().and_then(|run| run.last()) else { return };
        picture.dot(plot.spot(last), 3.0, self.stale_since.is_some(), ink(trace.slot));
    }
}

/// What is between a line and zero.
fn fill(picture: &mut Picture, plot: &Plot, slot: usize, line: &[Spot]) {
    let [first, .., last] = line else { return };
    let foot = plot.frame.y(0.0, &plot.ticks.bounds);
    let feet = [Spot::new(last.x, foot), Spot::new(first.x, foot)];
    picture.area(line.iter().copied().chain(feet).collect(), Ink::faint(ink(slot), FILL));
}

/// The colour of a slot.
pub(super) fn ink(slot: usize) -> Token {
    Token::Series(u8::try_from(slot % usize::from(SERIES)).unwrap_or(0))
}

/// Both scales.
struct Plot {
    frame: Frame,
    start: Timestamp,
    end: Timestamp,
    ticks: Ticks,
}

impl Plot {
    fn x(&self, time: Timestamp) -> f64 {
        let span = self.end.since(self.start).as_secs_f64();
        let part = time.since(self.start).as_secs_f64() / span;
        self.frame.left + part.clamp(0.0, 1.0) * self.frame.width()
    }

    /// A run in the picture, no finer than its pixels.
    fn line(&self, run: &Run) -> Vec<Spot> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture's width in pixels")]
        let columns = self.frame.width() as u32;
        line::thinned(run, self.start, self.end, columns).into_iter().map(|point| self.spot(point)).collect()
    }

    fn spot(&self, (time, value): (Timestamp, f64)) -> Spot {
        Spot::new(self.x(time), self.frame.y(value, &self.ticks.bounds))
    }
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
