//! Work that may be held up for ever, on a thread of its own: at most one such thread a source.

use tokio::task::{JoinHandle, spawn_blocking};

/// Remembers a thread that has not come back.
pub(super) struct Aside<T>(Option<JoinHandle<T>>);

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoResult {
    /// An earlier call has not come back yet.
    HeldUp,
    /// It panicked, or the runtime ended.
    Broken,
}

impl<T: Send + 'static> Aside<T> {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Does `work`. Dropped before its end, it leaves the thread to itself and starts no other until that has come back.
    pub(super) async fn run(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoResult> {
        if self.0.as_ref().is_some_and(|before| !before.is_finished()) {
            return Err(NoResult::HeldUp);
        }
        let done = self.0.insert(spawn_blocking(work)).await;
        self.0 = None;
        done.map_err(|_| NoResult::Broken)
    }
}
