//! The chunk that grows: Gorilla (Pelkonen et al., VLDB 2015), with a count for samples that go on as before.
//!
//! Invariant: the newest sample is in no bit yet, so that another value of the same time can take its place.
//! Invariant: in memory only; the layout of the bits is nobody else's and may change.

use super::bits::{Bits, Reader};
use super::varint;

/// Samples in the order they came. Times are in milliseconds and ascend where they are to be short; any order is kept.
///
/// A sample behind the first is: a bit whether it goes on as before, same step and same value. If so, how many do, in
/// Elias' gamma code. If not, by how much the step has changed, then the bits of the value that have.
#[derive(Debug, Default, Clone)]
pub(in crate::store) struct OpenChunk {
    bits: Bits,
    /// All of them: the first, those in `bits`, those of the run, and the newest.
    len: u32,
    /// Samples behind those in `bits` that went on as before.
    run: u32,
    first: (i64, u64),
    written: State,
    newest: (i64, u64),
}

/// What a sample is told apart from.
#[derive(Debug, Default, Clone, Copy)]
struct State {
    time: i64,
    step: i64,
    value: u64,
    /// Zeros before and behind the bits that differed last; 64 together mean that none have.
    leading: u8,
    trailing: u8,
}

/// How a change of the step is told: after so many set bits, as a number of so many bits.
const STEPS: [u32; 4] = [7, 12, 20, u64::BITS];

/// Words that [`OpenChunk::clear`] keeps room for.
const KEPT_WORDS: usize = 64;

impl OpenChunk {
    /// Appends a sample.
    pub(in crate::store) fn push(&mut self, time_ms: i64, value: f64) {
        match self.len {
            0 => self.first = (time_ms, value.to_bits()),
            1 => self.written = State::at(self.newest),
            _ => self.write(self.newest),
        }
        self.newest = (time_ms, value.to_bits());
        self.len += 1;
    }

    /// Gives the newest sample another value. Of an empty chunk there is none.
    pub(in crate::store) fn replace_last(&mut self, value: f64) {
        self.newest.1 = value.to_bits();
        if self.len == 1 {
            self.first = self.newest;
        }
    }

    /// Samples in it.
    pub(in crate::store) fn len(&self) -> usize {
        self.len as usize
    }

    /// The time of the first sample, in milliseconds.
    pub(in crate::store) fn first_time(&self) -> Option<i64> {
        (self.len > 0).then_some(self.first.0)
    }

    /// The time of the newest sample, in milliseconds.
    pub(in crate::store) fn last_time(&self) -> Option<i64> {
        (self.len > 0).then_some(self.newest.0)
    }

    /// Bytes that it takes beside itself.
    pub(in crate::store) fn heap_bytes(&self) -> usize {
        self.bits.heap_bytes()
    }

    /// Forgets all samples, and keeps room for some.
    pub(in crate::store) fn clear(&mut self) {
        let mut bits = std::mem::take(&mut self.bits);
        bits.clear(KEPT_WORDS);
        *self = Self { bits, ..Self::default() };
    }

    /// Appends all samples to `times`, in milliseconds, and `values`.
    pub(in crate::store) fn decode_into(&self, times: &mut Vec<i64>, values: &mut Vec<f64>) {
        times.reserve(self.len());
        values.reserve(self.len());
        let mut push = |time, value| {
            times.push(time);
            values.push(f64::from_bits(value));
        };
        let (mut reader, mut state) = (self.bits.reader(), State::at(self.first));
        if self.len > 1 {
            push(self.first.0, self.first.1);
        }
        let mut left = self.len.saturating_sub(2);
        while left > 0 {
            let run = if left == self.run {
                left
            } else if reader.flag() {
                state = state.read(&mut reader);
                push(state.time, state.value);
                left -= 1;
                continue;
            } else {
                take_gamma(&mut reader).min(left)
            };
            for _ in 0..run {
                state.time = state.time.wrapping_add(state.step);
                push(state.time, state.value);
            }
            left -= run;
        }
        if self.len > 0 {
            push(self.newest.0, self.newest.1);
        }
    }

    fn write(&mut self, (time, value): (i64, u64)) {
        let before = self.written;
        let step = time.wrapping_sub(before.time);
        if step == before.step && value == before.value {
            self.run += 1;
            self.written.time = time;
            return;
        }
        if self.run > 0 {
            self.bits.put(0, 1);
            put_gamma(self.run, &mut self.bits);
            self.run = 0;
        }
        self.bits.put(1, 1);
        self.written = before.write(time, step, value, &mut self.bits);
    }
}

impl State {
    fn at((time, value): (i64, u64)) -> Self {
        Self { time, step: 0, value, leading: u64::BITS as u8, trailing: 0 }
    }

    fn write(mut self, time: i64, step: i64, value: u64, bits: &mut Bits) -> Self {
        put_change(step.wrapping_sub(self.step), bits);
        (self.time, self.step) = (time, step);
        let differ = value ^ self.value;
        self.value = value;
        if differ == 0 {
            bits.put(0, 1);
            return self;
        }
        let (leading, trailing) = (differ.leading_zeros() as u8, differ.trailing_zeros() as u8);
        let fits = leading >= self.leading && trailing >= self.trailing;
        // Another window costs twelve bits; so much may be wasted on an old one that is too wide, and no more.
        let wasted = (leading + trailing).saturating_sub(self.leading + self.trailing);
        if fits && wasted <= 12 {
            bits.put(0b01, 2);
        } else {
            bits.put(0b11, 2);
            (self.leading, self.trailing) = (leading, trailing);
            bits.put(u64::from(leading), 6);
            bits.put(u64::from(trailing), 6);
        }
        bits.put(differ >> self.trailing, self.width());
        self
    }

    fn read(mut self, reader: &mut Reader<'_>) -> Self {
        self.step = self.step.wrapping_add(take_change(reader));
        self.time = self.time.wrapping_add(self.step);
        if reader.flag() {
            if reader.flag() {
                self.leading = reader.take(6) as u8;
                self.trailing = reader.take(6) as u8;
            }
            self.value ^= reader.take(self.width()) << self.trailing;
        }
        self
    }

    /// Bits between the zeros.
    fn width(self) -> u32 {
        u64::BITS.saturating_sub(u32::from(self.leading) + u32::from(self.trailing))
    }
}

fn put_change(change: i64, bits: &mut Bits) {
    if change == 0 {
        bits.put(0, 1);
        return;
    }
    let change = varint::zigzag(change);
    for (ones, &width) in (1..).zip(&STEPS) {
        let last = width == u64::BITS;
        if last || change >> width == 0 {
            // As many ones, and a zero where there could be more.
            bits.put((1 << ones) - 1, ones + u32::from(!last));
            bits.put(change, width);
            return;
        }
    }
}

fn take_change(reader: &mut Reader<'_>) -> i64 {
    if !reader.flag() {
        return 0;
    }
    for width in STEPS {
        if width == u64::BITS || !reader.flag() {
            return varint::unzigzag(reader.take(width));
        }
    }
    0
}

/// A number from one on: as many zeros as it has bits behind its first, then all of its bits, the first one first.
fn put_gamma(number: u32, bits: &mut Bits) {
    let behind = number.ilog2();
    bits.put(1 << behind, behind + 1);
    bits.put(u64::from(number & !(1 << behind)), behind);
}

fn take_gamma(reader: &mut Reader<'_>) -> u32 {
    let mut behind = 0;
    while !reader.flag() && behind < u32::BITS - 1 {
        behind += 1;
    }
    1 << behind | reader.take(behind) as u32
}
