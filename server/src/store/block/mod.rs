//! Blocks: files that are written once and never changed, each with the samples of many series over at most one day.
//!
//! A block is columns one after the other, then an index of its series, compressed, then a footer of fixed length. It can be read
//! without any other file. docs/storage.md has it byte by byte.
//! May not know: the log, the series in memory, what is deleted when.

mod footer;
mod index;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::io;

pub(super) use footer::Tier;
pub(super) use index::Place;
pub(super) use read::{Block, Source};
pub(super) use write::BlockWriter;

/// Points in one chunk at most: what has to be decoded where one of them is wanted.
pub(super) const MOST_POINTS: usize = 8192;
/// A day, in which blocks are cut.
pub(super) const DAY_MS: i64 = 86_400_000;

/// Why a block cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BlockError {
    /// The disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is not what was written.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// A later version wrote it.
    #[error("it is of format {0}, which only a later version of Telltale reads")]
    Newer(u8),
}

impl From<super::wire::Malformed> for BlockError {
    fn from(_: super::wire::Malformed) -> Self {
        Self::Damaged("the index does not add up")
    }
}
