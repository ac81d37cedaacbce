//! What is written in a segment: which series there are, and their samples.
//!
//! A record is `length u32 | CRC-32 of the payload u32 | payload`, little-endian; the payload begins with its kind. Series are
//! known by a number, the slot, that is good for one segment: each segment can be read without any other file.
//! Invariant: reading never panics and allocates no more than the bytes at hand, whatever they are.

use app::model::{Kind, Metric, Tags, Timestamp, Unit};

use crate::store::wire::{Malformed, Reader, put_i64, put_len, put_text, put_u64};

/// No record is longer; a length beyond it is damage.
pub(in crate::store) const MAX_PAYLOAD: usize = 1 << 26;
/// Of `length` and checksum.
pub(in crate::store) const HEAD: usize = 8;

const SERIES: u8 = 1;
const SAMPLES: u8 = 2;
const CUT: u8 = 3;

/// What a record says.
#[derive(Debug)]
pub(in crate::store) enum Record<'a> {
    /// From here on this slot is that series.
    Series { slot: u32, metric: Metric, tags: Tags },
    /// Samples of several series.
    Samples(Samples<'a>),
    /// The series has nothing from this moment on, but for what follows.
    Cut { slot: u32, from: Timestamp },
}

/// Slot, time and value of one sample after the other.
#[derive(Debug)]
pub(in crate::store) struct Samples<'a> {
    rest: Reader<'a>,
    slot: i64,
    time: i64,
}

/// One sample as it is logged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::store) struct Logged {
    pub(in crate::store) slot: u32,
    pub(in crate::store) time: Timestamp,
    pub(in crate::store) value: f64,
}

/// One record in the making.
#[derive(Debug)]
pub(in crate::store) struct SamplesWriter {
    bytes: Vec<u8>,
    slot: i64,
    time: i64,
}

/// Where the payload is done, its length and checksum go before it.
fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let (head, payload) = bytes.split_at_mut(HEAD);
    let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    head[..4].copy_from_slice(&len.to_le_bytes());
    head[4..].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
    bytes
}

fn begin(kind: u8, capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + 1 + capacity);
    bytes.extend_from_slice(&[0; HEAD]);
    bytes.push(kind);
    bytes
}

pub(in crate::store) fn series(slot: u32, metric: &Metric, tags: &Tags) -> Vec<u8> {
    let mut bytes = begin(SERIES, 128);
    put_u64(&mut bytes, u64::from(slot));
    put_metric(&mut bytes, metric);
    put_len(&mut bytes, tags.iter().count());
    for (name, value) in tags.iter() {
        put_text(&mut bytes, name);
        put_text(&mut bytes, value);
    }
    seal(bytes)
}

pub(in crate::store) fn cut(slot: u32, from: Timestamp) -> Vec<u8> {
    let mut bytes = begin(CUT, 16);
    put_u64(&mut bytes, u64::from(slot));
    put_i64(&mut bytes, from.as_millis());
    seal(bytes)
}

fn put_metric(bytes: &mut Vec<u8>, metric: &Metric) {
    put_text(bytes, &metric.name);
    put_text(bytes, metric.unit.as_str());
    bytes.push(kind_byte(metric.kind));
}

pub(in crate::store) fn kind_byte(kind: Kind) -> u8 {
    match kind {
        Kind::Gauge => 0,
        Kind::Counter => 1,
    }
}

pub(in crate::store) fn kind_of(byte: u8) -> Result<Kind, Malformed> {
    match byte {
        0 => Ok(Kind::Gauge),
        1 => Ok(Kind::Counter),
        _ => Err(Malformed),
    }
}

impl SamplesWriter {
    /// Room for about so many samples.
    pub(in crate::store) fn new(samples: usize) -> Self {
        Self { bytes: begin(SAMPLES, samples.saturating_mul(12)), slot: 0, time: 0 }
    }

    pub(in crate::store) fn add(&mut self, sample: Logged) {
        let (slot, time) = (i64::from(sample.slot), sample.time.as_millis());
        put_i64(&mut self.bytes, slot - self.slot);
        put_i64(&mut self.bytes, time.wrapping_sub(self.time));
        self.bytes.extend_from_slice(&sample.value.to_le_bytes());
        (self.slot, self.time) = (slot, time);
    }

