//! Times and sizes as people say them.

use std::time::Duration;

use crate::model::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `12 s`, `3 min`, `2 h 5 min`, `4 d 7 h`: the two units that matter.
pub(crate) fn duration(of: Duration) -> String {
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

/// As [`duration`], but beyond a minute only every fifth second changes it, so that it does not flicker.
pub(crate) fn age(of: Duration) -> String {
    let secs = of.as_secs();
    duration(Duration::from_secs(if secs > MINUTE { secs - secs % 5 } else { secs }))
}

/// As [`duration`], without seconds: nobody counts those of a machine's life.
pub(crate) fn uptime(of: Duration) -> String {
    let secs = of.as_secs();
    duration(Duration::from_secs(if secs > MINUTE { secs - secs % MINUTE } else { secs }))
}

/// `02:41:10`, `minutes` east of Greenwich; says so where that is UTC itself by rule and not by place.
pub(crate) fn time_of_day(at: Timestamp, minutes_east: Option<i32>) -> String {
    let shifted = at.as_millis().div_euclid(1000) + i64::from(minutes_east.unwrap_or(0)) * 60;
    let of_day = shifted.rem_euclid(86_400);
    let zone = if minutes_east.is_none() { " UTC" } else { "" };
    format!("{:02}:{:02}:{:02}{zone}", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// `2026-11-25 02:41 UTC`, or `minutes` east of Greenwich. The civil date is found as in Howard Hinnant, "chrono-compatible low-level date algorithms".
pub(crate) fn moment(at: Timestamp, minutes_east: Option<i32>) -> String {
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

    #[test]
    fn durations_say_the_two_units_that_matter() {
        for (secs, want) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3600, "1 h"),
            (7530, "2 h 5 min"),
            (86_400 * 4 + 3600 * 7 + 59, "4 d 7 h"),
        ] {
            assert_eq!(duration(Duration::from_secs(secs)), want, "{secs}");
        }
    }

    #[test]
    fn old_ages_change_every_fifth_second() {
        for (secs, want) in [(12, "12 s"), (60, "1 min"), (64, "1 min"), (65, "1 min 5 s"), (69, "1 min 5 s")] {
            assert_eq!(age(Duration::from_secs(secs)), want, "{secs}");
        }
    }

    #[test]
    fn times_of_day_name_utc_only_where_nothing_is_known_of_the_place() {
        let at = Timestamp::from_millis(1_732_416_070_500);
        assert_eq!(time_of_day(at, None), "02:41:10 UTC");
        assert_eq!(time_of_day(at, Some(60)), "03:41:10");
        assert_eq!(time_of_day(at, Some(-180)), "23:41:10");
        assert_eq!(time_of_day(Timestamp::from_millis(-1), Some(0)), "23:59:59");
    }
}
