//! What can go wrong at the store's two doors.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use app::model::{Metric, Tags};

/// Why the store did not do all that it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// No series of this name is kept.
    #[error("there is no metric `{0}`")]
    UnknownMetric(String),
    /// What is asked makes sense of counters only.
    #[error("`{0}` is no counter: it rises and falls, so it has no rate and no increase; ask for avg, min or max")]
    NotACounter(String),
    /// The answer would have to be looked for in too much.
    #[error(
        "{points} points would have to be read, and {most} are the most; ask for a shorter range, for fewer series (by tags or \
         match){}", if *steps { ", or for a larger step in whole minutes or hours" } else { "" }
    )]
    TooMuch {
        /// Points in the range, of all series that are meant.
        points: u64,
        /// What is read for one question.
        most: u64,
        /// Whether there would be less to read in larger steps.
        steps: bool,
    },
    /// Whoever asked has left.
    #[error("it was given up, since nobody waited for it any more")]
    Abandoned,
    /// Some samples of a batch were not stored; all the others were.
    #[error("{refused} of {of} samples were refused, the others are stored; the first was {first}")]
    Refused {
        /// How many were not stored.
        refused: usize,
        /// How many the batch had.
        of: usize,
        /// The first of them, as an example.
        first: Refusal,
    },
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The disk.
    #[error("`{}` in the data folder cannot be used: {because}", path.display())]
    Io {
        /// What was to be read or written, from the data folder on.
        path: PathBuf,
        /// What the system says.
        because: io::Error,
    },
    /// A later version has written there.
    #[error(
        "`{}` is of format {format}, which this version of Telltale does not read; start the later version, or give this \
         one another folder by storage.path or --data-dir",
        path.display()
    )]
    Newer {
        /// The file, from the data folder on.
        path: PathBuf,
        /// Its format.
        format: u8,
    },
}

/// A sample that was not stored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{metric}` {tags:?}: {reason}")]
pub struct Refusal {
    /// The metric's name.
    pub metric: String,
    /// Which series of it.
    pub tags: Tags,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// NaN or infinite.
    #[error("the value is not a finite number")]
    NotFinite,
    /// The series has a point more than ten minutes newer. Where the next sample is so, too, that point is dropped instead.
    #[error(
        "the time is {behind:?} before the newest point of the series; if the clock was set back, the points ahead of \
         it are dropped with the next sample"
    )]
    SetBack {
        /// By how much it is late.
        behind: Duration,
    },
    /// The series has a point more than ten minutes newer.
    #[error("the time is {behind:?} before the newest point of the series, and ten minutes are the most")]
    TooLate {
        /// By how much it is late.
        behind: Duration,
    },
    /// Nothing so old is kept.
    #[error("the time is beyond what is kept")]
    Expired,
    /// The series has gone with its last point; whoever holds it looks again.
    #[error("the series is no longer kept")]
    Gone,
}

/// Counts the refusals of one batch and remembers the first.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    count: usize,
    first: Option<Refusal>,
}

impl Refusals {
    pub(super) fn note(&mut self, metric: &Metric, tags: &Tags, reason: Reason) {
        self.count += 1;
        self.first.get_or_insert_with(|| Refusal {
            metric: metric.name.clone().into_owned(),
            tags: tags.clone(),
            reason,
        });
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn into_result(self, of: usize) -> Result<(), StoreError> {
        self.first.map_or(Ok(()), |first| Err(StoreError::Refused { refused: self.count, of, first }))
    }
}
