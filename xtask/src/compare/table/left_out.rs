//! What is not compared, and why.

use crate::compare::reading::{Labels, Series};

/// Metrics of ours, or beginnings of their names where they end in `*`.
pub(in crate::compare) const LEFT_OUT: &[(&str, &str)] = &[
    (
        "disk_io_in_progress",
        "from none to hundreds and back within one write that waits for the disk: two looks never see the same. \
         Recorded tables are tested, and its like over time, `disk_utilisation_percent`, is compared",
    ),
    ("app_errors_total", "nobody else counts answers of Telltale that fail; server/tests/it/sfn.rs does"),
    ("app_response_time_*", "nobody else measures them from within; server/tests/it/collectors.rs does from outside"),
    (
        "temperature_*",
        "node_exporter names chips by their place on the bus and Telltale by their kind, so that no series of the \
         one is known to be one of the other's; and most virtual machines have no sensor. Recorded trees are tested",
    ),
    ("fan_speed_rpm", "as temperatures"),
    (
        "unit_*",
        "node_exporter asks systemd over its bus, which knows other numbers; recorded control groups are tested",
    ),
    ("container_*", "node_exporter has none; recorded control groups are tested"),
    ("telltale_*", "what Telltale says of itself"),
];

/// Why a series of theirs has no counterpart among ours; none: it should have one. `ours`: the tags of our
/// series of the same metric.
pub(in crate::compare) fn of_theirs_alone(series: &Series, ours: &[Labels]) -> Option<&'static str> {
    let label = |name: &str| series.labels.get(name).map_or("", String::as_str);
    let (device, place) = (label("device"), label("mountpoint"));
    if !place.is_empty() {
        let has = |tags: &Labels| tags.get("device").is_some_and(|has| has == device);
        if ours.iter().any(has) {
            return Some("a disk that is mounted more than once is one disk");
        }
        let memory = ["tmpfs", "devtmpfs", "ramfs", "overlay", "squashfs", "fuse", "9p"];
        let is_no_disk = series.name == "df" || memory.iter().any(|kind| label("fstype").starts_with(kind));
        return is_no_disk.then_some("memory, images and layers are no disks");
    }
    if ["loop", "ram", "zram", "dm-", "md", "sr", "fd"].iter().any(|kind| device.starts_with(kind)) {
        return Some("memory and files in disguise are no disks, nor is a drive that has done nothing yet");
    }
    match series.name.as_str() {
        "proc_diskstats" => Some("partitions, memory and drives that have done nothing yet are left out"),
        "proc_stat_cpu" if label("cpu") == "all" => Some("the sum over all cores is no core"),
        "node_tcp_connection_states" if label("state").ends_with("_BYTES") => {
            Some("bytes in queues are no connections")
        }
        "proc_pressure" => Some("pressure on processors of kind full has no meaning on a whole machine"),
        "ps_resident" | "ps_instances" => Some("only the first by processors and by memory are shown"),
        _ => None,
    }
}
