//! The web server: where it listens, and what it answers with. Both can change while it runs.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::listen::{self, Listening};
use super::{Options, StartError};
use crate::vitals::Vitals;

/// A web server that runs.
pub(super) struct Serving {
    router: watch::Sender<Router>,
    listening: Listening,
    /// Places for connections, shared by old and new port.
    connections: Arc<Semaphore>,
    vitals: Vitals,
}

impl Serving {
    /// Answers at `listener`, at most so many connections at a time, WebSockets not among them.
    pub(super) fn start(
        listener: TcpListener,
        router: Router,
        most: usize,
        vitals: &Vitals,
    ) -> Result<Self, StartError> {
        let (router, routes) = watch::channel(router);
        let connections = Arc::new(Semaphore::new(most));
        let listening = Listening::start(listener, routes, &connections, vitals)?;
        Ok(Self { router, listening, connections, vitals: vitals.clone() })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// Whether it takes connections.
    pub(super) fn is_open(&self) -> bool {
        self.listening.is_open()
    }

    /// Answers by this one from the next request on.
    pub(super) fn route(&self, router: Router) {
        drop(self.router.send_replace(router));
    }

    /// Listens where the options say. What is under way at the old port may end there.
    ///
    /// # Errors
    /// Where it cannot be had; then it is where it was.
    pub(super) async fn move_on(&mut self, options: &Options) -> Result<(), StartError> {
        match listen::rebind(options, &self.listening).await {
            Ok(None) => Ok(()),
            Ok(Some(listener)) => {
                let moved = Listening::start(listener, self.router.subscribe(), &self.connections, &self.vitals)?;
                std::mem::replace(&mut self.listening, moved).close();
                Ok(())
            }
            Err(error) => {
                if !self.listening.is_open() {
                    let listener = listen::again(self.address()).await?;
                    self.listening =
                        Listening::start(listener, self.router.subscribe(), &self.connections, &self.vitals)?;
                }
                Err(error)
            }
        }
    }

    /// No further connections.
    pub(super) fn close(&self) {
        self.listening.close();
    }

    /// Waits until the last connection has ended.
    pub(super) async fn ended(&mut self) {
        self.listening.ended().await;
    }
}
