//! Round trips of series of all kinds, the sizes that are promised, and damaged bytes.

use proptest::prelude::*;

use super::*;

/// Every length at which something changes: heads, batches, samples, words.
const LENGTHS: [usize; 18] = [0, 1, 2, 3, 4, 5, 15, 16, 17, 24, 25, 26, 60, 255, 256, 257, 720, 3600];

#[test]
fn every_kind_of_series_comes_back_bit_by_bit() {
    for count in LENGTHS {
        for (kind, values) in kinds(count) {
            check_values(kind, &values);
            let ints: Vec<i64> = values.iter().map(|v| v.to_bits().cast_signed()).collect();
            check_ints(kind, &ints);
        }
        for (kind, times) in kinds_of_times(count) {
            check_ints(kind, &times);
            let values: Vec<f64> = (0..count).map(|i| (i / 3) as f64).collect();
            check_open(kind, &times, &values);
        }
    }
}

#[test]
fn columns_take_no_more_bytes_than_these() {
    for (kind, count, most) in [
        ("zeros", 3600, 3),
        ("one", 3600, 4),
        ("a tenth", 3600, 4),
        ("steady counter", 3600, 6),
        ("noise", 3600, 3600 * 68 / 10),
        ("two decimals", 3600, 3600 * 6 / 10),
        ("products of a hundredth", 3600, 3600 * 6 / 10),
        ("pages of memory", 3600, 3600 * 75 / 100),
        ("single floats", 3600, 3600 * 34 / 10),
        ("zeros", 1, 3),
        ("two decimals", 4, 10),
        ("two decimals", 16, 20),
        ("pages of memory", 16, 26),
    ] {
        let values = &kinds(count).into_iter().find(|(name, _)| *name == kind).expect("a kind of that name").1;
        let bytes = encoded(encode_values, values);
        assert!(bytes.len() <= most, "{count} values, {kind}: {} bytes", bytes.len());
    }
    for (kind, count, most) in [("regular", 20_000, 12), ("with gaps", 3600, 120), ("jitter", 3600, 3600 * 8 / 10)] {
        let times = &kinds_of_times(count).into_iter().find(|(name, _)| *name == kind).expect("a kind of that name").1;
        let bytes = encoded(encode_times, times);
        assert!(bytes.len() <= most, "{count} times, {kind}: {} bytes", bytes.len());
    }
}

#[test]
fn an_open_chunk_gives_its_newest_sample_another_value() {
    let mut chunk = OpenChunk::default();
    chunk.replace_last(1.0);
    assert_eq!((chunk.len(), chunk.first_time(), chunk.last_time()), (0, None, None));
    for (time, value) in [(10, 1.0), (20, 1.0), (30, 1.0), (40, -0.0)] {
        chunk.push(time, f64::NAN);
        chunk.replace_last(7.0);
        chunk.replace_last(value);
    }
    assert_eq!((chunk.len(), chunk.first_time(), chunk.last_time()), (4, Some(10), Some(40)));
    assert_eq!(contents(&chunk), (vec![10, 20, 30, 40], bits(&[1.0, 1.0, 1.0, -0.0])));
}

#[test]
fn an_open_chunk_is_small_and_keeps_little_when_cleared() {
    let mut chunk = OpenChunk::default();
    assert_eq!(chunk.heap_bytes(), 0);
    assert!(size_of::<OpenChunk>() <= 128, "{} bytes", size_of::<OpenChunk>());
    (0..100_000).for_each(|i| chunk.push(i * 10_000, 3.25));
    assert!(chunk.heap_bytes() <= 32, "a constant takes {} bytes", chunk.heap_bytes());
    let noise = &kinds(10_000)[0].1;
    (0..).zip(noise).for_each(|(i, value)| chunk.push(i * 10_000, *value));
    assert!(chunk.heap_bytes() <= 10_000 * 10, "noise takes {} bytes", chunk.heap_bytes());
    chunk.clear();
    assert!(chunk.heap_bytes() <= 512 && chunk.len() == 0, "{} bytes", chunk.heap_bytes());
    assert_eq!(contents(&chunk), (vec![], vec![]));
    chunk.push(5, 1.5);
    assert_eq!(contents(&chunk), (vec![5], bits(&[1.5])));
}

