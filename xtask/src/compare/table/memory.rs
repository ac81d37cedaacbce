//! Main memory, swap, and what the kernel counts of both.

use super::How::{Counter, Gauge, Share};
use super::{COUNTS, Row, SAME, row};

const MOVES: &str =
    "up and down between the readings: the load and whoever else works here take memory and give it back";
const FILES: &str = "the kernel counts open files by processor and adds them up by and by";
const PERCENT: &str = "as the bytes that it is reckoned from";

pub(super) const ROWS: &[Row] = &[
    row("memory_total_bytes", "node_memory_MemTotal_bytes", Gauge(0.0), SAME),
    row("memory_total_bytes", "proc_meminfo{name=MemTotal}", Gauge(0.0), SAME),
    row("memory_commit_limit_bytes", "node_memory_CommitLimit_bytes", Gauge(0.0), SAME),
    row("memory_commit_limit_bytes", "proc_meminfo{name=CommitLimit}", Gauge(0.0), SAME),
    row("memory_free_bytes", "node_memory_MemFree_bytes", Gauge(256e6), MOVES),
    row("memory_free_bytes", "proc_meminfo{name=MemFree}", Gauge(256e6), MOVES),
    row("memory_buffers_bytes", "node_memory_Buffers_bytes", Gauge(16e6), MOVES),
    row("memory_buffers_bytes", "proc_meminfo{name=Buffers}", Gauge(16e6), MOVES),
    row("memory_cached_bytes", "node_memory_Cached_bytes", Gauge(256e6), MOVES),
    row("memory_cached_bytes", "proc_meminfo{name=Cached}", Gauge(256e6), MOVES),
    row("memory_anonymous_bytes", "node_memory_AnonPages_bytes", Gauge(128e6), MOVES),
    row("memory_anonymous_bytes", "proc_meminfo{name=AnonPages}", Gauge(128e6), MOVES),
    row("memory_shared_bytes", "node_memory_Shmem_bytes", Gauge(64e6), MOVES),
    row("memory_shared_bytes", "proc_meminfo{name=Shmem}", Gauge(64e6), MOVES),
    row("memory_slab_bytes", "node_memory_Slab_bytes", Gauge(32e6), MOVES),
    row("memory_slab_bytes", "proc_meminfo{name=Slab}", Gauge(32e6), MOVES),
    row("memory_page_tables_bytes", "node_memory_PageTables_bytes", Gauge(8e6), MOVES),
    row("memory_page_tables_bytes", "proc_meminfo{name=PageTables}", Gauge(8e6), MOVES),
    row("memory_dirty_bytes", "node_memory_Dirty_bytes", Gauge(128e6), MOVES),
    row("memory_dirty_bytes", "proc_meminfo{name=Dirty}", Gauge(128e6), MOVES),
    row("memory_writeback_bytes", "node_memory_Writeback_bytes", Gauge(128e6), MOVES),
    row("memory_writeback_bytes", "proc_meminfo{name=Writeback}", Gauge(128e6), MOVES),
    row("memory_committed_bytes", "node_memory_Committed_AS_bytes", Gauge(256e6), MOVES),
    row("memory_committed_bytes", "proc_meminfo{name=Committed_AS}", Gauge(256e6), MOVES),
    row("memory_available_bytes", "node_memory_MemAvailable_bytes", Gauge(256e6), MOVES),
    row("memory_available_bytes", "proc_meminfo{name=MemAvailable}", Gauge(256e6), MOVES),
    row("memory_used_bytes", "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes", Gauge(256e6), MOVES),
    row(
        "memory_usage_percent",
        "100*node_memory_MemTotal_bytes - 100*node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
        Gauge(1.0),
        PERCENT,
    ),
    row("memory_used_bytes", "proc_meminfo{name=MemTotal} - proc_meminfo{name=MemAvailable}", Gauge(256e6), MOVES),
    row(
        "memory_usage_percent",
        "100*proc_meminfo{name=MemTotal} - 100*proc_meminfo{name=MemAvailable} / proc_meminfo{name=MemTotal}",
        Gauge(1.0),
        PERCENT,
    ),
    row("swap_total_bytes", "node_memory_SwapTotal_bytes", Gauge(0.0), SAME),
    row("swap_used_bytes", "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes", Gauge(16e6), MOVES),
    row(
        "swap_usage_percent",
        "100*node_memory_SwapTotal_bytes - 100*node_memory_SwapFree_bytes / node_memory_SwapTotal_bytes",
        Gauge(1.0),
        PERCENT,
    ),
    row("swap_total_bytes", "proc_meminfo{name=SwapTotal}", Gauge(0.0), SAME),
    row("swap_used_bytes", "proc_meminfo{name=SwapTotal} - proc_meminfo{name=SwapFree}", Gauge(16e6), MOVES),
    row(
        "swap_usage_percent",
        "100*proc_meminfo{name=SwapTotal} - 100*proc_meminfo{name=SwapFree} / proc_meminfo{name=SwapTotal}",
        Gauge(1.0),
        PERCENT,
    ),
    row("memory_oom_kills_total", "node_vmstat_oom_kill", Counter(0.0), COUNTS),
    row("memory_oom_kills_total", "proc_vmstat{name=oom_kill}", Counter(0.0), COUNTS),
    row("memory_major_faults_total", "node_vmstat_pgmajfault", Counter(0.0), COUNTS),
    row("memory_major_faults_total", "proc_vmstat{name=pgmajfault}", Counter(0.0), COUNTS),
    row("swap_pages_in_total", "node_vmstat_pswpin", Counter(0.0), COUNTS),
    row("swap_pages_in_total", "proc_vmstat{name=pswpin}", Counter(0.0), COUNTS),
    row("swap_pages_out_total", "node_vmstat_pswpout", Counter(0.0), COUNTS),
    row("swap_pages_out_total", "proc_vmstat{name=pswpout}", Counter(0.0), COUNTS),
    row("file_descriptors_used", "node_filefd_allocated", Gauge(256.0), FILES),
    row("file_descriptors_used", "proc_file_nr{name=allocated} - proc_file_nr{name=free}", Gauge(256.0), FILES),
    row("file_descriptors_max", "node_filefd_maximum", Share(1e-9), SAME),
    row("file_descriptors_max", "proc_file_nr{name=most}", Share(1e-9), SAME),
    row("file_descriptors_usage_percent", "100*node_filefd_allocated / node_filefd_maximum", Gauge(0.1), FILES),
];
