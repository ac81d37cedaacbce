//! The sketches of a chunk of windows in few bytes.
//!
//! Five columns: how many bins each has, and of those that have any the first key, the count of values, the smallest and the largest
//! value. Then, for each bin but the last of each sketch, its count and the gap to the next key in one number, which mostly is a byte:
//! as few low bits for the count as `bits` says, a larger count having its rest behind. What is left of all values is in the last bin.
//! So a constant costs next to nothing, however long the chunk.
//!
//! Invariant: what is read is what was written; other bytes are refused, or are another sound sketch.
//! Invariant: reading asks for no more memory than 16 bytes for each byte at hand, and as much for each window that is asked for.

use super::{Bin, LAST_KEY, Sketch, key_of};
use crate::store::codec;
use crate::store::wire::{Malformed, Reader, put_len, put_u64};

/// When a window begins, in milliseconds since the epoch, and how its values are spread.
pub(in crate::store) type Window = (i64, Sketch);

/// Low bits that a count may have in the number it shares with a gap.
const MOST_BITS: u32 = 7;

/// Appends what a chunk of windows has besides their times. One without values, as before anybody asked for them, costs a byte at most.
pub(in crate::store) fn put(out: &mut Vec<u8>, windows: &[Window]) {
    let lens: Vec<i64> = windows.iter().map(|(_, sketch)| (sketch.bins.len() as u64).cast_signed()).collect();
    put_ints(out, &lens);
    let filled: Vec<&Sketch> = windows.iter().map(|(_, sketch)| sketch).filter(|s| !s.bins.is_empty()).collect();
    put_ints(out, &filled.iter().flat_map(|s| s.bins.first()).map(|bin| bin.key.into()).collect::<Vec<_>>());
    put_ints(out, &filled.iter().map(|s| s.count().cast_signed()).collect::<Vec<_>>());
    put_floats(out, &filled.iter().map(|s| s.min).collect::<Vec<_>>());
    put_floats(out, &filled.iter().map(|s| s.max).collect::<Vec<_>>());
    let tried = (0..=MOST_BITS).map(|bits| {
        let mut bytes = vec![bits as u8];
        filled.iter().for_each(|sketch| put_bins(&mut bytes, &sketch.bins, bits));
        bytes
    });
    out.extend(tried.min_by_key(Vec::len).unwrap_or_default());
}

/// Appends the counts of all bins but the last, each with the gap behind it.
fn put_bins(out: &mut Vec<u8>, bins: &[Bin], bits: u32) {
    let full = (1_u64 << bits) - 1;
    for (bin, next) in bins.iter().zip(bins.iter().skip(1)) {
        let (gap, more) = (next.key.abs_diff(bin.key) - 1, bin.count - 1);
        put_u64(out, u64::from(gap) << bits | more.min(full));
        if let Some(rest) = more.checked_sub(full) {
            put_u64(out, rest);
        }
    }
}

fn put_ints(out: &mut Vec<u8>, numbers: &[i64]) {
    let mut bytes = Vec::new();
    codec::encode_times(numbers, &mut bytes);
    put_len(out, bytes.len());
    out.extend_from_slice(&bytes);
}

fn put_floats(out: &mut Vec<u8>, values: &[f64]) {
    let mut bytes = Vec::new();
    codec::encode_values(values, &mut bytes);
    put_len(out, bytes.len());
    out.extend_from_slice(&bytes);
}

/// Appends the sketches of windows that begin at `starts`.
///
/// # Errors
/// Where the bytes are not what [`put`] wrote. What it appended is taken back.
pub(in crate::store) fn read(body: &[u8], starts: &[i64], out: &mut Vec<Window>) -> Result<(), Malformed> {
    let before = out.len();
    read_all(body, starts, out).inspect_err(|_| out.truncate(before))
}

fn read_all(body: &[u8], starts: &[i64], out: &mut Vec<Window>) -> Result<(), Malformed> {
    let mut from = Reader(body);
    let lens = ints(&mut from, starts.len())?;
    let filled = lens.iter().filter(|&&len| len != 0).count();
    let (keys, counts) = (ints(&mut from, filled)?, ints(&mut from, filled)?);
    let (mins, maxes) = (floats(&mut from, filled)?, floats(&mut from, filled)?);
    let bits = u32::from(from.byte()?);
    if bits > MOST_BITS {
        return Err(Malformed);
    }
    let mut ends = keys.into_iter().zip(counts).zip(mins.into_iter().zip(maxes));
    for (&start, &len) in starts.iter().zip(&lens) {
        let sketch = if len == 0 {
            Sketch::default()
        } else {
            let ((key, count), (min, max)) = ends.next().ok_or(Malformed)?;
            let bins = read_bins(&mut from, len, key, count.cast_unsigned(), bits)?;
            let sketch = Sketch { bins, min, max };
            if is_sound(&sketch) { sketch } else { return Err(Malformed) }
        };
        out.push((start, sketch));
    }
    if from.is_empty() { Ok(()) } else { Err(Malformed) }
}

