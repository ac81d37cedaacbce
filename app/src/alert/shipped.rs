//! The rules of a fresh install: data, in `shipped.json`.
//!
//! They come from what the collectors of ours measure, the thresholds of the seed, and the experience of node-mixin and Netdata; what they
//! do on a quiet and on a bad day is in `shipped_tests.rs`.
//!
//! Left out, since no metric of ours tells it: load per core (pressure says it better), failed units. A file system that the kernel made
//! read-only cannot be told from one that was meant to be.

use super::rule::Rule;

/// The rules of a fresh install, each switched on and without a channel.
#[must_use]
#[expect(clippy::expect_used, reason = "the file is part of the program, and the tests read it")]
pub fn shipped_rules() -> Vec<Rule> {
    serde_json::from_str(include_str!("shipped.json")).expect("the shipped rules hold")
}

#[cfg(test)]
#[path = "shipped_tests.rs"]
mod tests;
