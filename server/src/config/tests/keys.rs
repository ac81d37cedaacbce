//! Each key that the schema knows, set to something else: the field that changes, or the refusal.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{full, load_here};
use crate::config::{
    Config, CustomMetric, Destination, Discord, Email, NamedProcess, PagerDuty, Rule, Slack, Source, Target, Webhook,
    Widget, schema,
};
use crate::secret::Secret;

/// A key, a value that differs from the one in the full file, what to look at, and how it then looks.
type Row = (&'static str, &'static str, fn(&Config) -> String, &'static str);

macro_rules! rows {
    ($($key:literal = $value:literal, $config:ident => $look:expr, $want:literal;)+) => {
        &[$(($key, $value, |$config: &Config| format!("{:?}", $look), $want)),+]
    };
}

const ROWS: &[Row] = rows! {
    "version" = "\"1.2\"", c => c.version, "\"1.2\"";
    "enabled" = "false", c => c.enabled, "false";
    "collection_interval" = "0.5", c => c.collection_interval, "500ms";
    "retention_period" = "60", c => c.retention_period, "Some(60s)";
    "max_data_points" = "9", c => c.max_data_points, "Some(9)";
    "cleanup_interval" = "1", c => c.cleanup_interval, "1s";
    "collectors.system_metrics.enabled" = "false", c => c.collectors.system_metrics.pace.enabled, "false";
    "collectors.system_metrics.collection_interval" = "2", c => c.collectors.system_metrics.pace.interval, "2s";
    "collectors.system_metrics.quantiles" = "true", c => c.collectors.system_metrics.pace.quantiles, "true";
    "collectors.system_metrics.collect_cpu" = "false", c => c.collectors.system_metrics.cpu, "false";
    "collectors.system_metrics.collect_memory" = "false", c => c.collectors.system_metrics.memory, "false";
    "collectors.system_metrics.collect_disk" = "false", c => c.collectors.system_metrics.disk, "false";
    "collectors.system_metrics.collect_network" = "false", c => c.collectors.system_metrics.network, "false";
    "collectors.system_metrics.per_cpu_metrics" = "false", c => c.collectors.system_metrics.per_cpu, "false";
    "collectors.system_metrics.disk_io_metrics" = "false", c => c.collectors.system_metrics.disk_io, "false";
    "collectors.system_metrics.network_interface_metrics" = "false", c => c.collectors.system_metrics.per_interface, "false";
    "collectors.application_metrics.enabled" = "false", c => c.collectors.application_metrics.pace.enabled, "false";
    "collectors.application_metrics.collection_interval" = "2", c => c.collectors.application_metrics.pace.interval, "2s";
    "collectors.application_metrics.quantiles" = "true", c => c.collectors.application_metrics.pace.quantiles, "true";
    "collectors.application_metrics.app_name" = "\"till\"", c => c.collectors.application_metrics.app_name, "\"till\"";
    "collectors.application_metrics.collect_process_metrics" = "false", c => c.collectors.application_metrics.process, "false";
    "collectors.application_metrics.collect_request_metrics" = "false", c => c.collectors.application_metrics.requests, "false";
    "collectors.application_metrics.collect_response_time_metrics" = "false", c => c.collectors.application_metrics.response_times, "false";
    "collectors.application_metrics.collect_error_metrics" = "false", c => c.collectors.application_metrics.errors, "false";
    "collectors.network_metrics.enabled" = "false", c => c.collectors.network_metrics.pace.enabled, "false";
    "collectors.network_metrics.collection_interval" = "2", c => c.collectors.network_metrics.pace.interval, "2s";
    "collectors.network_metrics.quantiles" = "true", c => c.collectors.network_metrics.pace.quantiles, "true";
    "collectors.network_metrics.collect_connection_metrics" = "false", c => c.collectors.network_metrics.connections, "false";
    "collectors.network_metrics.collect_interface_metrics" = "false", c => c.collectors.network_metrics.interfaces, "false";
    "collectors.network_metrics.monitored_ports[]" = "22", c => c.collectors.network_metrics.monitored_ports, "[22, 5432]";
    "collectors.system_metrics.pressure_metrics" = "false", c => c.collectors.system_metrics.pressure, "false";
    "collectors.system_metrics.kernel_metrics" = "false", c => c.collectors.system_metrics.kernel, "false";
    "collectors.processes.enabled" = "false", c => c.collectors.processes.pace.enabled, "false";
    "collectors.processes.collection_interval" = "2", c => c.collectors.processes.pace.interval, "2s";
    "collectors.processes.quantiles" = "true", c => c.collectors.processes.pace.quantiles, "true";
    "collectors.processes.top" = "9", c => c.collectors.processes.top, "9";
    "collectors.processes.per_process" = "true", c => c.collectors.processes.per_process, "true";
    "collectors.sensors.enabled" = "false", c => c.collectors.sensors.enabled, "false";
    "collectors.sensors.collection_interval" = "2", c => c.collectors.sensors.interval, "2s";
    "collectors.sensors.quantiles" = "true", c => c.collectors.sensors.quantiles, "true";
    "collectors.units.enabled" = "false", c => c.collectors.units.pace.enabled, "false";
    "collectors.units.collection_interval" = "2", c => c.collectors.units.pace.interval, "2s";
    "collectors.units.quantiles" = "true", c => c.collectors.units.pace.quantiles, "true";
    "collectors.units.collect_services" = "false", c => c.collectors.units.services, "false";
    "collectors.units.collect_containers" = "false", c => c.collectors.units.containers, "false";
    "collectors.telltale.enabled" = "false", c => c.collectors.telltale.enabled, "false";
    "collectors.telltale.collection_interval" = "2", c => c.collectors.telltale.interval, "2s";
    "collectors.telltale.quantiles" = "true", c => c.collectors.telltale.quantiles, "true";
    "collectors.application_metrics.processes.*.name" = "\"x\"", c => process(c, "by_name"), "Name(\"x\")";
    "collectors.application_metrics.processes.*.pid_file" = "\"/x\"", c => process(c, "by_pid_file"), "PidFile(\"/x\")";
    "collectors.application_metrics.processes.*.command" = "\"x*\"", c => process(c, "by_command"), "Command(\"x*\")";
    "collectors.application_metrics.processes.*.unit" = "\"x.service\"", c => process(c, "by_unit"), "Unit(\"x.service\")";
    "collectors.custom_metrics.enabled" = "false", c => c.collectors.custom_metrics.pace.enabled, "false";
    "collectors.custom_metrics.collection_interval" = "2", c => c.collectors.custom_metrics.pace.interval, "2s";
    "collectors.custom_metrics.quantiles" = "true", c => c.collectors.custom_metrics.pace.quantiles, "true";
    "collectors.custom_metrics.metrics.*.description" = "\"x\"", c => custom(c, "by_file").description, "Some(\"x\")";
    "collectors.custom_metrics.metrics.*.unit" = "\"\"", c => custom(c, "by_command").unit, "\"\"";
    "collectors.custom_metrics.metrics.*.quantiles" = "true", c => custom(c, "by_command").quantiles, "true";
    "collectors.custom_metrics.metrics.*.timeout" = "2.5", c => custom(c, "by_command").timeout, "2.5s";
    "collectors.custom_metrics.metrics.*.collection_interval" = "9", c => custom(c, "by_command").interval, "9s";
    "collectors.custom_metrics.metrics.*.command[]" = "\"x\"", c => custom(c, "by_command").source, "Command([\"x\", \"--count\"])";
    "collectors.custom_metrics.metrics.*.file" = "\"/x\"", c => custom(c, "by_file").source, "File(\"/x\")";
    "collectors.custom_metrics.metrics.*.http.url" = "\"https://x\"", c => http(c).0, "\"https://x\"";
    "collectors.custom_metrics.metrics.*.http.pointer" = "\"/x\"", c => http(c).1, "\"/x\"";
    "collectors.custom_metrics.metrics.*.function" = "\"x\"", c => custom(c, "by_function").source, "Function(\"x\")";
    "collectors.probes.enabled" = "false", c => c.collectors.probes.pace.enabled, "false";
    "collectors.probes.collection_interval" = "2", c => probe(c, "tcp").interval, "2s";
    "collectors.probes.quantiles" = "true", c => c.collectors.probes.pace.quantiles, "true";
    "collectors.probes.targets.*.timeout" = "2", c => probe(c, "http").timeout, "2s";
    "collectors.probes.targets.*.collection_interval" = "2", c => probe(c, "http").interval, "2s";
    "collectors.probes.targets.*.http.url" = "\"https://x\"", c => probe(c, "http").kind,
        "Http { url: \"https://x\", expected_status: [200, 204], expected_text: Some(\"Carts\") }";
    "collectors.probes.targets.*.http.expected_status[]" = "418", c => probe(c, "http").kind,
        "Http { url: \"https://127.0.0.1:9443/\", expected_status: [418, 204], expected_text: Some(\"Carts\") }";
    "collectors.probes.targets.*.http.expected_text" = "\"x\"", c => probe(c, "http").kind,
        "Http { url: \"https://127.0.0.1:9443/\", expected_status: [200, 204], expected_text: Some(\"x\") }";
    "collectors.probes.targets.*.tcp.host" = "\"::1\"", c => probe(c, "tcp").kind, "Tcp { host: \"::1\", port: 5432 }";
    "collectors.probes.targets.*.tcp.port" = "9", c => probe(c, "tcp").kind, "Tcp { host: \"127.0.0.1\", port: 9 }";
    "collectors.probes.targets.*.icmp.host" = "\"x\"", c => probe(c, "icmp").kind, "Icmp { host: \"x\", packets: 5 }";
    "collectors.probes.targets.*.icmp.packets" = "9", c => probe(c, "icmp").kind,
        "Icmp { host: \"localhost\", packets: 9 }";
    "collectors.probes.targets.*.dns.name" = "\"x\"", c => probe(c, "dns").kind,
        "Dns { name: \"x\", record: Aaaa, server: Some(\"127.0.0.1:5353\") }";
    "collectors.probes.targets.*.dns.type" = "\"MX\"", c => probe(c, "dns").kind,
        "Dns { name: \"shop.example.org\", record: Mx, server: Some(\"127.0.0.1:5353\") }";
    "collectors.probes.targets.*.dns.server" = "\"[::1]:5353\"", c => probe(c, "dns").kind,
        "Dns { name: \"shop.example.org\", record: Aaaa, server: Some(\"[::1]:5353\") }";
    "collectors.probes.targets.*.tls.host" = "\"x\"", c => probe(c, "tls").kind,
        "Tls { host: \"x\", port: 993, server_name: Some(\"mail.example.org\") }";
    "collectors.probes.targets.*.tls.port" = "9", c => probe(c, "tls").kind,
        "Tls { host: \"127.0.0.1\", port: 9, server_name: Some(\"mail.example.org\") }";
    "collectors.probes.targets.*.tls.server_name" = "\"x\"", c => probe(c, "tls").kind,
        "Tls { host: \"127.0.0.1\", port: 993, server_name: Some(\"x\") }";
    "dashboard.enabled" = "false", c => c.dashboard.enabled, "false";
    "dashboard.host" = "\"::1\"", c => (&c.dashboard.host, c.dashboard.is_reachable()), "(\"::1\", false)";
    "dashboard.port" = "0", c => c.dashboard.port, "0";
    "dashboard.auto_refresh" = "false", c => c.dashboard.auto_refresh, "false";
    "dashboard.refresh_interval" = "9", c => c.dashboard.refresh_interval, "9s";
    "dashboard.theme" = "\"light\"", c => c.dashboard.theme, "Light";
    "dashboard.websocket_enabled" = "false", c => c.dashboard.websocket_enabled, "false";
    "dashboard.max_websocket_connections" = "7", c => c.dashboard.max_websocket_connections, "7";
    "dashboard.static_files_path" = "\"/x\"", c => c.dashboard.static_files_path, "Some(\"/x\")";
    "dashboard.public_url" = "\"http://x\"", c => c.dashboard.public_url, "Some(\"http://x\")";
    "dashboard.widgets[].id" = "\"x\"", c => widget(c).id, "\"x\"";
    "dashboard.widgets[].title" = "\"x\"", c => widget(c).title, "\"x\"";
    "dashboard.widgets[].chart_type" = "\"heatmap\"", c => widget(c).chart_type, "Heatmap";
    "dashboard.widgets[].metric_name" = "\"x\"", c => widget(c).metric_name, "\"x\"";
    "dashboard.widgets[].refresh_interval" = "9", c => widget(c).refresh_interval, "Some(9s)";
    "dashboard.widgets[].width" = "9", c => widget(c).width, "9";
    "dashboard.widgets[].height" = "9", c => widget(c).height, "9";
    "dashboard.widgets[].position_x" = "2", c => widget(c).position_x, "2";
    "dashboard.widgets[].position_y" = "9", c => widget(c).position_y, "9";
    "dashboard.widgets[].options.min_value" = "-1.5", c => widget(c).options.min, "Some(-1.5)";
    "dashboard.widgets[].options.max_value" = "9", c => widget(c).options.max, "Some(9.0)";
    "dashboard.widgets[].options.warning_threshold" = "9", c => widget(c).options.warning, "Some(9.0)";
    "dashboard.widgets[].options.critical_threshold" = "9", c => widget(c).options.critical, "Some(9.0)";
    "dashboard.widgets[].filters.*" = "\"15m\"", c => widget(c).filters.get("period"), "Some(\"15m\")";
    "dashboard.widgets[].aggregation" = "\"p99.9\"", c => widget(c).aggregation.to_string(), "\"p99.9\"";
    "dashboard.widgets[].time_range" = "60", c => widget(c).time_range, "60s";
    "alerting.enabled" = "false", c => c.alerting.enabled, "false";
    "alerting.default_cooldown_period" = "9", c => c.alerting.rules.as_ref().map(|r| r[1].cooldown_period), "Some(9s)";
    "alerting.max_alert_history" = "9", c => c.alerting.max_alert_history, "9";
    "alerting.deduplication_enabled" = "false", c => c.alerting.deduplication_enabled, "false";
    "alerting.rules[].name" = "\"x\"", c => rule(c).name, "\"x\"";
    "alerting.rules[].metric_name" = "\"x\"", c => rule(c).metric_name, "\"x\"";
    "alerting.rules[].condition" = "\"not_equals\"", c => rule(c).condition, "NotEquals";
    "alerting.rules[].threshold" = "-0.5", c => rule(c).threshold, "-0.5";
    "alerting.rules[].severity" = "\"emergency\"", c => rule(c).severity, "Emergency";
    "alerting.rules[].description" = "\"x\"", c => rule(c).description, "\"x\"";
    "alerting.rules[].enabled" = "false", c => rule(c).enabled, "false";
    "alerting.rules[].tags_filter.*" = "\"x\"", c => rule(c).tags_filter.get("host"), "Some(\"x\")";
    "alerting.rules[].cooldown_period" = "0", c => rule(c).cooldown_period, "0ns";
    "alerting.rules[].consecutive_violations" = "9", c => rule(c).consecutive_violations, "9";
    "alerting.rules[].channels[]" = "\"webhook\"", c => rule(c).channels, "[\"webhook\", \"chat\"]";
    "alerting.rules[].aggregation" = "\"rate\"", c => rule(c).aggregation, "Rate";
    "alerting.rules[].window" = "9", c => rule(c).window, "Some(9s)";
    "alerting.channels.*(email).enabled" = "false", c => c.alerting.channels["email"].enabled, "false";
    "alerting.channels.*(email).min_severity" = "\"info\"", c => c.alerting.channels["email"].min_severity, "Info";
    "alerting.channels.*(email).rate_limit_seconds" = "9", c => c.alerting.channels["email"].rate_limit, "9s";
    "alerting.channels.*(email).smtp_server" = "\"x\"", c => email(c).smtp_server, "\"x\"";
    "alerting.channels.*(email).smtp_port" = "9", c => email(c).smtp_port, "9";
    "alerting.channels.*(email).use_tls" = "false", c => email(c).use_tls, "false";
    "alerting.channels.*(email).username" = "\"x\"", c => email(c).username, "Some(\"x\")";
    "alerting.channels.*(email).password" = "\"x\"", c => email(c).password.as_ref().map(told), "Some(\"x\")";
    "alerting.channels.*(email).sender_email" = "\"x@y\"", c => email(c).sender_email, "\"x@y\"";
    "alerting.channels.*(email).recipients[]" = "\"x@y\"", c => email(c).recipients, "[\"x@y\"]";
    "alerting.channels.*(slack).webhook_url" = "\"http://x\"", c => told(&slack(c).webhook_url), "\"http://x\"";
    "alerting.channels.*(slack).channel" = "\"x\"", c => slack(c).channel, "Some(\"x\")";
    "alerting.channels.*(slack).username" = "\"x\"", c => slack(c).username, "\"x\"";
    "alerting.channels.*(slack).icon_emoji" = "\"x\"", c => slack(c).icon_emoji, "Some(\"x\")";
    "alerting.channels.*(discord).webhook_url" = "\"http://x\"", c => told(&discord(c).webhook_url), "\"http://x\"";
    "alerting.channels.*(discord).username" = "\"x\"", c => discord(c).username, "\"x\"";
    "alerting.channels.*(pagerduty).integration_key" = "\"x\"", c => told(&pagerduty(c).integration_key), "\"x\"";
    "alerting.channels.*(pagerduty).api_url" = "\"http://x\"", c => pagerduty(c).api_url, "\"http://x\"";
    "alerting.channels.*(webhook).webhook_url" = "\"http://x\"", c => told(&webhook(c).webhook_url), "\"http://x\"";
    "alerting.channels.*(webhook).method" = "\"PUT\"", c => webhook(c).method, "Put";
    "alerting.channels.*(webhook).headers.*" = "\"x\"", c => told(&webhook(c).headers["Authorization"]), "\"x\"";
    "alerting.channels.*(webhook).template" = "\"x\"", c => webhook(c).template, "Some(\"x\")";
    "security.authentication.username" = "\"x\"", c => c.security.authentication.username, "\"x\"";
    "security.authentication.password" = "\"x\"", c => c.security.authentication.password.as_ref().map(told), "Some(\"x\")";
    "security.rate_limiting.enabled" = "false", c => c.security.rate_limiting.enabled, "false";
    "security.rate_limiting.requests_per_minute" = "9", c => c.security.rate_limiting.requests_per_minute, "9";
    "security.rate_limiting.burst_size" = "9", c => c.security.rate_limiting.burst_size, "9";
    "security.cors.enabled" = "false", c => c.security.cors.enabled, "false";
    "security.cors.allowed_origins[]" = "\"http://x:1\"", c => c.security.cors.allowed_origins, "[\"http://x:1\"]";
    "security.cors.allowed_methods[]" = "\"PUT\"", c => c.security.cors.allowed_methods, "[\"PUT\"]";
    "security.cors.allowed_headers[]" = "\"X-Y\"", c => c.security.cors.allowed_headers, "[\"X-Y\"]";
    "storage.type" = "\"disk\"", c => c.storage.kind, "Disk";
    "storage.path" = "\"/x\"", c => c.storage.path, "Some(\"/x\")";
    "storage.flush_interval" = "9", c => c.storage.flush_interval, "9s";
    "storage.retention_policy.raw_data_hours" = "1", c => c.raw_retention(), "3600s";
    "storage.retention_policy.aggregated_data_days" = "1", c => c.minutes_retention(), "86400s";
    "storage.retention_policy.hourly_data_days" = "9", c => c.hours_retention(), "777600s";
    "storage.retention_policy.max_bytes" = "20000000", c => c.storage.retention_policy.max_bytes, "Some(20000000)";
    "storage.retention_policy.alert_history_days" = "1", c => c.storage.retention_policy.alert_history, "86400s";
    "storage.compression.enabled" = "false", c => c.storage.compression.enabled, "false";
    "storage.compression.threshold_bytes" = "9", c => c.storage.compression.threshold_bytes, "9";
    "performance.collection_threads" = "9", c => c.performance.collection_threads, "9";
    "performance.async_processing" = "false", c => c.performance.async_processing, "false";
    "performance.max_concurrent_alerts" = "9", c => c.performance.max_concurrent_alerts, "9";
    "performance.websocket_buffer_size" = "9", c => c.performance.websocket_buffer_size, "9";
    "performance.metric_batch_size" = "9", c => c.performance.metric_batch_size, "9";
    "performance.cache_metrics" = "false", c => c.performance.cache_metrics, "false";
    "performance.cache_ttl_seconds" = "9", c => c.performance.cache_ttl, "9s";
    "logging.level" = "\"ERROR\"", c => c.logging.level, "Error";
    "logging.format" = "\"json\"", c => c.logging.format, "Json";
    "logging.file" = "\"x\"", c => c.logging.file, "Some(\"x\")";
    "logging.max_file_size" = "9", c => c.logging.max_file_bytes, "9";
    "logging.backup_count" = "9", c => c.logging.backup_count, "9";
    "logging.rotate_daily" = "false", c => c.logging.rotate_daily, "false";
    "integration.prometheus.enabled" = "true", c => c.integration.prometheus.enabled, "true";
    "integration.prometheus.port" = "9", c => c.integration.prometheus.port, "9";
    "integration.prometheus.metrics_path" = "\"/x\"", c => c.integration.prometheus.metrics_path, "\"/x\"";
    "integration.prometheus.remote_write" = "false", c => c.integration.prometheus.remote_write, "false";
    "integration.prometheus.push_gateway" = "\"http://x\"", c => c.integration.prometheus.push_gateway, "Some(\"http://x\")";
    "integration.grafana.url" = "\"http://x\"", c => c.integration.grafana.url, "\"http://x\"";
    "integration.grafana.api_key" = "\"x\"", c => c.integration.grafana.api_key.as_ref().map(told), "Some(\"x\")";
    "integration.grafana.datasource" = "\"x\"", c => c.integration.grafana.datasource, "\"x\"";
    "integration.elasticsearch.hosts[]" = "\"x:1\"", c => c.integration.elasticsearch.hosts, "[\"x:1\"]";
    "integration.elasticsearch.index_pattern" = "\"x\"", c => c.integration.elasticsearch.index_pattern, "\"x\"";
    "integration.elasticsearch.username" = "\"x\"", c => c.integration.elasticsearch.username, "Some(\"x\")";
    "integration.elasticsearch.password" = "\"x\"", c => c.integration.elasticsearch.password.as_ref().map(told), "Some(\"x\")";
    "development.debug_mode" = "true", c => c.development.debug_mode, "true";
    "development.mock_data" = "true", c => c.development.mock_data, "true";
    "development.test_alerts" = "true", c => c.development.test_alerts, "true";
    "development.profiling" = "true", c => c.development.profiling, "true";
    "development.hot_reload" = "false", c => c.development.hot_reload, "false";
};

/// A key, a value, and what is said against it.
const REFUSED: &[(&str, &str, &str)] = &[
    ("security.authentication.enabled", "true", "this version has no logins"),
    ("security.authentication.type", "\"oauth\"", "allowed: \"basic\""),
    ("storage.compression.algorithm", "\"zstd\"", "allowed: \"gzip\""),
    ("alerting.channels.*(slack).type", "\"sms\"", "allowed: \"email\", \"slack\""),
    // On, they miss the variables that the full file gives them and the environment does not.
    ("integration.grafana.enabled", "true", "the environment has no NOT_SET_KEY"),
    ("integration.elasticsearch.enabled", "true", "the environment has no NOT_SET_USER"),
    ("alerting.channels.*(discord).enabled", "true", "the environment has no NOT_SET_DISCORD"),
    ("alerting.channels.*(pagerduty).enabled", "true", "the environment has no NOT_SET_PAGERDUTY"),
    ("alerting.channels.*(webhook).enabled", "true", "the environment has no NOT_SET_HOOK"),
];

#[test]
fn each_key_changes_a_field_or_is_refused() {
    let before = load_here(&full().to_string()).unwrap_or_else(|p| panic!("{p:#?}")).config;
    for (key, value, look, want) in ROWS {
        assert_ne!(look(&before), *want, "{key} looks like that without being set");
        let after = load_here(&with(key, value)).unwrap_or_else(|p| panic!("{key}: {p:#?}")).config;
        assert_eq!(look(&after), *want, "{key} = {value}");
    }
    for (key, value, want) in REFUSED {
        let says = super::wrong(&with(key, value));
        assert!(says.contains(want), "{key} = {value} gives {says}");
    }
}

#[test]
fn no_key_is_without_a_row() {
    let mut keys = Vec::new();
    leaves(&schema(), "", &mut keys);
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.0).chain(REFUSED.iter().map(|row| row.0)).collect();
    // What all channels have is shown on one of them.
    let common = |key: &str| {
        ["enabled", "min_severity", "rate_limit_seconds", "type"].iter().any(|k| key.ends_with(&format!(").{k}")))
    };
    let missing: Vec<_> = keys
        .iter()
        .filter_map(|key| key.strip_prefix("performance_monitoring."))
        .filter(|key| !rows.contains(key) && !common(key))
        .collect();
    assert!(missing.is_empty(), "no row shows what these do: {missing:#?}");
    assert!(keys.len() > 130, "{}", keys.len());
    let gone: Vec<_> = rows.iter().filter(|row| !keys.contains(&format!("performance_monitoring.{row}"))).collect();
    assert!(gone.is_empty(), "rows of keys that are gone: {gone:#?}");
}

