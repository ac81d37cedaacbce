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
