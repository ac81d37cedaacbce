//! Opening a store that is on a disk: its blocks are looked at, and the log is read again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::block::{Block, BlockError, Source};
use super::blocks::Blocks;
use super::catalog::Catalog;
use super::layout::{self, Layout};
use super::log::replay::{Tail, whole_behind};
use super::log::{self, Log};
use super::recover::{Applied, apply, open_block};
use super::{Gaps, Limits, OnDisk, OpenError, Store, files, packed};

/// Where a store lies on a disk.
#[derive(Debug, Clone)]
pub struct Disk {
    /// Nobody else may write there.
    pub folder: PathBuf,
    /// What was appended is on the disk within so long; zero: before the append returns.
    pub flush_every: Duration,
}

/// What opening a block counts as, beside the bytes of the log that are read: of a block no more than the index is.
const BLOCK_BYTES: u64 = 64 << 10;

/// Told how far something has come: so much is done, of so much.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// What is found in a folder.
#[derive(Debug)]
struct Opening {
    layout: Layout,
    catalog: Catalog,
    /// What whoever looks after it should know, a sentence each.
    notes: Vec<String>,
    damaged: Vec<PathBuf>,
    /// The highest of all blocks.
    sequence: u64,
    done: u64,
    total: u64,
}

impl Store {
    /// Opens the store of a folder, or makes one there. What it says besides is for whoever looks after it: what was damaged and
    /// what became of it.
    ///
    /// # Errors
    /// Where the folder cannot be read or written, and where a later version has written there. What is damaged is no error: it
    /// is set aside and told.
    pub fn open(disk: &Disk, limits: Limits) -> Result<(Self, Vec<String>), OpenError> {
        Self::open_told(disk, limits, &mut |_, _| {})
    }

    /// As [`Store::open`], and tells how far it has come: a long log takes its time.
    ///
    /// # Errors
    /// The same.
    pub fn open_told(disk: &Disk, limits: Limits, progress: Progress<'_>) -> Result<(Self, Vec<String>), OpenError> {
        let layout = Layout::of(&disk.folder);
        for folder in layout.folders() {
            files::make_folder(folder).map_err(|because| layout.refused(folder, because))?;
        }
        let catalog = Catalog::default();
        let (notes, damaged) = (Vec::new(), Vec::new());
        let mut opening = Opening { layout: layout.clone(), catalog, notes, damaged, sequence: 0, done: 0, total: 0 };
        let (gaps, found) = Gaps::open(&layout)?;
        opening.notes.extend(found.notes);
        opening.damaged.extend(found.damaged);
        opening.unpack()?;
        opening.weigh()?;
        let blocks = opening.blocks(progress)?;
        let segment = opening.log(progress)? + 1;
        let log = Log::start(&layout, segment, disk.flush_every);
        let log = log.map_err(|because| layout.refused(&layout.segment(segment), because))?;
        let mut store = Self::with(limits, opening.catalog, blocks, Some(OnDisk { layout, log }), segment);
        store.gaps = gaps;
        store.count_head();
        opening.damaged.iter().for_each(|path| store.trouble.lock().set_aside(path));
        Ok((store, opening.notes))
    }

    /// Writes what is left to the disk. What is appended later is lost.
    pub fn close(&self) {
        if let Some(disk) = &self.disk {
            disk.log.close();
            self.gaps.close();
        }
    }

    /// What was appended is on the disk within so long; zero: before the append returns.
    pub fn flush_every(&self, every: Duration) {
        if let Some(disk) = &self.disk {
            disk.log.flush_every(every);
        }
    }
}

impl Layout {
    fn refused(&self, path: &Path, because: io::Error) -> OpenError {
        OpenError::Io { path: self.told(path), because }
    }
}

impl Opening {
    /// How much there is to be read.
    fn weigh(&mut self) -> Result<(), OpenError> {
        let files = |folder: &Path| files::files_of(folder).map_err(|because| self.layout.refused(folder, because));
        let blocks = files(&self.layout.blocks)?.iter().filter_map(|path| layout::block_number(path)).count();
        let segments = files(&self.layout.log)?.into_iter().filter(|path| layout::segment_number(path).is_some());
        let log: u64 = segments.filter_map(|path| path.metadata().ok()).map(|about| about.len()).sum();
        self.total = BLOCK_BYTES * blocks as u64 + log;
        Ok(())
    }

    fn advance(&mut self, by: u64, progress: Progress<'_>) {
        self.done += by;
        progress(self.done, self.total);
    }

