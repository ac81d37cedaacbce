//! From memory to blocks: everything that is in heads is sealed, a block a day, and the log begins anew.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::model::{Metric, Timestamp};

use super::block::{Block, BlockWriter, Source, Tier};
use super::catalog::Entry;
use super::columns::Columns;
use super::head::Taken;
use super::{Epoch, OnDisk, Store};

/// A series that is being sealed.
type Sealing = (Arc<Metric>, Arc<Entry>, Arc<Taken>);

impl Store {
    /// Seals all that is in heads, and forgets what the log has of it. Only who tends the store may call it.
    ///
    /// # Errors
    /// Where the disk refuses; everything is in memory then as before.
    pub(super) fn cut(&self) -> io::Result<()> {
        let sealed_segment = self.begin_segment();
        self.cut_to(self.disk.as_ref())?;
        if let Some(disk) = &self.disk {
            // They came to be while the disk refused, and the log may be all that has them there.
            self.write_blocks_of_memory(disk)?;
        }
        self.rewrite_what_is_cut()?;
        match (&self.disk, sealed_segment) {
            (Some(disk), Some(segment)) => disk.log.forget(segment),
            _ => Ok(()),
        }
    }

    /// Seals all that is in heads, in files or, without a disk, in memory. The log stays as it is.
    pub(super) fn cut_to(&self, disk: Option<&OnDisk>) -> io::Result<()> {
        let taken = self.take_all();
        let sealed = self.seal(&taken, disk).map(|blocks| self.blocks.replace(&[], blocks));
        for (_, entry, _) in &taken {
            let mut head = entry.head.lock();
            if sealed.is_ok() { head.forget_taken() } else { head.put_back() }
        }
        self.count_head();
        sealed
    }

    /// What is appended from now on is in another segment. Gives the number of the last one before.
    fn begin_segment(&self) -> Option<u64> {
        let disk = self.disk.as_ref()?;
        let mut epoch = self.epoch.write();
        let sealed = epoch.segment;
        *epoch = Epoch::of(disk.log.begin_segment());
        Some(sealed)
    }

    /// In the order of names, then of tags.
    fn take_all(&self) -> Vec<Sealing> {
        let mut all = Vec::new();
        for (metric, mut series) in self.catalog.read().families() {
            let metric = Arc::new(metric);
            series.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
            for entry in series {
                let taken = entry.head.lock().take();
                all.extend(taken.map(|taken| (Arc::clone(&metric), entry, taken)));
            }
        }
        all
    }

    /// How much is in heads, counted anew.
    pub(super) fn count_head(&self) {
        let families = self.catalog.read().families();
        let (mut bytes, mut points) = (0, 0);
        for entry in families.iter().flat_map(|(_, series)| series) {
            let head = entry.head.lock();
            bytes += head.bytes();
            points += head.len();
        }
        self.head_bytes.store(bytes, Ordering::Relaxed);
        self.head_points.store(points, Ordering::Relaxed);
    }

    fn seal(&self, taken: &[Sealing], disk: Option<&OnDisk>) -> io::Result<Vec<Arc<Block>>> {
        let mut days: BTreeMap<i64, Building<Vec<u8>>> = BTreeMap::new();
        let mut columns = Columns::default();
        for (metric, entry, taken) in taken {
            columns.clear();
            taken.read(Timestamp::MIN, Timestamp::MAX, &mut columns);
            for (day, range) in columns.days() {
                let new = || Building::new(Vec::new(), self.blocks.next_sequence());
                let building = days.entry(day).or_insert_with(new);
                building.add(metric, entry, &columns.times[range.clone()], &columns.values[range])?;
            }
        }
        let sealed = |(day, building): (i64, Building<Vec<u8>>)| {
            let (sequence, series) = (building.sequence, building.series);
            let bytes = building.writer.finish()?;
            put(disk, (Tier::Raw, day, sequence), |out| out.write_all(&bytes).map(|()| series))
        };
        days.into_iter().map(sealed).collect()
    }
}

/// A block in the making, with the numbers of its series.
#[derive(Debug)]
pub(super) struct Building<W: Write> {
    pub(super) writer: BlockWriter<W>,
    pub(super) sequence: u64,
    pub(super) series: Vec<u32>,
}

impl<W: Write> Building<W> {
    pub(super) fn new(out: W, sequence: u64) -> Self {
        Self { writer: BlockWriter::new(out, Tier::Raw, sequence), sequence, series: Vec::new() }
    }

    pub(super) fn add(&mut self, metric: &Metric, entry: &Entry, times: &[i64], values: &[f64]) -> io::Result<()> {
        if !times.is_empty() {
            self.series.push(entry.number);
        }
        self.writer.series(metric, &entry.tags, times, values)
    }
}

/// Writes a block where blocks belong, and reads it: what cannot be read is found before anything else is deleted. `write` gives the
/// numbers of its series.
pub(super) fn put(
    disk: Option<&OnDisk>,
    place: (Tier, i64, u64),
    write: impl FnOnce(&mut dyn Write) -> io::Result<Vec<u32>>,
) -> io::Result<Arc<Block>> {
    let (source, series) = match disk {
        None => {
            let mut bytes = Vec::new();
            let series = write(&mut bytes)?;
            (Source::Memory(bytes), series)
        }
        Some(disk) => disk.write_block(place, write)?,
    };
    let mut numbers = series.into_iter();
    let block = Block::open(source, |_, _, _| numbers.next().unwrap_or(u32::MAX));
    block.map(Arc::new).map_err(io::Error::other)
}
