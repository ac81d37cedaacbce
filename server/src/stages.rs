//! How long each stage of the work takes, where somebody wants to know; else not even the clock is asked.
//!
//! May not know: what a stage does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading by a collector, waiting for its place included.
    Collect,
    /// Storing a batch.
    Append,
    /// Handing a batch to whoever watches live.
    Publish,
    /// Reading series out of the store.
    Query,
    /// Making a page of what was read.
    Render,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Collect, Self::Append, Self::Publish, Self::Query, Self::Render];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Append => "append",
            Self::Publish => "publish",
            Self::Query => "query",
            Self::Render => "render",
        }
    }
}

/// The clockwork of all stages. Cheap to clone: all clones are one. By default it is off.
#[derive(Debug, Clone, Default)]
pub struct Stages(Option<Arc<[Taken; Stage::ALL.len()]>>);

#[derive(Debug, Default)]
struct Taken {
    count: AtomicU64,
    nanos: AtomicU64,
}

impl Stages {
    /// One that runs.
    #[must_use]
    pub fn timed() -> Self {
        Self(Some(Arc::default()))
    }

    /// Times a stage from now until what is returned is dropped.
    #[must_use]
    pub fn begin(&self, stage: Stage) -> Option<Timing<'_>> {
        let taken = self.0.as_ref()?.get(stage as usize)?;
        Some(Timing { taken, began: Instant::now() })
    }

    /// Of each stage: how often it ended, and how long it took altogether. Nothing where none is timed.
    pub fn taken(&self) -> impl Iterator<Item = (Stage, u64, Duration)> {
        let all = self.0.iter().flat_map(|all| Stage::ALL.into_iter().zip(all.iter()));
        all.map(|(stage, taken)| {
            let nanos = Duration::from_nanos(taken.nanos.load(Ordering::Relaxed));
            (stage, taken.count.load(Ordering::Relaxed), nanos)
        })
    }
}

/// A stage that is going on.
#[derive(Debug)]
pub struct Timing<'a> {
    taken: &'a Taken,
    began: Instant,
}

impl Drop for Timing<'_> {
    fn drop(&mut self) {
        let nanos = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.taken.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.taken.count.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_is_timed_by_itself_and_none_where_it_is_off() {
        let off = Stages::default();
        assert!(off.begin(Stage::Query).is_none() && off.taken().next().is_none());

        let stages = Stages::timed();
        for _ in 0..2 {
            let same = stages.clone();
            let _timing = same.begin(Stage::Query);
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(stages.begin(Stage::Render));
        let taken: Vec<_> = stages.taken().collect();
        let counts: Vec<_> = taken.iter().map(|(stage, count, _)| (stage.name(), *count)).collect();
        assert_eq!(counts, [("collect", 0), ("append", 0), ("publish", 0), ("query", 2), ("render", 1)]);
        assert_eq!(taken[1].2, Duration::ZERO);
        assert!(taken[3].2 >= Duration::from_millis(10) && taken[3].2 > taken[4].2, "{taken:?}");
    }
}
