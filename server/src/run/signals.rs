//! What is said to the process from outside.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Order;

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
    pub(super) async fn next(&mut self) -> Order {
        tokio::select! {
            _ = self.terminate.recv() => Order::End("SIGTERM"),
            _ = self.interrupt.recv() => Order::End("SIGINT"),
            _ = self.hangup.recv() => Order::Reload,
        }
    }

    /// Waits for one that means the end.
    pub(super) async fn end(&mut self) {
        while !matches!(self.next().await, Order::End(_)) {}
    }
}
