//! Bars that stand: where there are more than rows would have room for.

use super::axis::{self, Frame};
use super::bars::{Bar, BarChart, body, is_past};
use super::bounds::tame;
use super::icon;
use super::picture::{Anchor, Ink, Picture, Spot};
use super::text;
use super::value_ticks::ticks;
use crate::theme::Token;

/// A bar and the gap after it are never narrower.
const LEAST: f64 = 3.0;
const WIDEST_LABEL: f64 = 56.0;

pub(super) fn mark(picture: &mut Picture, chart: &BarChart) {
    let ticks = ticks(chart.bounds(), &chart.unit, if picture.size.height < 120.0 { 3 } else { 5 });
    let frame = Frame::new(picture, &ticks, &chart.thresholds, &chart.unit);
    axis::values(picture, &frame, &ticks);

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture's width in pixels")]
    let room = (frame.width() / LEAST) as usize;
    let shown = &chart.bars[..chart.bars.len().min(room)];
    let count = |n: usize| u32::try_from(n).map_or(0.0, f64::from);
    let step = frame.width() / count(shown.len()).max(1.0);
    let gap = (step * 0.25).clamp(1.0, 8.0);

    for (at, bar) in shown.iter().enumerate() {
        let left = frame.left + count(at) * step + gap / 2.0;
        column(picture, chart, bar, &frame, (left, left + step - gap), |value| frame.y(value, &ticks.bounds));
    }
    labels(picture, &frame, shown, step, chart.bars.len() - shown.len());
    axis::thresholds(picture, &frame, &ticks.bounds, &chart.thresholds, &chart.unit);
}

fn column(
    picture: &mut Picture,
    chart: &BarChart,
    bar: &Bar,
    frame: &Frame,
    (left, right): (f64, f64),
    y: impl Fn(f64) -> f64,
) {
    let Some(value) = bar.value.and_then(tame) else {
        let (from, to) = (Spot::new(left, frame.top), Spot::new(right, frame.bottom));
        picture.hatch(from, to, Ink::faint(Token::BorderStrong, 0.55));
        return;
    };
    let (zero, end) = (y(0.0), y(value));
    let bottom = zero.max(end);
    let top = zero.min(end).min(bottom - 1.0).max(0.0);
    let severity = chart.severity_of(bar);
    body(picture, bar, severity, Spot::new(left, top), Spot::new(right, bottom));
    if is_past(severity) && right - left >= 2.0 * icon::RADIUS {
        let middle = f64::midpoint(left, right);
        icon::draw(picture, severity, Spot::new(middle, (end - 9.0).max(frame.top)));
    } else if is_past(severity) {
        // Too narrow for an icon: a cap in the colour of text.
        picture.rect(Spot::new(left, top), Spot::new(right, (top + 2.0).min(bottom)), Token::Text);
    }
}

/// As many names as have room, evenly; the first one always.
fn labels(picture: &mut Picture, frame: &Frame, shown: &[Bar], step: f64, more: usize) {
    let note = if more > 0 { format!("+{more} more") } else { String::new() };
    let note_left = picture.size.width - text::width(&note);
    if more > 0 {
        picture.text(Spot::new(note_left, frame.below()), note, Anchor::Start, Token::Muted);
    }
    let widest = shown.iter().map(|bar| text::width(&bar.label)).fold(0.0, f64::max).min(WIDEST_LABEL);
    // Every second, fourth, eighth: the numbers of cores are read best so.
    let stride = (0..16).map(|doubled| 1_u32 << doubled).find(|&stride| f64::from(stride) * step >= widest + 6.0);
    for (at, bar) in (0_u32..).zip(shown) {
        let label = text::shorten(&bar.label, widest);
        let (middle, half) = (frame.left + (f64::from(at) + 0.5) * step, text::width(&label) / 2.0);
        let has_room = middle - half >= 0.0 && middle + half <= note_left;
        if has_room && stride.is_some_and(|stride| at % stride == 0) {
            picture.text(Spot::new(middle, frame.below()), label, Anchor::Middle, Token::Muted);
        }
    }
}
