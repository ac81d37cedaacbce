//! The store: samples in by one door, series out by another.
//!
//! The newest points of each series are in memory ([`head`]) and in a log on the disk ([`log`]); now and then all of them are
//! sealed in a block ([`block`], [`cut`]), and blocks of a day become one ([`merge`]). docs/storage.md has the files byte by byte.
//! Invariant: a series is ascending by time, one point a moment, and holds finite values only.
//! Invariant: what was acknowledged outlives the process, but for what was appended within the flush interval.
//! Invariant: a disk that fails, fills up or hangs holds up nobody: what is appended is kept in memory then, and told.
//! Invariant: a reader copies references under a lock and thinks outside it, so it never holds up the writer for long.
//! May not know: where samples come from, who asks for them and how they were configured; nor what time
//! it is, callers say so.
//! Start reading at [`Store`]. [`aggregate()`] and [`newest`] are pure and work on what [`Store::query`] gave.

mod aggregate;
mod append;
mod asker;
mod block;
mod blocks;
pub mod care;
mod catalog;
mod codec;
mod columns;
mod cut;
#[cfg(test)]
mod disk_tests;
mod error;
mod files;
mod gaps;
mod head;
mod layout;
mod log;
mod matcher;
mod merge;
#[cfg(test)]
mod model_tests;
mod open;
mod packed;
mod query;
mod recover;
mod retention;
mod series;
mod sketch;
mod status;
mod summary;
mod tag_sets;
mod tend;
#[cfg(test)]
mod tests;
mod tier;
mod wire;

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize};

use app::model::Timestamp;
use parking_lot::{Mutex, RwLock};

pub use aggregate::{Plan, aggregate};
pub use append::{Fate, SeriesRef, Unstored};
pub use asker::Asker;
pub use error::{OpenError, Reason, Refusal, StoreError};
pub use gaps::Gaps;
pub use matcher::{BadMatcher, Matcher};
pub use open::{Disk, Progress};
pub use retention::Limits;
pub use series::{MetricInfo, Selection, Series, SeriesFilter, newest};
pub use status::{Size, Status};

use blocks::Blocks;
use catalog::Catalog;
use layout::Layout;
use log::Log;

/// Every sample that is kept. It is shared by reference: all calls take `&self`, from any thread.
#[derive(Debug)]
pub struct Store {
    limits: RwLock<Limits>,
    /// Series whose quantiles outlive their points.
    spread: RwLock<Arc<[SeriesFilter]>>,
    /// Written only when a series comes, goes or is redefined; a plain append reads it.
    catalog: RwLock<Catalog>,
    blocks: Blocks,
    /// Held for reading while something is appended; for writing while a new segment of the log begins, so that what was
    /// appended before is in memory and in the segments before.
    epoch: RwLock<Epoch>,
    disk: Option<OnDisk>,
    /// One cut, merge or other change of blocks at a time.
    tending: Mutex<tend::Tending>,
    /// Bytes of points in memory that no block has.
    head_bytes: AtomicUsize,
    head_points: AtomicUsize,
    /// Nothing older is kept or taken, in milliseconds.
    floor: AtomicI64,
    appended: AtomicU64,
    /// Older points may go for good; those between wait for being summed up, and no query gives them.
    needed: AtomicI64,
    /// As `floor`, for windows of minutes and of hours.
    minutes_floor: AtomicI64,
    hours_floor: AtomicI64,
    refused: AtomicU64,
    /// Questions that were given up since whoever had asked had left.
    abandoned: AtomicU64,
    trouble: Mutex<status::Troubles>,
    gaps: Gaps,
}

/// The segment of the log that series are numbered for.
#[derive(Debug)]
struct Epoch {
    segment: u64,
    slots: std::sync::atomic::AtomicU32,
}

/// What a store has where it writes to a disk.
#[derive(Debug)]
struct OnDisk {
    layout: Layout,
    log: Log,
}

impl OnDisk {
    /// Writes a block to its place. What `write` gives is given back.
    fn write_block<T>(
        &self,
        (tier, day, sequence): (block::Tier, i64, u64),
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<T>,
    ) -> io::Result<(block::Source, T)> {
        let path = self.layout.block(tier.name(), day, sequence);
        let told = files::write_whole(&path, |out| write(out))?;
        let file = File::open(&path)?;
        Ok((block::Source::File(path, file), told))
    }
}

impl Epoch {
    fn of(segment: u64) -> Self {
        Self { segment, slots: std::sync::atomic::AtomicU32::new(0) }
    }
}

impl Store {
    /// An empty store that keeps as much as `limits` says, in memory alone.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with(limits, Catalog::default(), Blocks::default(), None, 0)
    }

    fn with(limits: Limits, catalog: Catalog, blocks: Blocks, disk: Option<OnDisk>, segment: u64) -> Self {
        Self {
            limits: RwLock::new(limits),
            spread: RwLock::default(),
            catalog: RwLock::new(catalog),
            blocks,
            epoch: RwLock::new(Epoch::of(segment)),
            disk,
            tending: Mutex::default(),
            head_bytes: AtomicUsize::new(0),
            head_points: AtomicUsize::new(0),
            floor: AtomicI64::new(i64::MIN),
            appended: AtomicU64::new(0),
            needed: AtomicI64::new(i64::MIN),
            minutes_floor: AtomicI64::new(i64::MIN),
            hours_floor: AtomicI64::new(i64::MIN),
            refused: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            trouble: Mutex::default(),
            gaps: Gaps::default(),
        }
    }

    /// Why samples are missing.
    #[must_use]
    pub fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// Keeps as much as `limits` says from the next call on.
    pub fn limit(&self, limits: Limits) {
        *self.limits.write() = limits;
    }

    /// From now on it is kept how the points of these series are spread when these have gone: quantiles of the others go with them.
    pub fn keep_spread_of(&self, series: Vec<SeriesFilter>) {
        *self.spread.write() = series.into();
    }

    /// Forgets why samples were missing that are too old to be asked for, and writes what has changed of the rest. Called every second or
    /// so, from where it may take its time.
    pub fn tend_gaps(&self, now: Timestamp) {
        let limits = *self.limits.read();
        self.gaps.tend(now, now - limits.age(block::Tier::Raw).max(limits.age(block::Tier::Hour)));
    }

    /// Nothing older is kept.
    fn floor(&self) -> Timestamp {
        Timestamp::from_millis(self.floor.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// No older windows of a tier are kept.
    fn windows_floor(&self, tier: block::Tier) -> Timestamp {
        let floor = match tier {
            block::Tier::Raw => &self.floor,
            block::Tier::Minute | block::Tier::MinuteSpread => &self.minutes_floor,
            block::Tier::Hour | block::Tier::HourSpread => &self.hours_floor,
        };
        Timestamp::from_millis(floor.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// Older points may have gone for good.
    fn needed(&self) -> Timestamp {
        Timestamp::from_millis(self.needed.load(std::sync::atomic::Ordering::Relaxed))
    }
}
