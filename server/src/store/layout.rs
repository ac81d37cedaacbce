//! Every name and every magic number of the data folder. What is inside the files is told in docs/storage.md.
//!
//! May not know: how files are read and written.

use std::path::{Path, PathBuf};

/// What a segment of the log begins with; the last byte is the version of the format.
pub(super) const SEGMENT_MAGIC: [u8; 8] = *b"TTLLOG\0\x01";
/// What a block begins and ends with; the last byte is the version of the format.
pub(super) const BLOCK_MAGIC: [u8; 8] = *b"TTLBLK\0\x01";
/// What the file of gaps begins with; the last byte is the version of the format.
pub(super) const GAPS_MAGIC: [u8; 8] = *b"TTLGAP\0\x01";
/// Where all kinds of file have the version.
pub(super) const VERSION_AT: usize = 7;

const LOG: &str = "log";
const BLOCKS: &str = "blocks";
const DAMAGED: &str = "damaged";
const GAPS: &str = "gaps";
/// What is not whole yet, and of no use to anybody after a crash.
const ASIDE: &str = "new";
const SEGMENT: &str = "log";
const BLOCK: &str = "block";
/// A segment as a backup may have it.
const PACKED: &str = "log.gz";

/// Where everything lies.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The data folder itself, whose path may be nobody's business.
    folder: PathBuf,
    /// Segments of the log.
    pub(super) log: PathBuf,
    /// Sealed blocks.
    pub(super) blocks: PathBuf,
    /// Files that could not be read, kept for who wants to look at them.
    pub(super) damaged: PathBuf,
    /// Why samples are missing: one file.
    pub(super) gaps: PathBuf,
}

impl Layout {
    pub(super) fn of(folder: &Path) -> Self {
        let folder = folder.to_owned();
        let [log, blocks, damaged, gaps] = [LOG, BLOCKS, DAMAGED, GAPS].map(|name| folder.join(name));
        Self { folder, log, blocks, damaged, gaps }
    }

    pub(super) fn folders(&self) -> [&Path; 3] {
        [&self.log, &self.blocks, &self.damaged]
    }

    /// A path as it is told to people: from the data folder on.
    pub(super) fn told(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.folder).unwrap_or(path).to_owned()
    }

    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.log.join(format!("{number:012x}.{SEGMENT}"))
    }

    /// The same in a backup that is packed.
    pub(super) fn packed_segment(&self, number: u64) -> PathBuf {
        self.log.join(format!("{number:012x}.{PACKED}"))
    }

    pub(super) fn block(&self, tier: &str, day: i64, sequence: u64) -> PathBuf {
        self.blocks.join(format!("{tier}-{day}-{sequence:012x}.{BLOCK}"))
    }
}

/// The number in the name of a segment; none where it is no segment.
pub(super) fn segment_number(path: &Path) -> Option<u64> {
    number(path, SEGMENT, |stem| stem)
}

/// The number in the name of a segment that is packed; none where it is none.
pub(super) fn packed_segment_number(path: &Path) -> Option<u64> {
    number(path, PACKED, |stem| stem)
}

/// The number in the name of a block; none where it is no block.
pub(super) fn block_number(path: &Path) -> Option<u64> {
    number(path, BLOCK, |stem| stem.rsplit('-').next().unwrap_or_default())
}

fn number(path: &Path, extension: &str, part: impl Fn(&str) -> &str) -> Option<u64> {
    let stem = path.file_name()?.to_str()?.strip_suffix(extension)?.strip_suffix('.')?;
    u64::from_str_radix(part(stem), 16).ok()
}

/// Where a file is written before it takes its place.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ASIDE);
    name.into()
}

/// Whether the file was being written when the process ended.
pub(super) fn is_aside(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == ASIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_numbers() {
        let layout = Layout::of(Path::new("/data"));
        for number in [0, 1, 255, u64::from(u32::MAX), 1 << 50] {
            let (plain, packed) = (layout.segment(number), layout.packed_segment(number));
            assert_eq!((segment_number(&plain), segment_number(&packed)), (Some(number), None));
            assert_eq!((packed_segment_number(&plain), packed_segment_number(&packed)), (None, Some(number)));
            for day in [-3, 0, 20_000] {
                let block = layout.block("raw", day, number);
                assert_eq!(block_number(&block), Some(number), "{block:?}");
                assert!(is_aside(&aside(&block)) && block_number(&aside(&block)).is_none());
            }
        }
        for other in ["lock", "x.log", ".log", "raw-1.block.new", "raw-1-xyz.block"] {
            assert_eq!((segment_number(Path::new(other)), block_number(Path::new(other))), (None, None), "{other}");
        }
    }
}
