//! The table of processes: read anew each time, with what each has worked since the reading before.
//!
//! A process costs one opened file and one read; nothing is allocated for one that was there before.

use std::collections::HashMap;
use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;

use rustix::fs::{CWD, Mode, OFlags, RawDir, openat};
use rustix::io::{Errno, read};

use super::CollectError;
use crate::collect::process_stat;

const LISTING_BYTES: usize = 32 * 1024;
/// A line has at most 52 numbers of at most 20 digits, and a name.
const STAT_BYTES: usize = 2048;

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) name: Box<str>,
    pub(super) state: u8,
    pub(super) threads: u64,
    pub(super) resident_pages: u64,
    /// Since the reading before; of one that is new, since its start.
    pub(super) worked_ticks: u64,
    start_ticks: u64,
    cpu_ticks: u64,
    /// Number of the reading that saw it last.
    seen: u64,
}

#[derive(Debug)]
pub(super) struct Table {
    proc: PathBuf,
    reading: u64,
    known: HashMap<u32, Process>,
    listing: Vec<MaybeUninit<u8>>,
    line: Vec<u8>,
}

impl Table {
    pub(super) fn new(proc: PathBuf) -> Self {
        Self {
            proc,
            reading: 0,
            known: HashMap::new(),
            listing: vec![MaybeUninit::uninit(); LISTING_BYTES],
            line: vec![0; STAT_BYTES],
        }
    }

    pub(super) fn processes(&self) -> impl Iterator<Item = &Process> {
        self.known.values()
    }

    /// One that goes meanwhile is left out.
    pub(super) fn read(&mut self) -> Result<(), CollectError> {
        self.reading += 1;
        let mut listing = std::mem::take(&mut self.listing);
        let read = self.read_all(&mut listing);
        self.listing = listing;
        read.map_err(|e| CollectError::read(self.proc.display().to_string(), e))?;
        self.known.retain(|_, process| process.seen == self.reading);
        Ok(())
    }

    fn read_all(&mut self, listing: &mut [MaybeUninit<u8>]) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, &self.proc, flags, Mode::empty())?;
        let mut entries = RawDir::new(folder.as_fd(), listing);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            if let Some(pid) = number(entry.file_name()) {
                self.read_one(folder.as_fd(), pid)?;
            }
        }
        Ok(())
    }

    fn read_one(&mut self, folder: BorrowedFd<'_>, pid: u32) -> io::Result<()> {
        let mut path = [0; 24];
        let path = stat_path(&mut path, pid).unwrap_or_default();
        let length = openat(folder, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .and_then(|file| read(&file, self.line.as_mut_slice()));
        let length = match length {
            // Gone, or another user's on a machine that hides those.
            Err(Errno::NOENT | Errno::SRCH | Errno::PERM | Errno::ACCESS) => return Ok(()),
            length => length?,
        };
        let Some(stat) = process_stat::parse(self.line.get(..length).unwrap_or_default()) else { return Ok(()) };
        // The number may have been given to another process meanwhile.
        let known = self.known.get_mut(&pid).filter(|process| process.start_ticks == stat.start_ticks);
        if let Some(process) = known {
            if *process.name != *stat.name {
                process.name = stat.name.into();
            }
            process.worked_ticks = stat.cpu_ticks.saturating_sub(process.cpu_ticks);
            process.cpu_ticks = stat.cpu_ticks;
            process.state = stat.state;
            process.threads = stat.threads;
            process.resident_pages = stat.resident_pages;
            process.seen = self.reading;
        } else {
            let process = Process {
                pid,
                name: stat.name.into(),
                state: stat.state,
                threads: stat.threads,
                resident_pages: stat.resident_pages,
                worked_ticks: stat.cpu_ticks,
                start_ticks: stat.start_ticks,
                cpu_ticks: stat.cpu_ticks,
                seen: self.reading,
            };
            self.known.insert(pid, process);
        }
        Ok(())
    }
}

fn number(name: &CStr) -> Option<u32> {
    let name = name.to_str().ok()?;
    name.bytes().all(|b| b.is_ascii_digit()).then(|| name.parse().ok()).flatten()
}

/// `123/stat`, without an allocation.
fn stat_path(buffer: &mut [u8], pid: u32) -> Option<&str> {
    use std::io::Write;
    let whole = buffer.len();
    let mut rest = &mut *buffer;
    write!(rest, "{pid}/stat").ok()?;
    let length = whole - rest.len();
    str::from_utf8(buffer.get(..length)?).ok()
}
