//! Which window a moment belongs to.

use std::time::Duration;

use app::model::Timestamp;

/// Windows of equal length since the epoch, or one that is as long as all time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    step_ms: Option<i64>,
}

impl Windows {
    pub(super) fn new(step: Option<Duration>) -> Self {
        Self { step_ms: step.map(|step| i64::try_from(step.as_millis()).unwrap_or(i64::MAX).max(1)) }
    }

    /// The number of the window, ascending with time.
    pub(super) fn index(self, time: Timestamp) -> i64 {
        self.step_ms.map_or(0, |step| time.as_millis().div_euclid(step))
    }

    /// The first moment after a window; none where it has no end.
    pub(super) fn end(self, index: i64) -> Option<i64> {
        self.step_ms.and_then(|step| index.checked_add(1)?.checked_mul(step))
    }

    /// The time that stands for the window in which `last` is the last point.
    pub(super) fn stamp(self, last: Timestamp) -> Timestamp {
        let start = |step| Timestamp::from_millis(self.index(last).saturating_mul(step));
        self.step_ms.map_or(last, start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(step_ms: u64, time: i64, want: i64) {
        let windows = Windows::new(Some(Duration::from_millis(step_ms)));
        assert_eq!(windows.stamp(Timestamp::from_millis(time)).as_millis(), want, "{time} in steps of {step_ms}");
    }

    #[test]
    fn windows_begin_at_multiples_of_the_step() {
        check(10, 0, 0);
        check(10, 9, 0);
        check(10, 10, 10);
        check(10, -1, -10);
        check(7, 1_732_424_000_123, 1_732_424_000_123 - 1_732_424_000_123 % 7);
    }

    #[test]
    fn no_step_and_no_time_is_too_far_out() {
        check(0, 5, 5);
        check(u64::MAX, 5, 0);
        check(u64::MAX, -5, -i64::MAX);
        check(10, i64::MIN, i64::MIN);
        check(10, i64::MAX, i64::MAX - 7);
    }
}