#[test]
fn a_count_beyond_the_most_is_refused_before_anything_is_made_room_for() {
    let constant = encoded(encode_times, &[5, 5]);
    for count in [MAX_COUNT + 1, usize::MAX / 8, usize::MAX] {
        let mut out = Vec::new();
        assert!(decode_times(&constant, count, &mut out).is_err());
        assert_eq!(out.capacity(), 0, "{count}");
    }
}

#[test]
fn damaged_bytes_are_an_error_or_other_numbers() {
    let mut chance = Chance(7);
    for count in [1, 5, 60, 257, 720] {
        for (_, values) in kinds(count) {
            let bytes = encoded(encode_values, &values);
            for at in 0..bytes.len().min(200) {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << chance.below(8);
                survive(&flipped, count);
                survive(&bytes[..at], count);
            }
            let longer = [bytes.as_slice(), &[0]].concat();
            assert!(decode_values(&longer, count, &mut Vec::new()).is_err(), "a byte too many is noticed");
            survive(&bytes, count + 1);
            survive(&bytes, count - 1);
        }
    }
}

#[test]
fn what_the_fuzzer_has_found_is_survived() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/chunk");
    let files = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let replayed = files.map(|file| any_bytes::survive(&std::fs::read(file.unwrap().path()).unwrap())).count();
    assert!(replayed >= 20, "{replayed} files in {folder}");
}

proptest! {
    #[test]
    fn any_floats_come_back(values in any_values()) {
        check_values("any", &values);
    }

    #[test]
    fn any_integers_come_back(numbers in any_ints()) {
        check_ints("any", &numbers);
    }

    #[test]
    fn any_samples_come_back_from_an_open_chunk(times in any_ints(), values in any_values()) {
        check_open("any", &times, &values);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0_usize..2000) {
        survive(&bytes, count);
    }

    /// Those that look like a column get further.
    #[test]
    fn any_bytes_behind_a_known_tag_are_survived(
        scale in prop::sample::select(vec![0_u8, 2, 0x22, 0x40]),
        tag in prop::sample::select(vec![0_u8, 1, 2, 0x10, 0x11, 0x15, 0x19, 0x1d, 0x12, 0x80, 0x81]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        count in 0_usize..2000,
    ) {
        survive(&[&[scale, tag, 2, 2, 1], [0].as_slice(), &bytes].concat(), count);
    }
}

fn any_values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        any::<i64>().prop_map(|n| n as f64),
        (-100_000_i64..100_000).prop_map(|n| n as f64 / 100.0),
        prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE]),
    ];
    prop_oneof![
        prop::collection::vec(value, 0..400),
        prop::collection::vec((-100_000_i64..100_000).prop_map(|n| n as f64 / 1000.0), 0..400),
        prop::collection::vec((0_i64..1000).prop_map(|n| n as f64 * 0.1), 0..400),
    ]
}

fn any_ints() -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![
        prop::collection::vec(any::<i64>(), 0..400),
        prop::collection::vec(-1000_i64..1000, 0..400),
        prop::collection::vec((-1000_i64..1000).prop_map(|n| n * 3_000_000_000_000), 0..400),
        prop::collection::vec(prop::sample::select(vec![i64::MIN, -1, 0, 1, i64::MAX]), 0..400),
    ]
}

fn check_values(kind: &str, values: &[f64]) {
    let bytes = encoded(encode_values, values);
    let mut back = vec![1.0];
    decode_values(&bytes, values.len(), &mut back).unwrap_or_else(|e| panic!("{} of {kind}: {e}", values.len()));
    assert_eq!(bits(&back[1..]), bits(values), "{} of {kind}", values.len());
}

fn check_ints(kind: &str, numbers: &[i64]) {
    let bytes = encoded(encode_times, numbers);
    let mut back = vec![1];
    decode_times(&bytes, numbers.len(), &mut back).unwrap_or_else(|e| panic!("{} of {kind}: {e}", numbers.len()));
    assert_eq!(&back[1..], numbers, "{} of {kind}", numbers.len());
}

fn check_open(kind: &str, times: &[i64], values: &[f64]) {
    let count = times.len().min(values.len());
    let mut chunk = OpenChunk::default();
    times.iter().zip(values).for_each(|(&time, &value)| chunk.push(time, value));
    assert_eq!(contents(&chunk), (times[..count].to_vec(), bits(&values[..count])), "{count} of {kind}");
}

