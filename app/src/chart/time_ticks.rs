//! Round moments for the ticks of a time scale, and what they are called in a zone.

use crate::model::Timestamp;

/// The clock by which moments are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// Universal time.
    #[default]
    Utc,
    /// A zone that is ahead of universal time by so many minutes, or behind where they are negative.
    Offset {
        /// From −1439 to 1439.
        minutes: i32,
    },
}

impl Zone {
    fn ahead_ms(self) -> i64 {
        match self {
            Self::Utc => 0,
            Self::Offset { minutes } => i64::from(minutes.clamp(-1439, 1439)) * MINUTE,
        }
    }
}

/// A round moment and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimeTick {
    pub(super) at_ms: i64,
    pub(super) label: String,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The way from one tick to the next.
#[derive(Clone, Copy)]
enum Step {
    /// So long.
    Span(i64),
    /// To the first of the month that is so many later.
    Months(i64),
}

const STEPS: [Step; 30] = [
    Step::Span(SECOND),
    Step::Span(2 * SECOND),
    Step::Span(5 * SECOND),
    Step::Span(10 * SECOND),
    Step::Span(15 * SECOND),
    Step::Span(30 * SECOND),
    Step::Span(MINUTE),
    Step::Span(2 * MINUTE),
    Step::Span(5 * MINUTE),
    Step::Span(10 * MINUTE),
    Step::Span(15 * MINUTE),
    Step::Span(30 * MINUTE),
    Step::Span(HOUR),
    Step::Span(2 * HOUR),
    Step::Span(3 * HOUR),
    Step::Span(6 * HOUR),
    Step::Span(12 * HOUR),
    Step::Span(DAY),
    Step::Span(2 * DAY),
    Step::Span(7 * DAY),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(1200),
    Step::Months(12_000),
    Step::Months(120_000),
];

impl Step {
    /// The least there is between two ticks.
    fn least_ms(self) -> i64 {
        match self {
            Self::Span(ms) => ms,
            Self::Months(months) => months * 28 * DAY,
        }
    }
}

/// Ticks from `start_ms` to `end_ms`, none closer to the next than `apart_ms`.
pub(super) fn time_ticks(start_ms: i64, end_ms: i64, apart_ms: f64, zone: Zone) -> Vec<TimeTick> {
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
    let Some(step) = STEPS.into_iter().find(|step| step.least_ms() as f64 >= apart_ms) else { return Vec::new() };
    let ahead = zone.ahead_ms();
    let (first, last) = (start_ms + ahead, end_ms + ahead);
    let mut found = Vec::new();
    let mut index = match step {
        Step::Span(ms) => (first - WEEK_START).div_euclid(ms),
        Step::Months(months) => month_of(first).div_euclid(months),
    };
    // The bound holds off a range of which nobody could read the ticks.
    while found.len() < 200 {
        let local = match step {
            Step::Span(ms) => index * ms + WEEK_START,
            Step::Months(months) => days_before(index * months) * DAY,
        };
        index += 1;
        if local > last {
            break;
        }
        if local >= first {
            found.push(TimeTick { at_ms: local - ahead, label: name(local, step) });
        }
    }
    found
}

/// The first Monday after the epoch began; a multiple of every shorter step.
const WEEK_START: i64 = 4 * DAY;

fn name(local_ms: i64, step: Step) -> String {
    let month = month_of(local_ms);
    let (year, month_name) = (month.div_euclid(12), MONTHS[usize::try_from(month.rem_euclid(12)).unwrap_or(0)]);
    let day = local_ms.div_euclid(DAY) - days_before(month) + 1;
    let within = local_ms.rem_euclid(DAY);
    let (hour, minute, second) = (within / HOUR, within / MINUTE % 60, within / SECOND % 60);
    match step {
        Step::Months(months) if months >= 12 => format!("{year}"),
        Step::Months(_) if month.rem_euclid(12) == 0 => format!("{year}"),
        Step::Months(_) => month_name.to_owned(),
        // Midnight is told by the day that it begins.
        Step::Span(_) if within == 0 => format!("{day} {month_name}"),
        Step::Span(ms) if ms < MINUTE => format!("{hour:02}:{minute:02}:{second:02}"),
        Step::Span(_) => format!("{hour:02}:{minute:02}"),
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Months from the first one of year 0 to the one of a local moment.
fn month_of(local_ms: i64) -> i64 {
    let days = local_ms.div_euclid(DAY);
    // Close below, by the mean length of a month; then the few that lie between.
    let mut month = 1970 * 12 + days * 4800 / 146_097 - 2;
    while days_before(month + 1) <= days {
        month += 1;
    }
    month
}

/// Days from the epoch to the first day of a month, in the calendar that leaves out three leap years in
/// four hundred.
fn days_before(month: i64) -> i64 {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
    let leaps_to = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_year = 365 * (year - 1970) + leaps_to(year - 1) - leaps_to(1969);
    let is_leap = leaps_to(year) > leaps_to(year - 1);
    let before_month = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    before_year + before_month[usize::try_from(month).unwrap_or(0)] + i64::from(is_leap && month > 1)
}

/// A moment that can be calculated with: within some hundred thousand years of the epoch.
pub(super) fn tame_ms(time: Timestamp) -> i64 {
    const MOST: i64 = 4_000_000_000_000_000;
    time.as_millis().clamp(-MOST, MOST)
}

#[cfg(test)]
#[path = "time_ticks_tests.rs"]
mod tests;
