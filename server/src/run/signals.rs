//! What is said to the process from outside.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal means.
pub(super) enum Said {
    /// To end, by the signal of this name.
    End(&'static str),
    /// To read the configuration again.
    Reload,
}

pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
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
    pub(super) async fn next(&mut self) -> Said {
        tokio::select! {
            _ = self.terminate.recv() => Said::End("SIGTERM"),
            _ = self.interrupt.recv() => Said::End("SIGINT"),
            _ = self.hangup.recv() => Said::Reload,
        }
    }

    /// Waits for one that means the end.
    pub(super) async fn end(&mut self) {
        while !matches!(self.next().await, Said::End(_)) {}
    }
}
