//! Remote write 1.0: protobuf in snappy's block format, one sample per series with all of its labels.
//!
//! What never changes of a series is encoded once. May not know: what the values mean.

use super::mix::Series;
use anyhow::{Context, Result};

/// Samples of one body, as the peers' own senders cut them.
pub(super) const PER_BODY: usize = 10_000;

/// Makes the bodies of some series, oldest sample first.
pub(super) struct Encoder {
    series: Vec<(Series, Vec<u8>)>,
    /// Unix seconds of the step that is encoded now.
    time: i64,
    interval: i64,
    /// The series of this step that is next.
    place: usize,
    /// Bytes before compression, so far.
    pub(super) raw: usize,
    /// Bytes after it.
    pub(super) packed: usize,
}

impl Encoder {
    /// Series from their first step on.
    pub(super) fn new(series: Vec<Series>, begin: i64, interval: i64) -> Self {
        let series = series.into_iter().map(|one| (labels(&one), one)).map(|(labels, one)| (one, labels)).collect();
        Self { series, time: begin, interval, place: 0, raw: 0, packed: 0 }
    }

    /// The next body of `samples` samples.
    pub(super) fn body(&mut self, samples: usize) -> Result<Vec<u8>> {
        let mut raw = Vec::with_capacity(samples * 170);
        for _ in 0..samples {
            if self.place == self.series.len() {
                self.place = 0;
                self.time += self.interval;
            }
            let (series, labels) = self.series.get_mut(self.place).context("there are no series")?;
            write_sample(&mut raw, labels, series.value(), self.time * 1000);
            self.place += 1;
        }
        let packed = snap::raw::Encoder::new().compress_vec(&raw).context("compressing a body")?;
        self.raw += raw.len();
        self.packed += packed.len();
        Ok(packed)
    }
}

fn labels(series: &Series) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, value) in &series.labels {
        let mut label = Vec::new();
        field(&mut label, 1, name.as_bytes());
        field(&mut label, 2, value.as_bytes());
        field(&mut all, 1, &label);
    }
    all
}

/// A whole `TimeSeries` as field 1 of the request. A sample is 9 bytes of value and the time.
fn write_sample(out: &mut Vec<u8>, labels: &[u8], value: f64, millis: i64) {
    let mut sample = Vec::with_capacity(20);
    sample.push(1 << 3 | 1);
    sample.extend_from_slice(&value.to_le_bytes());
    sample.push(2 << 3);
    varint(&mut sample, millis.cast_unsigned());
    out.push(1 << 3 | 2);
    varint(out, (labels.len() + 2 + sample.len()) as u64);
    out.extend_from_slice(labels);
    field(out, 2, &sample);
}

/// A field with a length.
fn field(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field's number and what it holds.
    enum Held<'a> {
        Number(u64),
        Double(f64),
        Bytes(&'a [u8]),
    }

    /// Reads any message, by the description of protobuf's encoding and not by the writer above.
    fn fields(mut bytes: &[u8]) -> Vec<(u64, Held<'_>)> {
        fn number(bytes: &mut &[u8]) -> u64 {
            let length = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
            let (mine, rest) = bytes.split_at(length);
            *bytes = rest;
            mine.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
        }
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let key = number(&mut bytes);
            let held = match key & 7 {
                0 => Held::Number(number(&mut bytes)),
                1 => {
                    let (double, rest) = bytes.split_at(8);
                    bytes = rest;
                    Held::Double(f64::from_le_bytes(double.try_into().unwrap()))
                }
                2 => {
                    let length = usize::try_from(number(&mut bytes)).unwrap();
                    let (held, rest) = bytes.split_at(length);
                    bytes = rest;
                    Held::Bytes(held)
                }
                other => panic!("wire type {other}"),
            };
            all.push((key >> 3, held));
        }
        all
    }

    #[test]
    fn a_body_says_what_the_series_say() {
        let series: Vec<Series> = (0..500).map(|index| Series::new(index, false)).collect();
        let (mut expected, begin) = (series.clone(), 1_790_000_040);
        let mut encoder = Encoder::new(series, begin, 10);
        let body = encoder.body(1200).unwrap();
        let raw = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
        let all = fields(&raw);
        assert_eq!((all.len(), encoder.raw, encoder.packed), (1200, raw.len(), body.len()));
        for (nth, (number, held)) in all.iter().enumerate() {
            let Held::Bytes(one) = held else { panic!("no message") };
            let (mut labels, mut samples) = (Vec::new(), Vec::new());
            for (number, held) in fields(one) {
                let Held::Bytes(part) = held else { panic!("no message") };
                match (number, fields(part).as_slice()) {
                    (1, [(1, Held::Bytes(name)), (2, Held::Bytes(value))]) => {
                        labels.push((std::str::from_utf8(name).unwrap(), String::from_utf8(value.to_vec()).unwrap()));
                    }
                    (2, [(1, Held::Double(value)), (2, Held::Number(time))]) => samples.push((*value, *time)),
                    _ => panic!("an unknown field {number}"),
                }
            }
            let series = &mut expected[nth % 500];
            let time = (begin as u64 + nth as u64 / 500 * 10) * 1000;
            assert_eq!(*number, 1);
            assert_eq!(labels, series.labels);
            assert_eq!(samples, [(series.value(), time)]);
        }
        let each = encoder.raw as f64 / 1200.0;
        assert!((140.0..150.0).contains(&each), "{each} bytes a sample; it should be about 145");
    }
}
