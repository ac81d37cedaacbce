//! A disk that becomes full: what was acknowledged before stays, what comes meanwhile is in memory and told, and once there is room
//! everything is written.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::deeds::{self, BEGIN, Deeds, Held};

/// Bytes of the disk.
const SIZE: u64 = 2 << 20;

pub(crate) fn run(seed: u64) {
    let mount = tempfile::tempdir().expect("a folder");
    let small = Small::mounted(mount.path());
    let folder = mount.path().join("data");
    let (store, _) = deeds::open(&folder).expect("it opens");
    let mut deeds = Deeds::new(seed, BEGIN);
    let mut expected = Held::default();
    let mut step = |expected: &mut Held| {
        let deed = deeds.next().expect("there is no end");
        deeds::apply(expected, &deed);
        deeds::perform(&store, &deed)
    };
    for _ in 0..100 {
        assert!(step(&mut expected), "{:?}", store.trouble());
    }
    small.fill();
    let mut in_memory = 0;
    while in_memory < 50 {
        in_memory += usize::from(!step(&mut expected));
    }
    let says = store.trouble().expect("it is told");
    assert!(says.contains("No space left"), "{says}");
    assert_eq!(deeds::held(&store), expected, "what is asked for while the disk is full");
    small.empty();
    store.settle_down().expect("there is room again");
    assert_eq!((store.trouble(), deeds::held(&store)), (None, expected.clone()));
    for _ in 0..50 {
        assert!(step(&mut expected), "{:?}", store.trouble());
    }
    // As after a kill: nothing is closed.
    let copy = tempfile::tempdir().expect("a folder");
    let copied = Command::new("cp").arg("-a").arg(&folder).arg(copy.path()).status().expect("cp");
    assert!(copied.success());
    let (again, _) = deeds::open(&copy.path().join("data")).expect("it opens again");
    assert_eq!(deeds::held(&again), expected, "after the disk was full");
    println!("crash: a full disk cost nothing once there was room; {in_memory} deeds were in memory alone");
}

/// A small disk in memory.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mounted(at: &'a Path) -> Self {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={SIZE}"), "tmpfs"]).arg(at).status();
        assert!(
            mounted.is_ok_and(|status| status.success()),
            "a small disk cannot be mounted; run this test as root, or by `unshare --map-root-user --mount`"
        );
        Self(at)
    }

    fn fill(&self) {
        let ballast = fs::File::create(self.0.join("ballast")).expect("a file");
        let mut left = SIZE;
        let block = [1; 4096];
        while std::io::Write::write_all(&mut &ballast, &block).is_ok() && left > 0 {
            left -= 4096;
        }
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("ballast")).expect("it is there");
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}
