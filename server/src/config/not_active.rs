//! What can be set and is not acted on yet: the one list of it, which shrinks to nothing.
//!
//! Who builds a capability takes its row out here. `start` and `status` print a line for each row that is on.

use std::fmt;

use app::model::Aggregation;

use super::keys::root::Config;
use super::keys::storage::StorageType;
use super::keys::widget::Widget;

/// Something that a file asks for and this version does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotActive {
    /// The key, such as `security.rate_limiting`.
    pub key: String,
    /// What happens instead; completes "is not active in this version: …".
    pub instead: &'static str,
}

impl fmt::Display for NotActive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not active in this version: {}", self.key, self.instead)
    }
}

struct Row {
    key: &'static str,
    /// Whether the file asks for it.
    asked: fn(&Config) -> bool,
    instead: &'static str,
}

const fn row(key: &'static str, asked: fn(&Config) -> bool, instead: &'static str) -> Row {
    Row { key, asked, instead }
}

/// Every capability. A row speaks for all keys below its own.
const ROWS: &[Row] = &[
    row(
        "collectors.system_metrics.network_interface_metrics",
        |c| {
            c.given(&format!("{SYSTEM}.network_interface_metrics"))
                && c.collectors.system_metrics.per_interface
                && !interfaces(c)
        },
        "interfaces are read by collectors.network_metrics, which is off or leaves them out",
    ),
    row(
        "dashboard.refresh_interval",
        |c| c.given("dashboard.refresh_interval") && c.dashboard.websocket_enabled,
        "pages redraw whenever the live stream brings values",
    ),
    row(
        "dashboard.public_url",
        |c| c.dashboard.public_url.is_some(),
        "requests under its name are answered, but there are no messages that could link to it",
    ),
    row("alerting", |c| c.alerting.enabled, "no rule is applied and nobody is told"),
    row("security.rate_limiting", |c| c.security.rate_limiting.enabled, "any number of requests is answered"),
    row("security.cors", |c| c.security.cors.enabled, "pages of other origins are refused"),
    row(
        "storage.path",
        |c| c.given("storage.path") && c.storage.kind == StorageType::Memory,
        "storage.type is memory, so nothing is written to disk",
    ),
    row(
        "storage.flush_interval",
        |c| c.given("storage.flush_interval") && c.storage.kind == StorageType::Memory,
        "storage.type is memory, so nothing is written to disk",
    ),
    row(
        "storage.retention_policy.alert_history_days",
        |c| c.given("storage.retention_policy.alert_history_days"),
        "there are no alerts to remember",
    ),
    row(
        "storage.compression",
        |c| c.storage.compression.enabled && c.logging.file.is_none() && c.storage.kind == StorageType::Memory,
        "storage.type is memory and logging.file is not set, so there are no rotated logs, exports or backups to pack",
    ),
    row(
        "performance.max_concurrent_alerts",
        |c| c.given("performance.max_concurrent_alerts"),
        "there are no deliveries",
    ),
    row("performance.metric_batch_size", |c| c.given("performance.metric_batch_size"), "nothing is exported"),
    row("performance.cache_metrics", |c| c.given("performance.cache_metrics"), "every query reads the store"),
    row("performance.cache_ttl_seconds", |c| c.given("performance.cache_ttl_seconds"), "every query reads the store"),
    row("integration.prometheus", |c| c.integration.prometheus.enabled, "there is no listener for it"),
    row("integration.grafana", |c| c.integration.grafana.enabled, "it is not told anything"),
    row("integration.elasticsearch", |c| c.integration.elasticsearch.enabled, "nothing is sent there"),
    row("development.mock_data", |c| c.development.mock_data, "only measured data is shown"),
    row("development.test_alerts", |c| c.development.test_alerts, "no message is sent"),
    row(
        "development.profiling",
        |c| c.development.profiling && !c.collectors.telltale.enabled,
        "times of stages are told by collectors.telltale, which is off",
    ),
];

const SYSTEM: &str = "collectors.system_metrics";

/// Whether each network interface is read by itself.
fn interfaces(config: &Config) -> bool {
    let network = &config.collectors.network_metrics;
    network.pace.enabled && network.interfaces
}

impl Config {
    /// What it asks for and this version does not do, in the order of the file's sections.
    #[must_use]
    pub fn not_active(&self) -> Vec<NotActive> {
        let rows = ROWS.iter().filter(|row| (row.asked)(self));
        let rows = rows.map(|row| NotActive { key: row.key.to_owned(), instead: row.instead });
        let widgets = self.dashboard.widgets.iter().flatten().enumerate();
        rows.chain(widgets.flat_map(|(index, widget)| of_widget(index, widget))).collect()
    }
}

/// What the page does not do with a widget yet.
fn of_widget(index: usize, widget: &Widget) -> Vec<NotActive> {
    let of = |key: &str, instead| NotActive { key: format!("dashboard.widgets[{index}].{key}"), instead };
    let mut missing = Vec::new();
    if widget.chart_type.drawn().is_none() {
        missing.push(of("chart_type", "the page leaves this widget out"));
    }
    if !matches!(widget.aggregation, Aggregation::Raw | Aggregation::Rate) {
        missing.push(of("aggregation", "the page shows points as they are"));
    }
    if widget.refresh_interval.is_some() {
        missing.push(of("refresh_interval", "it redraws as often as the page"));
    }
    missing
}
