//! The servers that are compared: got, started with a folder of their own, asked to settle.
//!
//! Nothing is installed here: Debian's packages would start services, and that is for the machine's owner to decide.

use super::connection::Connection;
use crate::command::{Cmd, on_path};
use crate::http;
use crate::server::Running;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a server may take to start, or to bring its files to rest.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Prometheus.
    Prometheus,
    /// VictoriaMetrics, one node.
    Victoria,
    /// Ours, by the path of its binary.
    Telltale(PathBuf),
}

impl Kind {
    /// The program, or how to get it.
    pub(super) fn program(&self) -> Result<PathBuf> {
        let (name, package) = match self {
            Self::Prometheus => ("prometheus", "prometheus"),
            Self::Victoria => ("victoria-metrics", "victoria-metrics"),
            Self::Telltale(binary) => return Ok(binary.clone()),
        };
        on_path(name).with_context(|| {
            format!("`{name}` is not on PATH. On Debian: apt-get install --no-install-recommends {package}")
        })
    }

    /// Name and version.
    pub(super) fn version(&self) -> Result<String> {
        let program = self.program()?;
        match self {
            Self::Prometheus => {
                let said = Cmd::new(program).arg("--version").read()?;
                Ok(format!("Prometheus {}", said.split_whitespace().nth(2).unwrap_or("of unknown version")))
            }
            // Debian's build leaves the version out of the program; its package knows.
            Self::Victoria => {
                let said = Cmd::new("dpkg-query").args(["-W", "-f", "${Version}", "victoria-metrics"]).read();
                Ok(format!("VictoriaMetrics {}", said.as_deref().unwrap_or("of unknown version")))
            }
            Self::Telltale(binary) => crate::dist::version(binary),
        }
    }

    /// The command that serves a folder at an address.
    fn command(&self, address: SocketAddr, folder: &Path) -> Result<Cmd> {
        let data = folder.join("data");
        let (cmd, shown) = (Cmd::new(self.program()?), data.display());
        Ok(match self {
            Self::Prometheus => {
                let config = folder.join("prometheus.yml");
                fs::write(&config, "").with_context(|| format!("writing {}", config.display()))?;
                cmd.arg(format!("--config.file={}", config.display()))
                    .arg(format!("--storage.tsdb.path={shown}"))
                    .arg(format!("--web.listen-address={address}"))
                    .args(["--web.enable-remote-write-receiver", "--web.enable-admin-api"])
                    .arg("--storage.tsdb.retention.time=1y")
            }
            // It would hide what is younger than half a minute, and so answer otherwise a moment later.
            Self::Victoria => cmd
                .arg("-search.latencyOffset=0s")
                .arg(format!("-storageDataPath={shown}"))
                .arg(format!("-httpListenAddr={address}"))
                .args(["-retentionPeriod=12", "-search.disableCache"]),
            Self::Telltale(_) => {
                let config = folder.join("telltale.json");
                fs::write(&config, alone()).with_context(|| format!("writing {}", config.display()))?;
                cmd.args(["start", "--listen", &address.to_string(), "--config"])
                    .arg(config)
                    .arg("--data-dir")
                    .arg(data)
            }
        })
    }

    /// The path that says 200 when all else is served.
    fn ready(&self) -> &'static str {
        match self {
            Self::Prometheus => "/-/ready",
            Self::Victoria => "/health",
            Self::Telltale(_) => "/api/health",
        }
    }
}

/// Telltale's collectors.
pub(super) const COLLECTORS: [&str; 7] =
    ["system_metrics", "application_metrics", "network_metrics", "processes", "sensors", "units", "telltale"];

/// A configuration by which Telltale collects nothing, as its peers do, so that its files come to rest, and keeps what it is
/// sent for longer than a month.
fn alone() -> String {
    let off = COLLECTORS.map(|name| format!("\"{name}\": {{\"enabled\": false}}"));
    let kept = "\"storage\": {\"retention_policy\": {\"raw_data_hours\": 2400, \"aggregated_data_days\": 100}}";
    format!("{{\"performance_monitoring\": {{\"collectors\": {{{}}}, {kept}}}}}", off.join(", "))
}

