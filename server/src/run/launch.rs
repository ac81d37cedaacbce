//! A server with a task of its own, which does what it is told until it is told to end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::collectors::job;
use super::reload::due;
use super::server::Server;
use super::touched::Touched;
use super::{Options, StartError};
use crate::collect::Collector;
use crate::monitor::Monitor;

/// What a running server can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// To end in good order, and why.
    End(&'static str),
    /// To read the configuration again.
    Reload,
}

/// A server that runs. Dropped, it ends.
pub struct Launched {
    /// Answers questions.
    pub monitor: Arc<Monitor>,
    /// Where it listens, if it does.
    pub address: Option<SocketAddr>,
    /// Takes orders.
    pub orders: mpsc::Sender<Order>,
    task: JoinHandle<Result<(), StartError>>,
}

/// Starts a server. The collectors of `own` run whatever the configuration says, each so often.
///
/// # Errors
/// Where it does not start.
pub async fn launch(options: Options, own: Vec<(Box<dyn Collector>, Duration)>) -> Result<Launched, StartError> {
    let touched = Touched::new(options.file.clone());
    let own = own.into_iter().map(|(collector, every)| job(collector, every, String::new())).collect();
    let server = Server::start(options, own).await?;
    let (monitor, address) = (Arc::clone(&server.monitor), server.address());
    server.attend();
    let (orders, taken) = mpsc::channel(4);
    let task = tokio::spawn(drive(server, touched, taken));
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
        // Where nobody takes it, it has ended already.
        let _ = self.orders.send(Order::End("it was told to")).await;
        self.ended().await
    }
}

async fn drive(mut server: Server, mut touched: Touched, mut orders: mpsc::Receiver<Order>) -> Result<(), StartError> {
    let reason = loop {
        let move_at = server.move_at;
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Reload) => server.reload().await,
                Some(Order::End(reason)) => break reason,
                None => break "nobody is left who could tell it anything",
            },
            () = touched.again(), if server.reloads_by_itself() => server.reload().await,
            () = due(move_at) => server.move_on().await,
        }
    };
    server.stop(reason).await;
    Ok(())
}
