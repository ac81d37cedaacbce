//! Which of the many things that are mounted are disks that fill up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::CollectError;

/// A file system at its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mount {
    /// Tells one file system from another, wherever it is mounted.
    id: String,
    /// Mounted is a part of it alone, as bind mounts do.
    is_part: bool,
    /// As `df` calls it: a device file, a pool, or a server with its path.
    pub(super) device: String,
    /// Where.
    pub(super) mountpoint: PathBuf,
    /// The file system's type, such as `ext4`.
    pub(super) fstype: String,
    /// Nothing can be written there: mounted so, or turned so by the kernel after an error.
    pub(super) read_only: bool,
    /// It is so at this place alone; the file system itself can be written.
    here_only: bool,
}

/// Types that hold data without a device file of this machine.
const WITHOUT_DEVICE: [&str; 14] = [
    "zfs",
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "ceph",
    "lustre",
    "9p",
    "virtiofs",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.ceph",
];

/// Types that are written once: always full, and no news.
const IMAGES: [&str; 5] = ["squashfs", "iso9660", "erofs", "cramfs", "romfs"];

/// Devices that are a file or a program in disguise.
const DISGUISED: [&str; 2] = ["/dev/loop", "/dev/fuse"];

/// Below these, container engines mount what is mounted elsewhere too.
const CONTAINERS: [&str; 7] = [
    "/var/lib/docker/",
    "/var/lib/containers/",
    "/var/lib/containerd/",
    "/var/lib/kubelet/",
    "/run/containerd/",
    "/run/containers/",
    "/snap/",
];

/// The disks, and for each where to ask for its space: the best place first, the others in case that one
/// is a single file. Sorted by the best place.
///
/// A disk is `/`, whatever it is (in a container an overlay); else what has a device file or is one of
/// [`WITHOUT_DEVICE`]. Memory, the kernel's own file systems, images, loop devices and overlays are none.
/// A disk that is mounted more than once, subvolumes of btrfs included, is one disk: its space is one.
pub(super) fn disks(mounts: Vec<Mount>) -> Vec<Vec<Mount>> {
    // Of two at one place the later hides the earlier.
    let visible: BTreeMap<PathBuf, Mount> = mounts.into_iter().map(|m| (m.mountpoint.clone(), m)).collect();
    let mut disks: BTreeMap<String, Vec<Mount>> = BTreeMap::new();
    for mount in visible.into_values().filter(is_disk) {
        disks.entry(mount.id.clone()).or_default().push(mount);
    }
    let mut disks: Vec<Vec<Mount>> = disks.into_values().collect();
    for places in &mut disks {
        places.sort_by_key(|m| {
            let place = m.mountpoint.to_string_lossy();
            (place != "/", CONTAINERS.iter().any(|c| place.starts_with(c)), m.is_part, place.len())
        });
    }
    disks.sort_by(|a, b| a.first().map(|m| &m.mountpoint).cmp(&b.first().map(|m| &m.mountpoint)));
    disks
}

fn is_disk(mount: &Mount) -> bool {
    let Mount { device, fstype, .. } = mount;
    if mount.mountpoint == Path::new("/") {
        return true;
    }
    let has_device = device.starts_with("/dev/") && !DISGUISED.iter().any(|d| device.starts_with(d));
    (has_device || WITHOUT_DEVICE.contains(&fstype.as_str())) && !IMAGES.contains(&fstype.as_str())
}

/// What is mounted, from `/proc/self/mountinfo`: unlike `/proc/mounts` it tells file systems apart by
/// number and bind mounts from others. Described in proc_pid_mountinfo(5).
#[cfg(target_os = "linux")]
pub(super) fn read() -> Result<Vec<Mount>, CollectError> {
    const FILE: &str = "/proc/self/mountinfo";
    let mut mounts = std::fs::read(FILE).map(|text| parse(&text)).map_err(|e| CollectError::read(FILE, e))?;
    if mounts.iter().any(|mount| mount.here_only && is_disk(mount))
        && let Ok(text) = std::fs::read("/proc/1/mountinfo")
    {
        as_the_machine_has_it(&mut mounts, &parse(&text));
    }
    Ok(mounts)
}