    /// So long already that a new one has to begin.
    pub(in crate::store) fn is_full(&self) -> bool {
        self.bytes.len() > MAX_PAYLOAD / 2
    }

    /// The record; none where nothing was added.
    pub(in crate::store) fn finish(self) -> Option<Vec<u8>> {
        (self.bytes.len() > HEAD + 1).then(|| seal(self.bytes))
    }
}

impl<'a> Record<'a> {
    pub(in crate::store) fn read(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = Reader(payload);
        match rest.byte()? {
            SERIES => {
                let slot = rest.u32()?;
                let (name, unit) = (rest.text()?.to_owned(), rest.text()?.to_owned());
                let metric = Metric { name: name.into(), unit: Unit::new(unit), kind: kind_of(rest.byte()?)? };
                let pairs = (0..rest.len()?).map(|_| Ok((rest.text()?, rest.text()?)));
                Ok(Self::Series { slot, metric, tags: Tags::new(pairs.collect::<Result<Vec<_>, _>>()?) })
            }
            SAMPLES => Ok(Self::Samples(Samples { rest, slot: 0, time: 0 })),
            CUT => Ok(Self::Cut { slot: rest.u32()?, from: Timestamp::from_millis(rest.i64()?) }),
            _ => Err(Malformed),
        }
    }
}

impl Samples<'_> {
    fn read(&mut self) -> Result<Logged, Malformed> {
        self.slot = self.slot.checked_add(self.rest.i64()?).ok_or(Malformed)?;
        self.time = self.time.wrapping_add(self.rest.i64()?);
        let value = f64::from_le_bytes(self.rest.array()?);
        let slot = u32::try_from(self.slot).map_err(|_| Malformed)?;
        Ok(Logged { slot, time: Timestamp::from_millis(self.time), value })
    }
}

impl Iterator for Samples<'_> {
    type Item = Result<Logged, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let sample = self.read();
        if sample.is_err() {
            self.rest = Reader(&[]);
        }
        Some(sample)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payload(record: &[u8]) -> &[u8] {
        let (head, payload) = record.split_at(HEAD);
        assert_eq!(head[..4], u32::try_from(payload.len()).unwrap().to_le_bytes());
        assert_eq!(head[4..], crc32fast::hash(payload).to_le_bytes());
        payload
    }

    proptest! {
        #[test]
        fn samples_are_read_as_they_were_written(
            samples in prop::collection::vec((any::<u32>(), any::<i64>(), any::<u64>()), 1..50),
        ) {
            let logged = |&(slot, time, bits): &(u32, i64, u64)| {
                Logged { slot, time: Timestamp::from_millis(time), value: f64::from_bits(bits) }
            };
            let mut writer = SamplesWriter::new(0);
            samples.iter().for_each(|sample| writer.add(logged(sample)));
            let record = writer.finish().unwrap();
            let Ok(Record::Samples(read)) = Record::read(payload(&record)) else { return Err(TestCaseError::fail("other")) };
            let read: Vec<_> = read.map(|s| s.map(|s| (s.slot, s.time.as_millis(), s.value.to_bits())).unwrap()).collect();
            prop_assert_eq!(read, samples);
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80), kind in 0..5_u8) {
            if let Some(first) = bytes.first_mut() {
                *first = kind;
            }
            if let Ok(Record::Samples(samples)) = Record::read(&bytes) {
                prop_assert!(samples.count() <= bytes.len());
            }
        }
    }

    #[test]
    fn series_and_cuts_are_read_as_they_were_written() {
        let metric = Metric::counter("sent", Unit::BYTES);
        let tags = Tags::new([("host", "wéb"), ("device", "")]);
        let record = series(7, &metric, &tags);
        let read = Record::read(payload(&record)).unwrap();
        assert!(
            matches!(&read, Record::Series { slot: 7, metric: m, tags: t } if *m == metric && *t == tags),
            "{read:?}"
        );
        let record = cut(9, Timestamp::from_millis(-5));
        let read = Record::read(payload(&record)).unwrap();
        assert!(matches!(read, Record::Cut { slot: 9, from } if from.as_millis() == -5));
        assert!(SamplesWriter::new(3).finish().is_none());
    }
}