/// A server that runs. Its folder goes with it.
pub(super) struct Peer {
    /// Which.
    pub(super) kind: Kind,
    /// Where it listens.
    pub(super) address: SocketAddr,
    running: Running,
    folder: Folder,
}

impl Peer {
    /// Starts one with nothing in it, and waits until it serves.
    pub(super) fn start(kind: &Kind) -> Result<Self> {
        let port = http::free_address()?.port();
        Self::start_in(kind, Folder::new(&format!("telltale-store-{}-{port}", std::process::id()))?)
    }

    fn start_in(kind: &Kind, folder: Folder) -> Result<Self> {
        let address = http::free_address()?;
        let running = Running::start(kind.command(address, &folder.0)?.dir(&folder.0))?;
        let peer = Self { kind: kind.clone(), address, running, folder };
        until("it serves", Duration::from_millis(20), || {
            Ok(http::get(address, kind.ready(), &[]).is_ok_and(|answer| answer.status == 200))
        })?;
        Ok(peer)
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Kills it without a word and starts it again on what it has left.
    pub(super) fn killed(self) -> Result<Self> {
        let Self { kind, running, folder, .. } = self;
        // Dropping it is SIGKILL; it has no folder of its own that would go.
        drop(running);
        let address = http::free_address()?;
        let running = Running::start(kind.command(address, &folder.0)?.dir(&folder.0))?;
        Ok(Self { kind, address, running, folder })
    }

    /// Ends it in good order once its files are at rest, starts it again, and waits until whatever it begins with is done.
    pub(super) fn renewed(self) -> Result<Self> {
        if self.kind == Kind::Prometheus {
            // Once a minute it looks whether there are blocks to be made of what is in memory, which is all of it now.
            let mut connection = Connection::open(self.address)?;
            until_within(Duration::from_secs(300), "its blocks are made", Duration::from_secs(1), || {
                Ok(in_memory(&String::from_utf8_lossy(&connection.get("/metrics")?))
                    .is_some_and(|held| held < 4.0 * 3600.0))
            })?;
        } else {
            self.settled()?;
        }
        let Self { kind, running, folder, .. } = self;
        running.stop().with_context(|| format!("stopping {kind:?}"))?;
        let peer = Self::start_in(&kind, folder)?;
        at_rest(&peer.folder.0.join("data"))?;
        Ok(peer)
    }

    /// Makes what was written visible to queries and safe from a kill, where a server has a way to ask for it.
    pub(super) fn flush(&self) -> Result<()> {
        // Its flush alone fills parts in memory, which a kill takes with it; a merge makes files of them.
        if self.kind == Kind::Victoria { self.settled().map(drop) } else { Ok(()) }
    }

    /// Lets it bring its files to rest and counts their bytes.
    pub(super) fn settled(&self) -> Result<u64> {
        let data = self.folder.0.join("data");
        let mut connection = Connection::open(self.address)?;
        match self.kind {
            Kind::Prometheus => {
                let (_, answer) = connection.send("POST", "/api/v1/admin/tsdb/snapshot", "", &[])?;
                let answer: Value = serde_json::from_slice(&answer).context("reading the answer of the snapshot")?;
                let name = answer["data"]["name"].as_str().with_context(|| format!("no snapshot: {answer}"))?;
                bytes_of(&data.join("snapshots").join(name))
            }
            Kind::Victoria => {
                connection.get("/internal/force_flush")?;
                connection.get("/internal/force_merge")?;
                until("the merge is done", Duration::from_millis(200), || {
                    let said = String::from_utf8_lossy(&connection.get("/metrics")?).into_owned();
                    Ok(said.lines().any(|line| line == "vm_active_force_merges 0"))
                })?;
                Ok(at_rest(&data.join("data"))? + at_rest(&data.join("indexdb"))?)
            }
            Kind::Telltale(_) => {
                // It seals what nobody has added to for twenty seconds; before that its files rest too, unsealed.
                std::thread::sleep(Duration::from_secs(25));
                at_rest(&data)
            }
        }
    }
}

/// How long files have to keep their size: VictoriaMetrics writes down what is in memory every five seconds.
const REST: Duration = Duration::from_secs(7);

/// The bytes of a folder that is at rest.
fn at_rest(folder: &Path) -> Result<u64> {
    let (mut last, mut since) = (None, Instant::now());
    until("its files are at rest", Duration::from_millis(200), || {
        // A file that a merge has just removed is a change, not an error.
        let now = bytes_of(folder).ok();
        if now != last || now.is_none() {
            (last, since) = (now, Instant::now());
        }
        Ok(since.elapsed() >= REST)
    })?;
    last.with_context(|| format!("{} could not be counted", folder.display()))
}

fn bytes_of(path: &Path) -> Result<u64> {
    let about = fs::symlink_metadata(path).with_context(|| format!("looking at {}", path.display()))?;
    if !about.is_dir() {
        return Ok(if about.is_file() { about.len() } else { 0 });
    }
    let mut sum = 0;
    for entry in fs::read_dir(path).with_context(|| format!("looking into {}", path.display()))? {
        sum += bytes_of(&entry?.path())?;
    }
    Ok(sum)
}

/// Seconds of samples that Prometheus has in memory, by what it says of itself.
fn in_memory(metrics: &str) -> Option<f64> {
    let second = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.parse::<f64>().ok()
    };
    Some(second("prometheus_tsdb_head_max_time_seconds")? - second("prometheus_tsdb_head_min_time_seconds")?)
}

