//! The newest values of several series side by side.

use super::bounds::{Bounds, extent, tame};
use super::picture::{Picture, Spot};
use super::threshold::severity;
use super::time::ink;
use super::{columns, rows};
use crate::model::{Thresholds, Unit};
use crate::theme::{Severity, Token};

/// A series and its newest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What tells it from the others.
    pub label: String,
    /// `None` where there is none: not the same as zero.
    pub value: Option<f64>,
    /// Its colour: an index into the series' palette.
    pub slot: usize,
}

/// Bars from zero. They lie, with label and value, as long as there is room for each in at most two
/// columns; else they stand, all of them down to a width of 3 px each, and what does not fit is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// In this order.
    pub bars: Vec<Bar>,
    /// Of all values.
    pub unit: Unit,
    /// The ends of the scale, and from where on a bar is more than just long.
    pub thresholds: Thresholds,
}

impl BarChart {
    pub(super) fn mark(&self, picture: &mut Picture) {
        match rows::Layout::of(picture.size, self.bars.len()) {
            Some(layout) => rows::mark(picture, self, layout),
            None => columns::mark(picture, self),
        }
    }

    /// The scale, zero in sight.
    pub(super) fn bounds(&self) -> Bounds {
        let values = self.bars.iter().filter_map(|bar| bar.value);
        Bounds::new(extent(values), &self.thresholds, true, &self.unit)
    }

    pub(super) fn severity_of(&self, bar: &Bar) -> Severity {
        severity(bar.value.and_then(tame), &self.thresholds)
    }
}

/// Whether a severity has an icon and a colour of its own in a bar.
pub(super) fn is_past(severity: Severity) -> bool {
    matches!(severity, Severity::Warning | Severity::Critical)
}

/// A bar in its colour. One past a threshold has an edge too.
pub(super) fn body(picture: &mut Picture, bar: &Bar, severity: Severity, from: Spot, to: Spot) {
    if !is_past(severity) {
        picture.rect(from, to, ink(bar.slot));
        return;
    }
    picture.rect(from, to, Token::Fg(severity));
    if to.x - from.x > 4.0 && to.y - from.y > 4.0 {
        let (from, to) = (Spot::new(from.x + 1.0, from.y + 1.0), Spot::new(to.x - 1.0, to.y - 1.0));
        picture.rect(from, to, Token::Fill(severity));
    }
}
