//! A log file: appended to, rotated by size and by day, its backups packed.
//!
//! May not know: what a line is, or what becomes of one that it does not take.

use std::fs::{File, Metadata, OpenOptions, create_dir_all, metadata, remove_file, rename};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use app::model::Timestamp;
use rustix::fs::OFlags;

use super::backups::{packed, plain, steps, unfinished};
use super::pack::Packing;
use crate::telemetry::settings::LogFile;

/// The owner writes; the group may read, so that whoever ships logs need not be root; nobody else.
pub(super) const MODE: u32 = 0o640;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// An open one.
#[derive(Debug)]
pub(in crate::telemetry) struct Log {
    rules: LogFile,
    file: File,
    id: (u64, u64),
    /// Devices and pipes have no size, and are not rotated.
    is_regular: bool,
    size: u64,
    /// Of its first line: days since the epoch, UTC.
    day: i64,
    packing: Option<Packing>,
    /// Whether a backup may be there that is to be packed.
    may_pack: bool,
    /// Whether what a packing left behind that was cut off is gone.
    is_tidy: bool,
}

impl Log {
    /// Appends to what is there.
    pub(in crate::telemetry) fn open(rules: LogFile, now: Timestamp) -> io::Result<Self> {
        let (file, about) = open(rules.path.as_path())?;
        let (id, is_regular, size, day) = look(&about, now);
        Ok(Self { rules, file, id, is_regular, size, day, packing: None, may_pack: true, is_tidy: false })
    }

    /// How it is shown: not at all where a variable is in it.
    pub(super) fn name(&self) -> String {
        self.rules.path.to_string()
    }

    /// Whether it has to be rotated before `length` more bytes.
    pub(super) fn is_full(&self, length: usize, now: Timestamp) -> bool {
        let grown = self.size.saturating_add(length as u64) > self.rules.max_bytes;
        let old = self.rules.daily && day(now) > self.day;
        self.is_regular && self.size > 0 && (grown || old)
    }

    /// Gives what was written so far its new name and begins anew. After an error the old one is still written to.
    pub(super) fn rotate(&mut self, now: Timestamp) -> io::Result<()> {
        self.find(now)?;
        if self.size == 0 {
            return Ok(());
        }
        steps(self.rules.path.as_path(), self.rules.backups).iter().try_for_each(super::backups::Step::run)?;
        self.may_pack = true;
        self.reopen(now)
    }

    /// Appends a line; all of it or nothing.
    pub(super) fn append(&mut self, line: &str, now: Timestamp) -> io::Result<()> {
        if self.size == 0 {
            self.day = day(now);
        }
        let written = self.file.write_all(line.as_bytes());
        match written {
            Ok(()) => self.size = self.size.saturating_add(line.len() as u64),
            Err(_) => self.cut(),
        }
        written
    }

    /// Part of a line may be in; whoever reads lines should not find half of one.
    fn cut(&self) {
        if self.is_regular && self.file.metadata().is_ok_and(|about| about.len() > self.size) {
            // Where that fails too there is nothing left to do for it.
            let _ = self.file.set_len(self.size);
        }
    }

    /// Makes sure that it is still the file of that name: somebody may have moved, removed or emptied it.
    pub(super) fn find(&mut self, now: Timestamp) -> io::Result<()> {
        match metadata(self.rules.path.as_path()) {
            Ok(about) if id(&about) == self.id => {
                self.size = if self.is_regular { about.len() } else { 0 };
                Ok(())
            }
            _ => self.reopen(now),
        }
    }

    fn reopen(&mut self, now: Timestamp) -> io::Result<()> {
        let (file, about) = open(self.rules.path.as_path())?;
        self.file = file;
        (self.id, self.is_regular, self.size, self.day) = look(&about, now);
        Ok(())
    }

    /// Packs what is to be packed, one backup at a time; returns at once.
    pub(super) fn pack(&mut self) -> io::Result<()> {
        if let Some(packing) = self.packing.take_if(|packing| packing.is_over()) {
            self.put_packed(packing)?;
        }
        if !std::mem::replace(&mut self.is_tidy, true) {
            // The file that it packed is still there.
            let _ = remove_file(unfinished(self.rules.path.as_path()));
        }
        let Some(least) = self.rules.pack_from_bytes.filter(|_| self.may_pack && self.packing.is_none()) else {
            return Ok(());
        };
        let path = self.rules.path.as_path();
        let large = |n: &u16| metadata(plain(path, *n)).is_ok_and(|about| about.is_file() && about.len() >= least);
        let next = (1..=self.rules.backups).find(large);
        self.may_pack = next.is_some();
        if let Some(n) = next {
            // Not again and again where it cannot be done; the next rotation is soon enough.
            self.may_pack = false;
            self.packing = Some(Packing::begin(path, &plain(path, n))?);
        }
        Ok(())
    }

    /// Puts what was packed in the place of the original, wherever that is by now.
    fn put_packed(&mut self, packing: Packing) -> io::Result<()> {
        let path = self.rules.path.as_path();
        let (which, part) = packing.result()?;
        let is_it = |n: &u16| metadata(plain(path, *n)).is_ok_and(|about| id(&about) == which);
        match (1..=self.rules.backups).find(is_it) {
            Some(n) => {
                rename(part, packed(path, n))?;
                remove_file(plain(path, n))?;
            }
            // It was the oldest, and is gone.
            None => remove_file(part)?,
        }
        self.may_pack = true;
        Ok(())
    }
}

/// Makes its folder, where that is missing. Never waits, as opening a pipe without a reader would.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let open = || OpenOptions::new().append(true).create(true).mode(MODE).custom_flags(flags).open(path);
    let file = match (open(), path.parent()) {
        (Err(error), Some(folder)) if error.kind() == ErrorKind::NotFound => {
            create_dir_all(folder)?;
            open()?
        }
        (opened, _) => opened?,
    };
    let about = file.metadata()?;
    Ok((file, about))
}

fn look(about: &Metadata, now: Timestamp) -> ((u64, u64), bool, u64, i64) {
    let size = if about.is_file() { about.len() } else { 0 };
    // When it was last written to; a clock that was set back makes no day of the future.
    let written = day(Timestamp::from_millis(about.mtime().saturating_mul(1000)));
    (id(about), about.is_file(), size, if size == 0 { day(now) } else { written.min(day(now)) })
}

fn id(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

fn day(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(DAY_MS)
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
