//! `POST /api/v1/write`: remote write 1.0 of Prometheus. It answers in plain text, as its senders expect.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::ingest::{RemoteWrite, WriteError};
use crate::monitor::Turns;

/// Bytes of a request as it is sent.
const MOST_BYTES: usize = 32 << 20;

/// Where samples may come in.
#[derive(Clone)]
struct Door {
    /// None: not here.
    into: Option<Arc<RemoteWrite>>,
    turns: Turns,
}

/// The one path. Without `into` it says why not.
pub(super) fn routes(into: Option<Arc<RemoteWrite>>, turns: Turns) -> Router {
    let limit = DefaultBodyLimit::max(MOST_BYTES);
    Router::new().route("/v1/write", post(write).layer(limit)).with_state(Door { into, turns })
}

async fn write(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(into) = door.into else {
        let says = "samples of others are taken on a loopback address without dashboard.public_url only, unless the \
                    configuration says integration.prometheus.remote_write: true";
        return (StatusCode::FORBIDDEN, says).into_response();
    };
    if let Err(says) = readable(&headers) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, says).into_response();
    }
    match door.turns.take(move || into.take(&body)).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(error)) => (status(&error), error.to_string()).into_response(),
        // The sender tries again later.
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

/// What is not sent again as it is, since it would be refused again, is a 4xx.
fn status(error: &WriteError) -> StatusCode {
    match error {
        WriteError::Malformed(_) | WriteError::Refused(_) => StatusCode::BAD_REQUEST,
        WriteError::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        WriteError::Gone => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The type keeps out pages of other origins too: no form has it.
fn readable(headers: &HeaderMap) -> Result<(), &'static str> {
    let says = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut kind = says(CONTENT_TYPE).split(';').map(str::trim);
    if kind.next() != Some("application/x-protobuf") {
        return Err("Content-Type has to be application/x-protobuf, as in remote write 1.0");
    }
    if kind.any(|part| part.starts_with("proto=") && part != "proto=prometheus.WriteRequest") {
        return Err("this is no remote write 1.0 (prometheus.WriteRequest); set the sender to it");
    }
    if says(CONTENT_ENCODING) != "snappy" {
        return Err("Content-Encoding has to be snappy");
    }
    Ok(())
}
