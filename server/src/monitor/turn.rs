//! Turns: how many answers are looked for at a time, whoever asks and by whichever way.
//!
//! Invariant: work that has begun is counted until it ends, even where nobody waits for it any more; it is told so.
//! May not know: what is asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::store::Asker;

/// How long a question may wait until it is its turn.
const WITHIN: Duration = Duration::from_secs(5);

/// The turns of one server; copies share them.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Semaphore>);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It would have had to wait for too long.
    #[error("too much is asked at once; try again later")]
    Busy,
    /// The search panicked, or the runtime is shutting down.
    #[error("something went wrong here; the server's log knows more")]
    Broken,
}

impl Default for Turns {
    /// Two for each processor: more of them would only wait for each other, each with its part of an answer in memory.
    fn default() -> Self {
        Self::of(2 * available_parallelism().map_or(1, usize::from))
    }
}

impl Turns {
    /// So many at a time.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// How many are free.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.0.available_permits()
    }

    /// As [`Turns::take_for`], for what is to be done to its end, whoever waits for it.
    ///
    /// # Errors
    /// As there.
    pub async fn take<T: Send + 'static>(&self, find: impl FnOnce() -> T + Send + 'static) -> Result<T, NoAnswer> {
        self.take_for(|_| find()).await
    }

    /// Looks for an answer, when it is its turn, on a thread where that may take its time. When what is returned is dropped, by who
    /// has left or has lost patience, the asker has left.
    ///
    /// # Errors
    /// Where the turn does not come within five seconds, and where `find` panics.
    pub async fn take_for<T: Send + 'static>(
        &self,
        find: impl FnOnce(&Asker) -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let turns = Arc::clone(&self.0);
        let Ok(Ok(turn)) = timeout(WITHIN, turns.acquire_owned()).await else { return Err(NoAnswer::Busy) };
        let waiting = Waiting(Asker::default());
        let asker = waiting.0.clone();
        let work = move || {
            // Where its client has left, the work is counted until it notices.
            let _turn = turn;
            catch_unwind(AssertUnwindSafe(|| find(&asker)))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(NoAnswer::Broken),
        }
    }
}

/// As long as this is there, somebody waits.
struct Waiting(Asker);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_for_a_turn_is_told() {
        let turns = Turns::of(1);
        let first = Arc::clone(&turns.0).acquire_owned().await.unwrap();
        let began = tokio::time::Instant::now();
        assert_eq!(turns.take(|| 1).await, Err(NoAnswer::Busy));
        assert!(began.elapsed() >= WITHIN);
        drop(first);
        for _ in 0..3 {
            assert_eq!(turns.take(|| 1).await, Ok(1));
        }
        // A panic gives its turn back too.
        let broken = turns.take(|| -> u8 { panic!("on purpose") }).await;
        assert_eq!(broken, Err(NoAnswer::Broken));
        assert_eq!(turns.free(), 1);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_still_counted() {
        let turns = Turns::of(1);
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let left = timeout(Duration::from_millis(50), turns.take(move || wait.recv())).await;
        assert!(left.is_err(), "it was to hang");
        assert_eq!(turns.free(), 0);
        drop(go_on);
        assert_eq!(turns.take(|| 2).await, Ok(2));
    }

    #[tokio::test]
    async fn work_is_told_that_nobody_waits_for_it() {
        let turns = Turns::of(1);
        let (noticed, mut notices) = tokio::sync::mpsc::channel(1);
        let work = move |asker: &Asker| {
            noticed.blocking_send("begun").unwrap();
            while asker.waits().is_ok() {
                std::thread::yield_now();
            }
            noticed.blocking_send("left").unwrap();
        };
        let mut asking = Box::pin(turns.take_for(work));
        assert_eq!(tokio::select! { _ = &mut asking => None, notice = notices.recv() => notice }, Some("begun"));
        drop(asking);
        assert_eq!(notices.recv().await, Some("left"));
        assert_eq!(turns.take_for(Asker::waits).await, Ok(Ok(())));
    }
}
