//! How full the disks are, as `df` tells it.

use app::model::{Metric, Sample, Tags, Unit};

use super::mounts::{self, Mount};
use super::space::{Space, Spaces};
use super::{CollectError, percent, value};

/// Used of what users can use: the superuser's reserve is neither used nor available.
static USAGE: Metric = Metric::gauge("disk_usage_percent", Unit::PERCENT);
static TOTAL: Metric = Metric::gauge("disk_total_bytes", Unit::BYTES);
static USED: Metric = Metric::gauge("disk_used_bytes", Unit::BYTES);
/// What is available to users, which is less than what no file takes: total is more than used + free.
static FREE: Metric = Metric::gauge("disk_free_bytes", Unit::BYTES);
static INODES_USAGE: Metric = Metric::gauge("disk_inodes_usage_percent", Unit::PERCENT);
static INODES_USED: Metric = Metric::gauge("disk_inodes_used", Unit::COUNT);
static INODES_FREE: Metric = Metric::gauge("disk_inodes_free", Unit::COUNT);
/// 1 where nothing can be written, else 0.
static READ_ONLY: Metric = Metric::gauge("disk_read_only", Unit::NONE);

#[derive(Debug, Default)]
pub(super) struct Disk(Spaces);

impl Disk {
    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let disks = mounts::disks(mounts::read()?);
        CollectError::join(disks.iter().map(|places| self.read_one(places, out)))
    }

    /// Asks at the first place that is a directory.
    fn read_one(&mut self, places: &[Mount], out: &mut Vec<Sample>) -> Result<(), CollectError> {
        for mount in places {
            if let Some(space) = self.0.at(&mount.mountpoint)? {
                samples(mount, space, out);
                break;
            }
        }
        Ok(())
    }
}

fn samples(mount: &Mount, space: Space, out: &mut Vec<Sample>) {
    let tags = Tags::new([
        ("device", mount.device.as_str()),
        ("fstype", mount.fstype.as_str()),
        ("mountpoint", &mount.mountpoint.to_string_lossy()),
    ]);
    let usage = percent(space.used, space.used.saturating_add(space.available));
    out.extend(usage.map(|usage| USAGE.sample(tags.clone(), usage)));
    out.extend(
        [(&TOTAL, space.total), (&USED, space.used), (&FREE, space.available)]
            .map(|(metric, bytes)| metric.sample(tags.clone(), value(bytes))),
    );
    out.push(READ_ONLY.sample(tags.clone(), f64::from(u8::from(mount.read_only))));
    if let Some((used, free)) = space.inodes {
        let usage = percent(used, used.saturating_add(free));
        out.extend(usage.map(|usage| INODES_USAGE.sample(tags.clone(), usage)));
        out.extend([(&INODES_USED, used), (&INODES_FREE, free)].map(|(m, n)| m.sample(tags.clone(), value(n))));
    }
}
