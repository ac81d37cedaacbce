//! How many bits numbers will take, told from a sample of them without writing any down.

use super::{packed, varint};

/// What a number that has a bin of its own costs before it occurs: itself, its weight, its width.
const BIN: f64 = 80.0;

/// Bits that each of `count` numbers takes, of which `sample` are some.
///
/// A number that comes again and again takes as many as its share of all calls for, and a bin of its own; the others
/// take as many as they differ from the middle, and those of the bin that holds them.
pub(super) fn bits(mut sample: Vec<i64>, count: usize) -> f64 {
    if sample.is_empty() {
        return 0.0;
    }
    sample.sort_unstable();
    let middle = sample.get(sample.len() / 2).copied().unwrap_or_default();
    let all = sample.len() as f64;
    let scale = all / count.max(1) as f64;
    let (mut bits, mut others) = (0.0, 0.0);
    for same in sample.chunk_by(|a, b| a == b) {
        let times = same.len() as f64;
        let alone = times * (all / times).log2() + BIN * scale;
        let width = same.first().map_or(0, |number| packed::width(varint::zigzag(number.wrapping_sub(middle))));
        if times > 1.0 && alone < times * f64::from(width) {
            bits += alone;
        } else {
            bits += times * f64::from(width);
            others += times;
        }
    }
    if others > 0.0 {
        bits += others * (all / others).log2();
    }
    bits / all
}