    fn blocks(&mut self, progress: Progress<'_>) -> Result<Blocks, OpenError> {
        let folder = self.layout.blocks.clone();
        let mut found = Vec::new();
        for path in files::files_of(&folder).map_err(|because| self.layout.refused(&folder, because))? {
            if layout::is_aside(&path) {
                files::remove(&path).map_err(|because| self.layout.refused(&path, because))?;
            } else {
                found.extend(layout::block_number(&path).map(|number| (number, path)));
            }
        }
        // The definition of a metric is that of its newest block.
        found.sort();
        self.sequence = found.last().map_or(0, |&(number, _)| number);
        let mut blocks = Vec::new();
        for (_, path) in found {
            match self.block(&path) {
                Ok(block) => blocks.push(Arc::new(block)),
                Err(BlockError::Newer(format)) => {
                    return Err(OpenError::Newer { path: self.layout.told(&path), format });
                }
                Err(BlockError::Io(because)) => {
                    self.notes
                        .push(format!("the block `{}` cannot be read and is left out: {because}", log::name(&path)));
                    self.damaged.push(path);
                }
                Err(error @ BlockError::Damaged(_)) => {
                    self.set_aside(&path, &format!("block `{}` is {error}", log::name(&path)))?;
                }
            }
            self.advance(BLOCK_BYTES, progress);
        }
        Ok(Blocks::new(blocks, self.sequence))
    }

    fn block(&mut self, path: &Path) -> Result<Block, BlockError> {
        open_block(&mut self.catalog, Source::File(path.to_owned(), File::open(path)?))
    }

    fn set_aside(&mut self, path: &Path, says: &str) -> Result<(), OpenError> {
        let kept =
            files::move_into(path, &self.layout.damaged).map_err(|because| self.layout.refused(path, because))?;
        self.notes.push(format!("the {says}; it is kept as `{}`", self.layout.told(&kept).display()));
        self.damaged.push(kept);
        Ok(())
    }

    /// Reads every segment; gives the number of the last one.
    fn log(&mut self, progress: Progress<'_>) -> Result<u64, OpenError> {
        let folder = self.layout.log.clone();
        let segments = log::segments(&self.layout).map_err(|because| self.layout.refused(&folder, because))?;
        for &segment in &segments {
            let bytes = self.segment(segment)?;
            self.advance(bytes, progress);
        }
        Ok(segments.last().copied().unwrap_or(0))
    }

    /// Segments of a packed backup become what they were.
    fn unpack(&mut self) -> Result<(), OpenError> {
        let layout = self.layout.clone();
        let found = files::files_of(&layout.log).map_err(|because| layout.refused(&layout.log, because))?;
        for path in found {
            let Some(number) = layout::packed_segment_number(&path) else { continue };
            let plain = layout.segment(number);
            // Where it is there, a crash came before the packed one was removed.
            let unpacked = if plain.exists() { Ok(None) } else { packed::unpack_file(&path).map(Some) };
            match unpacked {
                Err(error) if packed::is_damage(&error) => {
                    self.set_aside(&path, &format!("packed segment `{}` of the log is damaged", log::name(&path)))?;
                    continue;
                }
                Ok(Some(bytes)) => files::write_whole(&plain, |out| io::Write::write_all(out, &bytes)),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            }
            .and_then(|()| files::remove(&path))
            .map_err(|because| layout.refused(&path, because))?;
        }
        Ok(())
    }

    /// Reads a segment; gives how long it was.
    fn segment(&mut self, segment: u64) -> Result<u64, OpenError> {
        let layout = self.layout.clone();
        let path = layout.segment(segment);
        let io_error = |because| layout.refused(&path, because);
        let bytes = fs::read(&path).map_err(io_error)?;
        let read = bytes.len() as u64;
        let Applied { replayed, lost, .. } = apply(&mut self.catalog, &bytes, segment, self.sequence);
        let name = log::name(&path);
        match replayed.tail {
            Tail::Clean => {}
            Tail::Newer(format) => return Err(OpenError::Newer { path: self.layout.told(&path), format }),
            Tail::Foreign => {
                self.set_aside(&path, &format!("segment `{name}` of the log is damaged at its start"))?;
                return Ok(read);
            }
            // Made, and nothing written.
            Tail::Torn if replayed.whole == 0 => return files::remove(&path).map_err(io_error).map(|()| read),
            Tail::Torn => {}
        }
        let torn = replayed.tail == Tail::Torn;
        let out_of_reach = torn && whole_behind(&bytes, replayed.whole).is_some();
        if out_of_reach || replayed.skipped > 0 || lost > 0 {
            // As it is: before anything is cut off.
            let copy = files::copy_into(&path, &self.layout.damaged).map_err(io_error)?;
            let rest = if out_of_reach {
                format!(", and what follows byte {} is out of reach", replayed.whole)
            } else {
                String::new()
            };
            self.notes.push(format!(
                "the log `{name}` is damaged: {} records were left out, {} samples of others{rest}; a copy is kept as `{}`",
                replayed.skipped,
                lost,
                self.layout.told(&copy).display(),
            ));
            self.damaged.push(copy);
        } else if torn {
            self.notes.push(format!(
                "the log `{name}` ends in the middle of a record, as after a crash: its last {} bytes are cut off",
                bytes.len() - replayed.whole
            ));
        }
        if torn {
            cut_off(&path, replayed.whole).map_err(io_error)?;
        }
        Ok(read)
    }
}

/// Only what is whole stays.
fn cut_off(path: &Path, whole: usize) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(whole as u64)?;
    file.sync_all()
}
