//! What disks have read and written, a series a whole device.
//!
//! Whole devices alone: a partition's traffic is its device's too. Device mapper (`dm-`) and software
//! RAID (`md`) are devices of their own, since that is what file systems and people name; what lies under
//! them counts the same bytes again, so a sum over all devices has no meaning. A device that has done
//! nothing since the machine started, such as an empty drive, is left out until it does.

use app::model::{Metric, Sample, Tags, Unit};

use super::{CollectError, value};

static READ_BYTES: Metric = Metric::counter("disk_read_bytes_total", Unit::BYTES);
static WRITE_BYTES: Metric = Metric::counter("disk_write_bytes_total", Unit::BYTES);

#[cfg(target_os = "linux")]
pub(super) use linux::DiskIo;

/// From `/proc/diskstats`, described in the kernel's Documentation/admin-guide/iostats.rst.
#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use app::model::Timestamp;

    use super::{CollectError, Metric, READ_BYTES, Sample, Tags, Unit, WRITE_BYTES, value};
    use crate::collect::kernel_file::KernelFile;
    use crate::collect::number::percent;

    static READ_COUNT: Metric = Metric::counter("disk_read_count_total", Unit::COUNT);
    static WRITE_COUNT: Metric = Metric::counter("disk_write_count_total", Unit::COUNT);
    /// Operations that the device has been given and has not finished.
    static IN_PROGRESS: Metric = Metric::gauge("disk_io_in_progress", Unit::COUNT);
    /// Share of the time since the reading before in which anything was in progress. A disk that does
    /// several things at once is not at its limit at 100.
    static UTILISATION: Metric = Metric::gauge("disk_utilisation_percent", Unit::PERCENT);
    /// What an operation that finished since the reading before took on average, its waiting included.
    static AWAIT: Metric = Metric::gauge("disk_await_seconds", Unit::SECONDS);

    const FILE: &str = "/proc/diskstats";

    /// The kernel's unit in this file, whatever the sectors of the device.
    const SECTOR_BYTES: u64 = 512;

    /// Keeps what the next reading is compared with.
    #[derive(Debug)]
    pub(in super::super) struct DiskIo {
        file: KernelFile,
        at: Option<Timestamp>,
        known: BTreeMap<Box<str>, Known>,
    }

    /// A device at the reading before.
    #[derive(Debug)]
    struct Known {
        counts: Counts,
        /// Of the device alone, with `operation` read, with `operation` write.
        tags: [Tags; 3],
    }

    impl Default for DiskIo {
        fn default() -> Self {
            Self { file: KernelFile::new(FILE), at: None, known: BTreeMap::new() }
        }
    }

    impl DiskIo {
        pub(in super::super) fn read(&mut self, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
            let text = self.file.text()?;
            let elapsed = self.at.replace(now).map(|before| now.since(before)).filter(|time| !time.is_zero());
            let devices = devices(text);
            for Device { name, counts } in &devices {
                let (before, [device, read, write]) = match self.known.get_mut(*name) {
                    Some(known) => (Some(std::mem::replace(&mut known.counts, *counts)), &known.tags),
                    None => {
                        let tags = [
                            Tags::new([("device", *name)]),
                            Tags::new([("device", *name), ("operation", "read")]),
                            Tags::new([("device", *name), ("operation", "write")]),
                        ];
                        let known = self.known.entry((*name).into()).or_insert(Known { counts: *counts, tags });
                        (None, &known.tags)
                    }
                };
                let totals = [
                    (&READ_BYTES, counts.read_sectors.saturating_mul(SECTOR_BYTES)),
                    (&WRITE_BYTES, counts.written_sectors.saturating_mul(SECTOR_BYTES)),
                    (&READ_COUNT, counts.reads),
                    (&WRITE_COUNT, counts.writes),
                    (&IN_PROGRESS, counts.in_progress),
                ];
                out.extend(totals.map(|(metric, count)| metric.sample(device.clone(), value(count))));
                if let Some((before, elapsed)) = before.zip(elapsed) {
                    let worked = Worked::between(&before, counts, elapsed);
                    out.extend(worked.utilisation.map(|share| UTILISATION.sample(device.clone(), share)));
                    out.extend(worked.read_await.map(|seconds| AWAIT.sample(read.clone(), seconds)));
                    out.extend(worked.write_await.map(|seconds| AWAIT.sample(write.clone(), seconds)));
                }
            }
            self.known.retain(|name, _| devices.iter().any(|device| device.name == &**name));
            Ok(())
        }
    }

    #[derive(Debug, PartialEq)]
    struct Device<'a> {
        name: &'a str,
        counts: Counts,
    }

    /// Counts since the machine started, but for what is in progress. The kernel lets them wrap, those in
    /// milliseconds at 32 bits; a fall is a reset to whoever reads them.
    #[derive(Debug, Clone, Copy, PartialEq, Default)]
    struct Counts {
        reads: u64,
        read_sectors: u64,
        read_ms: u64,
        writes: u64,
        written_sectors: u64,
        write_ms: u64,
        in_progress: u64,
        busy_ms: u64,
    }

    /// What lies between two readings; nothing where a counter fell.
    #[derive(Debug, PartialEq)]
    struct Worked {
        utilisation: Option<f64>,
        read_await: Option<f64>,
        write_await: Option<f64>,
    }

    impl Worked {
        fn between(before: &Counts, now: &Counts, elapsed: Duration) -> Self {
            let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            let busy = now.busy_ms.checked_sub(before.busy_ms);
            let wait = |count: Option<u64>, ms: Option<u64>| match (count?, ms?) {
                // Idle is no wait at all. But work that does not come to an end has no average yet.
                (0, _) if now.in_progress > 0 => None,
                (0, _) => Some(0.0),
                (count, ms) => Some(value(ms) / value(count) / 1000.0),
            };
            Self {
                utilisation: busy.and_then(|busy| percent(busy, elapsed_ms)),
                read_await: wait(now.reads.checked_sub(before.reads), now.read_ms.checked_sub(before.read_ms)),
                write_await: wait(now.writes.checked_sub(before.writes), now.write_ms.checked_sub(before.write_ms)),
            }
        }
    }

    fn devices(text: &str) -> Vec<Device<'_>> {
        let all: Vec<Device<'_>> = text.lines().filter_map(device).collect();
        let is_partition = |name: &str| {
            let whole = name.trim_end_matches(|c: char| c.is_ascii_digit());
            // The kernel's own rule: a number after the device's name, with a `p` before it where that
            // name ends in a digit itself.
            let whole = match whole.strip_suffix('p') {
                Some(device) if device.ends_with(|c: char| c.is_ascii_digit()) => device,
                _ => whole,
            };
            whole != name && all.iter().any(|other| other.name == whole)
        };
        let shown: Vec<bool> = all.iter().map(|d| d.is_real() && d.is_used() && !is_partition(d.name)).collect();
        all.into_iter().zip(shown).filter_map(|(device, shown)| shown.then_some(device)).collect()
    }

    /// A line that is cut, or of the seven columns that partitions had before 2.6.25, is none.
    fn device(line: &str) -> Option<Device<'_>> {
        let mut columns = line.split_ascii_whitespace().skip(2);
        let name = columns.next()?;
        let mut found = [0; 11];
        for count in &mut found {
            *count = columns.next()?.parse().ok()?;
        }
        let [reads, _, read_sectors, read_ms, writes, _, written_sectors, write_ms, in_progress, busy_ms, _] = found;
        let counts = Counts { reads, read_sectors, read_ms, writes, written_sectors, write_ms, in_progress, busy_ms };
        Some(Device { name, counts })
    }

    impl Device<'_> {
        /// Neither memory nor a file in disguise, nor one of several ways to one NVMe disk (`nvme0c1n1`).
        fn is_real(&self) -> bool {
            let numbered = |prefix: &str| {
                self.name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            };
            let one_way = self.name.strip_prefix("nvme").is_some_and(|rest| rest.contains('c'));
            !one_way && !["loop", "ram", "zram"].into_iter().any(numbered)
        }

        fn is_used(&self) -> bool {
            self.counts.reads > 0 || self.counts.writes > 0
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// `names`: a device each, all of which have worked; `want`: those that are shown.
        #[track_caller]
        fn check(names: &str, want: &str) {
            let line = |name| format!(" 8 0 {name} 1 0 8 0 2 0 16 0 0 0 0 0 0 0 0 0 0\n");
            let text: String = names.split(' ').map(line).collect();
            let got: Vec<&str> = devices(&text).into_iter().map(|d| d.name).collect();
            assert_eq!(got.join(" "), want);
        }

        #[test]
        fn whole_devices_are_told_from_partitions() {
            check("sda sda1 sda15 sdaa sdaa1", "sda sdaa");
            check("nvme0n1 nvme0n1p1 nvme0n1p12 nvme0n12", "nvme0n1 nvme0n12");
            check("mmcblk0 mmcblk0p1 mmcblk0boot0", "mmcblk0 mmcblk0boot0");
            check("md1 md12 md1p1 dm-1 dm-12", "md1 md12 dm-1 dm-12");
            // Some virtual machines are given a partition without its device.
            check("xvda1 vda", "xvda1 vda");
            check("cciss/c0d0 cciss/c0d0p1 nbd0 nbd0p2 sr0", "cciss/c0d0 nbd0 sr0");
            check("loop0 ram0 zram0 nvme0c1n1 nvme0n1 ramdisk", "nvme0n1 ramdisk");
        }

        #[test]
        fn columns_of_all_kernels_are_read() {
            let want = |name| Device {
                name,
                counts: Counts {
                    reads: 1,
                    read_sectors: 3,
                    read_ms: 4,
                    writes: 5,
                    written_sectors: 7,
                    write_ms: 8,
                    in_progress: 9,
                    busy_ms: 10,
                },
            };
            let text = " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n \
                8 16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19\n \
                8 32 sdc 1 2 3 4\n \
                8 48 sdd 0 0 0 0 0 0 0 0 0 0 0\n \
                8 64 sde 1 2 3 4 5";
            assert_eq!(devices(text), [want("sda"), want("sdb")]);
            assert_eq!(devices(""), []);
        }

        /// `before`, `now`: reads and their time, writes and theirs, in progress, busy; a second apart.
        /// `want`: utilisation, wait of a read and of a write in milliseconds; `-` where it cannot be told.
        #[track_caller]
        fn check_worked(before: [u64; 6], now: [u64; 6], want: &str) {
            let counts = |[reads, read_ms, writes, write_ms, in_progress, busy_ms]: [u64; 6]| Counts {
                reads,
                read_ms,
                writes,
                write_ms,
                in_progress,
                busy_ms,
                ..Counts::default()
            };
            let got = Worked::between(&counts(before), &counts(now), Duration::from_secs(1));
            let word = |value: Option<f64>, by: f64| value.map_or("-".to_owned(), |value| format!("{:.0}", value * by));
            let words = [word(got.utilisation, 1.0), word(got.read_await, 1000.0), word(got.write_await, 1000.0)];
            assert_eq!(words.join(" "), want);
        }

        #[test]
        fn what_a_disk_did_lies_between_two_readings() {
            check_worked([10, 100, 20, 200, 0, 50], [20, 150, 30, 300, 3, 300], "25 5 10");
            check_worked([10, 100, 20, 200, 0, 50], [10, 100, 20, 200, 0, 50], "0 0 0");
            // Stuck: busy all the time, and nothing comes to an end.
            check_worked([10, 100, 20, 200, 4, 50], [10, 100, 20, 200, 4, 1050], "100 - -");
            // The kernel's clock and ours are not the same.
            check_worked([0; 6], [0, 0, 0, 0, 0, 1004], "100 0 0");
        }

        #[test]
        fn a_counter_that_falls_tells_nothing_until_the_next_reading() {
            check_worked([10, 100, 20, 4_294_967_290, 0, 4_294_967_000], [20, 150, 30, 40, 0, 10], "- 5 -");
            check_worked([10, 100, 20, 200, 0, 50], [0, 0, 30, 250, 0, 60], "1 - 5");
        }
    }
}

/// From sysinfo, which counts bytes and not operations.
#[cfg(not(target_os = "linux"))]
#[derive(Debug, Default)]
pub(super) struct DiskIo;

#[cfg(not(target_os = "linux"))]
impl DiskIo {
    pub(super) fn read(&mut self, _now: app::model::Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let what = sysinfo::DiskRefreshKind::nothing().with_io_usage();
        let disks = sysinfo::Disks::new_with_refreshed_list_specifics(what)
            .map_err(|e| CollectError::not_understood("the disks", e.to_string()))?;
        let mut seen = std::collections::BTreeSet::new();
        for disk in &disks {
            let device = disk.name().to_string_lossy().into_owned();
            if seen.insert(device.clone()) {
                let tags = Tags::new([("device", device)]);
                let usage = disk.usage();
                out.push(READ_BYTES.sample(tags.clone(), value(usage.total_read_bytes)));
                out.push(WRITE_BYTES.sample(tags, value(usage.total_written_bytes)));
            }
        }
        Ok(())
    }
}
