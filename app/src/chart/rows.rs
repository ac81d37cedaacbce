//! Bars that lie: a row each, with label and value.

use super::bars::{Bar, BarChart, body, is_past};
use super::bounds::{Bounds, tame};
use super::icon;
use super::picture::{Anchor, Ink, Picture, Size, Spot};
use super::text;
use super::threshold::limits;
use super::units;
use super::value_ticks::ticks;
use crate::theme::Token;

/// How rows share a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    rows: usize,
    row_height: f64,
    column_width: f64,
    /// Whether label and value stand above their bar; else they stand beside it.
    stacked: bool,
}

const COLUMN_GAP: f64 = 20.0;
const BESIDE: f64 = 18.0;
const STACKED: f64 = 32.0;
const HIGHEST: f64 = 56.0;
/// Narrower, and label and value beside it leave nothing of the bar.
const ROOMY: f64 = 160.0;

impl Layout {
    /// `None` where rows would be too low to read, or there are none.
    pub(super) fn of(size: Size, bars: usize) -> Option<Self> {
        (1..=2_u8).find_map(|columns| {
            let rows = bars.div_ceil(usize::from(columns));
            let (columns, count) = (f64::from(columns), f64::from(u16::try_from(rows).ok()?));
            let column_width = (size.width - (columns - 1.0) * COLUMN_GAP) / columns;
            let row_height = size.height / count;
            let stacked = row_height >= STACKED;
            let fits = rows > 0 && (stacked || row_height >= BESIDE && column_width >= ROOMY);
            fits.then(|| Self {
                rows,
                // Rows that could be higher stay together at the top.
                row_height: row_height.min(HIGHEST),
                column_width,
                stacked,
            })
        })
    }

    fn corner(&self, at: usize) -> Spot {
        let (column, row) = (at / self.rows, at % self.rows);
        let count = |n: usize| u32::try_from(n).map_or(0.0, f64::from);
        Spot::new(count(column) * (self.column_width + COLUMN_GAP), count(row) * self.row_height)
    }
}

pub(super) fn mark(picture: &mut Picture, chart: &BarChart, layout: Layout) {
    let bounds = ticks(chart.bounds(), &chart.unit, 5).bounds;
    let values: Vec<String> = chart.bars.iter().map(|bar| value_of(bar, chart)).collect();
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let most_of_label = layout.column_width * 0.34;
    let label_width = widest(&mut chart.bars.iter().map(|bar| text::width(&bar.label))).min(most_of_label);
    let value_width = widest(&mut values.iter().map(|value| text::width(value))).min(layout.column_width / 3.0);
    let icon_width =
        if chart.bars.iter().any(|bar| is_past(chart.severity_of(bar))) { 2.0 * icon::RADIUS + 4.0 } else { 0.0 };

    for (at, (bar, value)) in chart.bars.iter().zip(&values).enumerate() {
        let corner = layout.corner(at);
        let right = corner.x + layout.column_width;
        let (line, label_room, from, to) = if layout.stacked {
            let height = (layout.row_height * 0.24).clamp(9.0, 14.0);
            let top = corner.y + (layout.row_height - height - 18.0) / 2.0;
            let room = layout.column_width - value_width - icon_width - 8.0;
            (top + 6.0, room, Spot::new(corner.x, top + 17.0), Spot::new(right, top + 17.0 + height))
        } else {
            let (middle, half) =
                (corner.y + layout.row_height / 2.0, ((layout.row_height - 10.0) / 2.0).clamp(4.0, 6.0));
            let from = Spot::new(corner.x + label_width + 8.0, middle - half);
            (middle, label_width, from, Spot::new(right - value_width - icon_width - 8.0, middle + half))
        };
        let severity = chart.severity_of(bar);
        let label = text::shorten(&bar.label, label_room);
        picture.text(Spot::new(corner.x, line), label, Anchor::Start, Token::Text2);
        picture.text(Spot::new(right, line), text::shorten(value, value_width), Anchor::End, Token::Text);
        if is_past(severity) {
            let x = right - value_width - icon_width / 2.0;
            icon::draw(picture, severity, Spot::new(x, line));
        }
        track(picture, chart, bar, &bounds, (from, to));
    }
}

fn value_of(bar: &Bar, chart: &BarChart) -> String {
    match bar.value.and_then(tame) {
        Some(value) if chart.unit.as_str() == "percent" => format!("{}%", units::format(value, &chart.unit).number),
        Some(value) => units::format(value, &chart.unit).to_string(),
        None => "no data".to_owned(),
    }
}

/// The bar on its track, and the thresholds across both.
fn track(picture: &mut Picture, chart: &BarChart, bar: &Bar, bounds: &Bounds, (from, to): (Spot, Spot)) {
    let x = |value: f64| from.x + bounds.share(value) * (to.x - from.x);
    picture.rect(from, to, Token::Surface3);
    match bar.value.and_then(tame) {
        Some(value) => {
            let (zero, end) = (x(0.0), x(value));
            // Zero is a thin line: a value, where a hatch is none.
            let left = zero.min(end).min(to.x - 1.0);
            let right = zero.max(end).max(left + 1.0);
            body(picture, bar, chart.severity_of(bar), Spot::new(left, from.y), Spot::new(right, to.y));
        }
        None => picture.hatch(from, to, Ink::faint(Token::BorderStrong, 0.55)),
    }
    for (severity, limit) in limits(&chart.thresholds).filter(|(_, limit)| (bounds.low..=bounds.high).contains(limit)) {
        let at = x(limit).min(to.x - 2.0).max(from.x + 2.0);
        // A seam on both sides keeps it apart from a bar of the same colour.
        picture.rect(Spot::new(at - 2.0, from.y), Spot::new(at + 2.0, to.y), Token::Surface);
        picture.rect(Spot::new(at - 1.0, from.y - 2.0), Spot::new(at + 1.0, to.y + 2.0), Token::Fg(severity));
    }
}
