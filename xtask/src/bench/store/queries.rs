//! The questions of the comparison, in each server's words, and what the answers cost.
//!
//! Answers are compared over windows that all servers understand alike. At second `s + W - 1`, a window of `W` less
//! half a second holds exactly the samples from `s` up to, not including, `s + W`, when they lie on whole seconds. So
//! it does not matter that Prometheus 2.42 counts both ends of a window and VictoriaMetrics only the later one.

use super::super::process::Usage;
use super::connection::{Connection, escaped};
use super::mix::ONE_NAME;
use super::peer::{Kind, Peer};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const WARM_UPS: usize = 3;
const TIMES: usize = 20;

/// A question is asked for so long at least: the kernel counts processor time in hundredths of a second.
const FOR: Duration = Duration::from_millis(500);

/// Of three answers in a billion digits' sum, the order of adding is all that may differ.
const TOLERANCE: f64 = 1e-9;

/// Labels of the one series that is asked for: a gauge with two decimals.
const SERIES: [(&str, &str); 3] =
    [("instance", "host-0000.lan:9100"), ("family", "node_hwmon_temp_celsius"), ("sensor", "temp300")];

const COUNTERS: (&str, &str) = ("family", "node_cpu_seconds_total");

/// One question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Query {
    /// The last value of one series.
    Last,
    /// One series.
    One,
    /// The average of all series.
    Wide,
    /// The sum by mode of the rate of 300 counters over five minutes.
    Rate,
    /// The 0.9-quantile of one series over one hour.
    Quantile,
    /// What each hour of one series came to, on average.
    Hours,
    /// What each hour of all series came to, on average by their family.
    HoursBy,
}

/// Those about a day, in the order of the report.
pub(super) const DAY: [Query; 5] = [Query::Last, Query::One, Query::Wide, Query::Rate, Query::Quantile];

/// Those about a month.
pub(super) const MONTH: [Query; 2] = [Query::HoursBy, Query::Hours];

/// A span of time, in Unix seconds, and the step of its answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) begin: i64,
    /// After the last sample.
    pub(super) end: i64,
    pub(super) step: i64,
}

/// What asking costs, in milliseconds, of the same 20 times or more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    /// Median.
    pub(super) latency: f64,
    /// Mean of the server's processor time.
    pub(super) cpu: f64,
}

/// What an answer says: values by their labels and times.
pub(super) type Points = BTreeMap<(String, i64), f64>;

