//! Telltale as it is compared: every collector on, once a second, started by a name that nobody else has.

use super::judge::{Metrics, Ours};
use super::reading::Labels;
use crate::command::Cmd;
use crate::http;
use crate::server::Running;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// At most 15 characters: the kernel keeps no more.
const NAME: &str = "telltale-here";

pub(super) struct Telltale {
    running: Running,
    pub(super) address: SocketAddr,
    folder: PathBuf,
    /// Requests that it has answered.
    pub(super) asked: Arc<AtomicU64>,
}

impl Telltale {
    /// Starts it and waits for its first answer. `watched`: a port whose connections it counts by themselves.
    pub(super) fn start(binary: &Path, watched: u16) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("telltale-compare-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let (file, program) = (folder.join("telltale.json"), folder.join(NAME));
        let text = format!(
            r#"{{"performance_monitoring": {{"collection_interval": 1,
                "collectors": {{"network_metrics": {{"monitored_ports": [{watched}]}}, "processes": {{"top": 50}}}},
                "storage": {{"type": "memory"}}}}}}"#
        );
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        std::os::unix::fs::symlink(binary, &program).with_context(|| format!("linking {}", program.display()))?;
        let address = http::free_address()?;
        let cmd = Cmd::new(&program).args(["start", "--listen", &address.to_string(), "--config"]).arg(&file);
        let running = Running::start(cmd.dir(&folder))?;
        http::wait_for(address, "/api/health", Duration::from_secs(20))?;
        Ok(Self { running, address, folder, asked: Arc::new(AtomicU64::new(1)) })
    }

    pub(super) fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// When it has last read the machine, in Unix seconds.
    pub(super) fn last_reading(&self) -> Result<f64> {
        let series = self.series("uptime_seconds", Duration::from_secs(10))?;
        let last = series.first().and_then(|ours| ours.points.last());
        Ok(last.context("Telltale has read nothing within ten seconds")?.0)
    }

    /// Everything that it has collected in the last `range`.
    pub(super) fn metrics(&self, range: Duration) -> Result<Metrics> {
        let list = self.data("/api/metrics")?;
        let names = list["metrics"].as_array().context("/api/metrics has no list")?;
        let names = names.iter().filter_map(|metric| metric["metric_name"].as_str());
        names.map(|name| Ok((name.to_owned(), self.series(name, range)?))).collect()
    }

    fn series(&self, name: &str, range: Duration) -> Result<Vec<Ours>> {
        let seconds = range.as_secs();
        let path = format!("/api/metrics?metric_name={name}&start_time=now-{seconds}s&limit=100000");
        let data = self.data(&path)?;
        let mut found: Vec<Ours> = Vec::new();
        for point in data["data_points"].as_array().context("/api/metrics has no points")? {
            let (time, value) = (point["timestamp"].as_f64(), point["value"].as_f64());
            let (time, value) = time.zip(value).with_context(|| format!("{name}: an odd point {point}"))?;
            let tags = point["tags"].as_object().context("a point has no tags")?;
            let tags: Labels =
                tags.iter().map(|(tag, value)| (tag.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
            match found.iter_mut().find(|ours| ours.tags == tags) {
                Some(ours) => ours.points.push((time, value)),
                None => found.push(Ours { tags, points: vec![(time, value)] }),
            }
        }
        Ok(found)
    }

    fn data(&self, path: &str) -> Result<Value> {
        let answer = http::get(self.address, path, &[])?;
        self.asked.fetch_add(1, Ordering::SeqCst);
        let json: Value = serde_json::from_slice(&answer.body).with_context(|| format!("reading {path}"))?;
        ensure!(answer.status == 200, "{path} was answered {}: {json}", answer.status);
        Ok(json["data"].clone())
    }
}

impl Drop for Telltale {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