#[test]
fn what_is_asked_for_and_not_built_is_listed() {
    let listed = |text: &str| {
        let config = load_here(text).unwrap_or_else(|p| panic!("{p:#?}")).config;
        config.not_active().into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    let on = listed(&full().to_string());
    for key in [
        "alerting",
        "dashboard.refresh_interval",
        "security.rate_limiting",
        "security.cors",
        "storage.path",
        "performance.metric_batch_size",
        "dashboard.widgets[0].refresh_interval",
        "dashboard.widgets[1].chart_type",
        "performance.cache_metrics",
    ] {
        assert!(on.iter().any(|row| row == key), "{key} is not in {on:?}");
    }
    assert!(!on.iter().any(|row| row == "storage.compression"), "there are logs to pack: {on:?}");
    let packs = |kind: &str| {
        let inside = format!(r#""storage": {{"type": "{kind}", "compression": {{"enabled": true}}}}"#);
        listed(&super::under_root(&inside)).iter().any(|row| row == "storage.compression")
    };
    assert!(packs("memory") && !packs("disk"));
    assert!(!listed(&with("storage.type", "\"disk\"")).iter().any(|row| row == "storage.path"));
    assert!(!listed(&with("alerting.enabled", "false")).iter().any(|row| row == "alerting"));
    let bare = listed(&super::under_root(""));
    assert!(!bare.iter().any(|row| row.starts_with("performance")), "{bare:?}");
    let line = load_here(&full().to_string()).unwrap().config.not_active()[0].to_string();
    assert_eq!(
        line,
        "dashboard.refresh_interval is not active in this version: pages redraw whenever the live stream brings values"
    );
}

/// Every key of `schema` that has no keys below.
pub(super) fn leaves(schema: &Json, at: &str, found: &mut Vec<String>) {
    let deeper = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    let variants =
        schema["anyOf"].as_array().into_iter().flatten().filter(|variant| variant.get("properties").is_some());
    let mut inner = false;
    for variant in variants {
        let word = variant["properties"]["type"]["const"].as_str().unwrap_or_default();
        leaves(variant, &format!("{at}({word})"), found);
        inner = true;
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        leaves(schema, &deeper(name), found);
        inner = true;
    }
    if schema["items"].is_object() {
        leaves(&schema["items"], &format!("{at}[]"), found);
        inner = true;
    }
    if schema["additionalProperties"].is_object() {
        leaves(&schema["additionalProperties"], &deeper("*"), found);
        inner = true;
    }
    if !inner {
        found.push(at.to_owned());
    }
}

/// The full file with one key set.
fn with(key: &str, value: &str) -> String {
    let of_kind = |kind: &str| format!("metrics.by_{kind}.{kind}");
    let mut path = key.replace("*(slack)", "chat").replace("metrics.*.description", "metrics.by_file.description");
    for key in ["unit", "timeout", "collection_interval", "quantiles"] {
        path = path.replace(&format!("metrics.*.{key}"), &format!("metrics.by_command.{key}"));
        path = path.replace(&format!("targets.*.{key}"), &format!("targets.by_http.{key}"));
    }
    for kind in ["http", "tcp", "icmp", "dns", "tls"] {
        path = path.replace(&format!("targets.*.{kind}"), &format!("targets.by_{kind}.{kind}"));
    }
    for kind in ["command", "file", "http", "function"] {
        path = path.replace(&format!("metrics.*.{kind}"), &of_kind(kind));
    }
    for way in ["name", "pid_file", "command", "unit"] {
        path = path.replace(&format!("processes.*.{way}"), &format!("processes.by_{way}.{way}"));
    }
    for (map, name) in
        [("filters.*", "filters.period"), ("tags_filter.*", "tags_filter.host"), ("headers.*", "headers.Authorization")]
    {
        path = path.replace(map, name);
    }
    let path = path.replace("*(", "").replace(')', "").replace("[]", ".0").replace('.', "/");
    let mut file = full();
    let (object, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let slash = if object.is_empty() { "" } else { "/" };
    let place =
        file.pointer_mut(&format!("/performance_monitoring{slash}{object}")).unwrap_or_else(|| panic!("{path}"));
    let value = serde_json::from_str(value).unwrap();
    match name.parse::<usize>() {
        Ok(index) => place[index] = value,
        Err(_) => place[name] = value,
    }
    file.to_string()
}

fn told(secret: &Secret) -> String {
    secret.reveal(str::to_owned)
}

fn custom<'a>(c: &'a Config, name: &str) -> &'a CustomMetric {
    &c.collectors.custom_metrics.metrics[name]
}

fn process<'a>(c: &'a Config, name: &str) -> &'a NamedProcess {
    &c.collectors.application_metrics.processes[name]
}

fn probe<'a>(c: &'a Config, kind: &str) -> &'a Target {
    &c.collectors.probes.targets[&format!("by_{kind}")]
}

fn http(c: &Config) -> (&str, &str) {
    match &custom(c, "by_http").source {
        Source::Http { url, pointer } => (url.as_str(), pointer.as_str()),
        other => panic!("{other:?}"),
    }
}

fn widget(c: &Config) -> &Widget {
    &c.dashboard.widgets.as_ref().unwrap()[0]
}

fn rule(c: &Config) -> &Rule {
    &c.alerting.rules.as_ref().unwrap()[0]
}

macro_rules! destinations {
    ($($get:ident, $channel:literal, $variant:ident, $of:ty;)+) => {$(
        fn $get(c: &Config) -> &$of {
            match &c.alerting.channels[$channel].destination {
                Destination::$variant(it) => it,
                other => panic!("{other:?}"),
            }
        }
    )+};
}

destinations! {
    email, "email", Email, Email;
    slack, "chat", Slack, Slack;
    discord, "discord", Discord, Discord;
    pagerduty, "pagerduty", PagerDuty, PagerDuty;
    webhook, "webhook", Webhook, Webhook;
}