impl Query {
    /// In words.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Last => "last value, one series",
            Self::One => "one series",
            Self::Wide => "average of 1,000 series",
            Self::Rate => "sum by mode of the 5-minute rate of 300 counters",
            Self::Quantile => "0.9-quantile over one hour, one series",
            Self::Hours => "hourly average, one series",
            Self::HoursBy => "hourly average of 250 series by family",
        }
    }

    /// The path that is timed.
    pub(super) fn path(self, kind: &Kind, span: Span) -> String {
        if let Kind::Telltale(_) = kind {
            return self.ours(span);
        }
        let one = selector(&SERIES);
        let text = match self {
            // Of the newest sample there is one answer only, and of an hour's average too.
            Self::Last | Self::Hours | Self::HoursBy => return self.theirs(span).0,
            Self::One => one,
            Self::Wide => format!("avg({ONE_NAME})"),
            Self::Rate => format!("sum by (mode) (rate({}[5m]))", selector(&[COUNTERS])),
            Self::Quantile => format!("quantile_over_time(0.9, {one}[1h])"),
        };
        let last = span.end - span.end.rem_euclid(span.step) - span.step;
        range(&text, span.begin, last, span.step)
    }

    /// In Telltale's words: windows lie beside each other, where the others slide.
    fn ours(self, span: Span) -> String {
        let Span { begin, end, step } = span;
        let tags = |labels: &[(&str, &str)]| -> String {
            labels.iter().map(|(name, value)| format!("&tags={}", escaped(&format!("{name}:{value}")))).collect()
        };
        let what = match self {
            Self::Last => format!("{}&limit=1", tags(&SERIES)),
            Self::One => format!("{}&aggregation=avg&step={step}", tags(&SERIES)),
            Self::Wide => format!("&aggregation=avg&by=&step={step}"),
            Self::Rate => format!("{}&aggregation=rate&by=mode&step={step}", tags(&[COUNTERS])),
            Self::Quantile => format!("{}&aggregation=p90&step=3600", tags(&SERIES)),
            Self::Hours => format!("{}&aggregation=avg&step=3600", tags(&SERIES)),
            Self::HoursBy => "&aggregation=avg&by=family&step=3600".to_owned(),
        };
        // Both ends of its range count.
        format!("/api/metrics?metric_name={ONE_NAME}&start_time={begin}&end_time={}{what}", end - 1)
    }

    /// A path whose answer must be the same everywhere, where there is one, and the seconds of its windows.
    fn comparable(self, kind: &Kind, span: Span) -> Option<(String, i64)> {
        let (theirs, width) = self.theirs(span);
        match (kind, self) {
            // Its rate is of windows of its own, and its quantiles over long spans are allowed an error.
            (Kind::Telltale(_), Self::Rate | Self::Quantile) => None,
            (Kind::Telltale(_), _) => Some((self.ours(span), width)),
            _ => Some((theirs, width)),
        }
    }

    /// In the words of the peers.
    fn theirs(self, span: Span) -> (String, i64) {
        let one = selector(&SERIES);
        let (text, width) = match self {
            // All are asked for the newest sample before the end; it is younger than the five minutes after which these
            // two call a series stale.
            Self::Last => {
                let time = span.end - 1;
                return (format!("/api/v1/query?nocache=1&query={}&time={time}", escaped(&one)), 60);
            }
            Self::One => (format!("avg_over_time({one}[59500ms])"), 60),
            Self::Wide => (format!("avg(avg_over_time({ONE_NAME}[59500ms]))"), 60),
            // At whole steps both take the increase from the sample at the window's begin to the one at its end.
            Self::Rate => {
                let text = format!("sum by (mode) (rate({}[5m]))", selector(&[COUNTERS]));
                return (range(&text, span.begin + 300, span.end - 60, 60), 60);
            }
            Self::Quantile => {
                let text = format!("quantile_over_time(0.9, {one}[3599500ms])");
                return (range(&text, span.begin + 3599, span.end - 1, 60), 60);
            }
            Self::Hours => (format!("avg_over_time({one}[3599500ms])"), 3600),
            Self::HoursBy => (format!("avg by (family) (avg_over_time({ONE_NAME}[3599500ms]))"), 3600),
        };
        (range(&text, span.begin + width - 1, span.end - 1, width), width)
    }
}

