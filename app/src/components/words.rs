//! Times and sizes as people say them.

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

/// As [`duration`], but beyond a minute only every fifth second changes it, so that it does not flicker.
pub(super) fn age(of: Duration) -> String {
    let secs = of.as_secs();
    duration(Duration::from_secs(if secs > MINUTE { secs - secs % 5 } else { secs }))
}

/// As [`duration`], without seconds: nobody counts those of a machine's life.
pub(super) fn uptime(of: Duration) -> String {
    let secs = of.as_secs();
    duration(Duration::from_secs(if secs > MINUTE { secs - secs % MINUTE } else { secs }))
}

/// `02:41:10`, `minutes` east of Greenwich; says so where that is UTC itself by rule and not by place.
pub(super) fn time_of_day(at: Timestamp, minutes_east: Option<i32>) -> String {
    let shifted = at.as_millis().div_euclid(1000) + i64::from(minutes_east.unwrap_or(0)) * 60;
    let of_day = shifted.rem_euclid(86_400);
    let zone = if minutes_east.is_none() { " UTC" } else { "" };
    format!("{:02}:{:02}:{:02}{zone}", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

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