/// Asks again and again until it is so.
pub(super) fn until(what: &str, pause: Duration, so: impl FnMut() -> Result<bool>) -> Result<()> {
    until_within(PATIENCE, what, pause, so)
}

fn until_within(patience: Duration, what: &str, pause: Duration, mut so: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !so()? {
        if begun.elapsed() > patience {
            bail!("waited {} s until {what}", patience.as_secs());
        }
        std::thread::sleep(pause);
    }
    Ok(())
}

/// Does it take remote write? An empty request is a valid one.
pub(super) fn takes_remote_write(peer: &Peer) -> Result<()> {
    let (status, _) = super::ingest::post(&mut Connection::open(peer.address)?, &[0])?;
    ensure!(status / 100 == 2, "the server does not take remote write (POST /api/v1/write is answered {status})");
    Ok(())
}

/// A folder that goes when nobody holds this.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Made in the folder for passing things.
    pub(super) fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is in the folder for passing things; nothing hangs on it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_in_every_folder() {
        let folder = Folder::new(&format!("telltale-bytes-{}", std::process::id())).unwrap();
        fs::create_dir(folder.0.join("in")).unwrap();
        fs::write(folder.0.join("a"), "12345").unwrap();
        fs::write(folder.0.join("in/b"), "678").unwrap();
        assert_eq!(bytes_of(&folder.0).unwrap(), 8);
        let path = folder.0.clone();
        drop(folder);
        assert!(bytes_of(&path).is_err());
    }

    #[test]
    fn what_prometheus_holds_is_read() {
        let text = "# HELP prometheus_tsdb_head_max_time_seconds x\nprometheus_tsdb_head_max_time_seconds 1.795606e+09\n\
                    prometheus_tsdb_head_min_time 1\nprometheus_tsdb_head_min_time_seconds 1.795602e+09\n";
        assert_eq!(in_memory(text), Some(4000.0));
        assert_eq!(in_memory(""), None);
    }

    #[test]
    fn what_is_never_so_is_an_error_at_once_when_asking_fails() {
        assert!(until("x", Duration::ZERO, || bail!("no")).is_err());
    }
}
