//! The sketches of a chunk of windows in few bytes.
//!
//! Seven columns: how many bins each has; of those that have any the first key, the count of values, the smallest and the largest
//! value; of all bins but the last of each sketch the gap to the next key, and the count. What is left of a sketch's values is in its
//! last bin, so a constant costs next to nothing, however long the chunk. As many zeros follow as make a byte for each eight bins,
//! which is none at all but where gaps and counts are the same throughout.
//!
//! Invariant: what is read is what was written; other bytes are refused, or are another sound sketch.
//! Invariant: reading asks for no more memory than there may be windows and bins: of bins, eight for each byte at hand.

use super::{Bin, LAST_KEY, Sketch, key_of};
use crate::store::codec;
use crate::store::wire::{Malformed, Reader, put_len};

/// When a window begins, in milliseconds since the epoch, and how its values are spread.
pub(in crate::store) type Window = (i64, Sketch);

/// Bins that a byte may stand for. Columns can be shorter, and would let a few damaged bytes ask for all the memory there is.
const BINS_A_BYTE: usize = 8;

/// Appends what a chunk of windows has besides their times. One without values, as before anybody asked for them, costs next to nothing.
pub(in crate::store) fn put(out: &mut Vec<u8>, windows: &[Window]) {
    let all = || windows.iter().map(|(_, sketch)| sketch);
    let filled = || all().filter(|sketch| !sketch.bins.is_empty());
    put_ints(out, all().map(|sketch| (sketch.bins.len() as u64).cast_signed()));
    put_ints(out, filled().flat_map(|sketch| sketch.bins.first()).map(|bin| bin.key.into()));
    put_ints(out, filled().map(|sketch| sketch.count().cast_signed()));
    put_floats(out, filled().map(|sketch| sketch.min));
    put_floats(out, filled().map(|sketch| sketch.max));

    let pairs = || filled().flat_map(|sketch| sketch.bins.iter().zip(sketch.bins.iter().skip(1)));
    let least = out.len() + pairs().count().div_ceil(BINS_A_BYTE);
    put_ints(out, pairs().map(|(bin, next)| i64::from(next.key) - i64::from(bin.key)));
    put_ints(out, pairs().map(|(bin, _)| bin.count.cast_signed()));
    out.resize(out.len().max(least), 0);
}

fn put_ints(out: &mut Vec<u8>, numbers: impl Iterator<Item = i64>) {
    let mut bytes = Vec::new();
    codec::encode_times(&numbers.collect::<Vec<_>>(), &mut bytes);
    put_len(out, bytes.len());
    out.extend_from_slice(&bytes);
}

fn put_floats(out: &mut Vec<u8>, values: impl Iterator<Item = f64>) {
    let mut bytes = Vec::new();
    codec::encode_values(&values.collect::<Vec<_>>(), &mut bytes);
    put_len(out, bytes.len());
    out.extend_from_slice(&bytes);
}

/// Appends the sketches of windows that begin at `starts`, as many as were put: the bytes may not tell, as columns do not.
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
    let mut ends = keys.into_iter().zip(counts).zip(mins.into_iter().zip(maxes));

    let total = pairs(&lens).ok_or(Malformed)?;
    let (least, at_hand) = (total.div_ceil(BINS_A_BYTE), from.0.len());
    if least > at_hand {
        return Err(Malformed);
    }
    let (gaps, shares) = (ints(&mut from, total)?, ints(&mut from, total)?);
    let is_filler = at_hand == least && from.0.iter().all(|&byte| byte == 0);
    if !from.is_empty() && !is_filler {
        return Err(Malformed);
    }
    let mut steps = gaps.into_iter().zip(shares);
    for (&start, &len) in starts.iter().zip(&lens) {
        let sketch = if len == 0 {
            Sketch::default()
        } else {
            let ((key, count), (min, max)) = ends.next().ok_or(Malformed)?;
            let len = usize::try_from(len).map_err(|_| Malformed)?;
            let bins = bins(&mut steps, len, key, count.cast_unsigned()).ok_or(Malformed)?;
            Some(Sketch { bins, min, max }).filter(is_sound).ok_or(Malformed)?
        };
        out.push((start, sketch));
    }
    Ok(())
}

/// How many bins have another one behind them.
fn pairs(lens: &[i64]) -> Option<usize> {
    lens.iter()
        .filter(|&&len| len != 0)
        .try_fold(0_usize, |sum, &len| sum.checked_add(usize::try_from(len.checked_sub(1)?).ok()?))
}

/// The bins of one sketch: `len` of them, with `left` values in all. None where there cannot be such.
fn bins(steps: &mut impl Iterator<Item = (i64, i64)>, len: usize, first: i64, mut left: u64) -> Option<Vec<Bin>> {
    let mut key = i32::try_from(first).ok()?;
    let mut bins = Vec::with_capacity(len);
    for (gap, count) in steps.take(len - 1) {
        let count = count.cast_unsigned();
        left = left.checked_sub(count)?;
        bins.push(Bin { key, count });
        key = key.checked_add(i32::try_from(gap).ok()?)?;
        if count == 0 || gap <= 0 {
            return None;
        }
    }
    bins.push(Bin { key, count: left });
    (left > 0).then_some(bins)
}

