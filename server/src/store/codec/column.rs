//! The columns of a sealed chunk: times and values.

use super::scale::Scale;
use super::{Corrupt, ints};

/// Appends times, in milliseconds. Regular steps take a few bytes, however many there are.
pub(in crate::store) fn encode_times(times: &[i64], out: &mut Vec<u8>) {
    ints::encode(times, out);
}

/// Appends the `count` times that `bytes` is made of.
///
/// # Errors
/// [`Corrupt`] where it is not made of exactly so many; `out` is as before.
pub(in crate::store) fn decode_times(bytes: &[u8], count: usize, out: &mut Vec<i64>) -> Result<(), Corrupt> {
    let before = out.len();
    ints::decode(bytes, count, out).inspect_err(|_| out.truncate(before))
}

/// Appends floats, any of them, each to come back bit by bit.
pub(in crate::store) fn encode_values(values: &[f64], out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    let (scale, numbers) = Scale::apply(values);
    out.push(scale.tag());
    ints::encode(&numbers, out);
}

/// Appends the `count` floats that `bytes` is made of.
///
/// # Errors
/// [`Corrupt`] where it is not made of exactly so many; `out` is as before.
pub(in crate::store) fn decode_values(bytes: &[u8], count: usize, out: &mut Vec<f64>) -> Result<(), Corrupt> {
    let Some((&tag, rest)) = bytes.split_first() else {
        return if count == 0 { Ok(()) } else { Err(Corrupt("it is empty")) };
    };
    let scale = Scale::from_tag(tag)?;
    let mut numbers = Vec::new();
    ints::decode(rest, count, &mut numbers)?;
    scale.restore(&numbers, out);
    Ok(())
}
