//! From the points of a day to its minutes and hours, one series after the other.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use app::model::Timestamp;

use super::{wider, windows_of};
use crate::store::block::{Block, BlockWriter, DAY_MS, Source, Tier};
use crate::store::columns::Columns;
use crate::store::cut::open_again;
use crate::store::head::WINDOW;
use crate::store::query::BlockReader;
use crate::store::{Store, files};

const HOUR_MS: i64 = 3_600_000;

impl Store {
    /// Sums up each day whose points have changed since it was done last, as far as whole hours are over at `now` and nothing
    /// late is waited for. Days that begin before what is kept stay as they are. Only who tends the store may call it.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(in crate::store) fn roll_up(&self, now: Timestamp) -> io::Result<()> {
        let over = (now - WINDOW).as_millis().div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
        for (day, points) in self.days() {
            let until = over.min((day + 1) * DAY_MS);
            if until <= day * DAY_MS || self.floor().as_millis() > day * DAY_MS {
                continue;
            }
            let newest = points.last().map_or(0, |block| block.sequence());
            for tier in [Tier::Minute, Tier::Hour] {
                let before: Vec<_> =
                    self.blocks.list().iter().filter(|b| b.tier() == tier && b.day() == day).cloned().collect();
                if before.iter().any(|block| block.made_of() >= newest && block.until() >= until) {
                    continue;
                }
                let come = self.roll_day(tier, day, &points, (newest, until))?;
                self.blocks.replace(&before, vec![come]);
                self.discard(&before)?;
            }
        }
        Ok(())
    }

    fn roll_day(&self, tier: Tier, day: i64, points: &[Arc<Block>], of: (u64, i64)) -> io::Result<Arc<Block>> {
        let sequence = self.blocks.next_sequence();
        let (source, series) = match &self.disk {
            None => {
                let mut bytes = Vec::new();
                let series = self.write_windows(&mut bytes, tier, sequence, points, of)?;
                (Source::Memory(bytes), series)
            }
            Some(disk) => {
                let path = disk.layout.block(tier.name(), day, sequence);
                let series = files::write_whole(&path, |out| self.write_windows(out, tier, sequence, points, of))?;
                let file = File::open(&path)?;
                (Source::File(path, file), series)
            }
        };
        open_again(source, series)
    }

    /// Gives the numbers of the series that have windows.
    fn write_windows(
        &self,
        out: impl Write,
        tier: Tier,
        sequence: u64,
        points: &[Arc<Block>],
        (newest, until): (u64, i64),
    ) -> io::Result<Vec<u32>> {
        let mut writer = BlockWriter::new(out, tier, sequence).made_of(newest, until);
        let present: BTreeSet<u32> = points.iter().flat_map(|block| block.series()).collect();
        let (mut reader, mut columns, mut written) = (BlockReader::default(), Columns::default(), Vec::new());
        let last = Timestamp::from_millis(until - 1);
        for (metric, mut series) in self.catalog.read().families() {
            series.retain(|entry| present.contains(&entry.number));
            series.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
            for entry in series {
                columns.clear();
                let glance = entry.head.lock().look();
                for block in points {
                    let end = glance.end_in(block.sequence(), last);
                    reader.read(block, entry.number, glance.floor(), end, &mut columns);
                }
                // Hours are made of minutes: their sums round alike then.
                let mut windows = windows_of(Tier::Minute, columns.iter());
                if tier == Tier::Hour {
                    windows = wider(tier, &windows);
                }
                if !windows.is_empty() {
                    written.push(entry.number);
                }
                writer.windows(&metric, &entry.tags, &windows)?;
            }
        }
        writer.finish()?;
        Ok(written)
    }
}
