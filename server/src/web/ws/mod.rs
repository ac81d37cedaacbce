//! The live stream, at `/ws`.

mod protocol;
mod session;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use tokio::sync::watch;

use super::envelope::{ApiError, Code};
use super::patience::Patience;
use crate::live::Hub;
use crate::monitor::Monitor;
use session::{PATIENCE, Session};

/// A message longer than [`protocol::LONGEST`] is answered with an error; one longer than this is not even read.
const LONGEST_READ: usize = 1024 * 1024;

#[derive(Clone)]
struct Live {
    monitor: Arc<Monitor>,
    hub: Arc<Hub>,
    stop: watch::Receiver<bool>,
}

pub(super) fn routes(monitor: Arc<Monitor>, hub: Arc<Hub>, stop: watch::Receiver<bool>) -> Router {
    Router::new().route("/ws", get(connect)).with_state(Live { monitor, hub, stop })
}

/// In place of the stream where there is none.
pub(super) fn switched_off() -> Router {
    let says = "there is no live stream: dashboard.websocket_enabled is false";
    Router::new().route("/ws", any(move || async move { ApiError::new(Code::NotFound, says) }))
}

async fn connect(
    State(live): State<Live>,
    Extension(patience): Extension<Patience>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Response> {
    let upgrade = upgrade.map_err(IntoResponse::into_response)?;
    let client = live.hub.connect().ok_or_else(|| full(&live.hub).into_response())?;
    let session = Session::new(client, live.monitor, live.stop);
    let upgrade = upgrade.max_message_size(LONGEST_READ).max_frame_size(LONGEST_READ).write_buffer_size(0);
    // Falling behind is allowed here.
    patience.set(PATIENCE);
    Ok(upgrade.on_upgrade(|socket| session.run(socket)))
}

fn full(hub: &Hub) -> ApiError {
    let says = format!("all {} places for live connections are taken; try again later", hub.most_clients());
    ApiError::new(Code::TooManyConnections, says)
}
