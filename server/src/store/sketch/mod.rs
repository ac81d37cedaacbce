//! How the values of a window are spread, in a form that can be joined: a sketch gives any quantile within 1 %, however many values
//! it is of (DDSketch by Masson, Rim and Lee, 2019).
//!
//! Values are counted in bins whose edges grow by 2 % each, so that the middle of a bin is within 1 % of all that is in it. Those
//! below zero have bins of their own; zero, and what is too near to it for all digits of an `f64`, share one.
//! Invariant: pure; joined in any order and in any groups, sketches come to the same.
//! Invariant: bins ascend and none is empty, so a sketch has at most as many as values, and never more than 141,815 (2.3 MB), which
//! takes values of all magnitudes and of both signs: a thousandfold between the smallest and the largest is 346 bins (6 KB).
//! May not know: what windows are, whose values it is of.

pub(super) mod pack;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

/// How far a bin's middle may be from a value in it, as a share of that value.
const ACCURACY: f64 = 0.01;
/// The logarithm of what a bin's upper edge is to its lower one: of `(1 + ACCURACY) / (1 - ACCURACY)`.
const LN_GROWTH: f64 = 0.020_000_666_706_669_435;
/// From the exponent of a bin's upper edge to its key, so that the bin of the smallest normal `f64` has key 1.
const SHIFT: i32 = 35_419;
/// The key of the bin of the largest `f64`.
const LAST_KEY: i32 = 70_907;

/// How often values of each magnitude came.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sketch {
    bins: Vec<Bin>,
    /// Infinite as long as there is no value.
    min: f64,
    /// As `min`, below zero.
    max: f64,
}

/// Values that are taken for equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bin {
    /// Keys are in the order of their values; that of the mirrored bin is the negative one.
    key: i32,
    count: u64,
}

impl Default for Sketch {
    fn default() -> Self {
        Self { bins: Vec::new(), min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Sketch {
    /// With one more value. What is not finite is passed over, as the store takes none.
    pub(super) fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        // There is one zero, or the order of values would tell.
        let value = value + 0.0;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let key = key_of(value);
        match self.bins.binary_search_by_key(&key, |bin| bin.key) {
            Ok(at) => self.bins.get_mut(at).into_iter().for_each(|bin| bin.count = bin.count.saturating_add(1)),
            Err(at) => self.bins.insert(at, Bin { key, count: 1 }),
        }
    }

    /// With the values of another one.
    pub(super) fn join(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let mut merged = Vec::with_capacity(self.bins.len() + other.bins.len());
        let (mut own, mut others) = (self.bins.as_slice(), other.bins.as_slice());
        while let ([a, behind_a @ ..], [b, behind_b @ ..]) = (own, others) {
            let (bin, from_own, from_others) = match a.key.cmp(&b.key) {
                Ordering::Less => (*a, behind_a, others),
                Ordering::Greater => (*b, own, behind_b),
                Ordering::Equal => (Bin { count: a.count.saturating_add(b.count), ..*a }, behind_a, behind_b),
            };
            merged.push(bin);
            (own, others) = (from_own, from_others);
        }
        merged.extend_from_slice(own);
        merged.extend_from_slice(others);
        self.bins = merged;
    }

    /// How many values it is of.
    pub(super) fn count(&self) -> u64 {
        self.bins.iter().fold(0, |count, bin| count.saturating_add(bin.count))
    }

    /// The value below which `share` of the values lie, with `share` from 0 to 1: at rank `share·(n-1)` counted from 0, on the straight
    /// line between its two neighbours, as percentiles of points are. None without values, or where `share` is no share.
    ///
    /// The smallest and the largest value are exact. Any other is within 1 % of what it is of the values themselves, up to rounding,
    /// where both neighbours have the same sign. Where the line crosses zero, its ends are each within 1 % of what they are, and so
    /// the result is off by at most 1 % of the larger end, however near to zero itself. What is below 2.3e-308 may be taken for zero.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "nobody has 2^53 values, and a rank lies from 0 to n-1"
    )]
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.count().checked_sub(1)?;
        if !(0.0..=1.0).contains(&share) {
            return None;
        }
        let rank = share * last as f64;
        let (lower, part) = (self.at(rank as u64, last), rank.fract());
        let upper = if part > 0.0 { self.at(rank as u64 + 1, last) } else { lower };
        // Not `upper - lower`, which can be more than an `f64` holds.
        let between = if lower < upper { lower * (1.0 - part) + upper * part } else { lower };
        Some(between.clamp(self.min, self.max))
    }

    /// The value at a rank, 0 for the smallest, up to `last` for the largest.
    fn at(&self, rank: u64, last: u64) -> f64 {
        if rank == 0 {
            return self.min;
        }
        let mut seen = 0_u64;
        let bin = self.bins.iter().find(|bin| {
            seen = seen.saturating_add(bin.count);
            seen > rank
        });
        match bin {
            // The middle of the outermost bins can be beyond all values.
            Some(bin) if rank < last => value_of(bin.key).clamp(self.min, self.max),
            _ => self.max,
        }
    }
}

/// The bin that a finite value is in.
#[expect(clippy::cast_possible_truncation, reason = "a logarithm of an f64 is below 746")]
fn key_of(value: f64) -> i32 {
    let size = value.abs();
    if size < f64::MIN_POSITIVE {
        return 0;
    }
    let key = (size.ln() / LN_GROWTH).ceil() as i32 + SHIFT;
    if value < 0.0 { -key } else { key }
}

/// The middle of a bin; infinite for the last one, which ends beyond the largest `f64`.
fn value_of(key: i32) -> f64 {
    if key == 0 {
        return 0.0;
    }
    let upper = (f64::from(key.abs() - SHIFT) * LN_GROWTH).exp();
    (upper * (1.0 - ACCURACY)).copysign(f64::from(key))
}
