//! The tracks as they are, and as they were when somebody paused.
//!
//! Invariant: while the pause lasts, the picture shown is the one of its first moment; only what was stored
//! before that moment may still be added to it, when a longer range asks for it.
//! May not know: signals, sockets, what time it is.

use std::collections::BTreeSet;

use super::tracks::{Track, Tracks};
use crate::model::{DataPoint, History, Timestamp};

/// Tracks that keep filling while the picture stands still.
///
/// Every call is told since when the page is paused, if it is. The copy is made at the first change after that
/// moment: a pause that nothing happens in costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Buffer {
    tracks: Tracks,
    frozen: Option<(Timestamp, Tracks)>,
}

impl Buffer {
    /// With these tracks, not paused.
    #[must_use]
    pub fn new(tracks: Tracks) -> Self {
        Self { tracks, frozen: None }
    }

    /// The tracks as they are, whatever is shown.
    #[must_use]
    pub fn newest(&self) -> &Tracks {
        &self.tracks
    }

    /// The tracks that are to be shown.
    #[must_use]
    pub fn shown(&self, paused: Option<Timestamp>) -> &Tracks {
        match (&self.frozen, paused) {
            (Some((at, frozen)), Some(paused)) if *at == paused => frozen,
            _ => &self.tracks,
        }
    }

    /// Takes in what the live stream brought; see [`Tracks::push`].
    pub fn push(&mut self, data: &[DataPoint], paused: Option<Timestamp>) -> BTreeSet<String> {
        self.freeze(paused);
        self.tracks.push(data)
    }

    /// Takes in what was stored; see [`Tracks::merge`].
    pub fn merge(&mut self, histories: Vec<History>, paused: Option<Timestamp>) -> BTreeSet<String> {
        self.freeze(paused);
        if let Some((at, frozen)) = &mut self.frozen {
            frozen.merge(histories.iter().map(|history| until(history, *at)).collect());
        }
        self.tracks.merge(histories)
    }

    /// Forgets what is older; see [`Tracks::trim`]. A frozen picture keeps what it has.
    pub fn trim(&mut self, since: impl Fn(&str) -> Timestamp, paused: Option<Timestamp>) {
        self.freeze(paused);
        self.tracks.trim(since);
    }

    fn freeze(&mut self, paused: Option<Timestamp>) {
        let held = self.frozen.as_ref().map(|(at, _)| *at);
        if held != paused {
            self.frozen = paused.map(|at| (at, self.tracks.clone()));
        }
    }
}

fn until(history: &History, end: Timestamp) -> Track {
    let inside = history.points.partition_point(|&(time, _)| time <= end);
    Track {
        points: history.points[..inside].to_vec(),
        metric: history.metric.clone(),
        tags: history.tags.clone(),
        ..*history
    }
}

#[cfg(test)]
#[path = "buffer_tests.rs"]
mod tests;
