//! A data folder that is only read, beside whoever owns it: what is in it, and every point of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use app::model::{Metric, Point, Tags, Timestamp};
use serde::Serialize;

use super::open_files::{OpenFiles, Opened, Unread};
use super::verify::damage_of_gaps;
use super::{CareError, Damage, Progress};
use crate::store::block::{Block, BlockError, DAY_MS, Source, Tier};
use crate::store::blocks::Blocks;
use crate::store::catalog::{Catalog, Entry};
use crate::store::columns::Columns;
use crate::store::layout::Layout;
use crate::store::log::replay::Tail;
use crate::store::query::SeriesReader;
use crate::store::recover::{Applied, apply, open_block};
use crate::store::{Limits, MetricInfo, OpenError, Selection, Store, StoreError, files};

/// So many days of a series are in memory at a time.
const DAYS_AT_ONCE: i64 = 7;

/// What a folder held at one moment.
#[derive(Debug)]
pub struct View {
    layout: Layout,
    /// In memory but for its blocks; nobody appends to it.
    store: Store,
    log: Log,
    damage: Vec<Damage>,
}

/// How much a folder holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contents {
    /// Series of all metrics.
    pub series: usize,
    /// Metrics.
    pub metrics: usize,
    /// Points in blocks and log; one that is in both counts twice.
    pub points: u64,
    /// Bytes of blocks and log.
    pub bytes: u64,
    /// The first moment with a point, in Unix seconds; none where there are no points in blocks.
    pub first: Option<Timestamp>,
    /// The last moment with a point in a block.
    pub last: Option<Timestamp>,
    /// Blocks, a row for each tier.
    pub tiers: Vec<TierContents>,
    /// What no block has yet.
    pub log: Log,
    /// Files that cannot be read, in part or at all, and those that were set aside.
    pub damaged: Vec<String>,
}

/// What blocks of one tier hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierContents {
    /// `raw`.
    pub tier: &'static str,
    /// Blocks.
    pub files: usize,
    /// Days that have any.
    pub days: usize,
    /// Points in them.
    pub points: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Bytes a point.
    pub bytes_a_point: f64,
}

