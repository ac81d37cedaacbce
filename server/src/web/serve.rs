//! Connections: accepts them, bounds them, ends them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::patience::{Patience, Patient};
use crate::telemetry::warn;

/// How long a client may take for the head of a request, and may keep a connection without one.
const HEAD_WITHIN: Duration = Duration::from_secs(20);
/// How long to wait when the system has nothing left to accept a connection with.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop`, then lets the requests that are under way end. Dropped, it cuts them off.
/// Each request is answered by the `router` of its moment. `room`: connections at a time, WebSockets not among them;
/// further ones wait in the kernel's queue. The listener is shared, so that the port stays ours should this break off and
/// be begun again.
pub async fn serve(
    listener: Arc<TcpListener>,
    router: watch::Receiver<Router>,
    room: Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut troubled = false;
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            // Ended ones are cleared away as they end, so that the set stays small.
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &room) => accepted,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                troubled = false;
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    tracing::debug!(%peer, "connected");
                    connection(stream, permit, router, stop).await;
                    tracing::debug!(%peer, "disconnected");
                });
            }
            Err(error) => {
                if !std::mem::replace(&mut troubled, true) {
                    warn(&format!("a connection cannot be accepted: {error}"));
                }
                sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, Option<OwnedSemaphorePermit>)> {
    // Nobody closes the semaphore, so there is always a permit in the end.
    let permit = Arc::clone(room).acquire_owned().await.ok();
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

/// One connection, until the client has gone, has become a WebSocket, or the server stops. What goes wrong
/// on it is the client's affair.
async fn connection(
    stream: TcpStream,
    _permit: Option<OwnedSemaphorePermit>,
    router: watch::Receiver<Router>,
    mut stop: watch::Receiver<bool>,
) {
    // Frames are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let patience = Patience::usual();
    let stream = Patient::new(stream, patience.clone());
    let answer = move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(patience.clone());
        TowerToHyperService::new(router.borrow().clone()).call(request)
    };
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
