//! What this machine's own collectors record, to be sent to each server as it was recorded.

use super::ingest::Load;
use super::peer::Folder;
use super::wire::{Encoder, Recorded};
use crate::command::Cmd;
use crate::http;
use crate::server::Running;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// All of them read the machine so often, as often as may be: a day's worth of samples would take a day.
const EVERY: f64 = 0.1;

/// What the report calls this set.
pub(super) const NAME: &str = "own";

/// Names and values, sorted by name.
type Labels = Vec<(String, String)>;

/// Samples by their series.
pub(super) struct Own {
    series: BTreeMap<Labels, Vec<(i64, f64)>>,
    /// How long it was recorded.
    seconds: u64,
}

impl Own {
    /// Runs Telltale for a while with all of its collectors and takes what it has stored.
    pub(super) fn record(binary: &Path, seconds: u64) -> Result<Self> {
        let address = http::free_address()?;
        let folder = Folder::new(&format!("telltale-own-{}-{}", std::process::id(), address.port()))?;
        let (config, data) = (folder.path().join("telltale.json"), folder.path().join("data"));
        let out = folder.path().join("all.jsonl");
        fs::write(&config, collecting()).with_context(|| format!("writing {}", config.display()))?;
        let start = Cmd::new(binary).args(["start", "--listen", &address.to_string(), "--config"]).arg(&config);
        let running = Running::start(start.arg("--data-dir").arg(&data).dir(folder.path()))?;
        http::wait_for(address, "/api/health", Duration::from_secs(20))?;
        std::thread::sleep(Duration::from_secs(seconds));
        running.stop().context("stopping telltale")?;
        let export = Cmd::new(binary).args(["storage", "export", "--format", "jsonl", "--data-dir"]).arg(&data);
        export.arg("--output").arg(&out).read()?;
        let text = fs::read_to_string(&out).with_context(|| format!("reading {}", out.display()))?;
        let series = read(&text)?;
        ensure!(series.len() > 50, "telltale recorded no more than {} series", series.len());
        Ok(Self { series, seconds })
    }

    /// How many samples there are.
    pub(super) fn samples(&self) -> usize {
        self.series.values().map(Vec::len).sum()
    }

    /// In words.
    pub(super) fn described(&self) -> String {
        format!(
            "{} samples of {} series, as Telltale's collectors recorded them on this machine in {} s, each every {EVERY} s",
            self.samples(),
            self.series.len(),
            self.seconds
        )
    }

    /// To be sent, each connection half of the series.
    pub(super) fn load(&self) -> Load {
        Load::recorded([0, 1].map(|half| {
            let mine: Vec<_> = self.series.iter().skip(half).step_by(2).collect();
            let labels: Vec<Labels> = mine.iter().map(|(labels, _)| (*labels).clone()).collect();
            let numbered = mine.iter().enumerate();
            let mut samples: Vec<Recorded> = numbered
                .flat_map(|(nth, (_, all))| all.iter().map(move |(time, value)| (*time, nth, *value)))
                .collect();
            samples.sort_unstable_by_key(|(time, nth, _)| (*time, *nth));
            Encoder::recorded(&labels, samples)
        }))
    }
}

/// A configuration by which everything is collected as often as may be.
fn collecting() -> String {
    let all = super::peer::COLLECTORS.map(|name| format!("\"{name}\": {{\"collection_interval\": {EVERY}}}"));
    format!("{{\"performance_monitoring\": {{\"collectors\": {{{}}}}}}}", all.join(", "))
}

/// What `telltale storage export --format jsonl` wrote.
fn read(text: &str) -> Result<BTreeMap<Labels, Vec<(i64, f64)>>> {
    let mut all: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
    for line in text.lines() {
        let odd = || format!("an odd line was exported: {line}");
        let point: Value = serde_json::from_str(line).with_context(odd)?;
        let name = point["metric"].as_str().with_context(odd)?;
        let tags = point["tags"].as_object().with_context(odd)?;
        let (time, value) = point["timestamp"].as_f64().zip(point["value"].as_f64()).with_context(odd)?;
        let mut labels: Labels = vec![("__name__".to_owned(), name.to_owned())];
        for (name, value) in tags {
            labels.push((name.clone(), value.as_str().with_context(odd)?.to_owned()));
        }
        labels.sort_unstable();
        all.entry(labels).or_default().push(((time * 1000.0).round() as i64, value));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exported_is_sent() {
        let text = r#"{"metric":"b","unit":"","kind":"gauge","tags":{"host":"vm","cpu":"0"},"timestamp":1795606095.904,"value":0.5}
{"metric":"b","unit":"","kind":"gauge","tags":{"cpu":"0","host":"vm"},"timestamp":1795606096.003,"value":1.0}
{"metric":"a","unit":"","kind":"counter","tags":{},"timestamp":1795606096.003,"value":7}
"#;
        let series = read(text).unwrap();
        let labels = |all: &[(&str, &str)]| -> Labels { all.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect() };
        let b = labels(&[("__name__", "b"), ("cpu", "0"), ("host", "vm")]);
        assert_eq!(series[&b], [(1_795_606_095_904, 0.5), (1_795_606_096_003, 1.0)]);
        assert_eq!(series[&labels(&[("__name__", "a")])], [(1_795_606_096_003, 7.0)]);
        let own = Own { series, seconds: 1 };
        assert_eq!(own.samples(), 3);
        assert!(own.described().starts_with("3 samples of 2 series"), "{}", own.described());
        assert!(read(r#"{"metric":"a"}"#).is_err());
    }
}