/// What the log holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Log {
    /// Files.
    pub segments: usize,
    /// Samples in them.
    pub points: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl View {
    /// Looks at a folder, whoever owns it. What is damaged is left out and told by [`View::damage`].
    ///
    /// # Errors
    /// Where there is no store, where it cannot be read, and where a later version has written there.
    pub fn open(folder: &Path, progress: Progress<'_>) -> Result<Self, CareError> {
        Self::of(OpenFiles::open(folder)?, progress)
    }

    pub(super) fn of(files: OpenFiles, progress: Progress<'_>) -> Result<Self, CareError> {
        let (mut done, total) = (0, files.bytes());
        let mut reading = Reading { catalog: Catalog::default(), log: Log::default(), damage: Vec::new() };
        let mut blocks = Vec::new();
        for opened in &files.blocks {
            blocks.extend(reading.block(&files, opened)?.map(Arc::new));
            done += opened.len;
            progress(done, total);
        }
        for opened in &files.segments {
            reading.segment(&files, opened)?;
            done += opened.len;
            progress(done, total);
        }
        if let Some(opened) = &files.gaps {
            reading.damage.extend(damage_of_gaps(&files, opened)?);
            progress(done + opened.len, total);
        }
        let Reading { catalog, log, damage } = reading;
        let store = Store::with(Limits::default(), catalog, Blocks::new(blocks, 0), None, 0);
        Ok(Self { layout: files.layout, store, log, damage })
    }

    /// Every metric, ordered by name.
    #[must_use]
    pub fn metrics(&self) -> Vec<MetricInfo> {
        self.store.metrics()
    }

    /// Hands on the points of what is selected, ordered by tags, then ascending by time, at most some days of a series at once.
    ///
    /// # Errors
    /// What `each` gives; [`StoreError::UnknownMetric`].
    pub fn read<E: From<StoreError>>(
        &self,
        what: &Selection,
        mut each: impl FnMut(&Metric, &Tags, &[Point]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (metric, selected) = self.store.select(what)?;
        let mut reader = SeriesReader::new(&self.store);
        let (mut columns, mut points) = (Columns::default(), Vec::new());
        for entry in selected {
            for (start, end) in self.windows(&entry, what) {
                reader.read(&entry, start, end, &mut columns);
                points.clear();
                points.extend(columns.iter());
                if !points.is_empty() {
                    each(&metric, &entry.tags, &points)?;
                }
            }
        }
        Ok(())
    }

    /// About how many points [`View::read`] reads.
    ///
    /// # Errors
    /// [`StoreError::UnknownMetric`].
    pub fn weigh(&self, what: &Selection) -> Result<u64, StoreError> {
        let list = self.store.blocks.list();
        let raw: Vec<_> = list.iter().filter(|block| block.tier() == Tier::Raw).collect();
        let (_, selected) = self.store.select(what)?;
        let of_series = |entry: &Arc<Entry>| {
            let chunks = raw.iter().flat_map(|block| block.chunks(entry.number));
            let within = chunks.filter(|chunk| chunk.first <= what.end && chunk.last >= what.start);
            let sealed: u64 = within.map(|chunk| u64::from(chunk.count)).sum();
            sealed + entry.head.lock().touched(what.start, what.end) as u64
        };
        Ok(selected.iter().map(of_series).sum())
    }

    /// The range that is asked for, in parts that have something of the series in a block, and what is before and after.
    fn windows(&self, entry: &Entry, what: &Selection) -> Vec<(Timestamp, Timestamp)> {
        let part = |time: Timestamp| time.as_millis().div_euclid(DAY_MS * DAYS_AT_ONCE);
        let list = self.store.blocks.list();
        let of_series = list.iter().filter(|block| block.chunks(entry.number).next().is_some());
        let begins = of_series.flat_map(|block| [part(block.first()), part(block.last())]);
        // A part begins at each of these; the log may have points in any.
        let begins: BTreeSet<i64> = begins.flat_map(|part| [part, part + 1]).collect();
        let moments = begins.into_iter().map(|part| Timestamp::from_millis(part.saturating_mul(DAY_MS * DAYS_AT_ONCE)));
        let mut from = what.start;
        let mut windows = Vec::new();
        for next in moments.filter(|&moment| moment > what.start && moment <= what.end) {
            windows.push((from, Timestamp::from_millis(next.as_millis() - 1)));
            from = next;
        }
        windows.push((from, what.end));
        windows
    }

    /// What was found damaged so far: columns are looked at when they are read.
    #[must_use]
    pub fn damage(&self) -> Vec<Damage> {
        let mut damage = self.damage.clone();
        for block in self.store.blocks.list().iter().filter(|block| block.damaged() > 0) {
            let file = block.path().map(|path| self.layout.told(path)).unwrap_or_default();
            damage.push(Damage { file, place: None, because: format!("{} chunks are damaged", block.damaged()) });
        }
        damage
    }

    /// How much there is.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let list = self.store.blocks.list();
        let mut tiers: Vec<TierContents> = Vec::new();
        let names: BTreeSet<_> = list.iter().map(|block| block.tier()).collect();
        for tier in names {
            let of_tier = || list.iter().filter(|block| block.tier() == tier);
            let (points, bytes) = (of_tier().map(|b| b.points()).sum(), of_tier().map(|b| b.bytes()).sum());
            tiers.push(TierContents {
                tier: tier.name(),
                files: of_tier().count(),
                days: of_tier().map(|block| block.day()).collect::<BTreeSet<_>>().len(),
                points,
                bytes,
                bytes_a_point: ratio(bytes, points),
            });
        }
        let mut damaged: Vec<String> = self.damage().iter().map(|damage| damage.file.display().to_string()).collect();
        let aside = files::files_of(&self.layout.damaged).unwrap_or_default();
        damaged.extend(aside.iter().map(|path| self.layout.told(path).display().to_string()));
        damaged.sort();
        damaged.dedup();
        Contents {
            series: self.store.size().series,
            metrics: self.metrics().len(),
            points: tiers.iter().map(|tier| tier.points).sum::<u64>() + self.log.points,
            bytes: tiers.iter().map(|tier| tier.bytes).sum::<u64>() + self.log.bytes,
            first: list.iter().map(|block| block.first()).min(),
            last: list.iter().map(|block| block.last()).max(),
            tiers,
            log: self.log.clone(),
            damaged,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is printed with two digits")]
fn ratio(bytes: u64, points: u64) -> f64 {
    if points == 0 { 0.0 } else { bytes as f64 / points as f64 }
}

/// What comes together file by file.
#[derive(Debug)]
struct Reading {
    catalog: Catalog,
    log: Log,
    damage: Vec<Damage>,
}

impl Reading {
    fn block(&mut self, files: &OpenFiles, opened: &Opened) -> Result<Option<Block>, OpenError> {
        let file = opened.file.try_clone().map_err(|because| files.refused(&opened.path, because))?;
        match open_block(&mut self.catalog, Source::File(opened.path.clone(), file)) {
            Ok(block) => Ok(Some(block)),
            Err(BlockError::Newer(format)) => Err(OpenError::Newer { path: files.layout.told(&opened.path), format }),
            Err(error) => {
                self.damaged(files, opened, error.to_string());
                Ok(None)
            }
        }
    }

    /// As when a store is opened, but that the file stays as it is.
    fn segment(&mut self, files: &OpenFiles, opened: &Opened) -> Result<(), OpenError> {
        let bytes = match opened.read() {
            Ok(bytes) => bytes,
            Err(Unread::Io(because)) => return Err(files.refused(&opened.path, because)),
            Err(Unread::Damaged(error)) => {
                self.damaged(files, opened, format!("it is not what was packed: {error}"));
                return Ok(());
            }
        };
        let applied = apply(&mut self.catalog, &bytes, opened.number, files.sequence_before);
        let Applied { replayed, points, lost } = applied;
        self.log.segments += 1;
        self.log.points += points;
        self.log.bytes += opened.len;
        match replayed.tail {
            Tail::Newer(format) => return Err(OpenError::Newer { path: files.layout.told(&opened.path), format }),
            Tail::Foreign => self.damaged(files, opened, "it is damaged at its start".to_owned()),
            Tail::Clean | Tail::Torn if replayed.skipped > 0 || lost > 0 => {
                let because = format!("{} records are damaged, and {lost} samples of others", replayed.skipped);
                self.damaged(files, opened, because);
            }
            Tail::Clean | Tail::Torn => {}
        }
        Ok(())
    }

    fn damaged(&mut self, files: &OpenFiles, opened: &Opened, because: String) {
        self.damage.push(Damage { file: files.layout.told(&opened.path), place: None, because });
    }
}
