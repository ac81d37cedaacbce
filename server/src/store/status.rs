//! How the store is: how much it has, and what is wrong with it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::block::Tier;
use super::{Store, log};

/// How much a store keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Series of all metrics.
    pub series: usize,
    /// Points of all series. One that was written twice may count twice until its block is merged.
    pub points: usize,
}

/// What people who look after a store want to know of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Bytes of blocks, on the disk or in memory.
    pub block_bytes: u64,
    /// How many blocks there are.
    pub blocks: usize,
    /// Bytes of the log.
    pub log_bytes: u64,
    /// Bytes of points in memory that no block has.
    pub head_bytes: usize,
    /// Samples that were refused since the start.
    pub refused: u64,
    /// Why what is appended is kept in memory alone; none where all is well.
    pub trouble: Option<String>,
    /// Points that were dropped since the start, since the disk refused and memory has a bound.
    pub dropped: u64,
    /// Files that cannot be read in part or at all, by name.
    pub damaged: Vec<String>,
}

/// What has gone wrong and was not mended yet.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// Of the last time that something was to be sealed, merged or deleted.
    pub(super) tending: Option<String>,
    /// Points that there was no room for while the disk refused.
    pub(super) dropped: u64,
    damaged: BTreeSet<String>,
}

impl Troubles {
    /// A file was found damaged and put where nobody reads it.
    pub(super) fn set_aside(&mut self, path: &Path) {
        self.damaged.insert(log::name(path));
    }
}

impl Store {
    /// How much is kept. It walks through blocks, not through series.
    #[must_use]
    pub fn size(&self) -> Size {
        let sealed: u64 = self.blocks.list().iter().filter(|b| b.tier() == Tier::Raw).map(|block| block.points()).sum();
        let sealed = usize::try_from(sealed).unwrap_or(usize::MAX);
        Size {
            series: self.catalog.read().len(),
            points: sealed.saturating_add(self.head_points.load(Ordering::Relaxed)),
        }
    }

    /// Why what is appended is kept in memory alone, though there is a disk; none where all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let broken = self.disk.as_ref().and_then(|disk| disk.log.broken());
        let troubles = self.trouble.lock();
        let says = broken.or_else(|| troubles.tending.clone())?;
        Some(match troubles.dropped {
            0 => says,
            // How many is in the status: a sentence that changed each second would be told each second.
            _ => format!("{says}; points are dropped, since memory is full"),
        })
    }

    /// Whether there is a disk to outlive the process on.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// How it is. It looks at the folder of the log.
    #[must_use]
    pub fn status(&self) -> Status {
        let blocks = self.blocks.list();
        let mut damaged = self.trouble.lock().damaged.clone();
        damaged.extend(blocks.iter().filter(|b| b.damaged() > 0).filter_map(|b| b.path().map(|path| log::name(path))));
        Status {
            block_bytes: blocks.iter().map(|block| block.bytes()).sum(),
            blocks: blocks.len(),
            log_bytes: self.disk.as_ref().map_or(0, |disk| disk.log.bytes()),
            head_bytes: self.head_bytes.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            trouble: self.trouble(),
            dropped: self.trouble.lock().dropped,
            damaged: damaged.into_iter().collect(),
        }
    }
}
