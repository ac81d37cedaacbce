//! How the monitor itself is, as `/api/health` and the page tell it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// The data of `GET /api/health`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// False while starting up or shutting down.
    pub running: bool,
    /// Number of collectors that are switched on.
    pub collectors_count: usize,
    /// Number of alerts that fire.
    pub active_alerts: usize,
    /// Seconds since the start of the server.
    pub uptime: f64,
    /// The server's version.
    pub version: String,
    /// True where a collector fails or a part is down; the rest works.
    pub degraded: bool,
    /// Each collector by its name.
    pub collectors: BTreeMap<String, CollectorHealth>,
    /// What else does not work, by the name of the part, each in a sentence. It is tried again and again.
    #[serde(default)]
    pub troubles: BTreeMap<String, String>,
}

impl Health {
    /// What people have to know: who has trouble, and which.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let failing = self.collectors.iter().filter(|(_, collector)| !collector.healthy);
        let failing = failing.map(|(name, collector)| {
            (format!("Collector {name} fails"), collector.last_error.clone().unwrap_or_default())
        });
        let troubles = self.troubles.iter().map(|(part, says)| (format!("Trouble with {part}"), says.clone()));
        failing.chain(troubles).collect()
    }
}

/// How one collector is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectorHealth {
    /// True where its last run was good and is not overdue.
    pub healthy: bool,
    /// When it last read something.
    pub last_success: Option<Timestamp>,
    /// What went wrong in its last run, if anything did.
    pub last_error: Option<String>,
}

/// What the page says of the machine that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Host name.
    pub name: String,
    /// Operating system and its version.
    pub os: String,
    /// Number of logical processors.
    pub cores: usize,
    /// Main memory.
    pub memory_bytes: u64,
    /// Seconds since the machine was started.
    pub uptime_seconds: u64,
    /// The server's version.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_trouble_is_named_with_it() {
        let one = |healthy, error: Option<&str>| CollectorHealth {
            healthy,
            last_success: None,
            last_error: error.map(str::to_owned),
        };
        let collectors = [("a", one(true, None)), ("b", one(false, Some("no disk"))), ("c", one(false, None))];
        let health = Health {
            running: true,
            collectors_count: 3,
            active_alerts: 0,
            uptime: 0.0,
            version: String::new(),
            degraded: true,
            collectors: collectors.map(|(name, one)| (name.to_owned(), one)).into(),
            troubles: [("log file".to_owned(), "no room".to_owned())].into(),
        };
        let got = health.problems();
        let got: Vec<(&str, &str)> = got.iter().map(|(who, says)| (who.as_str(), says.as_str())).collect();
        let want = [("Collector b fails", "no disk"), ("Collector c fails", ""), ("Trouble with log file", "no room")];
        assert_eq!(got, want);
    }
}
