//! Turns: how many answers are looked for at a time, whoever asks and by whichever way.
//!
//! Invariant: work that has begun is counted until it is done, even where nobody waits for it any more.
//! May not know: what is asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

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

    /// Looks for an answer, when it is its turn, on a thread where that may take its time.
    ///
    /// # Errors
    /// Where the turn does not come within five seconds, and where `find` panics.
    pub async fn take<T: Send + 'static>(&self, find: impl FnOnce() -> T + Send + 'static) -> Result<T, NoAnswer> {
        let turns = Arc::clone(&self.0);
        let Ok(Ok(turn)) = timeout(WITHIN, turns.acquire_owned()).await else { return Err(NoAnswer::Busy) };
        let work = move || {
            // The work goes on where its client has left, and is counted until it is done.
            let _turn = turn;
            catch_unwind(AssertUnwindSafe(find))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(NoAnswer::Broken),
        }
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
        assert_eq!(turns.0.available_permits(), 1);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_still_counted() {
        let turns = Turns::of(1);
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let left = timeout(Duration::from_millis(50), turns.take(move || wait.recv())).await;
        assert!(left.is_err(), "it was to hang");
        assert_eq!(turns.0.available_permits(), 0);
        drop(go_on);
        assert_eq!(turns.take(|| 2).await, Ok(2));
    }
}
