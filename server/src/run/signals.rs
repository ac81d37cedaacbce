//! What is said to the process from outside.

use tokio::signal::unix::{SignalKind, signal};

/// What a signal means.
pub(super) enum Signal {
    /// To end in good order.
    End,
    /// To read the configuration again.
    Reload,
}

pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }

    /// Waits for one that means the end.
    pub(super) async fn end(&mut self) {
        while !matches!(self.next().await, Signal::End) {}
    }
}
