//! `performance`: how much is done at once.

use std::time::Duration;

use super::DAY;
use super::root::flag;
use crate::config::read::{Seconds, Section, Whole};

/// `performance`.
#[derive(Debug)]
pub struct Performance {
    /// Threads for collectors that block.
    pub collection_threads: u16,
    /// False: one collector after another.
    pub async_processing: bool,
    /// Deliveries at once.
    pub max_concurrent_alerts: u32,
    /// Updates that wait for one client.
    pub websocket_buffer_size: u32,
    /// Samples in one export request.
    pub metric_batch_size: u32,
    /// Whether results of queries are kept for a while.
    pub cache_metrics: bool,
    /// For how long.
    pub cache_ttl: Duration,
}

impl Performance {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        Self {
            collection_threads: s.or(
                "collection_threads",
                &Whole(1..=1024_u16),
                4,
                "Threads for collectors that block.",
            ),
            async_processing: flag(s, "async_processing", "false: one collector after another."),
            max_concurrent_alerts: s.or("max_concurrent_alerts", &Whole(1..=10_000_u32), 50, "Deliveries at once."),
            websocket_buffer_size: s.or(
                "websocket_buffer_size",
                &Whole(1..=1_000_000_u32),
                64,
                "Updates that wait for one client; what is more is left out, and the client is told.",
            ),
            metric_batch_size: s.or(
                "metric_batch_size",
                &Whole(1..=1_000_000_u32),
                100,
                "Samples in one export request.",
            ),
            cache_metrics: flag(s, "cache_metrics", "Whether results of queries are kept for a while."),
            cache_ttl: s.or(
                "cache_ttl_seconds",
                &Seconds(0.0..=DAY),
                Duration::from_secs(1),
                "For how many seconds at the most.",
            ),
        }
    }
}
