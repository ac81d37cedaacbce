//! Ranges that change, and what is asked for.

use super::*;
use crate::model::shipped_widgets;

const NOW: Timestamp = Timestamp::from_millis(100_000_000);

fn ago(secs: u64) -> Timestamp {
    NOW - Duration::from_secs(secs)
}

/// Two widgets, one of five minutes and one of two hours.
fn widgets() -> Vec<Widget> {
    let mut widgets: Vec<Widget> = shipped_widgets().into_iter().take(2).collect();
    widgets[0].time_range = 300;
    widgets[1].time_range = 7200;
    widgets
}

fn asked(coverage: &Coverage, span: Span) -> Vec<(Vec<String>, Timestamp, Timestamp, u32)> {
    let requests = coverage.missing(&reach(&widgets(), span), NOW, 1000);
    requests.into_iter().map(|r| (r.metrics, r.start, r.end, r.columns)).collect()
}

#[test]
fn nothing_is_asked_for_that_is_held() {
    let coverage = Coverage::new(&reach(&widgets(), Span::Own), NOW);
    assert_eq!(asked(&coverage, Span::Own), []);
    assert_eq!(asked(&coverage, Span::Last(300)), []);
}

#[test]
fn a_longer_range_asks_for_what_it_lacks_with_a_seam() {
    let coverage = Coverage::new(&reach(&widgets(), Span::Own), NOW);
    let cpu = vec!["cpu_usage_percent".to_owned()];
    // 55 minutes are missing; three columns of 3.6 s make the seam.
    let seam = NOW - Duration::from_millis(300_000 - 10_800);
    assert_eq!(asked(&coverage, Span::Last(3600)), [(cpu, ago(3600), seam, 920)]);
}

#[test]
fn metrics_that_lack_the_same_are_asked_for_together() {
    let coverage = Coverage::new(&reach(&widgets(), Span::Last(300)), NOW);
    let requests = asked(&coverage, Span::Last(900));
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].0, ["cpu_usage_percent", "memory_usage_percent"]);
}

#[test]
fn an_answer_is_remembered_until_it_is_trimmed() {
    let (long, short) = (reach(&widgets(), Span::Last(3600)), reach(&widgets(), Span::Last(300)));
    let mut coverage = Coverage::new(&short, NOW);
    for request in coverage.missing(&long, NOW, 1000) {
        coverage.filled(&request);
    }
    assert_eq!(coverage.missing(&long, NOW, 1000), []);
    coverage.trimmed(&short, NOW);
    assert_eq!(coverage.missing(&long, NOW, 1000).len(), 1);
    assert_eq!(coverage.missing(&short, NOW, 1000), []);
}

#[test]
fn an_answer_that_does_not_reach_what_is_held_fills_no_range() {
    let short = reach(&widgets(), Span::Last(300));
    let mut coverage = Coverage::new(&short, NOW);
    let request =
        HistoryRequest { metrics: vec!["cpu_usage_percent".to_owned()], start: ago(3600), end: ago(1800), columns: 1 };
    let before = coverage.clone();
    coverage.filled(&request);
    assert_eq!(coverage, before);
}

#[test]
fn a_metric_reaches_as_far_as_its_longest_widget() {
    let mut widgets = widgets();
    widgets[1].metric_name = "cpu_usage_percent".to_owned();
    let far = |span| reach(&widgets, span).get("cpu_usage_percent").map(Duration::as_secs);
    assert_eq!(far(Span::Own), Some(7200));
    assert_eq!(far(Span::Last(900)), Some(900));
}
