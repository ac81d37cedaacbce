//! Every aggregation of `GET /api/metrics`, reckoned again from the raw points.

use std::collections::BTreeMap;

use crate::harness::{Point, Server};

/// Raw points by series, over a range in which nothing changes any more.
struct Raw {
    metric: &'static str,
    range: String,
    series: BTreeMap<Vec<(String, String)>, Vec<Point>>,
}

async fn raw(server: &Server, metric: &'static str) -> Raw {
    let all = server.points(&format!("metric_name={metric}")).await;
    let (start, end) = (all.first().unwrap().time, all.last().unwrap().time);
    let mut series: BTreeMap<_, Vec<Point>> = BTreeMap::new();
    for point in all {
        series.entry(point.tags.clone()).or_default().push(point);
    }
    Raw { metric, range: format!("start_time={start}&end_time={end}"), series }
}

impl Raw {
    async fn ask(&self, server: &Server, rest: &str) -> Vec<Point> {
        server.points(&format!("metric_name={}&{}&{rest}", self.metric, self.range)).await
    }
}

fn reckon(aggregation: &str, points: &[&Point]) -> f64 {
    let mut values: Vec<f64> = points.iter().map(|point| point.value).collect();
    values.sort_by(f64::total_cmp);
    let sum: f64 = values.iter().sum();
    let percentile = |share: f64| {
        let rank = share * (values.len() - 1) as f64;
        let (low, high) = (values[rank.floor() as usize], values[rank.ceil() as usize]);
        low + (high - low) * rank.fract()
    };
    match aggregation {
        "avg" => sum / values.len() as f64,
        "min" => values[0],
        "max" => values[values.len() - 1],
        "sum" => sum,
        "count" => values.len() as f64,
        "p50" => percentile(0.5),
        "p90" => percentile(0.9),
        "p95" => percentile(0.95),
        "p99" => percentile(0.99),
        "p99.9" => percentile(0.999),
        "p0" => values[0],
        "stddev" => {
            let mean = sum / values.len() as f64;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
        }
        other => panic!("{other} is not reckoned here"),
    }
}

#[track_caller]
fn near(got: f64, want: f64, what: &str) {
    assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{what} is {got}, not {want}");
}

const OF_VALUES: [&str; 12] =
    ["avg", "min", "max", "sum", "count", "stddev", "p0", "p50", "p90", "p95", "p99", "p99.9"];

#[tokio::test]
async fn each_series_by_itself_and_all_together() {
    let server = Server::start();
    server.collected(4).await;
    let raw = raw(&server, "cpu_usage_percent_per_core").await;
    for aggregation in OF_VALUES {
        let alone = raw.ask(&server, &format!("aggregation={aggregation}")).await;
        assert_eq!(alone.len(), raw.series.len(), "{aggregation}");
        for got in alone {
            let points: Vec<&Point> = raw.series[&got.tags].iter().collect();
            near(got.value, reckon(aggregation, &points), aggregation);
            assert_eq!(got.time, points.last().unwrap().time);
        }
        let together = raw.ask(&server, &format!("aggregation={aggregation}&by=")).await;
        let points: Vec<&Point> = raw.series.values().flatten().collect();
        assert_eq!((together.len(), together[0].tags.len()), (1, 0), "{aggregation}");
        near(together[0].value, reckon(aggregation, &points), aggregation);
    }
    let by = raw.ask(&server, "aggregation=max&by=cpu,nonsense").await;
    assert_eq!(by.len(), raw.series.len());
    assert!(by.iter().all(|point| point.tags.len() == 1 && point.tag("cpu").is_some()), "{by:?}");
}

#[tokio::test]
async fn windows_are_aligned_to_the_epoch_and_hold_every_point_once() {
    let server = Server::start();
    server.collected(4).await;
    let raw = raw(&server, "memory_used_bytes").await;
    let points: Vec<&Point> = raw.series.values().flatten().collect();
    for step in [2.0, 0.5, 3600.0] {
        let windows = raw.ask(&server, &format!("aggregation=avg&step={step}")).await;
        let counts = raw.ask(&server, &format!("aggregation=count&step={step}")).await;
        assert_eq!(windows.len(), counts.len());
        assert_eq!(counts.iter().map(|window| window.value).sum::<f64>(), points.len() as f64, "in steps of {step}");
        for window in &windows {
            near(window.time % step, 0.0, "the start of a window");
            let inside: Vec<&Point> =
                points.iter().filter(|p| (window.time..window.time + step).contains(&p.time)).copied().collect();
            near(window.value, reckon("avg", &inside), "avg of a window");
        }
    }
}

#[tokio::test]
async fn rates_are_growth_a_second_and_never_negative() {
    let server = Server::start();
    server.collected(4).await;
    // What is asked moves packets on the loopback only, so the counters may well stand still.
    for metric in ["network_bytes_recv_total", "disk_write_bytes_total"] {
        let raw = raw(&server, metric).await;
        let rates = raw.ask(&server, "aggregation=rate").await;
        assert_eq!(rates.len(), raw.series.len(), "{metric}");
        for rate in rates {
            let points = &raw.series[&rate.tags];
            let (first, last) = (&points[0], &points[points.len() - 1]);
            let want = (last.value - first.value) / (last.time - first.time);
            assert!(
                rate.value >= 0.0 && (rate.value - want).abs() <= 1e-6 * want.max(1.0),
                "{metric}: {} {want}",
                rate.value
            );
        }
        for increase in raw.ask(&server, "aggregation=increase").await {
            let points = &raw.series[&increase.tags];
            near(increase.value, points[points.len() - 1].value - points[0].value, "increase");
        }
        let newest = |points: &Vec<Point>| points.last().map_or(f64::NAN, |point| point.value);
        for last in raw.ask(&server, "aggregation=last").await {
            near(last.value, newest(&raw.series[&last.tags]), "last");
        }
        let together = raw.ask(&server, "aggregation=last&by=").await;
        near(together[0].value, raw.series.values().map(newest).sum(), "the sum of what is last");
        let unit = server.data(&format!("/api/metrics?metric_name={metric}&aggregation=rate&by=")).await;
        assert_eq!(unit["data_points"][0]["unit"], "bytes/s");
    }
}
