//! What is written to blocks of windows is read from them.

use app::model::{Metric, Point, Tags, Timestamp, Unit};

use super::{Window, tidy, windows_of};
use crate::store::block::{Block, BlockWriter, Source, Tier};

const LOAD: Metric = Metric::gauge("load", Unit::NONE);
const DAY: i64 = 20_000 * 86_400_000;

fn block(tier: Tier, windows: &[Window]) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), tier, 7);
    writer.windows(&LOAD, &Tags::default(), windows).unwrap();
    writer.finish().unwrap()
}

fn read(bytes: Vec<u8>) -> (Tier, Option<Vec<Window>>) {
    let block = Block::open(Source::Memory(bytes), |_, _, _| 3).unwrap();
    let (mut scratch, mut windows) = (Vec::new(), Vec::new());
    let whole = block.chunks(3).all(|chunk| block.read_windows(&chunk, &mut scratch, &mut windows).is_ok());
    (block.tier(), whole.then_some(windows))
}

/// A day at one a second, but for an hour that is missing.
fn day(value: impl Fn(i64) -> f64) -> impl Iterator<Item = Point> {
    let seconds = (0..86_400).filter(|second| !(7200..10_800).contains(second));
    seconds.map(move |second| Point::new(Timestamp::from_millis(DAY + second * 1000 + 250), value(second)))
}

fn check(value: impl Fn(i64) -> f64) -> usize {
    let mut size = 0;
    for (tier, count) in [(Tier::Minute, 23 * 60), (Tier::Hour, 23)] {
        let mut windows = windows_of(tier, day(&value));
        tidy(&mut windows);
        assert_eq!(windows.len(), count);
        let bytes = block(tier, &windows);
        size += bytes.len();
        assert_eq!(read(bytes), (tier, Some(windows)));
    }
    size
}

#[test]
fn what_is_written_is_read() {
    let noisy = check(|second| ((second * 7919) % 1009) as f64 / 7.0);
    // A counter that is reset.
    check(|second| ((second * 3) % 50_000) as f64);
    // Four of the columns of a constant are the same.
    assert!(check(|_| 42.5) < noisy * 3 / 4);
}

#[test]
fn more_than_a_chunk_of_windows_is_read_too() {
    let points = (0..20_000).map(|n| Point::new(Timestamp::from_millis(DAY + n * 60_000), n as f64));
    let windows = windows_of(Tier::Minute, points);
    assert_eq!(windows.len(), 20_000);
    assert_eq!(read(block(Tier::Minute, &windows)), (Tier::Minute, Some(windows)));
}

#[test]
fn a_flipped_bit_is_found() {
    let windows = windows_of(Tier::Minute, day(|second| ((second * 7919) % 1009) as f64 / 7.0));
    let whole = block(Tier::Minute, &windows);
    for at in (0..600).step_by(13) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        assert_eq!(read(bytes), (Tier::Minute, None), "{at}");
    }
}

#[test]
fn windows_are_not_taken_for_those_of_another_tier() {
    // Minutes do not begin at whole hours.
    let minutes = windows_of(Tier::Minute, day(|second| second as f64));
    assert_eq!(read(block(Tier::Hour, &minutes)), (Tier::Hour, None));
    assert_eq!(read(block(Tier::Raw, &minutes)), (Tier::Raw, None));
}

#[test]
fn minutes_of_decimals_take_few_bytes() {
    let noise =
        |second: i64| (second.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()) >> 40).rem_euclid(100) as f64;
    // A gauge that wanders and trembles, with two places behind the point.
    let value = |second: i64| ((second as f64 / 700.0).sin() * 3000.0 + noise(second)).round() / 100.0;
    let mut windows = windows_of(Tier::Minute, day(value));
    let sums: Vec<_> = windows.iter().map(|(_, of)| of.sum).collect();
    tidy(&mut windows);
    let is_near = |(sum, (_, of)): (&f64, &Window)| (sum - of.sum).abs() <= 1e-12 * sum.abs();
    assert!(sums.iter().zip(&windows).all(is_near));
    let each = block(Tier::Minute, &windows).len() as f64 / windows.len() as f64;
    assert!(each < 8.0, "{each} bytes a window");
}
