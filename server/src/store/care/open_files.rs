//! The files of a data folder as of one moment, opened: what is deleted or appended later changes nothing of them.
//!
//! A running server seals segments in blocks and merges blocks, and removes the old ones only once the new ones are in place. So
//! segments are opened first, then blocks, and these again until two looks at their folder agree.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::CareError;
use crate::store::layout::{self, Layout};
use crate::store::{OpenError, files, packed};

/// A file that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    /// What its name says: the number of a segment, the sequence of a block.
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Its length when it was opened.
    pub(super) len: u64,
    /// Whether what it holds is packed, as a segment of a backup may be.
    is_packed: bool,
}

/// Why a file gives nothing.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is not what was packed.
    Damaged(io::Error),
    /// The disk.
    Io(io::Error),
}

/// All files that hold samples.
#[derive(Debug)]
pub(super) struct OpenFiles {
    pub(super) layout: Layout,
    /// Ascending by number.
    pub(super) segments: Vec<Opened>,
    /// Ascending by sequence.
    pub(super) blocks: Vec<Opened>,
    /// Why samples are missing, where that was written: it is put into its place as a whole.
    pub(super) gaps: Option<Opened>,
    /// The highest block there was before any segment was opened.
    pub(super) sequence_before: u64,
}

impl Opened {
    /// None where it is gone.
    fn open(number: u64, path: &Path, is_packed: bool) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let len = file.metadata()?.len();
        Ok(Some(Self { number, path: path.to_owned(), file, len, is_packed }))
    }

    /// All that was there when it was opened.
    pub(super) fn read(&self) -> Result<Vec<u8>, Unread> {
        let mut file = (&self.file).take(self.len);
        if self.is_packed {
            let unread = |error| if packed::is_damage(&error) { Unread::Damaged(error) } else { Unread::Io(error) };
            return packed::unpack(file).map_err(unread);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(Unread::Io)?;
        Ok(bytes)
    }
}

impl OpenFiles {
    pub(super) fn open(folder: &Path) -> Result<Self, CareError> {
        Self::open_while(folder, || {})
    }

    /// Calls `meanwhile` wherever what somebody else does just then matters.
    pub(super) fn open_while(folder: &Path, mut meanwhile: impl FnMut()) -> Result<Self, CareError> {
        let layout = Layout::of(folder);
        if !layout.blocks.is_dir() && !layout.log.is_dir() {
            return Err(CareError::NoData(folder.to_owned()));
        }
        let fail = |path: &Path, because| OpenError::Io { path: layout.told(path), because };
        let list = |part: &Path, number: fn(&Path) -> Option<u64>| match files::files_of(part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(fail(part, error)),
            Ok(found) => Ok(found.into_iter().filter_map(|path| Some((number(&path)?, path))).collect()),
        };
        let before: Found = list(&layout.blocks, layout::block_number)?;
        let mut segments = Vec::new();
        for (number, path) in list(&layout.log, layout::segment_number)? {
            segments.extend(Opened::open(number, &path, false).map_err(|because| fail(&path, because))?);
        }
        // Who opens the folder unpacks them, and removes them once they are unpacked: where both are there, they are the same.
        for (number, path) in list(&layout.log, layout::packed_segment_number)? {
            if segments.iter().all(|segment: &Opened| segment.number != number) {
                segments.extend(Opened::open(number, &path, true).map_err(|because| fail(&path, because))?);
            }
        }
        segments.sort_by_key(|segment| segment.number);
        meanwhile();
        let mut listed = list(&layout.blocks, layout::block_number)?;
        let blocks = loop {
            meanwhile();
            let mut blocks = Vec::new();
            for (number, path) in &listed {
                blocks.extend(Opened::open(*number, path, false).map_err(|because| fail(path, because))?);
            }
            meanwhile();
            let now = list(&layout.blocks, layout::block_number)?;
            if now == listed && blocks.len() == listed.len() {
                break blocks;
            }
            listed = now;
        };
        let gaps = Opened::open(0, &layout.gaps, false).map_err(|because| fail(&layout.gaps, because))?;
        let sequence_before = before.last().map_or(0, |&(number, _)| number);
        Ok(Self { layout, segments, blocks, gaps, sequence_before })
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().chain(&self.blocks).chain(&self.gaps).map(|file| file.len).sum()
    }

    pub(super) fn refused(&self, path: &Path, because: io::Error) -> OpenError {
        OpenError::Io { path: self.layout.told(path), because }
    }
}

/// Files of one kind, ascending by number; two may have one.
type Found = BTreeSet<(u64, PathBuf)>;
