//! Packs a rotated file, in a thread of its own: a large one takes seconds, in which lines go on to be written.

use std::fs::{File, OpenOptions, remove_file};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::backups::unfinished;
use super::log::MODE;

/// A file that is being packed.
#[derive(Debug)]
pub(super) struct Packing {
    /// Which: it may get another name meanwhile.
    pub(super) id: (u64, u64),
    /// What comes of it.
    pub(super) part: PathBuf,
    thread: JoinHandle<io::Result<()>>,
}

impl Packing {
    pub(super) fn begin(log: &Path, rotated: &Path) -> io::Result<Self> {
        let from = File::open(rotated)?;
        let about = from.metadata()?;
        let part = unfinished(log);
        let to = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&part)?;
        let thread = Builder::new().name("log-pack".to_owned()).spawn(move || pack(from, to))?;
        Ok(Self { id: (about.dev(), about.ino()), part, thread })
    }

    pub(super) fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// How it went; nothing is left of what went wrong.
    pub(super) fn result(self) -> io::Result<((u64, u64), PathBuf)> {
        let done = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the packing panicked")));
        if done.is_err() {
            let _ = remove_file(&self.part);
        }
        done.map(|()| (self.id, self.part))
    }
}

fn pack(mut from: File, to: File) -> io::Result<()> {
    let mut packer = GzEncoder::new(to, Compression::default());
    io::copy(&mut from, &mut packer)?;
    // The original is removed after this, so it has to be there.
    packer.finish()?.sync_all()
}