fn read_bins(from: &mut Reader<'_>, len: i64, first: i64, mut left: u64, bits: u32) -> Result<Vec<Bin>, Malformed> {
    let len = usize::try_from(len).map_err(|_| Malformed)?;
    let mut key = i32::try_from(first).map_err(|_| Malformed)?;
    let full = (1_u64 << bits) - 1;
    // Each but the last takes at least a byte.
    if len.checked_sub(1).is_none_or(|before| before > from.0.len()) {
        return Err(Malformed);
    }
    let mut bins = Vec::with_capacity(len);
    for _ in 1..len {
        let number = from.u64()?;
        let (gap, low) = (number >> bits, number & full);
        let rest = if low == full { from.u64()? } else { 0 };
        let count = low.checked_add(rest).and_then(|more| more.checked_add(1)).ok_or(Malformed)?;
        left = left.checked_sub(count).ok_or(Malformed)?;
        bins.push(Bin { key, count });
        let step = i32::try_from(gap).ok().and_then(|gap| gap.checked_add(1)).ok_or(Malformed)?;
        key = key.checked_add(step).ok_or(Malformed)?;
    }
    bins.push(Bin { key, count: left });
    if left > 0 { Ok(bins) } else { Err(Malformed) }
}

/// Whether values can have made it. Another machine's logarithm may differ in the last place, and at the very edge of a bin that
/// makes the next one of it.
fn is_sound(sketch: &Sketch) -> bool {
    let Sketch { bins, min, max } = sketch;
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else { return false };
    let fits = |value: f64, bin: &Bin| {
        let is_zero_with_sign = value == 0.0 && value.is_sign_negative();
        value.is_finite() && !is_zero_with_sign && bin.key.abs() <= LAST_KEY && key_of(value).abs_diff(bin.key) <= 1
    };
    fits(*min, first) && fits(*max, last) && min <= max && (min == max || sketch.count() > 1)
}

fn ints(from: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, Malformed> {
    let len = from.len()?;
    let mut numbers = Vec::new();
    codec::decode_times(from.bytes(len)?, count, &mut numbers).map_err(|_| Malformed)?;
    Ok(numbers)
}

fn floats(from: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, Malformed> {
    let len = from.len()?;
    let mut values = Vec::new();
    codec::decode_values(from.bytes(len)?, count, &mut values).map_err(|_| Malformed)?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::of;
    use super::*;

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let value = prop_oneof![
            6 => (0..400_i32).prop_map(|value| f64::from(value) / 4.0),
            2 => (-3.0..2.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent)),
            1 => any::<f64>(),
            1 => prop::sample::select(&[0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324][..]),
        ];
        let values = prop_oneof![prop::collection::vec(value, 0..40), Just(vec![21.5; 300])];
        prop::collection::vec(values, 0..12)
            .prop_map(|windows| (0..).zip(&windows).map(|(start, values)| (start * 60_000, of(values))).collect())
    }

    fn starts(windows: &[Window]) -> Vec<i64> {
        windows.iter().map(|(start, _)| *start).collect()
    }

    fn packed(windows: &[Window]) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, windows);
        out
    }

    /// Reads it if it can be read, which must leave what was there before in any case, and be sound.
    fn survive(body: &[u8], starts: &[i64]) {
        let before = vec![(7, of(&[1.0]))];
        let mut out = before.clone();
        let read = read(body, starts, &mut out);
        assert_eq!(out.len(), if read.is_ok() { 1 + starts.len() } else { 1 });
        assert_eq!(out[..1], before);
        let capacity: usize = out.iter().skip(1).map(|(_, sketch)| sketch.bins.capacity()).sum();
        assert!(capacity <= body.len() + starts.len());
        for (_, sketch) in &out {
            assert!(sketch.bins.is_sorted_by(|a, b| a.key < b.key) && sketch.bins.iter().all(|bin| bin.count > 0));
            let median = sketch.quantile(0.5);
            assert!(median.is_none_or(|median| (sketch.min..=sketch.max).contains(&median)));
        }
        if read.is_ok() {
            let again = &out[1..];
            let mut back = Vec::new();
            assert_eq!(super::read(&packed(again), starts, &mut back), Ok(()));
            assert_eq!(back, again);
        }
    }

    proptest! {
        #[test]
        fn what_was_put_is_read(windows in windows()) {
            let (body, mut back) = (packed(&windows), Vec::new());
            prop_assert_eq!(read(&body, &starts(&windows), &mut back), Ok(()));
            prop_assert_eq!(back, windows);
        }

        #[test]
        fn bytes_that_changed_or_are_cut_off_never_panic(
            windows in windows(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let (mut body, starts) = (packed(&windows), starts(&windows));
            survive(&body[..cut.index(body.len())], &starts);
            survive(&body, &starts[..cut.index(starts.len() + 1)]);
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
                survive(&body, &starts);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..60), windows in 0..5_usize) {
            survive(&body, &vec![0; windows]);
        }
    }
}
