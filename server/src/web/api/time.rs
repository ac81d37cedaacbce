//! Moments as they are written in a query string.

use std::time::Duration;

use app::model::Timestamp;

/// The end of the year 9999, in Unix seconds; whoever means more has most likely counted milliseconds.
const FURTHEST: f64 = 253_402_300_799.0;
const NOT_NOW: &str = "is not in this age; times are in seconds, not in milliseconds";

/// Refuses a moment that nobody can mean, as [`parse`] does.
pub(in crate::web) fn meant(time: Timestamp) -> Result<Timestamp, &'static str> {
    if time.as_secs_f64().abs() <= FURTHEST { Ok(time) } else { Err(NOT_NOW) }
}

/// Reads Unix seconds, an RFC 3339 time, or `now` with an optional distance such as `now-15m`. The error is
/// a sentence's end that says what is wrong.
pub(crate) fn parse(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    if let Some(distance) = text.strip_prefix("now") {
        return relative(distance, now);
    }
    match text.parse::<f64>() {
        Ok(secs) if secs.is_finite() && secs.abs() <= FURTHEST => Ok(Timestamp::from_secs_f64(secs)),
        Ok(secs) if secs.is_finite() => Err(NOT_NOW),
        Ok(_) => Err("is no moment"),
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .map(|time| Timestamp::from_millis(time.as_millisecond()))
            .map_err(|_| "is no time: give Unix seconds, RFC 3339 (with its `+` written as `%2B`), or `now-1h`"),
    }
}

fn relative(distance: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    const WRONG: &str = "is no time: after `now` comes `-` or `+` (written as `%2B`), a number, and s, m, h, d or w";
    let back = match distance.chars().next() {
        None => return Ok(now),
        Some('-') => true,
        Some('+') => false,
        Some(_) => return Err(WRONG),
    };
    let unit = distance.chars().next_back().unwrap_or_default();
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(WRONG),
    };
    // Sign and unit are one byte each, and two different ones since the unit is a letter.
    let number = distance.get(1..distance.len() - 1).unwrap_or_default();
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WRONG);
    }
    let seconds = number.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(seconds);
    let by = Duration::from_secs(seconds);
    Ok(if back { now - by } else { now + by })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_732_424_000_500);

    /// `want`: milliseconds, if it is a time.
    #[track_caller]
    fn check(text: &str, want: Option<i64>) {
        assert_eq!(parse(text, NOW).ok().map(Timestamp::as_millis), want, "{text}");
    }

    #[test]
    fn unix_seconds() {
        check("0", Some(0));
        check("1732424000.123", Some(1_732_424_000_123));
        check("-1.5", Some(-1500));
        check("1e9", Some(1_000_000_000_000));
        check("1732424000123", None);
        assert!(meant(Timestamp::from_secs_f64(1_732_424_000_123.0)).is_err());
        assert_eq!(meant(NOW), Ok(NOW));
        check("NaN", None);
        check("inf", None);
        check("", None);
        check(" 1", None);
    }

    #[test]
    fn rfc_3339() {
        check("2024-11-24T04:53:20Z", Some(1_732_424_000_000));
        check("2024-11-24T05:53:20.5+01:00", Some(1_732_424_000_500));
        check("2024-11-24T05:53:20 01:00", None);
        check("2024-11-24", None);
        check("2024-13-24T04:53:20Z", None);
    }

    #[test]
    fn relative_to_now() {
        let at = |secs: i64| Some(NOW.as_millis() + secs * 1000);
        check("now", at(0));
        check("now-90s", at(-90));
        check("now-15m", at(-900));
        check("now-1h", at(-3600));
        check("now+2d", at(172_800));
        check("now-1w", at(-604_800));
        // As far back as time goes: the arithmetic stops there.
        check("now-999999999999999999999w", Some((NOW - Duration::MAX).as_millis()));
        for wrong in ["now-", "now1h", "now-h", "now-1", "now-1y", "now--1h", "now-1.5h", "now 1h", "now-1ä", "NOW"] {
            check(wrong, None);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(now)?[-+ .:TZeEhm0-9\u{e4}]{0,24}") {
            let _ = parse(&text, NOW);
        }

        #[test]
        fn three_ways_to_say_one_moment(secs in 0_i64..4_000_000_000) {
            let want = Ok(Timestamp::from_millis(secs * 1000));
            prop_assert_eq!(parse(&secs.to_string(), NOW), want);
            let written = jiff::Timestamp::from_second(secs).unwrap().to_string();
            prop_assert_eq!(parse(&written, NOW), want);
            let now = Timestamp::from_millis((secs + 60) * 1000);
            prop_assert_eq!(parse("now-1m", now), want);
        }
    }
}
