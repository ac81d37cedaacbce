//! Processes of the machine, and Telltale's own.

use super::How::{Counter, Gauge, Mean, Share};
use super::{Row, SAMPLED, WINDOW, only, row};

const COME_AND_GO: &str = "processes start and end between the readings, those of df, ss and ps among them";
const NAMED: &str = "only names that live all the while; their memory grows while they work";
const OWN: &str = "it serves the readers between the readings, which takes memory and threads";
const SERVED: &str = "each request is counted as it ends; the readers' own are counted beside it";

pub(super) const ROWS: &[Row] = &[
    row("process_count", "node_processes_state{state=$state}", Gauge(8.0), COME_AND_GO),
    row("process_count", "ps_state{state=$state}", Gauge(8.0), COME_AND_GO),
    row("process_threads_count", "node_processes_threads", Gauge(24.0), COME_AND_GO),
    row("process_threads_count", "ps_threads", Gauge(24.0), COME_AND_GO),
    only(&[("name", "telltale-here")], row("process_instances", "ps_instances{name=$name}", Gauge(0.0), NAMED)),
    only(&[("name", "xtask")], row("process_instances", "ps_instances{name=$name}", Gauge(0.0), NAMED)),
    only(&[("name", "telltale-here")], row("process_memory_rss_bytes", "ps_resident{name=$name}", Share(0.05), NAMED)),
    only(&[("name", "xtask")], row("process_memory_rss_bytes", "ps_resident{name=$name}", Share(0.05), NAMED)),
    only(
        &[("name", "telltale-here")],
        row("process_cpu_usage_percent", "100*proc_pid{what=cpu_seconds} / time", Mean(3.0), WINDOW),
    ),
    row("app_cpu_usage_percent", "100*proc_pid{what=cpu_seconds} / time", Mean(3.0), WINDOW),
    row("app_memory_rss_bytes", "proc_pid{what=resident}", Share(0.05), OWN),
    row("app_memory_rss_bytes", "ps_pid{what=resident}", Share(0.05), OWN),
    row("app_memory_vms_bytes", "proc_pid{what=virtual}", Share(0.1), OWN),
    row("app_memory_vms_bytes", "ps_pid{what=virtual}", Share(0.1), OWN),
    row("app_threads", "proc_pid{what=threads}", Gauge(4.0), OWN),
    row("app_threads", "ps_pid{what=threads}", Gauge(4.0), OWN),
    row("app_file_descriptors", "proc_pid{what=files}", Gauge(4.0), OWN),
    only(&[("app", "telltale")], row("app_process_count", "ps_instances{name=telltale-here}", Gauge(0.0), SAMPLED)),
    row("app_requests_total", "own_requests", Counter(2.0), SERVED),
];
