use proptest::prelude::*;

use super::*;

/// 24 November 2025, 14:05:00 UTC.
const THEN: i64 = 1_763_993_100_000;

#[track_caller]
fn check(start: i64, span: i64, apart: i64, zone: Zone, want: &str) {
    let ticks = time_ticks(start, start + span, apart as f64, zone);
    let got: Vec<String> = ticks.into_iter().map(|tick| tick.label).collect();
    assert_eq!(got.join(" "), want);
}

#[test]
fn round_moments() {
    let utc = Zone::Utc;
    check(THEN + 3000, 15 * MINUTE, 4 * MINUTE, utc, "14:10 14:15 14:20");
    check(THEN, MINUTE, 15 * SECOND, utc, "14:05:00 14:05:15 14:05:30 14:05:45 14:06:00");
    check(THEN, 12 * HOUR, 3 * HOUR, utc, "15:00 18:00 21:00 25 Nov");
    check(THEN, 4 * DAY, DAY, utc, "25 Nov 26 Nov 27 Nov 28 Nov");
    check(THEN, 28 * DAY, 5 * DAY, utc, "1 Dec 8 Dec 15 Dec 22 Dec");
    check(THEN, 150 * DAY, 20 * DAY, utc, "Dec 2026 Feb Mar Apr");
    check(THEN, 1200 * DAY, 300 * DAY, utc, "2026 2027 2028 2029");
}

#[test]
fn in_a_zone() {
    let kathmandu = Zone::Offset { minutes: 345 };
    check(THEN, 2 * HOUR, 20 * MINUTE, kathmandu, "20:00 20:30 21:00 21:30");
    let caracas = Zone::Offset { minutes: -240 };
    check(THEN, 12 * HOUR, 6 * HOUR, caracas, "12:00 18:00");
}

#[test]
fn leap_days() {
    let first_of = |year: i64, month: i64| days_before(year * 12 + month - 1);
    assert_eq!(first_of(1970, 1), 0);
    assert_eq!(first_of(2000, 3) - first_of(2000, 2), 29);
    assert_eq!(first_of(1900, 3) - first_of(1900, 2), 28);
    assert_eq!(first_of(2024, 3) - first_of(2024, 2), 29);
    assert_eq!(first_of(2026, 1) * DAY, 1_767_225_600_000);
    assert_eq!(first_of(1970, 1) - first_of(1969, 1), 365);
}

proptest! {
    #[test]
    fn few_ascending_within_and_apart(start in any::<i64>(), span in 1..10_000_000_000_000_i64, parts in 1..20_i64, minutes in -2000..2000_i32) {
        let start = tame_ms(Timestamp::from_millis(start));
        let (end, apart) = (start + span, span as f64 / parts as f64);
        let ticks = time_ticks(start, end, apart, Zone::Offset { minutes });
        prop_assert!(ticks.len() <= usize::try_from(parts).unwrap() + 1);
        prop_assert!(ticks.iter().all(|tick| (start..=end).contains(&tick.at_ms)));
        prop_assert!(ticks.windows(2).all(|pair| (pair[1].at_ms - pair[0].at_ms) as f64 >= apart));
    }

    #[test]
    fn a_month_begins_where_it_is_found(ms in -4_000_000_000_000_000..4_000_000_000_000_000_i64) {
        let month = month_of(ms);
        let day = ms.div_euclid(DAY);
        prop_assert!(days_before(month) <= day && day < days_before(month + 1));
    }
}
