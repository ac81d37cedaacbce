//! Core tasks are kept alive: one that panics or ends is told, counted, and begun again after a while.
//!
//! May not know: what a task does.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep};

use crate::telemetry::warn;
use crate::vitals::Vitals;

/// What ended for the first time is back almost at once.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
/// Each time that it ends soon again, it waits twice as long, and never longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A life of this length makes up for all the ends before it.
const GOOD_LIFE: Duration = Duration::from_secs(60);

/// Runs what `begin` makes, as the core task of this name, and makes it anew whenever it ends, until `stop` is true
/// or its sender is gone. While it is down, `vitals` say so.
///
/// A task that is to end in good order watches `stop` itself; it is waited for. Dropped, this cuts it off.
pub async fn keep<T, F>(task: &'static str, vitals: Vitals, mut stop: watch::Receiver<bool>, mut begin: T)
where
    T: FnMut() -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut wait = SHORTEST_WAIT;
    loop {
        let alive = vitals.guard(task);
        let began = Instant::now();
        let mut running = JoinSet::new();
        running.spawn(begin());
        let ended = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => None,
            ended = running.join_next() => ended,
        };
        let Some(ended) = ended else {
            // Nothing is begun any more: what it would be begun with, such as the port, is let go.
            drop(begin);
            while running.join_next().await.is_some() {}
            return;
        };
        // It may have seen the end a moment before we did.
        if *stop.borrow() {
            return;
        }
        drop(alive);
        if began.elapsed() >= GOOD_LIFE {
            wait = SHORTEST_WAIT;
        }
        let why = reason(ended);
        warn(&format!("the task `{task}` {why}; it is begun again in {} s", wait.as_secs_f64()));
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(wait) => {}
        }
        wait = (wait * 2).min(LONGEST_WAIT);
        vitals.restarted(task);
    }
}

fn reason(ended: Result<(), JoinError>) -> String {
    match ended.map_err(JoinError::try_into_panic) {
        Ok(()) | Err(Err(_)) => "has ended by itself".to_owned(),
        Err(Ok(panic)) => format!("has panicked: {}", message(&*panic)),
    }
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
    use tokio::task::JoinHandle;
    use tokio::time::advance;

    use super::*;

    /// How each life of a task goes.
    #[derive(Clone, Copy)]
    enum Life {
        Panics,
        Ends,
        /// So many seconds, then it panics.
        Lasts(u64),
    }
    use Life::{Ends, Lasts, Panics};

    struct Kept {
        vitals: Vitals,
        stop: watch::Sender<bool>,
        /// When each life began, in milliseconds since the first.
        begun: UnboundedReceiver<u128>,
        keeper: JoinHandle<()>,
    }

    /// Lives that follow the script, and after it one that lasts until `stop`.
    fn kept(script: Vec<Life>) -> Kept {
        let (stop, stopped) = watch::channel(false);
        let (send, begun) = unbounded_channel();
        let (first, vitals) = (Instant::now(), Vitals::default());
        let script = Arc::new(Mutex::new(script.into_iter()));
        let watched = stopped.clone();
        let begin = move || {
            let (next, mut stopped) = (script.lock().next(), watched.clone());
            send.send(first.elapsed().as_millis()).unwrap();
            async move {
                match next {
                    Some(Panics) => panic!("on purpose"),
                    Some(Ends) => {}
                    Some(Lasts(seconds)) => {
                        sleep(Duration::from_secs(seconds)).await;
                        panic!("on purpose, later")
                    }
                    None => drop(stopped.wait_for(|stop| *stop).await),
                }
            }
        };
        let keeper = tokio::spawn(keep("fragile", vitals.clone(), stopped, begin));
        Kept { vitals, stop, begun, keeper }
    }

    /// `want`: when each life begins, in milliseconds.
    async fn check(script: &[Life], want: &[u128]) {
        let mut kept = kept(script.to_vec());
        let mut begun = Vec::new();
        while begun.len() < want.len() {
            begun.push(kept.begun.recv().await.unwrap());
        }
        // Timers are no finer than a millisecond each.
        let near = |(got, want): (&u128, &u128)| got.abs_diff(*want) <= want.div_ceil(100).max(20);
        assert!(begun.iter().zip(want).all(near), "{begun:?} for {want:?}");
        sleep(Duration::from_millis(1)).await;
        assert_eq!(kept.vitals.ended(), Vec::<&str>::new(), "it lives again");
        assert_eq!(kept.vitals.restarts(), [("fragile", u64::try_from(script.len()).unwrap())]);
        kept.stop.send_replace(true);
        kept.keeper.await.unwrap();
        assert!(kept.begun.try_recv().is_err(), "nothing is begun after the end");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_panics_or_ends_is_begun_again_ever_later() {
        check(&[], &[0]).await;
        check(&[Panics], &[0, 100]).await;
        check(&[Panics, Ends, Panics, Panics], &[0, 100, 300, 700, 1500]).await;
        // 0.1 + 0.2 + … + 25.6 s is 51.1 s; from then on half a minute each.
        let want = [0, 100, 300, 700, 1500, 3100, 6300, 12_700, 25_500, 51_100, 81_100, 111_100];
        check(&[Panics; 11], &want).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_life_is_forgiven() {
        check(&[Panics, Panics, Lasts(59), Panics], &[0, 100, 300, 59_700, 60_500]).await;
        check(&[Panics, Panics, Lasts(60), Panics], &[0, 100, 300, 60_400, 60_600]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_is_down_it_is_told_and_the_end_is_not_held_up() {
        let mut kept = kept(vec![Panics; 20]);
        for _ in 0..12 {
            kept.begun.recv().await.unwrap();
        }
        advance(Duration::from_secs(1)).await;
        assert_eq!(kept.vitals.ended(), ["fragile"]);
        let began = Instant::now();
        kept.stop.send_replace(true);
        kept.keeper.await.unwrap();
        assert!(began.elapsed() < Duration::from_millis(10));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_ends_in_good_order_is_waited_for_and_one_that_is_cut_off_is_gone() {
        let (stop, stopped) = watch::channel(false);
        let done = Arc::new(Mutex::new(false));
        let begin = {
            let (done, stopped) = (Arc::clone(&done), stopped.clone());
            move || {
                let (done, mut stopped) = (Arc::clone(&done), stopped.clone());
                async move {
                    drop(stopped.wait_for(|stop| *stop).await);
                    sleep(Duration::from_secs(2)).await;
                    *done.lock() = true;
                }
            }
        };
        let keeper = tokio::spawn(keep("orderly", Vitals::default(), stopped, begin));
        sleep(Duration::from_millis(1)).await;
        stop.send_replace(true);
        keeper.await.unwrap();
        assert!(*done.lock());

        let kept = kept(Vec::new());
        sleep(Duration::from_millis(1)).await;
        kept.keeper.abort();
        assert!(kept.keeper.await.unwrap_err().is_cancelled());
        assert_eq!(kept.vitals.ended(), ["fragile"]);
    }

    #[test]
    fn a_panic_is_repeated_in_its_own_words() {
        let says = |what: Box<dyn Any + Send>| message(&*what);
        assert_eq!(says(Box::new("a")), "a");
        assert_eq!(says(Box::new("b".to_owned())), "b");
        assert_eq!(says(Box::new(5)), "without a message");
    }
}
