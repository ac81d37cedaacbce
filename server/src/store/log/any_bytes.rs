//! What has to hold whatever the bytes of a segment are: for the fuzzer, and for the test that replays what it has found.

use super::opening;
use super::record::{HEAD, Logged, Record, SamplesWriter};
use super::replay::{Tail, replay};

const SEGMENT: u64 = 7;

/// Takes the first byte for what is to be done with the others.
///
/// # Panics
/// Where replay does not hold what it promises.
pub(in crate::store) fn survive(bytes: &[u8]) {
    let Some((&how, rest)) = bytes.split_first() else { return };
    match how % 3 {
        0 => check(rest),
        1 => check(&[&opening(SEGMENT), rest].concat()),
        // Whole records of any content, and what is left behind them.
        _ => {
            let mut segment = opening(SEGMENT).to_vec();
            let mut rest = rest;
            while let Some((&len, behind)) = rest.split_first()
                && let Some((payload, behind)) = behind.split_at_checked(usize::from(len))
                && len > 0
            {
                segment.extend(u32::from(len).to_le_bytes());
                segment.extend(crc32fast::hash(payload).to_le_bytes());
                segment.extend(payload);
                rest = behind;
            }
            segment.extend(rest);
            check(&segment);
        }
    }
}

fn check(segment: &[u8]) {
    let mut samples = Vec::new();
    let mut records = 0;
    let replayed = replay(segment, SEGMENT, |record| {
        records += 1;
        if let Record::Samples(read) = record {
            samples.extend(read.map_while(Result::ok));
        }
    });
    assert!(replayed.whole <= segment.len() && records * (HEAD + 1) <= segment.len());
    assert!(samples.len() * 10 <= segment.len(), "more samples than there are bytes for");
    if replayed.tail == Tail::Clean {
        assert_eq!(replayed.whole, segment.len());
    } else {
        // What is cut off where it is torn reads as before, and clean.
        let mut again = 0;
        let cut = replay(&segment[..replayed.whole], SEGMENT, |_| again += 1);
        assert!(replayed.whole == 0 || (cut.tail == Tail::Clean && again == records));
    }
    written_again(&samples);
}

fn written_again(samples: &[Logged]) {
    let mut writer = SamplesWriter::new(samples.len());
    samples.iter().for_each(|&sample| writer.add(sample));
    let Some(record) = writer.finish() else { return };
    let Ok(Record::Samples(read)) = Record::read(&record[HEAD..]) else { panic!("what was written cannot be read") };
    let bits = |s: Logged| (s.slot, s.time, s.value.to_bits());
    assert!(read.map(|s| bits(s.expect("it was just written"))).eq(samples.iter().map(|&s| bits(s))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fuzzer_has_found_is_survived() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/log");
        let mut files = 0;
        for entry in std::fs::read_dir(corpus).unwrap() {
            survive(&std::fs::read(entry.unwrap().path()).unwrap());
            files += 1;
        }
        assert!(files > 5, "{files} files in {corpus}");
    }
}
