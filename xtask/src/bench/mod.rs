//! `bench collect`: what it costs to watch a machine, beside the collector that everybody knows.
//!
//! Both run at the same time on the same machine, so what disturbs the one disturbs the other.

pub(crate) mod exporter;
mod process;
mod report;
pub(crate) mod store;

use crate::progress::{Steps, say};
use crate::workspace::Workspace;
use crate::{dist, http, server};
use anyhow::{Context, Result, ensure};
use process::Usage;
use report::{Report, Subject};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long to measure, unless told.
pub(crate) const SECONDS: u64 = 60;

/// Both collectors read the machine this often.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a process does once, at its start, is not what it costs to run.
const WARM_UP: u64 = 5;

/// Runs both, measures both, writes it down.
pub(crate) fn collect(workspace: &Workspace, seconds: u64) -> Result<()> {
    ensure!(seconds > 0, "--seconds takes a number above zero");
    let mut steps = Steps::new(3);
    let program = steps.step("prometheus-node-exporter", exporter::ensure)?;
    steps.step("The optimised file", || dist::ensure(workspace))?;
    let report = steps.step(&format!("Both side by side, for {seconds} s after {WARM_UP} s"), || {
        let (telltale, page) = server::telltale(&workspace.dist_binary(), &std::env::temp_dir())?;
        let (exporter, address) = exporter::start(&program)?;
        scrape(address, WARM_UP)?;
        let before = (Usage::of(telltale.pid())?, Usage::of(exporter.pid())?);
        let begun = Instant::now();
        scrape(address, seconds)?;
        let after = (Usage::of(telltale.pid())?, Usage::of(exporter.pid())?);
        let took = begun.elapsed();
        has_collected(page, seconds)?;
        let (reads, scraped) = (what_it_reads(page)?, series_of(address)?);
        telltale.stop().context("stopping telltale")?;
        Report::new(
            seconds,
            Subject::new(dist::version(&workspace.dist_binary())?, reads, before.0.until(after.0, took)?),
            Subject::new(exporter::version(&program)?, scraped, before.1.until(after.1, took)?),
        )
    })?;
    let path = workspace.root.join("docs/benchmarks.md");
    report.write(&path)?;
    say(&report.summary());
    say(&format!("Written to {}", workspace.short(&path)));
    Ok(())
}

/// Asks the exporter once each interval, as Prometheus would. Telltale reads the machine by itself.
fn scrape(exporter: SocketAddr, times: u64) -> Result<()> {
    let mut next = Instant::now();
    for _ in 0..times {
        let answer = http::get(exporter, "/metrics", &[])?;
        ensure!(answer.status == 200 && !answer.body.is_empty(), "node_exporter answered {}", answer.status);
        next += INTERVAL;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// Was Telltale at work all the while? An idle process is cheap.
fn has_collected(server: SocketAddr, seconds: u64) -> Result<()> {
    let path = format!("/api/metrics?metric_name=cpu_usage_percent&aggregation=count&start_time=now-{seconds}s");
    let answer = http::get(server, &path, &[])?;
    let answer: Value = serde_json::from_slice(&answer.body).context("reading what /api/metrics answers")?;
    let count = answer.pointer("/data/data_points/0/value").and_then(Value::as_f64).unwrap_or(0.0);
    // One sample may be on its way at either end.
    ensure!(
        count + 2.0 >= seconds as f64,
        "telltale collected {count} times in {seconds} s; its cost would say nothing"
    );
    Ok(())
}

/// What Telltale reads, in words: a collector that was off would cost nothing.
fn what_it_reads(server: SocketAddr) -> Result<String> {
    let ask = |path: &str| -> Result<Value> {
        serde_json::from_slice(&http::get(server, path, &[])?.body)
            .with_context(|| format!("reading what {path} answers"))
    };
    let (collectors, metrics) = (ask("/api/collectors")?, ask("/api/metrics")?);
    let list = |answer: &Value, name: &str| answer.pointer(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let collectors: Vec<String> = list(&collectors, "/data/collectors")
        .iter()
        .map(|one| {
            let interval = one.get("interval").and_then(Value::as_f64).unwrap_or_default();
            format!("{} every {interval} s", one.get("name").and_then(Value::as_str).unwrap_or("?"))
        })
        .collect();
    let series: u64 = list(&metrics, "/data/metrics").iter().filter_map(|one| one.get("series")?.as_u64()).sum();
    ensure!(!collectors.is_empty() && series > 0, "telltale says that it reads nothing");
    Ok(format!("{series} series ({})", collectors.join(", ")))
}

/// What the exporter gives to whoever asks.
fn series_of(exporter: SocketAddr) -> Result<String> {
    let answer = http::get(exporter, "/metrics", &[])?;
    let text = String::from_utf8_lossy(&answer.body);
    Ok(format!("{} series", text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count()))
}