/// Whether values can have made it. Another machine's logarithm may differ in the last place, and at the very edge of a bin that
/// makes the next one of it.
fn is_sound(sketch: &Sketch) -> bool {
    let Sketch { bins, min, max } = sketch;
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else { return false };
    let fits = |value: f64, bin: &Bin| {
        let is_zero_with_sign = value == 0.0 && value.is_sign_negative();
        let is_bin = (-LAST_KEY..=LAST_KEY).contains(&bin.key);
        value.is_finite() && !is_zero_with_sign && is_bin && key_of(value).abs_diff(bin.key) <= 1
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
    use super::super::value_of;
    use super::*;

    /// A value in each of many bins, whose columns are far shorter than the bins may be.
    fn even_bins() -> impl Strategy<Value = Vec<f64>> {
        (200..900_i32).prop_map(|bins| (1..=bins).map(value_of).collect())
    }

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let value = prop_oneof![
            6 => (0..400_i32).prop_map(|value| f64::from(value) / 4.0),
            2 => (-3.0..2.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent)),
            1 => any::<f64>(),
            1 => prop::sample::select(&[0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324][..]),
        ];
        let values = prop_oneof![prop::collection::vec(value, 0..40), Just(vec![21.5; 300]), even_bins()];
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
        assert!(capacity <= body.len() * BINS_A_BYTE + starts.len());
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

    #[track_caller]
    fn check_refused(why: &str, body: &[u8], starts: &[i64]) {
        let mut out = Vec::new();
        assert_eq!((read(body, starts, &mut out), out.len()), (Err(Malformed), 0), "{why}");
    }

    #[test]
    fn zeros_make_up_for_what_columns_are_too_short() {
        let sketch = of(&(1..=4000).map(value_of).collect::<Vec<_>>());
        assert_eq!(sketch.bins.len(), 4000);
        let (body, mut back) = (packed(&[(0, sketch.clone())]), Vec::new());
        assert!((500..540).contains(&body.len()), "{} bytes", body.len());
        assert_eq!((read(&body, &[0], &mut back), back), (Ok(()), vec![(0, sketch)]));
        let (last, rest) = body.split_last().unwrap();
        assert_eq!(*last, 0);
        (0..body.len()).for_each(|end| check_refused("it is cut off", &body[..end], &[0]));
        check_refused("there is one too many", &[&*body, &[0]].concat(), &[0]);
        check_refused("something else stands there", &[rest, &[1]].concat(), &[0]);
    }

    #[test]
    fn sketches_that_no_values_make_are_refused() {
        let (one, ten) = (key_of(1.0), key_of(10.0));
        let cases = [
            ("bins descend", vec![(ten, 1), (one, 1)], 1.0, 10.0),
            ("a bin is there twice", vec![(one, 1), (one, 1), (ten, 1)], 1.0, 10.0),
            ("a bin is empty", vec![(one, 0), (ten, 1)], 1.0, 10.0),
            ("the last bin is empty", vec![(one, 1), (ten, 0)], 1.0, 10.0),
            ("the smallest value is in no bin", vec![(one, 1), (ten, 1)], 0.1, 10.0),
            ("the largest value is in no bin", vec![(one, 1), (ten, 1)], 1.0, 100.0),
            ("the smallest value is the larger", vec![(one, 2)], 1.0, 0.99),
            ("one value is two", vec![(one, 1)], 0.99, 1.0),
            ("a value is none", vec![(one, 1)], f64::NAN, f64::NAN),
            ("zero has a sign", vec![(0, 1)], -0.0, -0.0),
            ("a bin has no mirrored one", vec![(i32::MIN, 1)], f64::MIN, f64::MIN),
            ("a bin is beyond all values", vec![(LAST_KEY + 1, 1)], f64::MAX, f64::MAX),
        ];
        for (why, bins, min, max) in cases {
            let bins = bins.into_iter().map(|(key, count)| Bin { key, count }).collect();
            check_refused(why, &packed(&[(0, Sketch { bins, min, max })]), &[0]);
        }
    }

    #[test]
    fn the_logarithm_of_another_machine_may_differ_at_the_edge_of_a_bin() {
        let sketch = |by: i32| {
            let bins = [key_of(1.0) - by, key_of(10.0) + by].map(|key| Bin { key, count: 2 }).to_vec();
            vec![(0, Sketch { bins, min: 1.0, max: 10.0 })]
        };
        for by in [-1, 0, 1] {
            let mut back = Vec::new();
            assert_eq!((read(&packed(&sketch(by)), &[0], &mut back), back), (Ok(()), sketch(by)));
        }
        check_refused("it differs by more", &packed(&sketch(2)), &[0]);
        check_refused("it differs by more", &packed(&sketch(-2)), &[0]);
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
