//! The index of a block: its series, and where the chunks of each lie.
//!
//! Names and values are written once, in a table of texts; a series refers to them by number. Times and places are written as
//! what they differ by from the ones before.

use std::collections::HashMap;

use app::model::{Metric, Tags, Timestamp, Unit};

use crate::store::log::record::{kind_byte, kind_of};
use crate::store::wire::{Malformed, Reader, put_i64, put_len, put_text, put_u64};

/// Where a chunk lies and what it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Chunk {
    pub(in crate::store) count: u32,
    pub(in crate::store) first: Timestamp,
    pub(in crate::store) last: Timestamp,
    /// The column of times, with its checksum; several chunks may share one.
    pub(in crate::store) times: Place,
    /// What else there is, with one checksum.
    pub(in crate::store) body: Place,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Place {
    pub(in crate::store) at: u64,
    pub(in crate::store) len: u32,
}

/// An index in the making.
#[derive(Debug, Default)]
pub(super) struct IndexWriter {
    texts: Texts,
    series: Vec<u8>,
    count: usize,
}

#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<Box<str>, u64>,
    bytes: Vec<u8>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u64 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.numbers.len() as u64;
        self.numbers.insert(text.into(), number);
        put_text(&mut self.bytes, text);
        number
    }
}

impl IndexWriter {
    pub(super) fn add(&mut self, metric: &Metric, tags: &Tags, chunks: &[Chunk]) {
        self.count += 1;
        let out = &mut self.series;
        put_u64(out, self.texts.number(&metric.name));
        put_u64(out, self.texts.number(metric.unit.as_str()));
        out.push(kind_byte(metric.kind));
        put_len(out, tags.iter().count());
        for (name, value) in tags.iter() {
            put_u64(out, self.texts.number(name));
            put_u64(out, self.texts.number(value));
        }
        put_len(out, chunks.len());
        let mut before = Before::default();
        for chunk in chunks {
            before.write(out, chunk);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.texts.bytes.len() + self.series.len() + 20);
        put_len(&mut out, self.texts.numbers.len());
        out.extend_from_slice(&self.texts.bytes);
        put_len(&mut out, self.count);
        out.extend_from_slice(&self.series);
        out
    }
}

/// What the next chunk differs from.
#[derive(Debug, Default, Clone, Copy)]
struct Before {
    last: i64,
    times_at: i64,
    body_end: i64,
}

impl Before {
    fn write(&mut self, out: &mut Vec<u8>, chunk: &Chunk) {
        let (first, last) = (chunk.first.as_millis(), chunk.last.as_millis());
        put_u64(out, u64::from(chunk.count));
        put_i64(out, first.wrapping_sub(self.last));
        put_i64(out, last.wrapping_sub(first));
        put_i64(out, chunk.times.at.cast_signed().wrapping_sub(self.times_at));
        put_u64(out, u64::from(chunk.times.len));
        put_i64(out, chunk.body.at.cast_signed().wrapping_sub(self.body_end));
        put_u64(out, u64::from(chunk.body.len));
        self.follow(chunk);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<Chunk, Malformed> {
        let count = from.u32()?;
        let first = self.last.wrapping_add(from.i64()?);
        let last = first.wrapping_add(from.i64()?);
        let times_at = self.times_at.wrapping_add(from.i64()?).cast_unsigned();
        let times = Place { at: times_at, len: from.u32()? };
        let body = Place { at: self.body_end.wrapping_add(from.i64()?).cast_unsigned(), len: from.u32()? };
        let (first, last) = (Timestamp::from_millis(first), Timestamp::from_millis(last));
        let chunk = Chunk { count, first, last, times, body };
        self.follow(&chunk);
        Ok(chunk)
    }

    fn follow(&mut self, chunk: &Chunk) {
        self.last = chunk.last.as_millis();
        self.times_at = chunk.times.at.cast_signed();
        self.body_end = chunk.body.at.wrapping_add(u64::from(chunk.body.len)).cast_signed();
    }
}

/// One series of an index.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) metric: Metric,
    pub(super) tags: Tags,
    /// Where its chunks are told, from the start of the index.
    pub(super) chunks_at: usize,
    /// The end of its last chunk; none without chunks.
    pub(super) last: Option<Timestamp>,
    /// Points of all its chunks.
    pub(super) points: u64,
}

/// Hands every series on, in the order in which they were written.
pub(super) fn read(index: &[u8], mut each: impl FnMut(Entry)) -> Result<(), Malformed> {
    let mut rest = Reader(index);
    let texts = (0..rest.len()?).map(|_| rest.text()).collect::<Result<Vec<_>, _>>()?;
    let text = |number: u64| usize::try_from(number).ok().and_then(|n| texts.get(n)).copied().ok_or(Malformed);
    for _ in 0..rest.len()? {
        let (name, unit) = (text(rest.u64()?)?, text(rest.u64()?)?);
        let metric =
            Metric { name: name.to_owned().into(), unit: Unit::new(unit.to_owned()), kind: kind_of(rest.byte()?)? };
        let pairs = (0..rest.len()?).map(|_| Ok((text(rest.u64()?)?, text(rest.u64()?)?)));
        let tags = Tags::new(pairs.collect::<Result<Vec<_>, Malformed>>()?);
        let chunks_at = index.len() - rest.0.len();
        let mut chunks = Chunks::read(&mut rest)?;
        let (mut last, mut points) = (None, 0);
        for chunk in chunks.by_ref() {
            let chunk = chunk?;
            last = last.max(Some(chunk.last));
            points += u64::from(chunk.count);
        }
        rest = chunks.rest;
        each(Entry { metric, tags, chunks_at, last, points });
    }
    if rest.is_empty() { Ok(()) } else { Err(Malformed) }
}

/// The chunks that are told at a place of the index.
pub(super) fn chunks(index: &[u8], at: usize) -> Result<Chunks<'_>, Malformed> {
    Chunks::read(&mut Reader(index.get(at..).ok_or(Malformed)?))
}

/// One chunk after the other, ascending by time.
#[derive(Debug, Clone)]
pub(super) struct Chunks<'a> {
    rest: Reader<'a>,
    left: usize,
    before: Before,
}

impl<'a> Chunks<'a> {
    fn read(from: &mut Reader<'a>) -> Result<Self, Malformed> {
        let left = from.len()?;
        Ok(Self { rest: *from, left, before: Before::default() })
    }
}

impl Iterator for Chunks<'_> {
    type Item = Result<Chunk, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let chunk = self.before.read(&mut self.rest);
        if chunk.is_err() {
            self.left = 0;
        }
        Some(chunk)
    }
}
