//! Numbers by pco, in the narrowest type that holds them, always plain: steps and scales are taken out before.
//!
//! Narrow because pco writes the start of each of its bins in full: of eight bytes each, they would outweigh the
//! numbers of a short chunk. Plain because searching for a mode and a delta order is most of the time that pco takes.

use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

use super::Corrupt;

/// The version of pco's format, as it stands at the start of its files. Ours leave it out; it goes with the tag of
/// the column.
const HEADER: [u8; 2] = [4, 1];

/// Numbers that pco reads at a time.
const BATCH: usize = 256;

/// Seven sorts the numbers into at most 128 bins. Measured: six cannot tell apart the values of a ratio that takes
/// ninety, nine takes twice the time and wins a thousandth.
const LEVEL: usize = 7;

/// Appends `numbers`, none above `max`. Returns whether it could; if not, `out` is as before.
pub(super) fn put(numbers: &[u64], max: u64, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let done = match Width::of(max) {
        Width::One => compress(numbers.iter().map(|&n| n as u8), out),
        Width::Two => compress(numbers.iter().map(|&n| n as u16), out),
        Width::Four => compress(numbers.iter().map(|&n| n as u32), out),
        Width::Eight => compress(numbers.iter().copied(), out),
    };
    if done.is_err() {
        out.truncate(start);
    }
    done.is_ok()
}

/// The type that numbers are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    One,
    Two,
    Four,
    Eight,
}

impl Width {
    /// The narrowest that holds `max`.
    pub(super) fn of(max: u64) -> Self {
        match max {
            0..=0xff => Self::One,
            0x100..=0xffff => Self::Two,
            0x1_0000..=0xffff_ffff => Self::Four,
            _ => Self::Eight,
        }
    }
}

fn compress<T: Number>(numbers: impl Iterator<Item = T>, out: &mut Vec<u8>) -> Result<(), pco::errors::PcoError> {
    let numbers: Vec<T> = numbers.collect();
    let config = ChunkConfig::default()
        .with_compression_level(LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(DeltaSpec::NoOp)
        .with_paging_spec(PagingSpec::EqualPagesUpTo(numbers.len().max(1)))
        .with_enable_8_bit(true);
    let mut chunk = FileCompressor::default().chunk_compressor(&numbers, &config)?;
    chunk.write_meta(&mut *out)?;
    chunk.write_page(0, out)?;
    Ok(())
}

/// Numbers as they come from pco, some at a time.
pub(super) trait Take {
    /// Takes the next ones.
    fn take<T: Copy + Into<u64>>(&mut self, numbers: &[T]);
}

/// Hands to `taker` the `count` numbers that `bytes` is made of, no more and no less.
pub(super) fn read(bytes: &[u8], count: usize, width: Width, taker: &mut impl Take) -> Result<(), Corrupt> {
    match width {
        Width::One => decompress::<u8>(bytes, count, taker),
        Width::Two => decompress::<u16>(bytes, count, taker),
        Width::Four => decompress::<u32>(bytes, count, taker),
        Width::Eight => decompress::<u64>(bytes, count, taker),
    }
}

fn decompress<T: Number + Into<u64>>(bytes: &[u8], count: usize, taker: &mut impl Take) -> Result<(), Corrupt> {
    check_head::<T>(bytes)?;
    let damaged = |_| Corrupt("pco cannot read it");
    let (file, _) = FileDecompressor::new(HEADER.as_slice()).map_err(damaged)?;
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(bytes).map_err(damaged)?;
    let mut page = chunk.page_decompressor(rest, count).map_err(damaged)?;
    let mut batch = [T::default(); BATCH];
    let mut left = count;
    while left > 0 {
        let progress = page.read(&mut batch).map_err(damaged)?;
        let read = batch.get(..progress.n_processed.min(left)).unwrap_or_default();
        if read.is_empty() {
            return Err(Corrupt("pco ends early"));
        }
        taker.take(read);
        left -= read.len();
    }
    if !page.into_src().is_empty() {
        return Err(Corrupt("bytes are left behind the last number"));
    }
    Ok(())
}

/// Looks at what pco would believe before it has seen more: a mode that we do not write could ask for tables of any
/// size, and so could bins that the bytes cannot hold.
fn check_head<T>(bytes: &[u8]) -> Result<(), Corrupt> {
    let head = bytes.first_chunk().ok_or(Corrupt("pco's head is cut off"))?;
    let head = u32::from_le_bytes(*head);
    // From the lowest bit on: mode 4, delta 4, size of the table 4, number of bins 15.
    let (plain, table, bins) = (head & 0xff == 0, head >> 8 & 0xf, head >> 12 & 0x7fff);
    if !plain || table > 12 || bins as usize * size_of::<T>() > bytes.len() {
        return Err(Corrupt("pco's head is none that we write"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_format_is_the_one_that_is_left_out() {
        assert_eq!(FileCompressor::default().write_header(Vec::new()).unwrap(), HEADER);
    }
}
