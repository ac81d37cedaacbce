//! Numbers side by side, each in as many bits as the largest needs. No header, so that a handful costs little.

use super::Corrupt;

/// Bits that `number` needs.
pub(super) fn width(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// Bytes that `count` numbers of `width` bits take; `None` where that is more than can be counted.
pub(super) fn size(count: usize, width: u32) -> Option<usize> {
    Some(count.checked_mul(width as usize)?.div_ceil(8))
}

/// Appends `numbers`, none of which needs more than `width` bits.
pub(super) fn put(numbers: &[u64], width: u32, out: &mut Vec<u8>) {
    let (mut pending, mut filled) = (0_u128, 0);
    for &number in numbers {
        pending |= u128::from(number) << filled;
        filled += width;
        while filled >= 8 {
            out.push(pending as u8);
            pending >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        out.push(pending as u8);
    }
}

/// Calls `each` for the `count` numbers of `width` bits that `bytes` is made of, no more and no less.
pub(super) fn read(bytes: &[u8], count: usize, width: u32, mut each: impl FnMut(u64)) -> Result<(), Corrupt> {
    if width > u64::BITS || size(count, width) != Some(bytes.len()) {
        return Err(Corrupt("packed numbers do not fill their bytes"));
    }
    let mask = u64::MAX.checked_shr(u64::BITS - width).unwrap_or(0);
    for at in 0..count {
        let bit = at * width as usize;
        let word = window(bytes, bit / 8) >> (bit % 8);
        each(word as u64 & mask);
    }
    Ok(())
}

/// Sixteen bytes from `at` on, zeros where there are no more.
fn window(bytes: &[u8], at: usize) -> u128 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(whole) = rest.first_chunk() {
        return u128::from_le_bytes(*whole);
    }
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u128::from(byte))
}
