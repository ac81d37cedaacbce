//! Writing a block, from its first column to its footer.

use std::collections::HashMap;
use std::io::{self, Write};

use app::model::{Metric, Tags, Timestamp};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::MOST_POINTS;
use super::footer::{Footer, Tier};
use super::index::{Chunk, IndexWriter, Place};
use crate::store::codec;
use crate::store::sketch::pack as sketch;
use crate::store::tier::{Window, pack};

/// A block in the making. Series come in the order of their metrics' names, then of their tags.
#[derive(Debug)]
pub(in crate::store) struct BlockWriter<W: Write> {
    out: W,
    at: u64,
    tier: Tier,
    sequence: u64,
    index: IndexWriter,
    /// Columns of times that are written already: what is read at one time has the same times.
    times: HashMap<Box<[u8]>, Place>,
    bytes: Vec<u8>,
    chunks: Vec<Chunk>,
    covers: Option<(Timestamp, Timestamp)>,
    made_of: u64,
    until: i64,
}

impl<W: Write> BlockWriter<W> {
    pub(in crate::store) fn new(out: W, tier: Tier, sequence: u64) -> Self {
        Self {
            out,
            at: 0,
            tier,
            sequence,
            index: IndexWriter::default(),
            times: HashMap::new(),
            bytes: Vec::new(),
            chunks: Vec::new(),
            covers: None,
            made_of: 0,
            until: 0,
        }
    }

    /// Of two blocks that have a sample of one moment, the higher one counts.
    pub(in crate::store) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Its windows are of blocks of points up to a sequence, without the points from `until` on, in milliseconds.
    pub(in crate::store) fn made_of(mut self, sequence: u64, until: i64) -> Self {
        (self.made_of, self.until) = (sequence, until);
        self
    }

    /// One series with all its points of this block, ascending, one a moment. Without points it is left out.
    pub(in crate::store) fn series(
        &mut self,
        metric: &Metric,
        tags: &Tags,
        times: &[i64],
        values: &[f64],
    ) -> io::Result<()> {
        debug_assert_eq!(times.len(), values.len());
        self.chunks.clear();
        let count = times.len();
        if count == 0 {
            return Ok(());
        }
        // Chunks of about one length, rather than full ones and a rest.
        let each = count.div_ceil(count.div_ceil(MOST_POINTS));
        for (times, values) in times.chunks(each).zip(values.chunks(each)) {
            self.chunk(times, |out| codec::encode_values(values, out))?;
        }
        self.index.add(metric, tags, &self.chunks);
        Ok(())
    }

    /// One series with all its windows of this block, ascending. Without windows it is left out.
    pub(in crate::store) fn windows(&mut self, metric: &Metric, tags: &Tags, windows: &[Window]) -> io::Result<()> {
        self.chunks.clear();
        if windows.is_empty() {
            return Ok(());
        }
        let mut starts = Vec::new();
        for windows in windows.chunks(windows.len().div_ceil(windows.len().div_ceil(MOST_POINTS))) {
            starts.clear();
            starts.extend(windows.iter().map(|(start, _)| *start));
            self.chunk(&starts, |out| pack::put(out, windows))?;
        }
        self.index.add(metric, tags, &self.chunks);
        Ok(())
    }

    /// As [`Self::windows`], of how their points are spread.
    pub(in crate::store) fn spread(
        &mut self,
        metric: &Metric,
        tags: &Tags,
        windows: &[sketch::Window],
    ) -> io::Result<()> {
        self.chunks.clear();
        if windows.is_empty() {
            return Ok(());
        }
        let starts: Vec<_> = windows.iter().map(|(start, _)| *start).collect();
        for (starts, windows) in starts.chunks(MOST_POINTS).zip(windows.chunks(MOST_POINTS)) {
            self.chunk(starts, |out| sketch::put(out, windows))?;
        }
        self.index.add(metric, tags, &self.chunks);
        Ok(())
    }

    fn chunk(&mut self, times: &[i64], body: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Ok(()) };
        let (first, last) = (Timestamp::from_millis(first), Timestamp::from_millis(last));
        let (from, to) = self.covers.unwrap_or((first, last));
        self.covers = Some((from.min(first), to.max(last)));

        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        codec::encode_times(times, &mut bytes);
        let times_at = match self.times.get(&*bytes) {
            Some(&place) => place,
            None => {
                let place = self.column(&bytes)?;
                self.times.insert(bytes.as_slice().into(), place);
                place
            }
        };
        bytes.clear();
        body(&mut bytes);
        let body = self.column(&bytes)?;
        self.bytes = bytes;
        let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
        self.chunks.push(Chunk { count, first, last, times: times_at, body });
        Ok(())
    }

    /// Bytes and their checksum.
    fn column(&mut self, bytes: &[u8]) -> io::Result<Place> {
        let at = self.at;
        self.put(bytes)?;
        self.put(&crc32fast::hash(bytes).to_le_bytes())?;
        let len = u32::try_from(self.at - at).map_err(|_| io::Error::other("a column is too long"))?;
        Ok(Place { at, len })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Writes index and footer, and gives back what was written to. A block without series is of no use, but whole.
    pub(in crate::store) fn finish(mut self) -> io::Result<W> {
        let index = std::mem::take(&mut self.index).finish();
        let too_long = |_| io::Error::other("the index is too long");
        let index_size = u32::try_from(index.len()).map_err(too_long)?;
        let index_crc = crc32fast::hash(&index);
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&index)?;
        let packed = packed.finish()?;
        let index_at = self.at;
        self.put(&packed)?;
        let (first, last) = self.covers.unwrap_or_default();
        let index_len = u32::try_from(packed.len()).map_err(too_long)?;
        let (tier, sequence, made_of, until) = (self.tier, self.sequence, self.made_of, self.until);
        let footer = Footer { tier, sequence, first, last, made_of, until, index_at, index_len, index_size, index_crc };
        self.put(&footer.write())?;
        Ok(self.out)
    }
}
