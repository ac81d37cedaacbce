//! Remote write 1.0: protobuf in snappy's block format, one sample per series with all of its labels.
//!
//! What never changes of a series is encoded once. May not know: what the values mean.

use super::mix::Series;
use anyhow::{Context, Result};

/// Samples of one body, as the peers' own senders cut them.
pub(super) const PER_BODY: usize = 10_000;

/// A sample that was recorded: Unix milliseconds, the number of its series, the value.
pub(super) type Recorded = (i64, usize, f64);

/// Makes the bodies of some series, oldest sample first.
pub(super) struct Encoder {
    samples: Samples,
    /// How many are still to come.
    left: usize,
    /// Bytes before compression, so far.
    pub(super) raw: usize,
    /// Bytes after it.
    pub(super) packed: usize,
}

/// Where samples come from.
enum Samples {
    /// Made up as they are asked for, a sample of each series in a step.
    Made {
        series: Vec<(Series, Vec<u8>)>,
        /// Unix seconds of the step that is encoded now.
        time: i64,
        interval: i64,
        /// The series of this step that is next.
        place: usize,
    },
    /// Recorded, with the labels of their series.
    Recorded { labels: Vec<Vec<u8>>, samples: std::vec::IntoIter<Recorded> },
}

impl Encoder {
    /// So many steps of some series.
    pub(super) fn new(series: Vec<Series>, begin: i64, interval: i64, steps: usize) -> Self {
        let left = series.len() * steps;
        let series = series.into_iter().map(|one| (labels(&one.labels), one)).map(|(labels, one)| (one, labels));
        let samples = Samples::Made { series: series.collect(), time: begin, interval, place: 0 };
        Self { samples, left, raw: 0, packed: 0 }
    }

    /// What was recorded, in the order of time; series by their labels.
    pub(super) fn recorded<N: AsRef<str>>(series: &[Vec<(N, String)>], samples: Vec<Recorded>) -> Self {
        let labels = series.iter().map(|one| labels(one)).collect();
        Self {
            left: samples.len(),
            samples: Samples::Recorded { labels, samples: samples.into_iter() },
            raw: 0,
            packed: 0,
        }
    }

    /// How many samples are still to come.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// The next body, of `most` samples or what there is.
    pub(super) fn body(&mut self, most: usize) -> Result<Vec<u8>> {
        let count = most.min(self.left);
        let mut raw = Vec::with_capacity(count * 170);
        for _ in 0..count {
            match &mut self.samples {
                Samples::Made { series, time, interval, place } => {
                    if *place == series.len() {
                        *place = 0;
                        *time += *interval;
                    }
                    let (series, labels) = series.get_mut(*place).context("there are no series")?;
                    write_sample(&mut raw, labels, series.value(), *time * 1000);
                    *place += 1;
                }
                Samples::Recorded { labels, samples } => {
                    let (millis, number, value) = samples.next().context("fewer samples than were counted")?;
                    write_sample(&mut raw, labels.get(number).context("a series without labels")?, value, millis);
                }
            }
        }
        self.left -= count;
        let packed = snap::raw::Encoder::new().compress_vec(&raw).context("compressing a body")?;
        self.raw += raw.len();
        self.packed += packed.len();
        Ok(packed)
    }
}

/// Labels, sorted by name, as they are in every sample of their series.
fn labels<N: AsRef<str>>(series: &[(N, String)]) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, value) in series {
        let mut label = Vec::new();
        field(&mut label, 1, name.as_ref().as_bytes());
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
        let mut encoder = Encoder::new(series, begin, 10, 3);
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
        assert_eq!(encoder.left(), 300);
        let each = encoder.raw as f64 / 1200.0;
        assert!((140.0..150.0).contains(&each), "{each} bytes a sample; it should be about 145");
    }

    #[test]
    fn what_was_recorded_is_sent_in_its_order() {
        let series = [vec![("__name__", "a".to_owned())], vec![("__name__", "b".to_owned())]];
        let mut encoder = Encoder::recorded(&series, vec![(5, 1, 0.5), (6, 0, 1.5)]);
        let body = encoder.body(10).unwrap();
        let raw = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
        let named = |name: &[u8], raw: &[u8]| raw.windows(name.len()).position(|part| part == name);
        assert_eq!((fields(&raw).len(), encoder.left()), (2, 0));
        assert!(named(&0.5_f64.to_le_bytes(), &raw) < named(&1.5_f64.to_le_bytes(), &raw));
    }
}
