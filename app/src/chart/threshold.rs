//! What thresholds make of a value.

use super::bounds::tame;
use crate::model::Thresholds;
use crate::theme::Severity;

/// How bad a value is. Where there are no thresholds every value is as it should be.
#[must_use]
pub fn severity(value: Option<f64>, thresholds: &Thresholds) -> Severity {
    let Some(value) = value.filter(|v| !v.is_nan()) else { return Severity::Unknown };
    let reached = |limit: Option<f64>| limit.is_some_and(|limit| value >= limit);
    if reached(thresholds.critical) {
        Severity::Critical
    } else if reached(thresholds.warning) {
        Severity::Warning
    } else {
        Severity::Ok
    }
}

/// The thresholds that are set, the lesser severity first.
pub(super) fn limits(thresholds: &Thresholds) -> impl Iterator<Item = (Severity, f64)> {
    [(Severity::Warning, thresholds.warning), (Severity::Critical, thresholds.critical)]
        .into_iter()
        .filter_map(|(severity, limit)| Some((severity, tame(limit?)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Option<f64>, warning: Option<f64>, critical: Option<f64>, want: Severity) {
        let thresholds = Thresholds { warning, critical, ..Thresholds::default() };
        assert_eq!(severity(value, &thresholds), want);
    }

    #[test]
    fn a_limit_belongs_to_what_begins_there() {
        check(Some(69.9), Some(70.0), Some(90.0), Severity::Ok);
        check(Some(70.0), Some(70.0), Some(90.0), Severity::Warning);
        check(Some(90.0), Some(70.0), Some(90.0), Severity::Critical);
        check(Some(90.0), None, None, Severity::Ok);
        check(None, Some(70.0), None, Severity::Unknown);
        check(Some(f64::NAN), Some(70.0), None, Severity::Unknown);
    }
}
