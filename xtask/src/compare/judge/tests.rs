//! Agreement is found, and disagreement too.

use super::*;
use crate::compare::reading::Series;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect()
}

/// Theirs at 0.1 s before and after each second.
fn moments(values: &[(f64, f64)]) -> Vec<Moment> {
    let reading = |at: f64, value: f64| {
        let mut reading = Reading::new(at);
        reading.add([Series::new("b", [("device", "x")], value), Series::new("b", [("device", "loop0")], 1.0)]);
        reading
    };
    let moment = |(at, (before, after)): (usize, &(f64, f64))| Moment {
        before: reading(at as f64 - 0.1, *before),
        after: reading(at as f64 + 0.1, *after),
    };
    values.iter().enumerate().map(moment).collect()
}

/// `ours`: at each second. `want`: values compared, and what the problems say, in part.
#[track_caller]
fn check(how: How, ours: &[f64], theirs: &[(f64, f64)], want: (usize, &[&str])) {
    let row = Row { metric: "a", only: &[], with: "b{device=$device}", how, why: "" };
    let points = ours.iter().enumerate().map(|(at, value)| (at as f64, *value)).collect();
    let metrics = Metrics::from([("a".to_owned(), vec![Ours { tags: labels(&[("device", "x")]), points }])]);
    let outcome = judge(&row, &metrics, &moments(theirs)).unwrap();
    assert_eq!(outcome.problems.len(), want.1.len(), "{outcome:?}");
    for (problem, part) in outcome.problems.iter().zip(want.1) {
        assert!(problem.contains(part), "{part} is not in {problem}");
    }
    assert_eq!(outcome.compared, want.0, "{outcome:?}");
}

#[test]
fn what_lies_between_the_two_agrees() {
    check(How::Counter(0.0), &[5.0, 6.0], &[(5.0, 5.0), (5.0, 7.0)], (2, &[]));
    check(How::Counter(0.0), &[5.0, 8.0], &[(5.0, 5.0), (5.0, 7.0)], (2, &["8 is not between 5 and 7"]));
    check(How::Counter(1.0), &[5.0, 8.0], &[(5.0, 5.0), (5.0, 7.0)], (2, &[]));
    check(How::Gauge(0.0), &[5.0, 6.0], &[(5.0, 5.0), (7.0, 5.0)], (2, &[]));
    check(How::Share(0.1), &[110.0], &[(100.0, 100.0)], (1, &[]));
    check(How::Share(0.1), &[111.0], &[(100.0, 100.0)], (1, &["111"]));
    check(How::Gauge(9.0), &[f64::NAN], &[(5.0, 5.0)], (1, &["NaN"]));
}

#[test]
fn averages_are_compared_with_growth() {
    // Theirs grows by 2 a second; ours says so at each second after the first.
    let theirs = [(0.0, 0.0), (2.0, 2.0), (4.0, 4.0)];
    check(How::Mean(0.1), &[9.0, 1.5, 2.5], &theirs, (1, &["on average 2 and not 4"]));
    check(How::Mean(2.0), &[9.0, 1.5, 2.5], &theirs, (1, &[]));
}

#[test]
fn what_is_missing_is_told() {
    let row = |metric, with, only| Row { metric, only, with, how: How::Gauge(0.0), why: "" };
    let ours = |tags: &[(&str, &str)]| Ours { tags: labels(tags), points: vec![(0.0, 1.0)] };
    let metrics = Metrics::from([("a".to_owned(), vec![ours(&[("device", "y")])])]);
    let told = |row: &Row| judge(row, &metrics, &moments(&[(1.0, 1.0)])).unwrap().problems.join("; ");
    let says = told(&row("a", "b{device=$device}", &[]));
    assert!(says.contains("a{device=y}: there is no b{device=$device}"), "{says}");
    assert!(says.contains("a: Telltale lacks {\"device\": \"x\"}"), "{says}");
    assert!(told(&row("c", "b", &[])).contains("c: Telltale has no such series"));
    assert!(told(&row("a", "b{device=x}", &[("device", "z")])).contains("no such series"));
    assert_eq!(told(&row("a", "b{device=x}", &[("device", "y"), ("port", "")])), "");
    let rows = [row("b", "b", &[])];
    assert_eq!(forgotten(&metrics, &rows), ["a: no row of the table is about it"]);
}
