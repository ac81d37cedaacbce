//! What the live stream may have left out, and when it is asked for.
//!
//! May not know: why nothing came, how it is asked for.

use std::time::Duration;

use crate::model::Timestamp;

/// After a failed attempt to fill a gap the next one waits so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// At most one stretch without data of which it is not sure that nothing is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gap {
    since: Option<Timestamp>,
    not_before: Option<Timestamp>,
}

impl Gap {
    /// From `newest` on, samples may be missing. Where a gap is open already, the earlier beginning counts.
    pub fn open(&mut self, newest: Timestamp) {
        self.since = Some(self.since.map_or(newest, |since| since.min(newest)));
    }

    /// Data flows again, a frame of `resumed` has come: what is to be asked for. The gap counts as filled then.
    ///
    /// A series that is read each `longest` may have its newest sample well before the newest of all.
    pub fn close(&mut self, resumed: Timestamp, longest: Duration) -> Option<(Timestamp, Timestamp)> {
        if self.not_before.is_some_and(|moment| resumed < moment) {
            return None;
        }
        let since = self.since.take()?;
        self.not_before = None;
        let start = since - longest.saturating_mul(2);
        (start < resumed).then_some((start, resumed))
    }

    /// What was asked for from `start` on at `now` did not come.
    pub fn failed(&mut self, start: Timestamp, now: Timestamp) {
        self.open(start);
        self.not_before = Some(now + PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    const LONGEST: Duration = Duration::from_secs(5);

    #[test]
    fn a_gap_is_asked_for_once() {
        let mut gap = Gap::default();
        assert_eq!(gap.close(at(100), LONGEST), None);
        gap.open(at(100));
        gap.open(at(120));
        assert_eq!(gap.close(at(160), LONGEST), Some((at(90), at(160))));
        assert_eq!(gap.close(at(161), LONGEST), None);
    }

    #[test]
    fn a_failed_attempt_is_repeated_with_patience() {
        let mut gap = Gap::default();
        gap.open(at(100));
        assert_eq!(gap.close(at(160), LONGEST), Some((at(90), at(160))));
        gap.failed(at(90), at(161));
        assert_eq!(gap.close(at(162), LONGEST), None);
        assert_eq!(gap.close(at(166), LONGEST), Some((at(80), at(166))));
    }
}