/// Asks over one connection, three times for nothing and twenty times and more by the clock.
pub(super) fn time(peer: &Peer, query: Query, span: Span) -> Result<Timing> {
    let path = query.path(&peer.kind, span);
    let mut connection = Connection::open(peer.address)?;
    for _ in 0..WARM_UPS {
        let answer = connection.get(&path)?;
        ensure!(!points(&peer.kind, &answer, 60)?.is_empty(), "`{}` was answered with nothing", query.title());
    }
    let (before, begun) = (Usage::of(peer.pid())?, Instant::now());
    let mut all = Vec::with_capacity(TIMES);
    while all.len() < TIMES || begun.elapsed() < FOR {
        let begun = Instant::now();
        connection.get(&path)?;
        all.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let cost = before.until(Usage::of(peer.pid())?, begun.elapsed())?;
    Ok(Timing { latency: median(&mut all), cpu: cost.busy * 1000.0 / all.len() as f64 })
}

/// The answer that must be the same everywhere.
pub(super) fn answer(peer: &Peer, query: Query, span: Span) -> Result<Option<Points>> {
    let Some((path, width)) = query.comparable(&peer.kind, span) else { return Ok(None) };
    points(&peer.kind, &Connection::open(peer.address)?.get(&path)?, width).map(Some)
}

/// In how many of how many values two answers differ; a value that only one has differs.
pub(super) fn differences(one: &Points, other: &Points) -> (usize, usize) {
    let same = |one: f64, other: f64| (one - other).abs() <= TOLERANCE * one.abs().max(other.abs());
    let equal = one.iter().filter(|(key, value)| other.get(key).is_some_and(|other| same(**value, *other))).count();
    let all = one.len() + other.keys().filter(|key| !one.contains_key(key)).count();
    (all - equal, all)
}

/// The middle one.
pub(super) fn median(all: &mut [f64]) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

fn selector(labels: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{ONE_NAME}{{{}}}", pairs.join(","))
}

fn range(text: &str, start: i64, end: i64, step: i64) -> String {
    format!("/api/v1/query_range?nocache=1&query={}&start={start}&end={end}&step={step}", escaped(text))
}

/// What an answer says of windows of `width` seconds. The window that a value is of is its time: Telltale names it by its
/// begin.
fn points(kind: &Kind, answer: &[u8], width: i64) -> Result<Points> {
    let answer: Value = serde_json::from_slice(answer).context("the answer is not JSON")?;
    let group = |labels: &Value| match labels["mode"].as_str().or_else(|| labels["family"].as_str()) {
        Some(group) => group.to_owned(),
        None => String::new(),
    };
    let window = |time: f64| (time / width as f64).floor() as i64;
    let mut all = Points::new();
    if let Kind::Telltale(_) = kind {
        for point in answer["data"]["data_points"].as_array().context("the answer has no points")? {
            let (time, value) = point["timestamp"].as_f64().zip(point["value"].as_f64()).context("an odd point")?;
            all.insert((group(&point["tags"]), window(time)), value);
        }
        return Ok(all);
    }
    for series in answer["data"]["result"].as_array().with_context(|| format!("no result: {answer}"))? {
        let values = series["values"].as_array().cloned().unwrap_or_else(|| vec![series["value"].clone()]);
        for pair in &values {
            let value = pair[1].as_str().and_then(|value| value.parse().ok());
            let (time, value): (f64, f64) = pair[0].as_f64().zip(value).context("an odd value")?;
            all.insert((group(&series["metric"]), window(time)), value);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::store::mix::Series;

    #[test]
    fn the_questions_fit_the_set() {
        let fits = |series: &Series, labels: &[(&str, &str)]| {
            labels.iter().all(|(name, value)| series.labels.contains(&(*name, (*value).to_owned())))
        };
        let all: Vec<Series> = (0..1000).map(|index| Series::new(index, true)).collect();
        let count = |labels: &[(&str, &str)]| all.iter().filter(|series| fits(series, labels)).count();
        assert_eq!((count(&SERIES), count(&[COUNTERS])), (1, 300));
        let month: Vec<Series> = (0..250).map(|nth| Series::new(nth * 4, true)).collect();
        assert_eq!(month.iter().filter(|series| fits(series, &SERIES)).count(), 1);
    }

    #[test]
    fn both_ways_of_answering_give_the_same_points() {
        let theirs = br#"{"data":{"result":[{"metric":{"mode":"a"},"values":[[119,"1.5"],[179,"2"]]}]}}"#;
        let ours = br#"{"data":{"data_points":[{"timestamp":60,"value":1.5,"tags":{"mode":"a"}},
            {"timestamp":120.0,"value":2.1,"tags":{"mode":"a"}}]}}"#;
        let one = points(&Kind::Prometheus, theirs, 60).unwrap();
        let other = points(&Kind::Telltale("x".into()), ours, 60).unwrap();
        assert_eq!(differences(&one, &one), (0, 2));
        assert_eq!(differences(&one, &other), (1, 2));
        assert_eq!(differences(&one, &Points::new()), (2, 2));
        let last = br#"{"data":{"result":[{"metric":{},"value":[60,"7"]}]}}"#;
        assert_eq!(points(&Kind::Victoria, last, 60).unwrap().into_values().collect::<Vec<_>>(), [7.0]);
        assert!(points(&Kind::Victoria, b"{}", 60).is_err());
    }
}
