//! Pictures of series as text: a digit is a value, `-` a hole, `.` nothing; one column a second.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn told(text: &str) -> Vec<Told> {
    let told = |(i, c): (usize, char)| {
        let at = Timestamp::from_millis(i64::try_from(i).unwrap() * 1000);
        match c {
            '.' => None,
            '-' => Some((at, None)),
            digit => Some((at, Some(f64::from(digit.to_digit(10).unwrap())))),
        }
    };
    text.chars().enumerate().filter_map(told).collect()
}

#[track_caller]
fn check(ours: &str, theirs: &str, want: &str) {
    let got = stitch(&told(ours), &told(theirs), SECOND);
    assert_eq!(got, told(want), "\n  ours: {ours}\ntheirs: {theirs}\n  want: {want}");
    assert_eq!(stitch(&got, &told(theirs), SECOND), got, "a second time changes something");
}

#[test]
fn points_are_united_and_theirs_count() {
    check("", "", "");
    check("123", "", "123");
    check("", "123", "123");
    check("1.3", ".2.4", "1234");
    check("111", ".22", "122");
}

#[test]
fn a_hole_disappears_where_it_is_filled_and_stays_where_it_is_not() {
    check("12-..67", "..345..", "1234567");
    check("12-..67", ".2345678", "12345678");
    // Three are missing, the middle one comes: one missing sample is no hole.
    check("12-..67", "...4...", "12.4.67");
    // Five are missing, the last one comes: the rest is still a hole.
    check("12-...78", "......7", "12-...78");
    check("12-....89", ".....6..", "12-..6.89");
}

#[test]
fn two_tellings_that_do_not_meet_have_a_hole_between_them() {
    check("123", "......78", "123-..78");
    check("......78", "123", "123-..78");
    check("123", "....56", "123.56");
}

#[test]
fn a_telling_that_runs_across_knows_better_than_the_distance() {
    // A thinned-out history: five seconds from point to point, and no hole in it.
    check("", "1....6....1", "1....6....1");
    check("..........12", "1....6....1", "1....6....12");
    // It runs across a hole that the stream left.
    check("1-...6", "1....6....1", "1....6....1");
    // Its own hole stays, where the points are far enough apart.
    check("", "1....6-...1", "1....6-...1");
    check(".....6....1", "1....6-...1", "1....6....1");
}

#[test]
fn holes_that_are_none_and_holes_at_the_ends_go() {
    check("", "--12-3--", "..12.3");
    check("", "1....-....1", "1-........1");
}

#[test]
fn a_point_goes_behind_all_others_or_nowhere() {
    let mut points = told("12");
    let at = |secs: i64| Timestamp::from_millis(secs * 1000);
    for (secs, kept) in [(1, false), (0, false), (3, true), (6, true), (6, false)] {
        assert_eq!(append(&mut points, at(secs), 5.0, SECOND), kept, "at {secs} s");
    }
    assert_eq!(points, told("12.5-.5"));
}
