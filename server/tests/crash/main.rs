//! Processes that write to a store are killed at random moments, again and again, and everything that they acknowledged has to be
//! there afterwards, one by one.
//!
//! `cargo test -p telltale --test crash -- --rounds 50 --seed 7`. The store is taken in by its path, since it is no part of the library.

#![allow(clippy::expect_used, clippy::panic, clippy::cast_precision_loss, reason = "a test: what fails ends it")]

#[path = "../../src/store/mod.rs"]
#[allow(dead_code, unused_imports, missing_docs, unreachable_pub, reason = "only what is tested here is used")]
mod store;

mod deeds;
mod flips;
mod full;
mod kills;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a run is told.
struct Told {
    rounds: u32,
    seed: u64,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let mut told = Told { rounds: 10, seed: now() };
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|text| text.parse::<u64>().ok());
        match &*arg {
            "--rounds" => told.rounds = number().and_then(|n| n.try_into().ok()).expect("a number of rounds"),
            "--seed" => told.seed = number().expect("a number"),
            // What the test runner passes to every target.
            "--nocapture" | "--exact" | "--quiet" | "-q" => {}
            "child" => {
                let folder = PathBuf::from(args.next().expect("a folder"));
                let mut number = || args.next().and_then(|text| text.parse().ok()).expect("a number");
                let (seed, begin) = (number(), number());
                deeds::child(&folder, seed, begin.cast_signed());
                return ExitCode::SUCCESS;
            }
            // A name that tests are chosen by: these have none that could be meant.
            _ => {
                println!("crash: nothing is called {arg:?} here");
                return ExitCode::SUCCESS;
            }
        }
    }
    println!("crash: {} rounds, --seed {}", told.rounds, told.seed);
    kills::run(told.rounds, told.seed);
    flips::run(told.rounds, told.seed);
    full::run(told.seed);
    println!("crash: everything that was acknowledged was there");
    // As other tests end: one of these that fails panics before.
    println!("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
    ExitCode::SUCCESS
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.subsec_nanos().into())
}
