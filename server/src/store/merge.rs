//! Blocks of one day become one: without what is too old, what was written twice, and what lay ahead when a clock was set back.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use app::model::Timestamp;

use super::block::{Block, DAY_MS, Tier};
use super::columns::Columns;
use super::cut::{Building, put};
use super::query::BlockReader;
use super::tier::{MadeOf, Which, newest};
use super::{OnDisk, Store, files};

/// So many blocks of a day that still grows are enough to merge them.
const ENOUGH: usize = 6;

impl Store {
    /// Merges the blocks of each day that has too many of them, or that is over; where it is `quiet`, of every day, for what a few
    /// short chunks take is more than one long one does. Only who tends the store may call it.
    pub(super) fn merge_days(&self, now: Timestamp, quiet: bool) -> io::Result<()> {
        let today = now.as_millis().div_euclid(DAY_MS);
        for (day, blocks) in self.days() {
            let over = quiet || day < today;
            if blocks.len() >= ENOUGH || (over && blocks.len() > 1) {
                self.merge(day, &blocks)?;
            }
        }
        Ok(())
    }

    /// Rewrites blocks with what lay ahead when a clock was set back. Only who tends the store may call it.
    pub(super) fn rewrite_what_is_cut(&self) -> io::Result<()> {
        let mut all = Vec::new();
        for (_, series) in self.catalog.read().families() {
            for entry in series {
                let cuts = entry.head.lock().cuts.clone();
                if !cuts.is_empty() {
                    all.push((entry, cuts));
                }
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        let concerns = |block: &Arc<Block>| {
            let (sequence, width) = match block.tier().width_ms() {
                None => (block.sequence(), 1),
                Some(width) => (block.made_of(), width),
            };
            all.iter().any(|(entry, cuts)| {
                let cut = |last: Timestamp| {
                    cuts.iter().any(|cut| cut.from.as_millis() < last.as_millis() + width && sequence <= cut.up_to)
                };
                cut(block.last()) && block.chunks(entry.number).any(|chunk| cut(chunk.last))
            })
        };
        let days = self.days();
        // Before the points: windows of what is no longer there would be taken for those of points that are too old.
        let list = self.blocks.list();
        let of_windows = list.iter().filter(|block| block.tier() != Tier::Raw && concerns(block));
        let (of_a_day, of_many): (Vec<_>, Vec<_>) = of_windows.partition(|block| block.day() == block.last_day());
        for block in of_many {
            self.rewrite_hours(block)?;
        }
        let again: BTreeMap<i64, i64> = of_a_day.iter().map(|block| (block.day(), block.until())).collect();
        for (day, until) in again {
            let points = days.get(&day).map_or(&[][..], Vec::as_slice);
            self.sum_up(day, points, MadeOf { newest: newest(points), until }, Which::Dense)?;
        }
        for (day, blocks) in days {
            if blocks.iter().any(concerns) {
                self.merge(day, &blocks)?;
            }
        }
        for (entry, done) in all {
            entry.head.lock().cuts.retain(|cut| !done.contains(cut));
        }
        Ok(())
    }

    /// The blocks of raw points of each day, ascending by sequence.
    pub(super) fn days(&self) -> BTreeMap<i64, Vec<Arc<Block>>> {
        let mut days: BTreeMap<i64, Vec<Arc<Block>>> = BTreeMap::new();
        for block in self.blocks.list().iter().filter(|block| block.tier() == Tier::Raw) {
            days.entry(block.day()).or_default().push(Arc::clone(block));
        }
        days
    }

    /// All blocks of one day become one, or none where nothing is left.
    fn merge(&self, day: i64, blocks: &[Arc<Block>]) -> io::Result<()> {
        let sequence = self.blocks.next_sequence();
        let place = (Tier::Raw, day, sequence);
        let block = put(self.disk.as_ref(), place, |out| self.write_merged(out, sequence, blocks))?;
        let nothing_left = block.series().next().is_none();
        let come = if nothing_left { self.discard(&[block]).map(|()| Vec::new())? } else { vec![block] };
        self.blocks.replace(blocks, come);
        self.discard(blocks)
    }

    /// Gives the numbers of the series that are left.
    fn write_merged(&self, out: impl Write, sequence: u64, blocks: &[Arc<Block>]) -> io::Result<Vec<u32>> {
        let mut building = Building::new(out, sequence);
        let present: BTreeSet<u32> = blocks.iter().flat_map(|block| block.series()).collect();
        let mut reader = BlockReader::default();
        let mut columns = Columns::default();
        for (metric, mut series) in self.catalog.read().families() {
            series.retain(|entry| present.contains(&entry.number));
            series.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
            for entry in series {
                columns.clear();
                let glance = entry.head.lock().look();
                let start = self.needed().max(glance.floor());
                for block in blocks {
                    let end = glance.end_in(block.sequence(), Timestamp::MAX);
                    reader.read(block, entry.number, start, end, &mut columns);
                }
                building.add(&metric, &entry, &columns.times, &columns.values)?;
            }
        }
        building.writer.finish()?;
        Ok(building.series)
    }

    /// Removes the files of blocks that nobody will read any more; what has been found damaged is set aside.
    pub(super) fn discard(&self, blocks: &[Arc<Block>]) -> io::Result<()> {
        let Some(OnDisk { layout, .. }) = &self.disk else { return Ok(()) };
        for block in blocks {
            let Some(path) = block.path() else { continue };
            if block.damaged() > 0 {
                let kept = files::move_into(path, &layout.damaged)?;
                self.trouble.lock().set_aside(&kept);
            } else {
                files::remove(path)?;
            }
        }
        Ok(())
    }
}
