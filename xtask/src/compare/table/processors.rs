//! Processors, what they run, and what waits for them.

use super::How::{Counter, Gauge, Mean};
use super::{COUNTS, Row, SAMPLED, WINDOW, only, row};

const LOAD: &str = "the kernel reckons it every five seconds; both take its two decimals";
const UP: &str = "node_exporter tells when the machine started in whole seconds";
const CLOCK: &str = "both ask the kernel by adjtimex(2)";
const MICROSECONDS: &str = "the kernel counts in millionths, which are not whole in binary";

pub(super) const ROWS: &[Row] = &[
    row(
        "cpu_usage_percent",
        "100*node_cpu_seconds_total - 100*node_cpu_seconds_total{mode=idle} - 100*node_cpu_seconds_total{mode=iowait} / node_cpu_seconds_total",
        Mean(3.0),
        WINDOW,
    ),
    row(
        "cpu_usage_percent",
        "100*proc_stat_cpu{cpu=all} - 100*proc_stat_cpu{cpu=all,mode=idle} - 100*proc_stat_cpu{cpu=all,mode=iowait} / proc_stat_cpu{cpu=all}",
        Mean(3.0),
        WINDOW,
    ),
    row(
        "cpu_usage_percent_per_core",
        "100*node_cpu_seconds_total{cpu=$cpu} - 100*node_cpu_seconds_total{cpu=$cpu,mode=idle} - 100*node_cpu_seconds_total{cpu=$cpu,mode=iowait} / node_cpu_seconds_total{cpu=$cpu}",
        Mean(4.0),
        WINDOW,
    ),
    row(
        "cpu_usage_percent_per_core",
        "100*proc_stat_cpu{cpu=$cpu} - 100*proc_stat_cpu{cpu=$cpu,mode=idle} - 100*proc_stat_cpu{cpu=$cpu,mode=iowait} / proc_stat_cpu{cpu=$cpu}",
        Mean(4.0),
        WINDOW,
    ),
    row("cpu_time_percent", "100*node_cpu_seconds_total{mode=$mode} / node_cpu_seconds_total", Mean(3.0), WINDOW),
    row("cpu_time_percent", "100*proc_stat_cpu{cpu=all,mode=$mode} / proc_stat_cpu{cpu=all}", Mean(3.0), WINDOW),
    only(&[("period", "1m")], row("load_average", "node_load1", Gauge(0.0), LOAD)),
    only(&[("period", "5m")], row("load_average", "node_load5", Gauge(0.0), LOAD)),
    only(&[("period", "15m")], row("load_average", "node_load15", Gauge(0.0), LOAD)),
    row("context_switches_total", "node_context_switches_total", Counter(0.0), COUNTS),
    row("context_switches_total", "proc_stat{name=ctxt}", Counter(0.0), COUNTS),
    row("processes_started_total", "node_forks_total", Counter(0.0), COUNTS),
    row("processes_started_total", "proc_stat{name=processes}", Counter(0.0), COUNTS),
    row("processes_running", "node_procs_running", Gauge(24.0), SAMPLED),
    row("processes_running", "proc_stat{name=procs_running}", Gauge(24.0), SAMPLED),
    row("processes_blocked", "node_procs_blocked", Gauge(8.0), SAMPLED),
    row("processes_blocked", "proc_stat{name=procs_blocked}", Gauge(8.0), SAMPLED),
    row("uptime_seconds", "node_time_seconds - node_boot_time_seconds", Gauge(1.0), UP),
    row("uptime_seconds", "proc_uptime{name=up}", Gauge(0.0), "both take the kernel's two decimals"),
    row("clock_synchronised", "node_timex_sync_status", Gauge(0.0), CLOCK),
    row(
        "clock_offset_seconds",
        "node_timex_offset_seconds",
        Gauge(1e-3),
        "it shrinks while the kernel moves the clock",
    ),
    row(
        "clock_max_error_seconds",
        "node_timex_maxerror_seconds",
        Gauge(1e-3),
        "the kernel adds half a millisecond a second",
    ),
    only(
        &[("resource", "cpu"), ("kind", "some")],
        row("pressure_waiting_seconds_total", "node_pressure_cpu_waiting_seconds_total", Counter(1e-6), MICROSECONDS),
    ),
    only(
        &[("resource", "memory"), ("kind", "some")],
        row(
            "pressure_waiting_seconds_total",
            "node_pressure_memory_waiting_seconds_total",
            Counter(1e-6),
            MICROSECONDS,
        ),
    ),
    only(
        &[("resource", "memory"), ("kind", "full")],
        row(
            "pressure_waiting_seconds_total",
            "node_pressure_memory_stalled_seconds_total",
            Counter(1e-6),
            MICROSECONDS,
        ),
    ),
    only(
        &[("resource", "io"), ("kind", "some")],
        row("pressure_waiting_seconds_total", "node_pressure_io_waiting_seconds_total", Counter(1e-6), MICROSECONDS),
    ),
    only(
        &[("resource", "io"), ("kind", "full")],
        row("pressure_waiting_seconds_total", "node_pressure_io_stalled_seconds_total", Counter(1e-6), MICROSECONDS),
    ),
    row(
        "pressure_waiting_seconds_total",
        "0.000001*proc_pressure{resource=$resource,kind=$kind,field=total}",
        Counter(1e-6),
        MICROSECONDS,
    ),
    row(
        "pressure_waiting_percent",
        "proc_pressure{resource=$resource,kind=$kind,field=avg10}",
        Gauge(0.0),
        "the kernel reckons it every two seconds; both take its two decimals",
    ),
];
