//! Hours of many days in one file: a file a day would be hundreds after a while, each with the names of all series.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use app::model::Timestamp;

use super::Window;
use super::read::windows_until;
use super::roll::{MadeOf, newest};
use crate::store::Store;
use crate::store::block::{Block, DAY_MS, Tier};

/// So many days, counted from the epoch, come together.
const TOGETHER: i64 = 32;

impl Store {
    /// Joins the hours of days that are over. Only who tends the store may call it.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(in crate::store) fn join_hours(&self, now: Timestamp) -> io::Result<()> {
        let today = now.as_millis().div_euclid(DAY_MS);
        let days = self.days();
        for (together, blocks) in self.hours() {
            // Whatever is to be summed up of these days has been, or the joined ones would have to be written again.
            let is_fresh = |block: &Arc<Block>| {
                block.damaged() == 0
                    && (block.day()..=block.last_day()).all(|day| {
                        let points = days.get(&day).map_or(&[][..], Vec::as_slice);
                        let last = points.iter().map(|points| points.last().as_millis()).max();
                        newest(points) <= block.made_of() && last.is_none_or(|last| last < block.until())
                    })
            };
            if (together + 1) * TOGETHER < today && blocks.len() > 1 && blocks.iter().all(is_fresh) {
                let made_of = blocks.iter().map(|block| block.made_of()).max().unwrap_or(0);
                self.write_joined(&blocks, made_of)?;
            }
        }
        Ok(())
    }

    /// Writes hours of several days again, without what a clock that was set back undoes.
    pub(in crate::store) fn rewrite_hours(&self, concerned: &Block) -> io::Result<()> {
        let blocks = self.hours().remove(&concerned.day().div_euclid(TOGETHER)).unwrap_or_default();
        // Some of them may be waiting to be summed up again.
        let made_of = blocks.iter().map(|block| block.made_of()).min().unwrap_or(0);
        self.write_joined(&blocks, made_of)
    }

    /// Blocks of hours that belong together, ascending by sequence.
    fn hours(&self) -> BTreeMap<i64, Vec<Arc<Block>>> {
        let mut hours: BTreeMap<i64, Vec<Arc<Block>>> = BTreeMap::new();
        for block in self.blocks.list().iter().filter(|block| block.tier() == Tier::Hour) {
            hours.entry(block.day().div_euclid(TOGETHER)).or_default().push(Arc::clone(block));
        }
        hours
    }

    fn write_joined(&self, blocks: &[Arc<Block>], made_of: u64) -> io::Result<()> {
        let day = blocks.iter().map(|block| block.day()).min().unwrap_or(0);
        let until = blocks.iter().map(|block| block.until()).max().unwrap_or(0);
        let present: BTreeSet<u32> = blocks.iter().flat_map(|block| block.series()).collect();
        let of = MadeOf { newest: made_of, until };
        let joined = self.write_day(Tier::Hour, day, &present, of, |entry, glance| {
            let mut all: BTreeMap<i64, Window> = BTreeMap::new();
            let mut windows = Vec::new();
            for block in blocks {
                windows.clear();
                let end = glance.end_in(block.made_of(), Timestamp::MAX);
                windows_until(block, entry.number, end, &mut windows)?;
                all.extend(windows.iter().map(|window| (window.0, *window)));
            }
            Ok(all.into_values().collect())
        })?;
        self.blocks.replace(blocks, joined.into_iter().collect());
        self.discard(blocks)
    }
}
