//! Reading a block.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use app::model::{Metric, Tags, Timestamp};
use flate2::read::DeflateDecoder;

use super::footer::{self, Footer, Tier};
use super::index::{self, Chunk, Place};
use super::{BlockError, DAY_MS, MOST_POINTS};
use crate::store::codec;
use crate::store::sketch::pack as sketch;
use crate::store::tier::{Window, pack};

/// Where the bytes of a block are.
#[derive(Debug)]
pub(in crate::store) enum Source {
    /// In a file of this path.
    File(PathBuf, File),
    /// In memory, where nothing is kept on a disk or the disk refuses.
    Memory(Vec<u8>),
}

/// A block that is read from.
#[derive(Debug)]
pub(in crate::store) struct Block {
    source: Source,
    footer: Footer,
    bytes: u64,
    index: Vec<u8>,
    /// Of each series its number in the catalog, ascending, and where the index tells its chunks.
    series: Vec<(u32, u32)>,
    points: u64,
    /// Chunks that were found to be damaged.
    damaged: AtomicU32,
}

impl Source {
    fn len(&self) -> io::Result<u64> {
        match self {
            Self::File(_, file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Puts so many bytes into `out`, whatever was in it.
    fn read(&self, at: u64, len: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::File(_, file) => {
                out.resize(len, 0);
                file.read_exact_at(out, at)
            }
            Self::Memory(bytes) => {
                let part = usize::try_from(at).ok().and_then(|at| bytes.get(at..)?.get(..len));
                out.clear();
                out.extend_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

impl Block {
    /// Reads footer and index. `number` gives each series its number in the catalog, in the order of the index.
    pub(in crate::store) fn open(
        source: Source,
        mut number: impl FnMut(&Metric, &Tags, Timestamp) -> u32,
    ) -> Result<Self, BlockError> {
        let bytes = source.len()?;
        let footer_at = bytes.checked_sub(footer::LEN as u64).ok_or(BlockError::Damaged("it is too short"))?;
        let mut read = Vec::new();
        source.read(footer_at, footer::LEN, &mut read)?;
        let footer = Footer::read(read.first_chunk().ok_or(BlockError::Damaged("it is too short"))?)?;
        if footer.index_at.checked_add(u64::from(footer.index_len)) != Some(footer_at) {
            return Err(BlockError::Damaged("the index is not where it should be"));
        }
        source.read(footer.index_at, footer.index_len as usize, &mut read)?;
        let index = unpack(&read, &footer)?;
        let mut series = Vec::new();
        let mut points = 0;
        index::read(&index, |entry| {
            // An index is of at most 4 GiB.
            let at = u32::try_from(entry.chunks_at).unwrap_or(u32::MAX);
            points += entry.points;
            series.push((number(&entry.metric, &entry.tags, entry.last.unwrap_or(Timestamp::MIN)), at));
        })?;
        series.sort_unstable();
        series.shrink_to_fit();
        Ok(Self { source, footer, bytes, index, series, points, damaged: AtomicU32::new(0) })
    }

    pub(in crate::store) fn tier(&self) -> Tier {
        self.footer.tier
    }

    pub(in crate::store) fn sequence(&self) -> u64 {
        self.footer.sequence
    }

    /// Of windows: the highest sequence of the blocks of points that they were made of.
    pub(in crate::store) fn made_of(&self) -> u64 {
        self.footer.made_of
    }

    /// Of windows: points from here on are not in them, in milliseconds.
    pub(in crate::store) fn until(&self) -> i64 {
        self.footer.until
    }

    pub(in crate::store) fn first(&self) -> Timestamp {
        self.footer.first
    }

    pub(in crate::store) fn last(&self) -> Timestamp {
        self.footer.last
    }

    /// The day of its points, or the first of them, in days since the epoch.
    pub(in crate::store) fn day(&self) -> i64 {
        self.footer.first.as_millis().div_euclid(DAY_MS)
    }

    /// The last day; only of hours it is another one.
    pub(in crate::store) fn last_day(&self) -> i64 {
        self.footer.last.as_millis().div_euclid(DAY_MS)
    }

    /// The same block, whose bytes now are elsewhere.
    pub(in crate::store) fn moved(&self, source: Source) -> Self {
        let damaged = AtomicU32::new(self.damaged());
        let (index, series) = (self.index.clone(), self.series.clone());
        Self { source, footer: self.footer, bytes: self.bytes, index, series, points: self.points, damaged }
    }

    /// Its size.
    pub(in crate::store) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many points it has.
    pub(in crate::store) fn points(&self) -> u64 {
        self.points
    }

    /// Where it lies; none in memory.
    pub(in crate::store) fn path(&self) -> Option<&PathBuf> {
        match &self.source {
            Source::File(path, _) => Some(path),
            Source::Memory(_) => None,
        }
    }

    /// All of it, where it is in memory.
    pub(in crate::store) fn in_memory(&self) -> Option<&[u8]> {
        match &self.source {
            Source::File(..) => None,
            Source::Memory(bytes) => Some(bytes),
        }
    }

    /// Chunks that were found to be damaged since it was opened.
    pub(in crate::store) fn damaged(&self) -> u32 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Numbers of its series in the catalog, ascending.
    pub(in crate::store) fn series(&self) -> impl Iterator<Item = u32> {
        self.series.iter().map(|&(number, _)| number)
    }

    /// Whether it has anything of a series.
    pub(in crate::store) fn has(&self, number: u32) -> bool {
        self.series.binary_search_by_key(&number, |&(found, _)| found).is_ok()
    }

    /// The chunks of a series, ascending; none where it has nothing of it.
    pub(in crate::store) fn chunks(&self, number: u32) -> impl Iterator<Item = Chunk> {
        let from = self.series.partition_point(|&(found, _)| found < number);
        let told = self.series.get(from).filter(|&&(found, _)| found == number);
        let chunks = told.and_then(|&(_, at)| index::chunks(&self.index, at as usize).ok());
        // The index was read through when the block was opened.
        chunks.into_iter().flatten().filter_map(Result::ok)
    }

    /// Appends the points of a chunk.
    ///
    /// # Errors
    /// Where they cannot be read. What it appended is taken back.
    pub(in crate::store) fn read(
        &self,
        chunk: &Chunk,
        scratch: &mut Vec<u8>,
        times: &mut Vec<i64>,
        values: &mut Vec<f64>,
    ) -> Result<(), BlockError> {
        let before = times.len();
        let read = self.read_chunk(chunk, scratch, times, values);
        if read.is_err() {
            times.truncate(before);
            values.truncate(before);
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        read
    }

    fn read_chunk(
        &self,
        chunk: &Chunk,
        scratch: &mut Vec<u8>,
        times: &mut Vec<i64>,
        values: &mut Vec<f64>,
    ) -> Result<(), BlockError> {
        debug_assert_eq!(times.len(), values.len());
        let count = self.times(chunk, scratch, times)?;
        let column = self.column(chunk.body, scratch)?;
        codec::decode_values(column, count, values).map_err(|_| BlockError::Damaged("values cannot be decoded"))
    }

    /// Appends the times of a chunk, which ascend; gives their number.
    fn times(&self, chunk: &Chunk, scratch: &mut Vec<u8>, times: &mut Vec<i64>) -> Result<usize, BlockError> {
        let count = usize::try_from(chunk.count).unwrap_or(usize::MAX);
        if count > MOST_POINTS {
            return Err(BlockError::Damaged("a chunk is too long"));
        }
        let before = times.len();
        let column = self.column(chunk.times, scratch)?;
        codec::decode_times(column, count, times).map_err(|_| BlockError::Damaged("times cannot be decoded"))?;
        let new = times.get(before..).unwrap_or_default();
        if new.is_sorted_by(|a, b| a < b) { Ok(count) } else { Err(BlockError::Damaged("times do not ascend")) }
    }

    /// Appends the windows of a chunk.
    ///
    /// # Errors
    /// Where they cannot be read, or where it has none. Nothing is appended then.
    pub(in crate::store) fn read_windows(
        &self,
        chunk: &Chunk,
        scratch: &mut Vec<u8>,
        out: &mut Vec<Window>,
    ) -> Result<(), BlockError> {
        let read = self.read_window_columns(chunk, scratch, out);
        if read.is_err() {
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        read
    }

    fn read_window_columns(
        &self,
        chunk: &Chunk,
        scratch: &mut Vec<u8>,
        out: &mut Vec<Window>,
    ) -> Result<(), BlockError> {
        let width = self.footer.tier.width_ms().ok_or(BlockError::Damaged("it has no windows"))?;
        let starts = self.starts(chunk, scratch)?;
        let body = self.column(chunk.body, scratch)?;
        pack::read(body, &starts, width, out).map_err(|_| BlockError::Damaged("windows cannot be decoded"))
    }

    /// Appends how the points of the windows of a chunk are spread.
    ///
    /// # Errors
    /// Where it cannot be read, or where it has none. Nothing is appended then.
    pub(in crate::store) fn read_spread(
        &self,
        chunk: &Chunk,
        scratch: &mut Vec<u8>,
        out: &mut Vec<sketch::Window>,
    ) -> Result<(), BlockError> {
        let read = match self.tier() {
            Tier::MinuteSpread | Tier::HourSpread => self.starts(chunk, scratch).and_then(|starts| {
                let body = self.column(chunk.body, scratch)?;
                sketch::read(body, &starts, out).map_err(|_| BlockError::Damaged("sketches cannot be decoded"))
            }),
            Tier::Raw | Tier::Minute | Tier::Hour => Err(BlockError::Damaged("it has no sketches")),
        };
        if read.is_err() {
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        read
    }

    /// When the windows of a chunk begin.
    fn starts(&self, chunk: &Chunk, scratch: &mut Vec<u8>) -> Result<Vec<i64>, BlockError> {
        let width = self.footer.tier.width_ms().ok_or(BlockError::Damaged("it has no windows"))?;
        let mut starts = Vec::new();
        self.times(chunk, scratch, &mut starts)?;
        if starts.iter().all(|start| start.rem_euclid(width) == 0) {
            Ok(starts)
        } else {
            Err(BlockError::Damaged("windows do not begin where they should"))
        }
    }

    fn column<'s>(&self, place: Place, scratch: &'s mut Vec<u8>) -> Result<&'s [u8], BlockError> {
        let end = place.at.checked_add(u64::from(place.len));
        if end.is_none_or(|end| end > self.footer.index_at) {
            return Err(BlockError::Damaged("a column lies outside"));
        }
        self.source.read(place.at, place.len as usize, scratch)?;
        let (bytes, crc) = scratch.split_last_chunk::<4>().ok_or(BlockError::Damaged("a column is too short"))?;
        if crc32fast::hash(bytes) != u32::from_le_bytes(*crc) {
            return Err(BlockError::Damaged("a column is not what was written"));
        }
        Ok(bytes)
    }
}

/// The index as it was before it was compressed. Deflate packs a thousand times at most, so what a footer claims beyond
/// that is not believed.
fn unpack(packed: &[u8], footer: &Footer) -> Result<Vec<u8>, BlockError> {
    let size = footer.index_size as usize;
    if size > packed.len().saturating_mul(1100) {
        return Err(BlockError::Damaged("the index cannot be that long"));
    }
    let mut index = Vec::with_capacity(size);
    let read = DeflateDecoder::new(packed).take(size as u64 + 1).read_to_end(&mut index);
    if read.is_err() || index.len() != size || crc32fast::hash(&index) != footer.index_crc {
        return Err(BlockError::Damaged("the index is not what was written"));
    }
    Ok(index)
}
