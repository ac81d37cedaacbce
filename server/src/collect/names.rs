//! The names of every metric that a collector of ours makes, so that nobody's own is called like one of them.
//!
//! `telltale_*` is not among them: everything that begins so is ours.

/// In alphabetical order.
pub const METRICS: &[&str] = &[
    "app_cpu_usage_percent",
    "app_errors_total",
    "app_file_descriptors",
    "app_memory_rss_bytes",
    "app_memory_vms_bytes",
    "app_process_count",
    "app_requests_total",
    "app_response_time_avg_seconds",
    "app_response_time_max_seconds",
    "app_response_time_min_seconds",
    "app_response_time_quantile_seconds",
    "app_threads",
    "clock_max_error_seconds",
    "clock_offset_seconds",
    "clock_synchronised",
    "container_cpu_seconds_total",
    "container_cpu_throttled_seconds_total",
    "container_io_read_bytes_total",
    "container_io_write_bytes_total",
    "container_memory_bytes",
    "container_memory_limit_bytes",
    "container_memory_oom_kills_total",
    "container_tasks",
    "context_switches_total",
    "cpu_time_percent",
    "cpu_usage_percent",
    "cpu_usage_percent_per_core",
    "disk_await_seconds",
    "disk_free_bytes",
    "disk_inodes_free",
    "disk_inodes_usage_percent",
    "disk_inodes_used",
    "disk_io_in_progress",
    "disk_read_bytes_total",
    "disk_read_count_total",
    "disk_read_only",
    "disk_total_bytes",
    "disk_usage_percent",
    "disk_used_bytes",
    "disk_utilisation_percent",
    "disk_write_bytes_total",
    "disk_write_count_total",
    "fan_speed_rpm",
    "file_descriptors_max",
    "file_descriptors_usage_percent",
    "file_descriptors_used",
    "load_average",
    "memory_anonymous_bytes",
    "memory_available_bytes",
    "memory_buffers_bytes",
    "memory_cached_bytes",
    "memory_commit_limit_bytes",
    "memory_committed_bytes",
    "memory_dirty_bytes",
    "memory_free_bytes",
    "memory_major_faults_total",
    "memory_oom_kills_total",
    "memory_page_tables_bytes",
    "memory_shared_bytes",
    "memory_slab_bytes",
    "memory_total_bytes",
    "memory_usage_percent",
    "memory_used_bytes",
    "memory_writeback_bytes",
    "network_bytes_recv_total",
    "network_bytes_sent_total",
    "network_connections",
    "network_errors_in_total",
    "network_errors_out_total",
    "network_interface_bytes_recv_total",
    "network_interface_bytes_sent_total",
    "network_interface_drops_in_total",
    "network_interface_drops_out_total",
    "network_interface_errors_in_total",
    "network_interface_errors_out_total",
    "network_interface_packets_recv_total",
    "network_interface_packets_sent_total",
    "network_packets_recv_total",
    "network_packets_sent_total",
    "network_tcp_active_opens_total",
    "network_tcp_attempt_fails_total",
    "network_tcp_errors_in_total",
    "network_tcp_established_resets_total",
    "network_tcp_listen_drops_total",
    "network_tcp_listen_overflows_total",
    "network_tcp_passive_opens_total",
    "network_tcp_resets_sent_total",
    "network_tcp_retransmits_total",
    "network_tcp_segments_recv_total",
    "network_tcp_segments_sent_total",
    "network_tcp_timeouts_total",
    "network_udp_errors_in_total",
    "network_udp_receive_buffer_errors_total",
    "pressure_waiting_percent",
    "pressure_waiting_seconds_total",
    "probe_dns_answers",
    "probe_duration_seconds",
    "probe_http_first_byte_seconds",
    "probe_http_status_code",
    "probe_icmp_loss_percent",
    "probe_icmp_round_trip_seconds",
    "probe_tls_certificate_days_left",
    "probe_tls_trusted",
    "probe_up",
    "process_count",
    "process_cpu_usage_percent",
    "process_instances",
    "process_memory_rss_bytes",
    "process_threads_count",
    "processes_blocked",
    "processes_running",
    "processes_started_total",
    "swap_pages_in_total",
    "swap_pages_out_total",
    "swap_total_bytes",
    "swap_usage_percent",
    "swap_used_bytes",
    "temperature_celsius",
    "temperature_critical_celsius",
    "unit_cpu_seconds_total",
    "unit_cpu_throttled_seconds_total",
    "unit_io_read_bytes_total",
    "unit_io_write_bytes_total",
    "unit_memory_bytes",
    "unit_memory_limit_bytes",
    "unit_memory_oom_kills_total",
    "unit_tasks",
    "uptime_seconds",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The names in the code of a folder, each behind `gauge(` or `counter(`.
    fn named_in(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                named_in(&path, found);
            } else if !path.ends_with("tests.rs") && !path.to_string_lossy().ends_with("_tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let calls = code.split("gauge(").skip(1).chain(code.split("counter(").skip(1));
                let names = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
                found.extend(names.filter(|name| !name.starts_with("telltale_")).map(str::to_owned));
            }
        }
    }

    #[test]
    fn each_metric_of_the_code_is_in_the_list_and_no_other() {
        let mut found = BTreeSet::new();
        named_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect"), &mut found);
        let listed: BTreeSet<String> = METRICS.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found, listed);
        assert!(METRICS.is_sorted(), "they stand in alphabetical order");
    }
}
