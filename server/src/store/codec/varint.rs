//! Whole numbers in as many bytes as they need: seven bits a byte, the lowest first.

use super::Corrupt;

/// Appends `number`, in one to ten bytes.
pub(super) fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number of either sign; one near zero is short.
pub(super) fn put_signed(number: i64, out: &mut Vec<u8>) {
    put(zigzag(number), out);
}

/// Takes a number off the front of `bytes`.
pub(super) fn take(bytes: &mut &[u8]) -> Result<u64, Corrupt> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Corrupt("a number is cut off"))?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Corrupt("a number is too long"))
}

/// Takes a number of either sign off the front of `bytes`.
pub(super) fn take_signed(bytes: &mut &[u8]) -> Result<i64, Corrupt> {
    take(bytes).map(unzigzag)
}

/// Makes small numbers of either sign small: 0, -1, 1, -2 become 0, 1, 2, 3.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// The number that [`zigzag`] made.
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
