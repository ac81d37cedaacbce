//! Round values for the ticks of a scale.

use super::bounds::Bounds;
use super::units::Scale;
use crate::model::Unit;

/// A scale with round ticks: its ends, moved out to the next tick where they are not fixed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    pub(super) bounds: Bounds,
    /// Ascending, all within the bounds.
    pub(super) values: Vec<f64>,
    /// A label for each; the last one carries the unit, which all of them share.
    pub(super) labels: Vec<String>,
}

/// At most `most` of them, which is 3 or more: zero may have a neighbour on either side.
pub(super) fn ticks(bounds: Bounds, unit: &Unit, most: usize) -> Ticks {
    let scale = Scale::of(bounds.low.abs().max(bounds.high.abs()), unit);
    let is_binary = unit.as_str().starts_with("bytes");
    // Bytes are round in powers of two of themselves, all else in tens of the unit it is told in.
    let one = if is_binary { 1.0 } else { scale.factor };
    let rough = (bounds.high - bounds.low) / one / f64::from(u8::try_from(most.max(3) - 1).unwrap_or(u8::MAX));
    let steps = if is_binary { powers_of_two(rough) } else { round_tens(rough) };
    let found = steps.into_iter().map(|step| at_step(bounds, step * one)).find(|(_, values, _)| values.len() <= most);
    let (bounds, values, step) = found.unwrap_or((bounds, Vec::new(), one));
    let decimals = decimals_of(step / scale.factor);
    let last = values.len().saturating_sub(1);
    let labels = values
        .iter()
        .enumerate()
        .map(|(at, &value)| {
            let number = scale.number(value, decimals);
            match (at == last, scale.name.as_str()) {
                (true, "%") => format!("{number}%"),
                (true, name) if !name.is_empty() => format!("{number} {name}"),
                _ => number,
            }
        })
        .collect();
    Ticks { bounds, values, labels }
}

/// What rounding may make of a multiple of a step, in steps.
const SLACK: f64 = 1e-6;

fn at_step(mut bounds: Bounds, step: f64) -> (Bounds, Vec<f64>, f64) {
    if !bounds.low_is_fixed {
        bounds.low = bounds.low.min((bounds.low / step + SLACK).floor() * step);
    }
    if !bounds.high_is_fixed {
        bounds.high = bounds.high.max((bounds.high / step - SLACK).ceil() * step);
    }
    let (first, last) = ((bounds.low / step - SLACK).ceil(), (bounds.high / step + SLACK).floor());
    let mut values = Vec::new();
    let mut at = first;
    while at <= last && values.len() < 100 {
        values.push((at * step).clamp(bounds.low, bounds.high));
        at += 1.0;
    }
    (bounds, values, step)
}

fn powers_of_two(rough: f64) -> Vec<f64> {
    let first = rough.log2().ceil().exp2();
    (0..4).map(|doubled| first * f64::from(1 << doubled)).collect()
}

fn round_tens(rough: f64) -> Vec<f64> {
    let ten = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0]
        .into_iter()
        .map(|round| ten * round)
        .filter(|&step| step >= rough * (1.0 - SLACK))
        .collect()
}

/// As many decimals as tell a step from its neighbours.
fn decimals_of(step: f64) -> usize {
    (0..7)
        .find(|&d| {
            let scaled = step * 10_f64.powi(d);
            (scaled - scaled.round()).abs() < 1e-3 * scaled
        })
        .and_then(|d| usize::try_from(d).ok())
        .unwrap_or(7)
}

#[cfg(test)]
#[path = "value_ticks_tests.rs"]
mod tests;
