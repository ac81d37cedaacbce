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
pub(super) use linux::read;

/// From `/proc/diskstats`, described in the kernel's Documentation/admin-guide/iostats.rst.
#[cfg(target_os = "linux")]
mod linux {
    use super::{CollectError, Metric, READ_BYTES, Sample, Tags, Unit, WRITE_BYTES, value};

    static READ_COUNT: Metric = Metric::counter("disk_read_count_total", Unit::COUNT);
    static WRITE_COUNT: Metric = Metric::counter("disk_write_count_total", Unit::COUNT);

    const FILE: &str = "/proc/diskstats";

    /// The kernel's unit in this file, whatever the sectors of the device.
    const SECTOR_BYTES: u64 = 512;

    pub(in super::super) fn read(out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let text = std::fs::read_to_string(FILE).map_err(|e| CollectError::read(FILE, e))?;
        for device in devices(&text) {
            let tags = Tags::new([("device", device.name)]);
            out.extend(
                [
                    (&READ_BYTES, device.read_sectors.saturating_mul(SECTOR_BYTES)),
                    (&WRITE_BYTES, device.written_sectors.saturating_mul(SECTOR_BYTES)),
                    (&READ_COUNT, device.reads),
                    (&WRITE_COUNT, device.writes),
                ]
                .map(|(metric, count)| metric.sample(tags.clone(), value(count))),
            );
        }
        Ok(())
    }

    /// Counts since the machine started. The kernel lets them wrap; a fall is a reset to whoever reads them.
    #[derive(Debug, PartialEq)]
    struct Device<'a> {
        name: &'a str,
        reads: u64,
        read_sectors: u64,
        writes: u64,
        written_sectors: u64,
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
        let counts: Vec<u64> = columns.map_while(|c| c.parse().ok()).collect();
        let [reads, _, read_sectors, _, writes, _, written_sectors, _, _, _, _, ..] = counts[..] else { return None };
        Some(Device { name, reads, read_sectors, writes, written_sectors })
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
            self.reads > 0 || self.writes > 0
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
            let want = |name| Device { name, reads: 1, read_sectors: 3, writes: 5, written_sectors: 7 };
            let text = " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n \
                8 16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19\n \
                8 32 sdc 1 2 3 4\n \
                8 48 sdd 0 0 0 0 0 0 0 0 0 0 0\n \
                8 64 sde 1 2 3 4 5";
            assert_eq!(devices(text), [want("sda"), want("sdb")]);
            assert_eq!(devices(""), []);
        }
    }
}

/// From sysinfo, which counts bytes and not operations.
#[cfg(not(target_os = "linux"))]
pub(super) fn read(out: &mut Vec<Sample>) -> Result<(), CollectError> {
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
