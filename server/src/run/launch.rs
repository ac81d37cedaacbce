//! A server with a task of its own, which does what it is told until it is told to end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::collectors::job;
use super::reload::due;
use super::server::Server;
use super::touched::Touched;
use super::{Options, StartError};
use crate::collect::Collector;
use crate::monitor::Monitor;

/// What a running server is told. Told twice is told once, and nobody waits for it to listen.
#[derive(Debug, Clone)]
pub struct Orders {
    end: watch::Sender<Option<&'static str>>,
    reload: Arc<Notify>,
}

impl Orders {
    /// To end in good order, whatever it is doing, and why. The first reason counts.
    pub fn end(&self, reason: &'static str) {
        self.end.send_if_modified(|told| {
            let first = told.is_none();
            told.get_or_insert(reason);
            first
        });
    }

    /// To read the configuration again.
    pub fn reload(&self) {
        self.reload.notify_one();
    }
}

/// A server that runs. Dropped, it ends.
pub struct Launched {
    /// Answers questions.
    pub monitor: Arc<Monitor>,
    /// Where it listens, if it does.
    pub address: Option<SocketAddr>,
    /// Tells it what to do.
    pub orders: Orders,
    task: JoinHandle<Result<(), StartError>>,
}

/// Starts a server. The collectors of `own` run whatever the configuration says, each so often. Dropped before it is done, it
/// leaves nothing behind that would not end with the runtime.
///
/// # Errors
/// Where it does not start.
pub async fn launch(options: Options, own: Vec<(Box<dyn Collector>, Duration)>) -> Result<Launched, StartError> {
    let touched = Touched::new(options.file.clone()).await;
    let own = own.into_iter().map(|(collector, every)| job(collector, every, String::new())).collect();
    let mut server = Server::start(options, own).await?;
    let (monitor, address) = (Arc::clone(&server.monitor), server.address());
    server.attend();
    let (end, told_to_end) = watch::channel(None);
    let orders = Orders { end, reload: Arc::default() };
    let task = tokio::spawn(drive(server, touched, told_to_end, Arc::clone(&orders.reload)));
    Ok(Launched { monitor, address, orders, task })
}

impl Launched {
    /// Waits until it has ended.
    ///
    /// # Errors
    /// Where it broke off.
    pub async fn ended(&mut self) -> Result<(), StartError> {
        (&mut self.task).await.unwrap_or(Err(StartError::Broken))
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// Where it had broken off before.
    pub async fn stop(mut self) -> Result<(), StartError> {
        self.orders.end("it was told to");
        self.ended().await
    }
}

/// One thing after the other; the end cuts off whatever is going on.
async fn drive(
    mut server: Server,
    mut touched: Touched,
    mut end: watch::Receiver<Option<&'static str>>,
    reload: Arc<Notify>,
) -> Result<(), StartError> {
    let reason = loop {
        tokio::select! {
            biased;
            told = end.wait_for(Option::is_some) => {
                let told = told.ok().and_then(|reason| *reason);
                break told.unwrap_or("nobody is left who could tell it anything");
            }
            () = turn(&mut server, &mut touched, &reload) => {}
        }
    };
    server.stop(reason).await;
    Ok(())
}

/// Waits for the next thing to do, and does it.
async fn turn(server: &mut Server, touched: &mut Touched, reload: &Notify) {
    let move_at = server.move_at;
    tokio::select! {
        () = reload.notified() => server.reload().await,
        () = touched.again(), if server.reloads_by_itself() => server.reload().await,
        () = due(move_at) => server.move_on().await,
    }
}
