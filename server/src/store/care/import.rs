//! Points of any age into a folder that nobody else owns, as blocks of their own.
//!
//! Not by the door for new samples, which takes what is older than the newest point of a series for a clock that was set back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::model::{Metric, Point, Tags};

use super::{CareError, Progress};
use crate::store::block::{BlockWriter, Tier};
use crate::store::columns::Columns;
use crate::store::layout::Layout;
use crate::store::{Disk, Limits, OpenError, Store, files};

/// So many points are in memory before they are written.
const AT_ONCE: usize = 2_000_000;

/// Takes points and writes them in blocks; of two points of one moment the one that came last counts, in the folder too.
#[derive(Debug)]
pub struct Importer {
    folder: PathBuf,
    layout: Layout,
    /// The highest block there is.
    sequence: u64,
    /// Of each series, by name and tags, what its metric was said to be last, and its points.
    waiting: BTreeMap<(Cow<'static, str>, Tags), (Metric, Vec<Point>)>,
    points: usize,
}

impl Importer {
    /// Makes the folder ready: all it has goes into blocks, so that what is imported lies over it. What was damaged is told.
    ///
    /// # Errors
    /// As with [`Store::open`], and where the disk refuses.
    pub fn open(folder: &Path, progress: Progress<'_>) -> Result<(Self, Vec<String>), CareError> {
        let (sequence, notes) = settle(folder, progress)?;
        let (folder, layout) = (folder.to_owned(), Layout::of(folder));
        Ok((Self { folder, layout, sequence, waiting: BTreeMap::new(), points: 0 }, notes))
    }

    /// Takes a point, whose value is a finite number.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn push(&mut self, metric: Metric, tags: Tags, point: Point) -> Result<(), CareError> {
        let series = self.waiting.entry((metric.name.clone(), tags));
        let (said, points) = series.or_insert_with(|| (metric.clone(), Vec::new()));
        *said = metric;
        points.push(point);
        self.points += 1;
        if self.points >= AT_ONCE { self.write() } else { Ok(()) }
    }

    /// Writes what is left, and makes one block of the blocks of each day.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn finish(mut self, progress: Progress<'_>) -> Result<(), CareError> {
        self.write()?;
        settle(&self.folder, progress).map(drop)
    }

    fn write(&mut self) -> Result<(), CareError> {
        self.points = 0;
        let mut days: BTreeMap<i64, BlockWriter<Vec<u8>>> = BTreeMap::new();
        for ((_, tags), (metric, points)) in std::mem::take(&mut self.waiting) {
            let columns = ascending(points);
            for (day, range) in columns.days() {
                let sequence = &mut self.sequence;
                let writer = days.entry(day).or_insert_with(|| {
                    *sequence += 1;
                    BlockWriter::new(Vec::new(), Tier::Raw, *sequence)
                });
                let times = columns.times.get(range.clone()).unwrap_or_default();
                let values = columns.values.get(range).unwrap_or_default();
                writer.series(&metric, &tags, times, values).map_err(refused(&self.layout, &self.layout.blocks))?;
            }
        }
        for (day, writer) in days {
            let path = self.layout.block(Tier::Raw.name(), day, writer.sequence());
            let bytes = writer.finish().map_err(refused(&self.layout, &path))?;
            let written = files::write_whole(&path, |out| io::Write::write_all(out, &bytes));
            written.map_err(refused(&self.layout, &path))?;
        }
        Ok(())
    }
}

/// Told from the data folder on, as who opens a store tells it.
fn refused(layout: &Layout, path: &Path) -> impl FnOnce(io::Error) -> CareError {
    let path = layout.told(path);
    move |because| OpenError::Io { path, because }.into()
}

/// Of two of one moment the later one stays.
fn ascending(mut points: Vec<Point>) -> Columns {
    points.reverse();
    points.sort_by_key(|point| point.time);
    points.dedup_by_key(|point| point.time);
    points.into_iter().collect()
}

/// Everything into blocks, one a day. Gives the highest of them.
fn settle(folder: &Path, progress: Progress<'_>) -> Result<(u64, Vec<String>), CareError> {
    let disk = Disk { folder: folder.to_owned(), flush_every: Duration::ZERO };
    let (store, notes) = Store::open_told(&disk, Limits::default(), progress)?;
    let layout = Layout::of(folder);
    store.settle_down().map_err(refused(&layout, &layout.blocks))?;
    store.close();
    Ok((store.blocks.newest_sequence(), notes))
}
