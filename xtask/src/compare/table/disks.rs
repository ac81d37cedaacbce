//! File systems and the disks beneath them.

use super::How::{Counter, Gauge, Mean, Weighted};
use super::{COUNTS, Row, SAME, WINDOW, only, row};

const MOVES: &str = "whoever works on this machine takes and gives back space between the readings";
const ROUNDED: &str = "df rounds up to whole percent";
const SECTORS: &str = "the kernel counts sectors of 512 bytes";
const OPERATIONS: &str =
    "the kernel counts whole milliseconds, and operations that end between the two readings are in one alone";

pub(super) const ROWS: &[Row] = &[
    row("disk_total_bytes", "node_filesystem_size_bytes{mountpoint=$mountpoint}", Gauge(0.0), SAME),
    row("disk_total_bytes", "df{mountpoint=$mountpoint,column=size}", Gauge(0.0), SAME),
    row(
        "disk_used_bytes",
        "node_filesystem_size_bytes{mountpoint=$mountpoint} - node_filesystem_free_bytes{mountpoint=$mountpoint}",
        Gauge(256e6),
        MOVES,
    ),
    row("disk_used_bytes", "df{mountpoint=$mountpoint,column=used}", Gauge(256e6), MOVES),
    row("disk_free_bytes", "node_filesystem_avail_bytes{mountpoint=$mountpoint}", Gauge(256e6), MOVES),
    row("disk_free_bytes", "df{mountpoint=$mountpoint,column=avail}", Gauge(256e6), MOVES),
    row(
        "disk_usage_percent",
        "100*node_filesystem_size_bytes{mountpoint=$mountpoint} - 100*node_filesystem_free_bytes{mountpoint=$mountpoint} / node_filesystem_size_bytes{mountpoint=$mountpoint} - node_filesystem_free_bytes{mountpoint=$mountpoint} + node_filesystem_avail_bytes{mountpoint=$mountpoint}",
        Gauge(0.5),
        MOVES,
    ),
    row("disk_usage_percent", "df{mountpoint=$mountpoint,column=percent}", Gauge(1.0), ROUNDED),
    row(
        "disk_inodes_used",
        "node_filesystem_files{mountpoint=$mountpoint} - node_filesystem_files_free{mountpoint=$mountpoint}",
        Gauge(20e3),
        MOVES,
    ),
    row("disk_inodes_used", "df{mountpoint=$mountpoint,column=inodes_used}", Gauge(20e3), MOVES),
    row("disk_inodes_free", "node_filesystem_files_free{mountpoint=$mountpoint}", Gauge(20e3), MOVES),
    row("disk_inodes_free", "df{mountpoint=$mountpoint,column=inodes_free}", Gauge(20e3), MOVES),
    row(
        "disk_inodes_usage_percent",
        "100*node_filesystem_files{mountpoint=$mountpoint} - 100*node_filesystem_files_free{mountpoint=$mountpoint} / node_filesystem_files{mountpoint=$mountpoint}",
        Gauge(0.5),
        MOVES,
    ),
    row(
        "disk_inodes_usage_percent",
        "100*df{mountpoint=$mountpoint,column=inodes_used} / df{mountpoint=$mountpoint,column=inodes}",
        Gauge(0.5),
        MOVES,
    ),
    row("disk_read_only", "node_filesystem_readonly{mountpoint=$mountpoint}", Gauge(0.0), SAME),
    row("disk_read_bytes_total", "node_disk_read_bytes_total{device=$device}", Counter(0.0), SECTORS),
    row("disk_read_bytes_total", "512*proc_diskstats{device=$device,column=read_sectors}", Counter(0.0), SECTORS),
    row("disk_write_bytes_total", "node_disk_written_bytes_total{device=$device}", Counter(0.0), SECTORS),
    row("disk_write_bytes_total", "512*proc_diskstats{device=$device,column=written_sectors}", Counter(0.0), SECTORS),
    row("disk_read_count_total", "node_disk_reads_completed_total{device=$device}", Counter(0.0), COUNTS),
    row("disk_read_count_total", "proc_diskstats{device=$device,column=reads}", Counter(0.0), COUNTS),
    row("disk_write_count_total", "node_disk_writes_completed_total{device=$device}", Counter(0.0), COUNTS),
    row("disk_write_count_total", "proc_diskstats{device=$device,column=writes}", Counter(0.0), COUNTS),
    row("disk_utilisation_percent", "100*node_disk_io_time_seconds_total{device=$device} / time", Mean(4.0), WINDOW),
    row("disk_utilisation_percent", "0.1*proc_diskstats{device=$device,column=busy_ms} / time", Mean(4.0), WINDOW),
    only(
        &[("operation", "read")],
        row(
            "disk_await_seconds",
            "node_disk_read_time_seconds_total{device=$device} / node_disk_reads_completed_total{device=$device}",
            Weighted(0.2, "disk_read_count_total"),
            OPERATIONS,
        ),
    ),
    only(
        &[("operation", "read")],
        row(
            "disk_await_seconds",
            "0.001*proc_diskstats{device=$device,column=read_ms} / proc_diskstats{device=$device,column=reads}",
            Weighted(0.2, "disk_read_count_total"),
            OPERATIONS,
        ),
    ),
    only(
        &[("operation", "write")],
        row(
            "disk_await_seconds",
            "node_disk_write_time_seconds_total{device=$device} / node_disk_writes_completed_total{device=$device}",
            Weighted(0.2, "disk_write_count_total"),
            OPERATIONS,
        ),
    ),
    only(
        &[("operation", "write")],
        row(
            "disk_await_seconds",
            "0.001*proc_diskstats{device=$device,column=write_ms} / proc_diskstats{device=$device,column=writes}",
            Weighted(0.2, "disk_write_count_total"),
            OPERATIONS,
        ),
    ),
];
