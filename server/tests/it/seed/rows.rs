//! A row for each key of the file: what it does, or that it is refused, or that it is told as not active.
//!
//! Who makes a key active takes it out of [`NOT_ACTIVE`] and gives it a line in one of the other tables.

use super::seen::Seen;

/// Keys that are changed together: none of them hides what another one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum World {
    /// Parts of collectors are switched off.
    Parts,
    /// Much is other than it was.
    Other,
    /// Whole parts are switched off.
    Off,
    /// There is no live stream.
    Polling,
}

impl World {
    pub(super) const ALL: [Self; 4] = [Self::Parts, Self::Other, Self::Off, Self::Polling];
}

/// A key, what it is set to, where to look, and how that looks with the file as it is and with the change.
pub(super) struct Effect {
    pub(super) key: &'static str,
    pub(super) world: World,
    pub(super) value: &'static str,
    pub(super) look: fn(&Seen) -> String,
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

macro_rules! effects {
    ($($key:literal in $world:ident = $value:literal, $seen:ident => $look:expr, $before:literal -> $after:literal;)+) => {
        &[$(Effect {
            key: $key, world: World::$world, value: $value, look: |$seen: &Seen| $look, before: $before, after: $after,
        }),+]
    };
}

pub(super) const EFFECTS: &[Effect] = effects! {
    "collection_interval" in Other = "31", s => s.interval("processes"), "20" -> "31";
    "retention_period" in Polling = "3000", s => s.setup("retention_seconds"), "7200.0" -> "3000.0";
    "max_data_points" in Other = "3", s => s.setup("max_data_points"), "500" -> "3";
    "collectors.system_metrics.enabled" in Off = "false", s => s.interval("system"), "21" -> "off";
    "collectors.system_metrics.collection_interval" in Other = "0.1", s => s.interval("system"), "21" -> "0.1";
    "collectors.system_metrics.collect_cpu" in Parts = "false", s => s.has("cpu_usage_percent"), "there" -> "gone";
    "collectors.system_metrics.collect_memory" in Parts = "false", s => s.has("memory_used_bytes"), "there" -> "gone";
    "collectors.system_metrics.collect_disk" in Parts = "false", s => s.has("disk_usage_percent"), "there" -> "gone";
    "collectors.system_metrics.collect_network" in Parts = "false", s => s.has("network_bytes_sent_total"), "there" -> "gone";
    "collectors.system_metrics.per_cpu_metrics" in Other = "false", s => s.has("cpu_usage_percent_per_core"), "there" -> "gone";
    "collectors.system_metrics.disk_io_metrics" in Other = "false", s => s.has("disk_read_bytes_total"), "there" -> "gone";
    "collectors.system_metrics.network_interface_metrics" in Other = "false", s => s.has("network_interface_bytes_sent_total"), "there" -> "gone";
    "collectors.application_metrics.enabled" in Off = "false", s => s.interval("application"), "22" -> "off";
    "collectors.application_metrics.collection_interval" in Other = "32", s => s.interval("application"), "22" -> "32";
    "collectors.application_metrics.app_name" in Other = "\"till\"", s => format!("{:?}", s.apps), "{\"shop\"}" -> "{\"till\"}";
    "collectors.application_metrics.collect_process_metrics" in Parts = "false", s => s.has("app_threads"), "there" -> "gone";
    "collectors.application_metrics.collect_request_metrics" in Parts = "false", s => s.has("app_requests_total"), "there" -> "gone";
    "collectors.application_metrics.collect_response_time_metrics" in Parts = "false", s => s.has("app_response_time_avg_seconds"), "there" -> "gone";
    "collectors.application_metrics.collect_error_metrics" in Parts = "false", s => s.has("app_errors_total"), "there" -> "gone";
    "collectors.network_metrics.enabled" in Off = "false", s => s.interval("network"), "23" -> "off";
    "collectors.network_metrics.collection_interval" in Other = "33", s => s.interval("network"), "23" -> "33";
    "collectors.network_metrics.collect_connection_metrics" in Parts = "false", s => s.has("network_connections"), "there" -> "gone";
    "collectors.network_metrics.collect_interface_metrics" in Parts = "false", s => s.has("network_interface_bytes_sent_total"), "there" -> "gone";
    "collectors.network_metrics.monitored_ports[]" in Other = "8125", s => format!("{:?}", s.ports), "{\"8123\", \"8124\"}" -> "{\"8124\", \"8125\"}";
    "collectors.custom_metrics.enabled" in Off = "false", s => s.interval("custom.carts"), "24" -> "off";
    "collectors.custom_metrics.collection_interval" in Other = "34", s => s.interval("custom.carts"), "24" -> "34";
    "collectors.custom_metrics.metrics.*.description" in Other = "\"Carts\"", s => s.collector("custom.carts", "description"), "\"Open carts\"" -> "\"Carts\"";
    "collectors.custom_metrics.metrics.*.function" in Other = "\"carts\"", s => s.collector("custom.carts", "last_error").contains("count_carts").to_string(), "true" -> "false";
    "dashboard.enabled" in Off = "false", s => s.page.0.to_string(), "200" -> "404";
    "dashboard.host" in Other = "\"127.0.0.1\"", s => s.address.split(':').next().unwrap().to_owned(), "0.0.0.0" -> "127.0.0.1";
    "dashboard.auto_refresh" in Other = "false", s => s.page.1.contains(">Resume<").to_string(), "false" -> "true";
    "dashboard.refresh_interval" in Polling = "7", s => s.page.1.contains(r#"poll_ms\":7000"#).to_string(), "false" -> "true";
    "dashboard.theme" in Other = "\"light\"", s => s.page.1.contains("data-theme=\"light\"").to_string(), "false" -> "true";
    "dashboard.websocket_enabled" in Polling = "false", s => s.handshakes[0].to_string(), "101" -> "404";
    "dashboard.max_websocket_connections" in Other = "1", s => format!("{:?}", s.handshakes), "[101, 101]" -> "[101, 503]";
    "dashboard.static_files_path" in Other = "\"static\"", s => s.file.to_string(), "200" -> "404";
    "dashboard.widgets[].id" in Other = "\"each\"", s => s.tile("/id"), "\"cores\"" -> "\"each\"";
    "dashboard.widgets[].title" in Other = "\"Each core\"", s => s.page.1.contains("Each core").to_string(), "false" -> "true";
    "dashboard.widgets[].chart_type" in Other = "\"area\"", s => s.tile("/chart_type"), "\"line\"" -> "\"area\"";
    "dashboard.widgets[].metric_name" in Other = "\"network_bytes_recv_total\"", s => s.tile("/metric_name"), "\"cpu_usage_percent\"" -> "\"network_bytes_recv_total\"";
    "dashboard.widgets[].width" in Other = "5", s => s.tile("/width"), "6" -> "5";
    "dashboard.widgets[].height" in Other = "6", s => s.tile("/height"), "4" -> "6";
    "dashboard.widgets[].position_x" in Other = "2", s => s.tile("/position_x"), "0" -> "2";
    "dashboard.widgets[].position_y" in Other = "1", s => s.tile("/position_y"), "0" -> "1";
    "dashboard.widgets[].time_range" in Other = "60", s => s.tile("/time_range"), "1200" -> "60";
    "dashboard.widgets[].aggregation" in Other = "\"rate\"", s => s.tile("/aggregation"), "\"raw\"" -> "\"rate\"";
    "dashboard.widgets[].options.min_value" in Other = "1", s => s.tile("/options/min_value"), "0.0" -> "1.0";
    "dashboard.widgets[].options.max_value" in Other = "99", s => s.tile("/options/max_value"), "100.0" -> "99.0";
    "dashboard.widgets[].options.warning_threshold" in Other = "61", s => s.tile("/options/warning_threshold"), "60.0" -> "61.0";
    "dashboard.widgets[].options.critical_threshold" in Other = "81", s => s.tile("/options/critical_threshold"), "80.0" -> "81.0";
    "dashboard.widgets[].filters.*" in Other = "\"LISTEN\"", s => s.tile("/filters/state"), "\"ESTABLISHED\"" -> "\"LISTEN\"";
    "storage.type" in Polling = "\"disk\"", s => s.complaints.contains("storage.type is memory: nothing is written").to_string(), "true" -> "false";
    "logging.file" in Other = "\"watch.log\"", s => s.log.0.clone(), "logs/watch.log" -> "watch.log";
    "logging.level" in Polling = "\"ERROR\"", s => s.log.1.contains("started").to_string(), "true" -> "false";
    "logging.format" in Other = "\"json\"", s => s.log.1.starts_with('{').to_string(), "false" -> "true";
    "development.debug_mode" in Other = "true", s => s.log.1.contains("GET /").to_string(), "false" -> "true";
    "development.profiling" in Other = "true", s => s.has("telltale_stage_runs_total"), "gone" -> "there";
    "storage.retention_policy.raw_data_hours" in Other = "1", s => s.setup("retention_seconds"), "7200.0" -> "3600.0";
};

/// A key, a value that is refused, and what is said of it. What logins are like is read and checked, and used by
/// nobody until they can be switched on.
pub(super) const REFUSED: &[(&str, &str, &str)] = &[
    ("version", "\"2.0.0\"", "allowed: 1, or 1."),
    ("storage.compression.algorithm", "\"lzma\"", "allowed: \"gzip\""),
    ("security.authentication.enabled", "true", "this version has no logins"),
    ("security.authentication.type", "\"digest\"", "allowed: \"basic\""),
    ("security.authentication.username", "\"\"", "text that is not empty"),
    ("security.authentication.password", "\"\"", "a secret that is not empty"),
];

/// A key, and the test of what it does that takes longer, or is seen from within alone: file and name.
pub(super) const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("enabled", "server/tests/it/seed/mod.rs", "switched_off_it_says_so_and_ends"),
    ("dashboard.port", "server/tests/it/seed/mod.rs", "it_listens_at_its_port"),
    ("cleanup_interval", "server/src/run/settings.rs", "cleanup_comes_at_least_as_often_as_something_gets_too_old"),
    (
        "storage.retention_policy.aggregated_data_days",
        "server/src/run/settings.rs",
        "minutes_and_hours_outlive_points_by_as_much_as_is_configured",
    ),
    ("performance.collection_threads", "server/src/run/settings.rs", "one_after_another_is_one_at_a_time"),
    ("performance.async_processing", "server/tests/it/collectors.rs", "one_after_another_still_reads_them_all"),
    ("logging.max_file_size", "server/src/telemetry/file/log_tests.rs", "by_size_before_it_gets_too_large"),
    ("logging.backup_count", "server/src/telemetry/file/backups.rs", "the_youngest_is_1_and_the_oldest_goes"),
    ("logging.rotate_daily", "server/src/telemetry/file/log_tests.rs", "by_day_at_midnight_utc"),
    (
        "storage.compression.enabled",
        "server/src/telemetry/file/log_tests.rs",
        "large_ones_are_packed_and_small_ones_are_not",
    ),
    (
        "storage.compression.threshold_bytes",
        "server/src/telemetry/file/log_tests.rs",
        "large_ones_are_packed_and_small_ones_are_not",
    ),
    ("development.hot_reload", "server/tests/it/reload.rs", "a_changed_file_is_enough_where_the_file_says_so"),
    ("performance.websocket_buffer_size", "server/src/live/hub.rs", "as_many_wait_as_may"),
];

/// What start and status call it, the beginning of its keys, and the rest of each.
pub(super) const NOT_ACTIVE: &[(&str, &str, &[&str])] = &[
    ("alerting", "alerting.", &["enabled", "default_cooldown_period", "max_alert_history", "deduplication_enabled"]),
    (
        "alerting",
        "alerting.rules[].",
        &[
            "name",
            "metric_name",
            "condition",
            "threshold",
            "severity",
            "description",
            "enabled",
            "cooldown_period",
            "consecutive_violations",
            "channels[]",
        ],
    ),
    (
        "alerting",
        "alerting.channels.email.",
        &[
            "type",
            "enabled",
            "min_severity",
            "rate_limit_seconds",
            "smtp_server",
            "smtp_port",
            "use_tls",
            "username",
            "password",
            "sender_email",
            "recipients[]",
        ],
    ),
    (
        "alerting",
        "alerting.channels.slack.",
        &["type", "enabled", "min_severity", "rate_limit_seconds", "webhook_url", "channel", "username", "icon_emoji"],
    ),
    (
        "alerting",
        "alerting.channels.discord.",
        &["type", "enabled", "min_severity", "rate_limit_seconds", "webhook_url", "username"],
    ),
    (
        "alerting",
        "alerting.channels.pagerduty.",
        &["type", "enabled", "min_severity", "rate_limit_seconds", "integration_key", "api_url"],
    ),
    (
        "alerting",
        "alerting.channels.webhook.",
        &["type", "enabled", "min_severity", "rate_limit_seconds", "webhook_url", "method", "headers.*"],
    ),
    ("security.rate_limiting", "security.rate_limiting.", &["enabled", "requests_per_minute", "burst_size"]),
    ("security.cors", "security.cors.", &["enabled", "allowed_origins[]", "allowed_methods[]", "allowed_headers[]"]),
    ("storage.retention_policy.alert_history_days", "storage.retention_policy.", &["alert_history_days"]),
    ("performance.max_concurrent_alerts", "performance.", &["max_concurrent_alerts"]),
    ("performance.metric_batch_size", "performance.", &["metric_batch_size"]),
    ("performance.cache_metrics", "performance.", &["cache_metrics"]),
    ("performance.cache_ttl_seconds", "performance.", &["cache_ttl_seconds"]),
    ("integration.prometheus", "integration.prometheus.", &["enabled", "port", "metrics_path", "push_gateway"]),
    ("integration.grafana", "integration.grafana.", &["enabled", "url", "api_key", "datasource"]),
    (
        "integration.elasticsearch",
        "integration.elasticsearch.",
        &["enabled", "hosts[]", "index_pattern", "username", "password"],
    ),
    ("development.mock_data", "development.", &["mock_data"]),
    ("development.test_alerts", "development.", &["test_alerts"]),
];
