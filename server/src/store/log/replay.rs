//! Reading a segment again, after the process has ended in whatever way.
//!
//! Invariant: never panics, whatever the bytes are, and gives every whole record that comes before the first damage.

use super::opening;
use super::record::{HEAD, MAX_PAYLOAD, Record};
use crate::store::layout::{SEGMENT_MAGIC, VERSION_AT};

/// How far behind a break in a segment something whole is looked for.
const LOOK_AHEAD: usize = 1 << 20;

/// How reading a segment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Replayed {
    /// Up to here all is whole.
    pub(in crate::store) whole: usize,
    /// Records in the middle that are damaged and were left out.
    pub(in crate::store) skipped: usize,
    /// What follows the last whole record.
    pub(in crate::store) tail: Tail,
}

/// What follows the last whole record of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Tail {
    /// Nothing.
    Clean,
    /// A record that was being written when the process or the machine ended, or zeros where one was to be.
    Torn,
    /// The segment has no opening that this version writes.
    Foreign,
    /// It is of a later version.
    Newer(u8),
}

/// Hands every whole record on.
pub(in crate::store) fn replay(bytes: &[u8], segment: u64, mut each: impl FnMut(Record<'_>)) -> Replayed {
    let mut replayed = Replayed { whole: 0, skipped: 0, tail: Tail::Clean };
    let head = opening(segment);
    if !bytes.starts_with(&head) {
        replayed.tail = match bytes.get(VERSION_AT) {
            // Ended between making the file and writing to it.
            _ if bytes.len() < head.len() && head.starts_with(bytes) => Tail::Torn,
            Some(&version)
                if bytes.starts_with(&SEGMENT_MAGIC[..VERSION_AT]) && version > SEGMENT_MAGIC[VERSION_AT] =>
            {
                Tail::Newer(version)
            }
            _ => Tail::Foreign,
        };
        return replayed;
    }
    let mut at = head.len();
    replayed.whole = at;
    // Records that cannot be read: damaged where something whole follows, else the end that was being written.
    let mut unread = 0;
    while at < bytes.len() {
        let Some((payload, next)) = record_at(bytes, at) else { break };
        match payload.and_then(|payload| Record::read(payload).ok()) {
            Some(record) => {
                each(record);
                replayed.skipped += std::mem::take(&mut unread);
                replayed.whole = next;
            }
            None => unread += 1,
        }
        at = next;
    }
    if replayed.whole < bytes.len() {
        replayed.tail = Tail::Torn;
    }
    replayed
}

/// The payload of the record that begins here, where it is what its checksum says, and where the next one begins. None where there is
/// no room for such a record.
pub(in crate::store) fn record_at(bytes: &[u8], at: usize) -> Option<(Option<&[u8]>, usize)> {
    let (head, rest) = bytes.get(at..)?.split_at_checked(HEAD)?;
    let (len, crc) = head.split_at(4);
    let len = usize::try_from(u32::from_le_bytes(len.try_into().ok()?)).ok()?;
    if len == 0 || len > MAX_PAYLOAD {
        return None;
    }
    let payload = rest.get(..len)?;
    let whole = crc32fast::hash(payload).to_le_bytes() == *crc;
    Some((whole.then_some(payload), at + HEAD + len))
}

/// Where behind a break a whole record begins: what was cut off by a crash has none.
pub(in crate::store) fn whole_behind(bytes: &[u8], from: usize) -> Option<usize> {
    let until = bytes.len().min(from.saturating_add(LOOK_AHEAD));
    (from + 1..until).find(|&at| {
        let short = bytes.get(at..at + 4).and_then(|len| Some(u32::from_le_bytes(len.try_into().ok()?)));
        short.is_some_and(|len| len > 1 && len as usize <= LOOK_AHEAD)
            && matches!(record_at(bytes, at), Some((Some(payload), _)) if Record::read(payload).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use app::model::Timestamp;
    use proptest::prelude::*;

    use super::super::record::{Logged, SamplesWriter, cut};
    use super::*;

    fn sample(n: u32) -> Vec<u8> {
        let mut writer = SamplesWriter::new(1);
        writer.add(Logged { slot: n, time: Timestamp::from_millis(i64::from(n)), value: f64::from(n) });
        writer.finish().unwrap()
    }

    /// A segment of so many records, and where each of them ends.
    fn segment(count: u32) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = opening(3).to_vec();
        let mut ends = vec![bytes.len()];
        for n in 0..count {
            bytes.extend(if n % 5 == 4 { cut(n, Timestamp::from_millis(0)) } else { sample(n) });
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn slots(bytes: &[u8]) -> (Vec<u32>, Replayed) {
        let mut seen = Vec::new();
        let replayed = replay(bytes, 3, |record| match record {
            Record::Samples(samples) => seen.extend(samples.map(|s| s.unwrap().slot)),
            Record::Cut { slot, .. } | Record::Series { slot, .. } => seen.push(slot),
        });
        (seen, replayed)
    }

    #[test]
    fn every_cut_of_a_segment_gives_what_is_whole() {
        let (bytes, ends) = segment(11);
        for len in 0..=bytes.len() {
            let (seen, replayed) = slots(&bytes[..len]);
            let whole = ends.iter().filter(|&&end| end <= len).count();
            let count = u32::try_from(whole.saturating_sub(1)).unwrap();
            assert_eq!(seen, (0..count).collect::<Vec<_>>(), "cut at {len}");
            assert_eq!(replayed.whole, if whole == 0 { 0 } else { ends[whole - 1] });
            let clean = whole > 0 && ends[whole - 1] == len;
            assert_eq!(replayed.tail, if clean { Tail::Clean } else { Tail::Torn }, "cut at {len}");
        }
    }

    #[test]
    fn zeros_behind_the_end_are_a_torn_tail() {
        let (mut bytes, ends) = segment(4);
        bytes.extend([0; 4096]);
        let (seen, replayed) = slots(&bytes);
        assert_eq!((seen.len(), replayed.whole, replayed.tail), (4, ends[4], Tail::Torn));
    }

    #[test]
    fn one_damaged_record_in_the_middle_costs_itself() {
        let (mut bytes, ends) = segment(6);
        let inside = ends[2] + HEAD + 2;
        bytes[inside] ^= 0x40;
        let (seen, replayed) = slots(&bytes);
        assert_eq!(seen, [0, 1, 3, 4, 5]);
        assert_eq!((replayed.skipped, replayed.tail), (1, Tail::Clean));
    }

    #[test]
    fn two_damaged_records_in_a_row_cost_themselves_and_at_the_end_they_are_the_end() {
        let (mut bytes, ends) = segment(6);
        for record in [2, 3] {
            bytes[ends[record] + HEAD + 2] ^= 0x40;
        }
        let (seen, replayed) = slots(&bytes);
        assert_eq!((seen, replayed.skipped, replayed.tail), (vec![0, 1, 4, 5], 2, Tail::Clean));
        let (seen, replayed) = slots(&bytes[..ends[4]]);
        assert_eq!((seen, replayed.skipped, replayed.tail), (vec![0, 1], 0, Tail::Torn));
        assert_eq!(replayed.whole, ends[2]);
    }

    #[test]
    fn what_is_not_ours_is_told_from_what_is_newer() {
        let (mut bytes, _) = segment(2);
        bytes[VERSION_AT] = 9;
        assert_eq!(slots(&bytes).1.tail, Tail::Newer(9));
        bytes[0] = b'x';
        assert_eq!(slots(&bytes).1.tail, Tail::Foreign);
        assert_eq!(replay(&segment(2).0, 4, |_| ()).tail, Tail::Foreign, "of another number");
    }

    proptest! {
        #[test]
        fn flipped_bytes_never_panic_and_never_make_samples_up(
            flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..6),
        ) {
            let (mut bytes, _) = segment(20);
            for (at, flip) in flips {
                let at = at.index(bytes.len());
                bytes[at] ^= flip;
            }
            let (seen, _) = slots(&bytes);
            prop_assert!(seen.is_sorted() && seen.len() <= 20);
        }
    }
}
