//! What came in, counted since the start.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::store::Reason;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it is stored.
    Stored,
    /// Some samples were refused, all others are stored.
    Partly,
    /// Nothing is stored, and it need not be sent again: it cannot be read, is too long, of another type, or did not come.
    Refused,
    /// It is to be sent again later.
    Later,
}

/// What came in since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// By how they ended.
    pub requests: Requests,
    /// Samples that are stored.
    pub samples: u64,
    /// Samples that are not, of requests that could be read.
    pub refused: Refused,
    /// Of the bodies of requests, as they were sent.
    pub bytes: u64,
}

/// Requests, by [`Outcome`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    pub stored: u64,
    pub partly: u64,
    pub refused: u64,
    pub later: u64,
}

/// Samples that were refused, by why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Beyond what is kept.
    pub too_old: u64,
    /// The series has a point that is newer by more than a late one may be.
    pub out_of_order: u64,
    /// NaN or infinite.
    pub not_finite: u64,
}

impl Refused {
    pub(super) fn note(&mut self, reason: Reason) {
        match reason {
            Reason::Expired => self.too_old += 1,
            Reason::SetBack { .. } | Reason::TooLate { .. } => self.out_of_order += 1,
            Reason::NotFinite => self.not_finite += 1,
            // No reason to refuse one: it is looked up again.
            Reason::Gone => {}
        }
    }
}

/// Counts, from any thread.
#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: [AtomicU64; 4],
    samples: AtomicU64,
    refused: [AtomicU64; 3],
    bytes: AtomicU64,
}

fn add(to: &AtomicU64, more: u64) {
    to.fetch_add(more, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn request(&self, outcome: Outcome) {
        let [stored, partly, refused, later] = &self.requests;
        let of = match outcome {
            Outcome::Stored => stored,
            Outcome::Partly => partly,
            Outcome::Refused => refused,
            Outcome::Later => later,
        };
        add(of, 1);
    }

    pub(super) fn samples(&self, stored: u64, more: Refused) {
        add(&self.samples, stored);
        let counts = [more.too_old, more.out_of_order, more.not_finite];
        self.refused.iter().zip(counts).for_each(|(count, more)| add(count, more));
    }

    pub(super) fn bytes(&self, more: usize) {
        add(&self.bytes, more as u64);
    }

    pub(super) fn counted(&self) -> Written {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let [stored, partly, refused, later] = self.requests.each_ref().map(of);
        let [too_old, out_of_order, not_finite] = self.refused.each_ref().map(of);
        Written {
            requests: Requests { stored, partly, refused, later },
            samples: of(&self.samples),
            refused: Refused { too_old, out_of_order, not_finite },
            bytes: of(&self.bytes),
        }
    }
}
