//! The blocks that are open, as a list that readers share and one writer replaces.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use super::block::Block;

/// Ascending by sequence.
pub(super) type List = Arc<[Arc<Block>]>;

/// Every block of a store.
#[derive(Debug)]
pub(super) struct Blocks {
    list: RwLock<List>,
    sequence: AtomicU64,
}

impl Default for Blocks {
    fn default() -> Self {
        Self::new(Vec::new(), 0)
    }
}

impl Blocks {
    /// These, with no sequence used beyond `sequence`.
    pub(super) fn new(mut blocks: Vec<Arc<Block>>, sequence: u64) -> Self {
        blocks.sort_by_key(|block| block.sequence());
        let sequence = blocks.last().map_or(0, |block| block.sequence()).max(sequence);
        Self { list: RwLock::new(blocks.into()), sequence: AtomicU64::new(sequence) }
    }

    /// As they are now.
    pub(super) fn list(&self) -> List {
        Arc::clone(&self.list.read())
    }

    /// A sequence that was never used.
    pub(super) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The highest one used.
    pub(super) fn newest_sequence(&self) -> u64 {
        self.sequence.load(Ordering::Relaxed)
    }

    /// Some come, others go, at one moment. Only one at a time does that.
    pub(super) fn replace(&self, gone: &[Arc<Block>], come: Vec<Arc<Block>>) {
        let is_gone = |block: &Arc<Block>| gone.iter().any(|other| Arc::ptr_eq(block, other));
        let mut list: Vec<_> = self.list().iter().filter(|block| !is_gone(block)).cloned().chain(come).collect();
        list.sort_by_key(|block| block.sequence());
        *self.list.write() = list.into();
    }
}
