//! Columns of a sealed chunk, and the chunk that grows.

// Included by its path, as the fuzzers do: it is not for anybody else to call.
#[expect(dead_code, unused_imports, reason = "the store uses more of it")]
#[path = "../../src/store/codec/mod.rs"]
mod codec;

use codec::{OpenChunk, decode_times, decode_values, encode_times, encode_values};
use divan::Bencher;
use divan::counter::ItemsCount;

/// Points of a column.
const COUNT: u32 = 8192;
const NAMES: [&str; 4] = ["constant", "integers", "decimals", "noise"];

/// Values as their name says, from the same chance each time.
fn values(name: &str) -> Vec<f64> {
    let mut random = 1_u64;
    let next = |nth| {
        // xorshift.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        match name {
            "constant" => 42.0,
            "integers" => (u64::from(nth) * 1000 + random % 1000) as f64,
            "decimals" => (u64::from(nth) * 970 + random % 64) as f64 / 100.0,
            _ => (random >> 11) as f64 / (1_u64 << 53) as f64,
        }
    };
    (0..COUNT).map(next).collect()
}

/// One in seven is late by a few milliseconds.
fn times() -> Vec<i64> {
    (0..i64::from(COUNT)).map(|nth| super::BEGIN + nth * super::EVERY + i64::from(nth % 7 == 0) * (nth % 5)).collect()
}

#[divan::bench(args = NAMES)]
fn encode(bencher: Bencher<'_, '_>, name: &str) {
    let values = values(name);
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(Vec::new).bench_refs(|out| encode_values(&values, out));
}

#[divan::bench(args = NAMES)]
fn decode(bencher: Bencher<'_, '_>, name: &str) {
    let mut bytes = Vec::new();
    encode_values(&values(name), &mut bytes);
    let read = |out: &mut Vec<f64>| decode_values(&bytes, COUNT as usize, out).expect("it was encoded just now");
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(|| Vec::with_capacity(COUNT as usize)).bench_refs(read);
}

#[divan::bench(name = "encode times")]
fn encode_of_times(bencher: Bencher<'_, '_>) {
    let times = times();
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(Vec::new).bench_refs(|out| encode_times(&times, out));
}

#[divan::bench(name = "decode times")]
fn decode_of_times(bencher: Bencher<'_, '_>) {
    let mut bytes = Vec::new();
    encode_times(&times(), &mut bytes);
    let read = |out: &mut Vec<i64>| decode_times(&bytes, COUNT as usize, out).expect("it was encoded just now");
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(|| Vec::with_capacity(COUNT as usize)).bench_refs(read);
}

#[divan::bench(args = NAMES)]
fn grow(bencher: Bencher<'_, '_>, name: &str) {
    let all: Vec<(i64, f64)> = times().into_iter().zip(values(name)).collect();
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(OpenChunk::default).bench_refs(|chunk| {
        for &(time, value) in &all {
            chunk.push(time, value);
        }
    });
}