/// Whatever comes out, it is as many as were asked for, or nothing.
fn survive(bytes: &[u8], count: usize) {
    let mut values = Vec::new();
    let read = decode_values(bytes, count, &mut values);
    assert_eq!(values.len(), if read.is_ok() { count } else { 0 });
    assert!(values.capacity() <= count.max(4) * 2, "{} for {count}", values.capacity());
    let mut ints = Vec::new();
    let read = decode_times(bytes.get(1..).unwrap_or_default(), count, &mut ints);
    assert_eq!(ints.len(), if read.is_ok() { count } else { 0 });
    assert!(ints.capacity() <= count.max(4) * 2, "{} for {count}", ints.capacity());
}

fn contents(chunk: &OpenChunk) -> (Vec<i64>, Vec<u64>) {
    let (mut times, mut values) = (vec![], vec![]);
    chunk.decode_into(&mut times, &mut values);
    (times, bits(&values))
}

fn encoded<T>(encode: fn(&[T], &mut Vec<u8>), numbers: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(numbers, &mut bytes);
    bytes
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 ^ self.0 >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// Series of every kind that has a way of its own through the codec.
fn kinds(count: usize) -> Vec<(&'static str, Vec<f64>)> {
    let mut chance = Chance(1);
    let mut series = |f: &mut dyn FnMut(usize, &mut Chance) -> f64| (0..count).map(|i| f(i, &mut chance)).collect();
    let (mut ticks, mut pages, mut walk) = (0, 90_000, 0.5);
    vec![
        ("noise", series(&mut |_, chance| chance.below(1 << 48) as f64 / 3e12 + 0.1)),
        ("zeros", series(&mut |_, _| 0.0)),
        ("one", series(&mut |_, _| 1.0)),
        ("a tenth", series(&mut |_, _| 0.1)),
        ("not a number", series(&mut |_, _| f64::from_bits(0x7ff0_0000_0000_0002))),
        ("steady counter", series(&mut |i, _| 17.0 + 250.0 * i as f64)),
        ("square", series(&mut |i, _| (i * i) as f64)),
        ("two decimals", {
            series(&mut |_, chance| {
                ticks += chance.below(10);
                ticks as f64 / 100.0
            })
        }),
        ("products of a hundredth", {
            series(&mut |_, chance| {
                ticks += chance.below(10);
                ticks as f64 * 0.01
            })
        }),
        ("pages of memory", {
            series(&mut |_, chance| {
                pages += if chance.below(2) == 0 { 0 } else { chance.below(21) };
                pages -= 5;
                pages as f64 * 4096.0
            })
        }),
        ("multiples of 250", series(&mut |_, chance| chance.below(90) as f64 * 250.0)),
        ("single floats", series(&mut |_, chance| f64::from(chance.below(1000) as f32 / 7.0))),
        ("sums of hundredths", {
            series(&mut |_, chance| {
                walk += chance.below(4) as f64 * 0.01;
                walk
            })
        }),
        ("decimals, the last odd", series(&mut |i, _| if i + 1 == count { 0.123_456 } else { i as f64 * 0.5 })),
        ("huge integers", series(&mut |_, chance| chance.next() as f64 * 65_536.0)),
        ("both zeros", series(&mut |i, _| if i % 5 == 0 { -0.0 } else { 0.0 })),
        ("everything", series(&mut |_, chance| f64::from_bits(chance.next() << 16 ^ chance.next()))),
    ]
}

fn kinds_of_times(count: usize) -> Vec<(&'static str, Vec<i64>)> {
    let mut chance = Chance(2);
    let mut gap = 0;
    let every = |i: usize| 1_700_000_000_000 + i.cast_signed() as i64 * 10_000;
    vec![
        ("regular", (0..count).map(every).collect()),
        ("jitter", (0..count).map(|i| every(i) + chance.below(5).cast_signed()).collect()),
        ("with gaps", {
            let gaps = (0..count).map(|i| {
                gap += if i % 500 == 499 { 170_000 } else { 0 };
                every(i) + gap
            });
            gaps.collect()
        }),
        ("backwards", (0..count).rev().map(every).collect()),
        (
            "far apart",
            (0..count).map(|i| if i % 2 == 0 { i64::MIN } else { i64::MAX - i.cast_signed() as i64 }).collect(),
        ),
    ]
}
