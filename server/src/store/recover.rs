//! What files tell, put into a catalog: by who opens a store, and by who only looks at one.

use std::collections::HashMap;
use std::sync::Arc;

use app::model::Point;

use super::block::{Block, BlockError, Source};
use super::catalog::{Catalog, Entry};
use super::head::Cut;
use super::log::record::Record;
use super::log::replay::{Replayed, replay};

/// What came of a segment.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) replayed: Replayed,
    /// Samples that are in heads now.
    pub(super) points: u64,
    /// Samples of series that are not told, or that cannot be read.
    pub(super) lost: u64,
}

/// Opens a block and admits its series. Of one that turns out to be damaged no time is believed.
pub(super) fn open_block(catalog: &mut Catalog, source: Source) -> Result<Block, BlockError> {
    let mut known = Vec::new();
    let block = Block::open(source, |metric, tags, last| {
        let entry = catalog.admit(metric, tags);
        catalog.define(metric);
        known.push((Arc::clone(&entry), last));
        entry.number
    })?;
    known.into_iter().for_each(|(entry, last)| entry.head.lock().know(last));
    Ok(block)
}

/// Reads a segment into heads. `sequence` is the highest of all blocks: these are older than a cut.
pub(super) fn apply(catalog: &mut Catalog, bytes: &[u8], segment: u64, sequence: u64) -> Applied {
    let mut slots: HashMap<u32, Arc<Entry>> = HashMap::new();
    let (mut points, mut lost) = (0, 0);
    let replayed = replay(bytes, segment, |record| match record {
        Record::Series { slot, metric, tags } => {
            let entry = catalog.admit(&metric, &tags);
            catalog.define(&metric);
            slots.insert(slot, entry);
        }
        Record::Samples(samples) => {
            for sample in samples {
                match sample.map(|sample| (slots.get(&sample.slot), Point::new(sample.time, sample.value))) {
                    Ok((Some(entry), point)) => {
                        points += 1;
                        entry.head.lock().push_again(point);
                    }
                    _ => lost += 1,
                }
            }
        }
        Record::Cut { slot, from } => {
            if let Some(entry) = slots.get(&slot) {
                let mut head = entry.head.lock();
                head.cut_from(from);
                head.cuts.push(Cut { from, up_to: sequence });
            }
        }
    });
    Applied { replayed, points, lost }
}
