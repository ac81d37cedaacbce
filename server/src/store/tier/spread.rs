//! How the points of each minute and hour are spread, for the series of which somebody wants quantiles after their points have gone.
//!
//! Blocks of their own: who asks for anything else never reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use app::model::Timestamp;

use super::read::spread;
use super::roll::MadeOf;
use crate::store::Store;
use crate::store::block::{Block, BlockWriter, Tier};
use crate::store::catalog::Entry;
use crate::store::columns::Columns;
use crate::store::cut::put;
use crate::store::head::Glance;
use crate::store::query::BlockReader;
use crate::store::sketch::Sketch;
use crate::store::sketch::pack as sketch;

/// When windows begin, and how their points are spread.
type Spread = BTreeMap<i64, Sketch>;

impl Store {
    /// Whether a day has everything of this kind that its points can give.
    pub(super) fn has_spread(&self, day: i64, points: &[Arc<Block>], with_minutes: bool) -> bool {
        let asked = self.asked_for_spread();
        let has = |tier| {
            let block = self.windows_of_day(tier, day).pop();
            let has = |number: &u32| block.as_ref().is_some_and(|block| block.damaged() == 0 && block.has(*number));
            points.iter().flat_map(|block| block.series()).filter(|number| asked.contains(number)).all(|n| has(&n))
        };
        asked.is_empty() || (has(Tier::HourSpread) && (!with_minutes || has(Tier::MinuteSpread)))
    }

    /// Writes anew how the points of a day are spread: by minutes, and by hours that are made of these.
    pub(super) fn sum_up_spread(
        &self,
        day: i64,
        points: &[Arc<Block>],
        of: MadeOf,
        present: &BTreeSet<u32>,
    ) -> io::Result<()> {
        let (old_minutes, old_hours) =
            (self.windows_of_day(Tier::MinuteSpread, day).pop(), self.windows_of_day(Tier::HourSpread, day).pop());
        let mut wanted = self.asked_for_spread();
        wanted.retain(|number| present.contains(number));
        // What was written before stays, whoever asks now.
        wanted.extend([&old_minutes, &old_hours].into_iter().flatten().flat_map(|block| block.series()));
        if wanted.is_empty() {
            return Ok(());
        }
        let (mut reader, mut columns) = (BlockReader::default(), Columns::default());
        let last = Timestamp::from_millis(of.until - 1);
        let minutes = self.write_spread(Tier::MinuteSpread, day, &wanted, of, |entry, glance| {
            columns.clear();
            for block in points {
                let end = glance.end_in(block.sequence(), last);
                reader.read(block, entry.number, glance.floor(), end, &mut columns);
            }
            let mut spread = spread_of(&columns);
            keep(&mut spread, old_minutes.as_deref().map_or_else(Spread::new, |old| known(old, entry, glance)));
            Ok(spread)
        })?;
        self.write_spread(Tier::HourSpread, day, &wanted, of, |entry, glance| {
            let of_minutes = minutes.as_deref().map_or_else(|| Ok(Vec::new()), |block| all_of(block, entry))?;
            let mut spread = Spread::new();
            for (start, sketch) in of_minutes {
                spread.entry(window(Tier::HourSpread, start)).or_default().join(&sketch);
            }
            keep(&mut spread, old_hours.as_deref().map_or_else(Spread::new, |old| known(old, entry, glance)));
            Ok(spread)
        })?;
        Ok(())
    }

    fn write_spread(
        &self,
        tier: Tier,
        day: i64,
        wanted: &BTreeSet<u32>,
        of: MadeOf,
        mut spread: impl FnMut(&Entry, &Glance) -> io::Result<Spread>,
    ) -> io::Result<Option<Arc<Block>>> {
        let sequence = self.blocks.next_sequence();
        let block = put(self.disk.as_ref(), (tier, day, sequence), |out| {
            let writer = BlockWriter::new(out, tier, sequence).made_of(of.newest, of.until);
            self.write_series(writer, wanted, |writer, metric, entry, glance| {
                let windows: Vec<_> = spread(entry, glance)?.into_iter().collect();
                writer.spread(metric, &entry.tags, &windows)?;
                Ok(!windows.is_empty())
            })
        })?;
        let come = self.unless_empty(block)?;
        self.put_in_place(tier, day, come.clone())?;
        Ok(come)
    }

    /// The numbers of the series that somebody asks for.
    fn asked_for_spread(&self) -> BTreeSet<u32> {
        let filters = Arc::clone(&self.spread.read());
        if filters.is_empty() {
            return BTreeSet::new();
        }
        let families = self.catalog.read().families();
        let asked = families.iter().flat_map(|(metric, series)| {
            series.iter().filter(|entry| filters.iter().any(|filter| filter.covers(metric, &entry.tags)))
        });
        asked.map(|entry| entry.number).collect()
    }
}

/// How points are spread, minute by minute.
fn spread_of(columns: &Columns) -> Spread {
    let mut spread = Spread::new();
    for point in columns.iter() {
        let start = window(Tier::MinuteSpread, point.time.as_millis());
        spread.entry(start).or_default().add(point.value);
    }
    spread
}

/// When the window of a moment begins.
fn window(tier: Tier, time: i64) -> i64 {
    let width = tier.width_ms().unwrap_or(1);
    time.div_euclid(width) * width
}

/// All that a block has of a series.
///
/// # Errors
/// Where a part cannot be read.
fn all_of(block: &Block, entry: &Entry) -> io::Result<Vec<sketch::Window>> {
    let (mut windows, mut scratch) = (Vec::new(), Vec::new());
    for chunk in block.chunks(entry.number) {
        block.read_spread(&chunk, &mut scratch, &mut windows)?;
    }
    Ok(windows)
}

/// What a block has of a series, but for what a clock that was set back undoes.
fn known(block: &Block, entry: &Entry, glance: &Glance) -> Spread {
    let end = glance.end_in(block.made_of(), Timestamp::MAX).as_millis();
    let width = block.tier().width_ms().unwrap_or(0);
    // What is damaged is left out and told by the block.
    let windows = spread(block, entry.number, &(i64::MIN..i64::MAX));
    windows.into_iter().filter(|(start, _)| start + width - 1 <= end).collect()
}

/// Of a window that was summed up before, what is of more points counts, as for what they come to.
fn keep(spread: &mut Spread, known: Spread) {
    for (start, sketch) in known {
        let new = spread.entry(start).or_default();
        if new.count() < sketch.count() {
            *new = sketch;
        }
    }
}
