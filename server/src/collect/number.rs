//! Kernel numbers as samples' values.

/// `part` of `whole` in percent, from 0 to 100; nothing where there is no whole.
#[expect(clippy::cast_precision_loss, reason = "a percentage needs no more than 53 bits")]
pub(super) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part.min(whole) as f64 / whole as f64 * 100.0)
}

/// A kernel counter as a sample's value.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, that is 9 PB")]
pub(super) fn value(count: u64) -> f64 {
    count as f64
}
