//! Windows as columns of a chunk. A column that equals an earlier one, as those of a constant do, costs a byte.
//!
//! Invariant: what is read is what was written, bit by bit; other bytes are refused, whatever they are.

use app::model::{Point, Timestamp};

use super::Window;
use crate::store::codec;
use crate::store::summary::Summary;
use crate::store::wire::{Malformed, Reader, put_len, put_u64};

/// Last, min, max, first, sum, count, increase, and when in the window the first and the last point are.
const COLUMNS: usize = 9;
/// Counts beyond this are not whole in a column.
const MOST_COUNTED: f64 = 9_007_199_254_740_992.0;

/// Appends what a chunk of windows has besides their times.
pub(in crate::store) fn put(out: &mut Vec<u8>, windows: &[Window]) {
    let mut columns: [Vec<f64>; COLUMNS] = Default::default();
    for window in windows {
        for (column, value) in columns.iter_mut().zip(row(window)) {
            column.push(value);
        }
    }
    let mut bytes = Vec::new();
    for (n, column) in columns.iter().enumerate() {
        let is_same = |other: &Vec<f64>| column.iter().zip(other).all(|(a, b)| a.to_bits() == b.to_bits());
        let same = columns.iter().take(n).position(is_same);
        put_u64(out, same.unwrap_or(n) as u64);
        if same.is_none() {
            bytes.clear();
            codec::encode_values(column, &mut bytes);
            put_len(out, bytes.len());
            out.extend_from_slice(&bytes);
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "points in a window and milliseconds of an hour are far fewer than 2^53"
)]
fn row((start, of): &Window) -> [f64; COLUMNS] {
    let offset = |point: Point| (point.time.as_millis() - start) as f64;
    let (first, last) = (of.first, of.last);
    let count = of.count as f64;
    [last.value, of.min, of.max, first.value, of.sum, count, of.increase, offset(first), offset(last)]
}

/// Appends windows that begin at `starts` and are so wide.
///
/// # Errors
/// Where the bytes are not what [`put`] wrote. What it appended is taken back.
pub(in crate::store) fn read(body: &[u8], starts: &[i64], width: i64, out: &mut Vec<Window>) -> Result<(), Malformed> {
    let before = out.len();
    let read = read_columns(body, starts.len()).and_then(|columns| {
        for (n, &start) in starts.iter().enumerate() {
            out.push((start, summary(start, width, &columns, n).ok_or(Malformed)?));
        }
        Ok(())
    });
    if read.is_err() {
        out.truncate(before);
    }
    read
}

fn read_columns(body: &[u8], count: usize) -> Result<Vec<Vec<f64>>, Malformed> {
    let mut from = Reader(body);
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(COLUMNS);
    for n in 0..COLUMNS {
        let same = usize::try_from(from.u64()?).map_err(|_| Malformed)?;
        let column = if same == n {
            let len = from.len()?;
            let mut column = Vec::new();
            codec::decode_values(from.bytes(len)?, count, &mut column).map_err(|_| Malformed)?;
            column
        } else {
            columns.get(same).ok_or(Malformed)?.clone()
        };
        columns.push(column);
    }
    if from.is_empty() { Ok(columns) } else { Err(Malformed) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in range and whole, which is looked at first"
)]
fn summary(start: i64, width: i64, columns: &[Vec<f64>], n: usize) -> Option<Summary> {
    let mut row = columns.iter().map(|column| column.get(n).copied());
    let mut next = || row.next().flatten();
    let (last, min, max, first) = (next()?, next()?, next()?, next()?);
    let (sum, count, increase) = (next()?, next()?, next()?);
    let (first_at, last_at) = (next()? as i64, next()? as i64);
    let is_sound = (1.0..=MOST_COUNTED).contains(&count) && 0 <= first_at && first_at <= last_at && last_at < width;
    let point = |at: i64, value| Some(Point::new(Timestamp::from_millis(start.checked_add(at)?), value));
    let (first, last) = (point(first_at, first)?, point(last_at, last)?);
    is_sound.then_some(Summary { count: count as u64, sum, min, max, first, last, increase })
}
