//! Pictures in a sentence.

use super::bars::BarChart;
use super::bounds::tame;
use super::gauge::Gauge;
use super::line::{bands, runs};
use super::threshold::severity;
use super::time::{TimeChart, Trace};
use super::units;
use crate::model::Unit;
use crate::theme::Severity;

pub(super) fn time(title: &str, chart: &TimeChart) -> String {
    let (start, end) = chart.range();
    let range = duration(end.since(start).as_secs());
    let newest = |trace: &Trace| {
        let last = runs(&trace.points, start, end).last()?.last()?.1;
        Some(last)
    };
    let highest =
        chart.traces.iter().filter_map(|trace| Some((trace, newest(trace)?))).max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((trace, now)) = highest else { return format!("{title}, last {range}: no data") };
    let all: Vec<_> = chart.traces.iter().flat_map(|trace| runs(&trace.points, start, end)).collect();
    let most = all.iter().flatten().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let tell = |value| quantity(value, &chart.unit);
    let mut said = match chart.traces.len() {
        1 => format!("{title}, last {range}: now {}", tell(now)),
        count => format!("{title}, {count} series, last {range}: {} highest, now {}", trace.label, tell(now)),
    };
    said += &format!(", most {}", tell(most));
    match bands(&all).len() {
        0 => {}
        1 => said += "; 1 gap",
        gaps => said += &format!("; {gaps} gaps"),
    }
    if let Some(since) = chart.stale_since.filter(|&since| since < end) {
        said += &format!("; nothing for {}", duration(end.since(since).as_secs()));
    }
    said + severity_note(severity(Some(now), &chart.thresholds))
}

pub(super) fn bars(title: &str, chart: &BarChart) -> String {
    let highest = chart.bars.iter().filter_map(|bar| Some((bar, tame(bar.value?)?))).max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((bar, value)) = highest else { return format!("{title}: no data") };
    let said = match chart.bars.len() {
        1 => format!("{title}: {} {}", bar.label, quantity(value, &chart.unit)),
        count => format!("{title}, {count} bars: {} highest, {}", bar.label, quantity(value, &chart.unit)),
    };
    said + severity_note(chart.severity_of(bar))
}

pub(super) fn gauge(title: &str, gauge: &Gauge) -> String {
    let Some(value) = gauge.value.and_then(tame) else { return format!("{title}: no data") };
    let (low, high) = gauge.range();
    let tell = |value| quantity(value, &gauge.unit);
    format!("{title}: {} between {} and {}{}", tell(value), tell(low), tell(high), severity_note(gauge.severity()))
}

fn quantity(value: f64, unit: &Unit) -> String {
    units::format(value, unit).to_string()
}

fn severity_note(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "; warning",
        Severity::Critical => "; critical",
        _ => "",
    }
}

/// In the greatest unit that leaves it whole, or nearly so.
fn duration(secs: u64) -> String {
    let (count, unit) = match secs {
        0..120 => (secs, "second"),
        120..7200 => (secs / 60, "minute"),
        7200..172_800 => (secs / 3600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "describe_tests.rs"]
mod tests;
