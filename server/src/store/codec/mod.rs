//! Samples in few bytes: an open chunk that grows in memory, and the columns of a sealed one for the disk.
//!
//! Invariant: what is decoded is what was encoded, bit by bit, for every `i64` and every `f64`.
//! Invariant: decoding never panics and never asks for more memory than the count it is given calls for, whatever the
//! bytes.
//! Invariant: a column says by its first byte how it is to be read, and holds no count and no checksum; a chunk has
//! both.
//! May not know: what a series is, where chunks lie, what time it is.
//! Start reading at [`OpenChunk`] and [`encode_values`]. How a column comes to be: [`scale`] turns floats into
//! integers, [`ints`] takes steps out of integers, [`narrow`] and [`packed`] write down what is left.

#[cfg(test)]
mod any_bytes;
mod bits;
mod column;
mod guess;
mod ints;
mod narrow;
mod open;
mod packed;
mod scale;
#[cfg(test)]
mod tests;
mod varint;

pub(super) use column::{decode_times, decode_values, encode_times, encode_values};
pub(super) use open::OpenChunk;
pub(super) use scale::Scale;

/// Numbers that a column may have at most. It bounds what damaged bytes can make a reader ask for.
pub(super) const MAX_COUNT: usize = 1 << 24;

/// Bytes that no column of that many numbers could have been encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a column of samples is damaged: {0}")]
pub(super) struct Corrupt(pub(super) &'static str);
