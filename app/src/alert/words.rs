//! Times as messages tell them.

use std::time::Duration;

use crate::model::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `12 s`, `3 min`, `2 h 5 min`, `4 d 7 h`: the two units that matter.
pub(super) fn duration(of: Duration) -> String {
    let secs = of.as_secs();
    let two = |big: u64, big_name: &str, small: u64, small_name: &str| match small {
        0 => format!("{big} {big_name}"),
        _ => format!("{big} {big_name} {small} {small_name}"),
    };
    match secs {
        0..MINUTE => format!("{secs} s"),
        MINUTE..HOUR => two(secs / MINUTE, "min", secs % MINUTE, "s"),
        HOUR..DAY => two(secs / HOUR, "h", secs % HOUR / MINUTE, "min"),
        _ => two(secs / DAY, "d", secs % DAY / HOUR, "h"),
    }
}

/// `2026-11-25 02:41 UTC`, or `minutes` east of Greenwich. The civil date is found as in Howard Hinnant, "chrono-compatible low-level date algorithms".
pub(super) fn moment(at: Timestamp, minutes_east: Option<i32>) -> String {
    let secs = at.as_millis().div_euclid(1000) + i64::from(minutes_east.unwrap_or(0)) * 60;
    let (day, of_day) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    // Days since the first of March of the year 0: leap days come last in a year then.
    let since_march = day + 719_468;
    let (era, of_era) = (since_march.div_euclid(146_097), since_march.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let zone = if minutes_east.is_none() { " UTC" } else { "" };
    format!("{year}-{month:02}-{of_month:02} {:02}:{:02}{zone}", of_day / 3600, of_day / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_the_date_of_the_calendar() {
        for (secs, want) in [
            (0, "1970-01-01 00:00 UTC"),
            (-1, "1969-12-31 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_732_416_070, "2024-11-24 02:41 UTC"),
            (4_107_542_399, "2100-02-28 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(moment(Timestamp::from_millis(secs * 1000), None), want, "{secs}");
        }
        assert_eq!(moment(Timestamp::from_millis(0), Some(-90)), "1969-12-31 22:30");
    }
}
