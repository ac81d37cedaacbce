//! What is compared with what, how near is near enough and why: data, and nothing else.
//!
//! Invariant: a metric of ours stands in a row or in [`LEFT_OUT`]; one in neither fails the comparison.

mod disks;
mod left_out;
mod memory;
mod network;
mod processes;
mod processors;

pub(super) use left_out::{LEFT_OUT, of_theirs_alone};

/// How near is near enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum How {
    /// It never falls: ours lies between theirs before and theirs after, give or take so much.
    Counter(f64),
    /// Ours lies between theirs before and theirs after, give or take so much.
    Gauge(f64),
    /// The same, give or take this share of theirs.
    Share(f64),
    /// Ours, on average over the run, is the growth of theirs over the run, give or take so much.
    Mean(f64),
    /// As [`How::Mean`] within this share of theirs, each value of ours counting as often as the counter named
    /// grew at that reading.
    Weighted(f64, &'static str),
}

/// One metric of ours, and one other that tells the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) metric: &'static str,
    /// Only series of ours with all of these tags; an empty value: without that tag; one after `!`: with another.
    pub(super) only: &'static [(&'static str, &'static str)],
    /// An [`Expression`](super::reading::Expression).
    pub(super) with: &'static str,
    pub(super) how: How,
    /// Why so near and not nearer.
    pub(super) why: &'static str,
}

const fn row(metric: &'static str, with: &'static str, how: How, why: &'static str) -> Row {
    Row { metric, only: &[], with, how, why }
}

const fn only(tags: &'static [(&'static str, &'static str)], row: Row) -> Row {
    Row { only: tags, ..row }
}

/// A counter of the kernel's that both take as it is.
const COUNTS: &str = "both take the kernel's count as it is";
/// Floating point, of a number that does not change.
const SAME: &str = "one number that stands still; the rest is floating point";
const SAMPLED: &str = "a number of the moment: it is another one as soon as a reader itself has run";
const WINDOW: &str = "the kernel counts in ticks of 10 ms, and the readings of the two begin some 100 ms apart";

/// Every row.
pub(super) fn rows() -> Vec<Row> {
    [processors::ROWS, memory::ROWS, disks::ROWS, network::ROWS, processes::ROWS].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::reading::Expression;

    #[test]
    fn every_row_can_be_reckoned_and_says_why() {
        for row in rows() {
            assert!(Expression::parse(row.with).is_ok(), "{}: {}", row.metric, row.with);
            assert!(row.why.len() > 10, "{} does not say why", row.metric);
            assert!(!LEFT_OUT.iter().any(|(name, _)| *name == row.metric), "{} is compared and left out", row.metric);
        }
    }
}
