//! Values as people read them: three significant digits and a unit.

use crate::model::Unit;

/// A number and its unit, apart so that a page can set them apart. The unit may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// With as many decimals as the value deserves.
    pub number: String,
    /// Such as `%`, `GiB`, `MiB/s`.
    pub unit: String,
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.number)?;
        if !self.unit.is_empty() { write!(f, " {}", self.unit) } else { Ok(()) }
    }
}

/// A value in its unit, scaled so that it is short.
#[must_use]
pub fn format(value: f64, unit: &Unit) -> Quantity {
    if !value.is_finite() {
        return Quantity { number: "–".to_owned(), unit: String::new() };
    }
    let scale = Scale::of(value.abs(), unit);
    let number = significant(value / scale.factor, scale.whole);
    // What rounds up to the next prefix is told in that one: 1.00 MiB, not 1024 KiB.
    let rounded = number.parse::<f64>().map_or(value, |n| n * scale.factor);
    let next = Scale::of(rounded.abs(), unit);
    if next.factor > scale.factor {
        return Quantity { number: significant(rounded / next.factor, next.whole), unit: next.name };
    }
    Quantity { number, unit: scale.name }
}

/// The unit of something's growth in a second.
#[must_use]
pub fn per_second(unit: &Unit) -> Unit {
    match unit.as_str() {
        "bytes" => Unit::new("bytes/s"),
        "" | "count" => Unit::new("count/s"),
        // A second of work a second: how many hands were busy.
        "seconds" => Unit::NONE,
        other => Unit::new(format!("{other}/s")),
    }
}

/// The prefix in which values of a magnitude are told.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// One of the scaled unit is this many of the plain one.
    pub(super) factor: f64,
    /// What the scaled unit is called.
    pub(super) name: String,
    /// Whether whole numbers are counts, to be told without decimals.
    whole: bool,
}

const KIB: f64 = 1024.0;
const BYTES: [(f64, &str); 7] = [
    (1.0, "B"),
    (KIB, "KiB"),
    (KIB * KIB, "MiB"),
    (KIB * KIB * KIB, "GiB"),
    (KIB * KIB * KIB * KIB, "TiB"),
    (KIB * KIB * KIB * KIB * KIB, "PiB"),
    (KIB * KIB * KIB * KIB * KIB * KIB, "EiB"),
];
const SECONDS: [(f64, &str); 7] =
    [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h"), (86_400.0, "d")];
const COUNTS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];

impl Scale {
    /// The prefix for values up to `most`, of which the sign does not matter.
    pub(super) fn of(most: f64, unit: &Unit) -> Self {
        let (name, per) = unit.as_str().strip_suffix("/s").map_or((unit.as_str(), ""), |name| (name, "/s"));
        let (steps, whole): (&[(f64, &str)], bool) = match name {
            "bytes" => (&BYTES, true),
            "seconds" => (&SECONDS, false),
            "" | "count" => (&COUNTS, true),
            "percent" => (&[(1.0, "%")], false),
            "celsius" => (&[(1.0, "°C")], false),
            other => (&[(1.0, other)], false),
        };
        let plain = steps.iter().position(|step| step.0 >= 1.0).unwrap_or(0);
        let fitting = if most == 0.0 { plain } else { steps.iter().rposition(|step| step.0 <= most).unwrap_or(0) };
        let (factor, prefix) = steps[fitting];
        Self { factor, name: format!("{prefix}{per}"), whole: whole && factor == 1.0 && per.is_empty() }
    }

    /// A value with a number of decimals, without the unit.
    pub(super) fn number(&self, value: f64, decimals: usize) -> String {
        let value = value / self.factor;
        if value == 0.0 {
            "0".to_owned()
        } else if value.abs() >= 1e6 || decimals > 6 {
            // A number that no axis has room for.
            format!("{value:.1e}")
        } else {
            format!("{value:.decimals$}")
        }
    }
}

/// Three digits that count; all of a whole number below 10,000.
fn significant(value: f64, whole: bool) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e6).contains(&size) {
        format!("{value:.2e}")
    } else if whole && size < 1e4 && value.fract() == 0.0 {
        format!("{value}")
    } else {
        let decimals = (0..=6).rev().find(|&d| size * 10_f64.powi(d) < 999.5).unwrap_or(0);
        format!("{value:.*}", usize::try_from(decimals).unwrap_or(0))
    }
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
