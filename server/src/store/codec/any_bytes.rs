//! What has to hold whatever the bytes are: for the fuzzer, and for the test that replays what it has found.

use super::{OpenChunk, decode_times, decode_values, encode_times, encode_values};

/// Takes the first byte for what is to be done with the others.
///
/// # Panics
/// Where the codec does not hold what it promises.
pub(in crate::store) fn survive(bytes: &[u8]) {
    let mut input = Input(bytes);
    match input.byte() % 4 {
        0 => decode_as_values(&mut input),
        1 => decode_as_ints(&mut input),
        2 => encode(input.0),
        _ => fill(&mut input),
    }
}

fn decode_as_values(input: &mut Input<'_>) {
    let (count, mut values) = (input.count(), Vec::new());
    if decode_values(input.0, count, &mut values).is_ok() {
        assert_eq!(values.len(), count);
        values_come_back(&values);
    } else {
        assert!(values.is_empty());
    }
}

fn decode_as_ints(input: &mut Input<'_>) {
    let (count, mut ints) = (input.count(), Vec::new());
    if decode_times(input.0, count, &mut ints).is_ok() {
        assert_eq!(ints.len(), count);
        ints_come_back(&ints);
    } else {
        assert!(ints.is_empty());
    }
}

fn encode(bytes: &[u8]) {
    let words = bytes.chunks(8).map(|chunk| Input(chunk).word(8));
    let ints: Vec<i64> = words.map(u64::cast_signed).collect();
    ints_come_back(&ints);
    values_come_back(&ints.iter().map(|&word| f64::from_bits(word.cast_unsigned())).collect::<Vec<_>>());
    values_come_back(&ints.iter().map(|&word| (word >> 40) as f64 / 100.0).collect::<Vec<_>>());
    ints_come_back(&bytes.iter().map(|&byte| i64::from(byte)).collect::<Vec<_>>());
}

fn values_come_back(values: &[f64]) {
    let (mut bytes, mut back) = (Vec::new(), Vec::new());
    encode_values(values, &mut bytes);
    assert_eq!(decode_values(&bytes, values.len(), &mut back), Ok(()));
    assert!(back.iter().map(|v| v.to_bits()).eq(values.iter().map(|v| v.to_bits())), "values are not what they were");
}

fn ints_come_back(ints: &[i64]) {
    let (mut bytes, mut back) = (Vec::new(), Vec::new());
    encode_times(ints, &mut bytes);
    assert_eq!(decode_times(&bytes, ints.len(), &mut back), Ok(()));
    assert_eq!(back, ints, "numbers are not what they were");
    bytes.clear();
    back.clear();
    encode_times(ints, &mut bytes);
    assert_eq!(decode_times(&bytes, ints.len(), &mut back), Ok(()));
    assert_eq!(back, ints, "times are not what they were");
}

/// Fills an open chunk as the bytes say, a byte for what comes next, and compares it with two plain lists.
fn fill(input: &mut Input<'_>) {
    let mut chunk = OpenChunk::default();
    let (mut times, mut values): (Vec<i64>, Vec<u64>) = (Vec::new(), Vec::new());
    let (mut time, mut step, mut value) = (0_i64, 0_i64, 0_u64);
    while !input.0.is_empty() {
        let next = input.byte();
        match next & 3 {
            0 => {}
            1 => step = step.wrapping_add(input.word(1).cast_signed() - 128),
            2 => step = input.word(4).cast_signed(),
            _ => step = input.word(8).cast_signed(),
        }
        match next >> 2 & 3 {
            0 => {}
            1 => value = (input.word(2) as f64 / 100.0).to_bits(),
            2 => value ^= input.word(1) << ((next >> 4 & 3) * 16),
            _ => value = input.word(8),
        }
        let float = f64::from_bits(value);
        match next >> 6 {
            0 => {
                chunk.replace_last(float);
                values.last_mut().into_iter().for_each(|last| *last = value);
            }
            1 if next == 0x70 => {
                chunk.clear();
                times.clear();
                values.clear();
            }
            _ => {
                time = time.wrapping_add(step);
                chunk.push(time, float);
                times.push(time);
                values.push(value);
            }
        }
        assert_eq!(
            (chunk.len(), chunk.last_time(), chunk.first_time()),
            (times.len(), times.last().copied(), times.first().copied())
        );
    }
    assert!(chunk.heap_bytes() <= times.len() * 32 + 1024, "an open chunk has grown beyond its samples");
    let (mut read_times, mut read_values) = (Vec::new(), Vec::new());
    chunk.decode_into(&mut read_times, &mut read_values);
    assert_eq!(read_times, times);
    assert!(read_values.iter().map(|v| v.to_bits()).eq(values), "an open chunk has lost a value");
}

/// Bytes to be taken from the front; zeros behind their end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    fn word(&mut self, bytes: u32) -> u64 {
        (0..bytes).fold(0, |word, at| word | u64::from(self.byte()) << (at * 8))
    }

    /// Few enough that a run of the fuzzer stays short.
    fn count(&mut self) -> usize {
        self.word(2) as usize % 5000
    }
}