/// A service manager may make everything read-only for us alone (`ProtectSystem=strict`): at a place where the first
/// process has the same file system, it can be written if that one can write it.
#[cfg(target_os = "linux")]
fn as_the_machine_has_it(mounts: &mut [Mount], first: &[Mount]) {
    for mount in mounts.iter_mut().filter(|mount| mount.here_only) {
        let same = |other: &&Mount| (&other.id, &other.mountpoint) == (&mount.id, &mount.mountpoint);
        if let Some(same) = first.iter().rfind(same) {
            mount.read_only = same.read_only;
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read() -> Result<Vec<Mount>, CollectError> {
    let disks = sysinfo::Disks::new_with_refreshed_list_specifics(sysinfo::DiskRefreshKind::nothing())
        .map_err(|e| CollectError::not_understood("the list of disks", e.to_string()))?;
    let mount = |disk: &sysinfo::Disk| {
        let device = disk.name().to_string_lossy().into_owned();
        Mount {
            id: device.clone(),
            is_part: false,
            device,
            mountpoint: disk.mount_point().to_owned(),
            fstype: disk.file_system().to_string_lossy().into_owned(),
            read_only: disk.is_read_only(),
            here_only: false,
        }
    };
    Ok(disks.iter().map(mount).collect())
}

/// Bytes, since a place may be named in any encoding. A line that is cut is left out.
#[cfg(target_os = "linux")]
fn parse(text: &[u8]) -> Vec<Mount> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let mount = |line: &[u8]| {
        let mut fields = line.split(|b| *b == b' ').skip(2);
        let id = String::from_utf8_lossy(fields.next()?).into_owned();
        let is_part = fields.next()? != b"/";
        let mountpoint = PathBuf::from(OsString::from_vec(unescape(fields.next()?)));
        let here = fields.next()?;
        // Any number of optional fields, then a hyphen.
        let mut fields = fields.skip_while(|f| *f != b"-").skip(1);
        let fstype = String::from_utf8_lossy(fields.next()?).into_owned();
        let device = String::from_utf8_lossy(&unescape(fields.next()?)).into_owned();
        // The place's options, then the file system's. Since 6.11 one that failed is not `ro` itself.
        let everywhere = fields.next().unwrap_or_default();
        let read_only = |options: &[u8]| options.split(|b| *b == b',').any(|o| o == b"ro" || o == b"emergency_ro");
        let (here, everywhere) = (read_only(here), read_only(everywhere));
        let (read_only, here_only) = (here || everywhere, here && !everywhere);
        Some(Mount { id, is_part, device, mountpoint, fstype, read_only, here_only })
    };
    text.split(|b| *b == b'\n').filter_map(mount).collect()
}

/// Blanks, line ends and backslashes come as a backslash and three octal digits.
#[cfg(target_os = "linux")]
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut rest = field;
    let mut plain = Vec::with_capacity(field.len());
    while let Some((&byte, after)) = rest.split_first() {
        let octal = |digits: &[u8]| u8::from_str_radix(str::from_utf8(digits).ok()?, 8).ok();
        let code = (byte == b'\\').then(|| after.get(..3)).flatten().and_then(octal);
        plain.push(code.unwrap_or(byte));
        rest = if code.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    plain
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// `want`: a line a disk: its places, best first.
    #[track_caller]
    fn check(mountinfo: &str, want: &[&str]) {
        let places = |disk: Vec<Mount>| -> String {
            let places: Vec<String> = disk.iter().map(|m| m.mountpoint.display().to_string()).collect();
            places.join(" ")
        };
        let got: Vec<String> = disks(parse(mountinfo.as_bytes())).into_iter().map(places).collect();
        assert_eq!(got, want, "{mountinfo}");
    }

    #[test]
    fn a_server_has_its_disks_and_nothing_of_the_kernel() {
        check(
            "22 27 0:21 / /proc rw,relatime - proc proc rw
24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334460k
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
28 27 254:1 / /boot/efi rw,relatime shared:2 master:3 - vfat /dev/vda15 rw
40 27 7:1 / /snap/core/17200 ro,nodev shared:9 - squashfs /dev/loop1 ro
41 27 11:0 / /media/cd ro - iso9660 /dev/sr0 ro
42 27 0:51 / /mnt/nas rw - nfs4 nas:/export rw,addr=10.0.0.2
43 27 0:52 / /tank rw - zfs tank rw
44 27 0:53 / /run/user/1000/doc rw - fuse.portal portal rw
45 27 0:54 / /etc/pve rw - fuse /dev/fuse rw
46 27 7:2 / /mnt/image rw - ext4 /dev/loop2 rw
",
            &["/", "/boot/efi", "/mnt/nas", "/tank"],
        );
    }

    #[test]
    fn a_disk_is_one_wherever_it_is_mounted() {
        // A docker and kubelet host.
        check(
            "27 1 8:1 / / rw - ext4 /dev/sda1 rw
50 27 8:1 /var/lib/docker/volumes/v /var/lib/kubelet/pods/1/vol rw - ext4 /dev/sda1 rw
51 27 0:60 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw
52 27 0:61 / /run/containerd/shm rw - tmpfs shm rw
53 27 8:17 / /var/lib/kubelet/pods/2/vol rw - ext4 /dev/sdb1 rw
54 27 8:17 / /srv/a/long/way/to/the/data rw - ext4 /dev/sdb1 rw
55 27 8:17 /sub /srv rw - ext4 /dev/sdb1 rw
",
            &["/ /var/lib/kubelet/pods/1/vol", "/srv/a/long/way/to/the/data /srv /var/lib/kubelet/pods/2/vol"],
        );
        check(
            "27 1 0:30 /@ / rw - btrfs /dev/nvme0n1p2 rw,subvol=/@\n28 27 0:30 /@home /home rw - btrfs /dev/nvme0n1p2 rw\n",
            &["/ /home"],
        );
    }

    #[test]
    fn within_a_container_the_overlay_is_the_root() {
        check(
            "600 500 0:70 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b
601 600 8:1 /docker/hosts /etc/hosts rw - ext4 /dev/sda1 rw
602 600 8:1 /volumes/data /data rw - ext4 /dev/sda1 rw
",
            &["/", "/data /etc/hosts"],
        );
        check("1 1 0:2 / / rw - rootfs rootfs rw\n27 1 8:1 / / rw - ext4 /dev/sda1 rw\n", &["/"]);
    }

    #[test]
    fn read_only_is_the_place_or_the_file_system() {
        let is = |here: &str, everywhere: &str| {
            let line = format!("27 1 8:1 / / {here} shared:1 - ext4 /dev/sda1 {everywhere}");
            parse(line.as_bytes()).iter().map(|mount| mount.read_only).collect::<Vec<_>>()
        };
        assert_eq!(is("rw,relatime", "rw,errors=remount-ro"), [false]);
        assert_eq!(is("ro,relatime", "rw"), [true]);
        assert_eq!(is("rw,relatime", "ro"), [true]);
        assert_eq!(is("rw", "rw,emergency_ro,errors=remount-ro"), [true]);
    }

    #[test]
    fn what_is_read_only_for_us_alone_is_not_read_only() {
        /// Both: a line a mount, its number, its part, its place, and the options of the place and of the file system.
        #[track_caller]
        fn check(ours: &str, first: &str, want: &[bool]) {
            let mounts = |lines: &str| {
                let lines = lines.lines().map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
                    [id, part, place, here, everywhere] => {
                        format!("27 1 {id} {part} {place} {here} - ext4 /dev/sda1 {everywhere}\n")
                    }
                    _ => panic!("{line}"),
                });
                parse(lines.collect::<String>().as_bytes())
            };
            let mut ours = mounts(ours);
            as_the_machine_has_it(&mut ours, &mounts(first));
            assert_eq!(ours.iter().map(|mount| mount.read_only).collect::<Vec<_>>(), want);
        }
        // A service under ProtectSystem=strict; what is read-only for everybody stays so.
        check("8:1 / / ro rw\n8:2 / /boot ro rw", "8:1 / / rw rw\n8:2 / /boot ro rw", &[false, true]);
        check("8:1 / / ro ro", "8:1 / / rw ro", &[true]);
        check("8:1 / / rw rw", "8:1 / / ro rw", &[false]);
        // Another file system, another place: it says nothing of ours.
        check("0:70 / / ro rw", "8:1 / / rw rw", &[true]);
        check("8:1 /a /b ro rw", "8:1 / / rw rw\n8:1 /a /d rw rw", &[true]);
        // Of two at one place the later hides the earlier.
        check("8:1 / / ro rw", "8:1 / / rw rw\n8:1 / / ro rw", &[true]);
    }

    #[test]
    fn names_may_hold_anything_and_lines_may_be_cut() {
        check("27 1 8:1 / /mnt/a\\040b\\134 rw - ext4 /dev/sda1 rw\n28 1 8:2 / /mnt/c rw - ext4", &["/mnt/a b\\"]);
        check("28 1 8:2 / /mnt/c rw shared:1\n\n - ext4 /dev/sda1\n", &[]);
        assert_eq!(unescape(br"a\04"), br"a\04");
        assert_eq!(unescape(br"\999\"), br"\999\");
    }
}
