//! Blocks as they are written and read, and as they are found when something has happened to them.

use std::fs::File;

use app::model::{Metric, Tags, Timestamp, Unit};
use proptest::prelude::*;

use super::{Block, BlockError, BlockWriter, DAY_MS, MOST_POINTS, Source, Tier};
use crate::store::columns::Columns;
use crate::store::query::BlockReader;

const SENT: Metric = Metric::counter("sent", Unit::BYTES);

/// So many points a series, a second apart, the n-th series a little later than the one before.
fn series(n: i64, points: usize) -> Columns {
    let times: Vec<i64> = (0..points).map(|at| n * 7 + i64::try_from(at).unwrap() * 1000).collect();
    let values = (0..points).map(|at| at as f64 * (n as f64 + 0.5)).collect();
    Columns { times, values }
}

fn tags(n: i64) -> Tags {
    Tags::new([("host", "web-1".to_owned()), ("n", n.to_string())])
}

fn block(lengths: &[usize]) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), Tier::Raw, 7);
    for (n, &points) in (0..).zip(lengths) {
        let columns = series(n, points);
        writer.series(&SENT, &tags(n), &columns.times, &columns.values).unwrap();
    }
    writer.finish().unwrap()
}

/// Opens it, and what the series are called that it tells.
fn open(bytes: Vec<u8>) -> Result<(Block, Vec<(Metric, Tags)>), BlockError> {
    let mut told = Vec::new();
    let block = Block::open(Source::Memory(bytes), |metric, tags, _| {
        told.push((metric.clone(), tags.clone()));
        u32::try_from(told.len()).unwrap() - 1
    })?;
    Ok((block, told))
}

fn read(block: &Block, number: u32) -> Columns {
    let mut out = Columns::default();
    BlockReader::default().read(block, number, Timestamp::MIN, Timestamp::MAX, &mut out);
    out
}

#[test]
fn it_gives_what_was_written() {
    let lengths = [3, 1, 0, MOST_POINTS + 5, 600];
    let (block, told) = open(block(&lengths)).unwrap();
    let with_points = [0, 1, 3, 4];
    assert_eq!(told, with_points.map(|n| (SENT, tags(n))));
    for (number, n) in (0..).zip(with_points) {
        let want = series(n, lengths[usize::try_from(n).unwrap()]);
        assert_eq!(read(&block, number), want, "series {n}");
        assert!(block.chunks(number).all(|chunk| chunk.count as usize <= MOST_POINTS));
    }
    assert_eq!(read(&block, 9).len(), 0);
    let last = series(3, MOST_POINTS + 5).times[MOST_POINTS + 4];
    assert_eq!((block.first().as_millis(), block.last().as_millis(), block.day()), (0, last, 0));
    assert_eq!((block.sequence(), block.points()), (7, lengths.iter().sum::<usize>() as u64));
    assert!(last < DAY_MS);
}

#[test]
fn a_file_is_read_like_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let bytes = block(&[10, 20]);
    std::fs::write(&path, &bytes).unwrap();
    let source = Source::File(path.clone(), File::open(&path).unwrap());
    let in_file = Block::open(source, |_, tags, _| tags.get("n").unwrap().parse().unwrap()).unwrap();
    let (in_memory, _) = open(bytes).unwrap();
    assert_eq!(in_file.bytes(), in_memory.bytes());
    (0..2).for_each(|number| assert_eq!(read(&in_file, number), read(&in_memory, number)));
}

#[test]
fn series_that_are_read_at_one_time_share_their_times() {
    let columns = Columns { times: (0..500).map(|n| n * n).collect(), values: vec![1.5; 500] };
    let size = |series: i64| {
        let mut writer = BlockWriter::new(Vec::new(), Tier::Raw, 1);
        (0..series).for_each(|n| writer.series(&SENT, &tags(n), &columns.times, &columns.values).unwrap());
        writer.finish().unwrap().len()
    };
    let (one, many) = (size(1), size(21));
    assert!(many < one + 20 * 60, "20 more of {one} bytes make {many}");
}

#[test]
fn no_cut_of_a_block_is_taken_for_one() {
    let bytes = block(&[40, 2]);
    for len in 0..bytes.len() {
        assert!(matches!(open(bytes[..len].to_vec()), Err(BlockError::Damaged(_))), "cut at {len}");
    }
}

#[test]
fn a_later_format_is_told_by_its_number() {
    let mut bytes = block(&[4]);
    *bytes.last_mut().unwrap() = 9;
    assert!(matches!(open(bytes), Err(BlockError::Newer(9))));
}

proptest! {
    /// Whatever happens to a block: what it gives is what was written, or less.
    #[test]
    fn flipped_bytes_never_make_samples_up(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..5),
    ) {
        let lengths = [300, 17, 1];
        let mut bytes = block(&lengths);
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        let Ok((block, told)) = open(bytes) else { return Ok(()) };
        prop_assert_eq!(told.len(), lengths.len());
        for (number, (n, &points)) in (0..).zip((0..).zip(&lengths)) {
            let got = read(&block, number);
            prop_assert!(got == series(n, points) || (got.len() == 0 && block.damaged() > 0));
        }
    }
}
