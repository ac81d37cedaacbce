//! The rectangle in which values are drawn, and its scale of values.

use super::bounds::Bounds;
use super::icon;
use super::picture::{Anchor, Dash, Picture, Spot};
use super::text;
use super::threshold::limits;
use super::units;
use super::value_ticks::Ticks;
use crate::model::{Thresholds, Unit};
use crate::theme::{Severity, Token};

/// Where values are drawn, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Half a label stands above the topmost line.
const TOP: f64 = 9.0;
/// A line of labels and the air above it.
const BOTTOM: f64 = 20.0;
/// Between the labels of values and the lines they name.
const GAP: f64 = 8.0;
/// An icon and the air beside it.
const ICON: f64 = 18.0;
/// From here on thresholds have room for a number beside their icon.
const ROOMY: f64 = 400.0;

impl Frame {
    /// What the labels of `ticks` and of the thresholds within them leave of the picture.
    pub(super) fn new(picture: &Picture, ticks: &Ticks, thresholds: &Thresholds, unit: &Unit) -> Self {
        let size = picture.size;
        let widest = |labels: &mut dyn Iterator<Item = f64>| labels.fold(0.0, f64::max);
        let labels = widest(&mut ticks.labels.iter().map(|label| text::width(label)));
        let shown: Vec<f64> =
            visible(thresholds, &ticks.bounds).map(|(_, limit)| text::width(&short(limit, unit))).collect();
        let right = match shown[..] {
            [] => 6.0,
            _ if size.width < ROOMY => ICON,
            _ => ICON + 3.0 + widest(&mut shown.into_iter()).min(size.width / 8.0),
        };
        // However long the labels, the values keep half the picture.
        let left = (labels + GAP).min(size.width / 3.0);
        Self { left, right: size.width - right, top: TOP, bottom: size.height - BOTTOM }
    }

    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The height of a value.
    pub(super) fn y(&self, value: f64, bounds: &Bounds) -> f64 {
        self.bottom - bounds.share(value) * (self.bottom - self.top)
    }

    /// Where labels below the frame have their middle.
    pub(super) fn below(&self) -> f64 {
        self.bottom + 12.0
    }
}

/// Lines behind the data, with their values on the left.
pub(super) fn values(picture: &mut Picture, frame: &Frame, ticks: &Ticks) {
    for (&value, label) in ticks.values.iter().zip(&ticks.labels) {
        let y = frame.y(value, &ticks.bounds).round();
        picture.rect(Spot::new(frame.left, y - 0.5), Spot::new(frame.right, y + 0.5), Token::Grid);
        let room = frame.left - GAP;
        picture.text(Spot::new(room, y), text::shorten(label, room), Anchor::End, Token::Muted);
    }
}

fn visible(thresholds: &Thresholds, bounds: &Bounds) -> impl Iterator<Item = (Severity, f64)> {
    limits(thresholds).filter(|&(_, limit)| (bounds.low..=bounds.high).contains(&limit))
}

fn short(limit: f64, unit: &Unit) -> String {
    let number = units::format(limit, unit).number;
    // 70.0 is how a value is told; a limit that somebody wrote down is 70.
    if number.contains('.') && !number.contains('e') {
        number.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        number
    }
}

/// A dashed line at each threshold, its icon in the margin on the right.
pub(super) fn thresholds(picture: &mut Picture, frame: &Frame, bounds: &Bounds, thresholds: &Thresholds, unit: &Unit) {
    let shown: Vec<(Severity, f64)> = visible(thresholds, bounds).collect();
    let heights: Vec<f64> = shown.iter().map(|&(_, limit)| frame.y(limit, bounds).round()).collect();
    for (&(severity, limit), (&y, at)) in shown.iter().zip(heights.iter().zip(apart(&heights, frame))) {
        let ends = vec![Spot::new(frame.left, y), Spot::new(frame.right, y)];
        picture.line(ends, 1.5, Some(Dash { on: 4.0, off: 4.0 }), Token::Fg(severity));
        let centre = Spot::new(frame.right + ICON / 2.0 + 1.0, at);
        icon::draw(picture, severity, centre);
        if picture.size.width >= ROOMY {
            let left = frame.right + ICON + 1.0;
            let label = text::shorten(&short(limit, unit), picture.size.width - left);
            picture.text(Spot::new(left, at), label, Anchor::Start, Token::Muted);
        }
    }
}

/// The heights, at least an icon from each other and within the frame.
fn apart(heights: &[f64], frame: &Frame) -> Vec<f64> {
    const LEAST: f64 = 14.0;
    let (lowest, highest) = (frame.bottom - LEAST / 2.0, frame.top);
    let mut at: Vec<f64> = heights.iter().map(|y| y.clamp(highest, lowest)).collect();
    if let [first, second] = at[..]
        && (first - second).abs() < LEAST
    {
        // In a frame too low for both they reach below it, where there is room.
        let middle = f64::midpoint(first, second).min(lowest - LEAST / 2.0).max(highest + LEAST / 2.0);
        let up = if first < second { -LEAST / 2.0 } else { LEAST / 2.0 };
        at = vec![middle + up, middle - up];
    }
    at
}
