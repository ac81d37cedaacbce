//! Doing something again and again.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// At once and then so often, until `stop`. Where one time takes longer, those that it missed are left out.
pub(super) async fn again(every: Duration, mut stop: watch::Receiver<bool>, mut act: impl FnMut()) {
    let mut due = interval(every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = due.tick() => act(),
        }
    }
}
