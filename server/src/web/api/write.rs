//! `POST /api/v1/write`: remote write 1.0 of Prometheus. It answers in plain text, as its senders expect.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::ingest::{Outcome, RemoteWrite, WriteError};
use crate::monitor::Turns;

/// Bytes of a request as it is sent.
const MOST_BYTES: usize = 32 << 20;
/// Requests whose bodies are in memory at a time: no more than so many times that.
const MOST_AT_ONCE: usize = 8;
/// How long a body may take to come, and to get its place.
const BODY_WITHIN: Duration = Duration::from_secs(30);
const PLACE_WITHIN: Duration = Duration::from_secs(5);

/// Where samples may come in.
#[derive(Clone)]
struct Door {
    /// None: not here.
    into: Option<Arc<RemoteWrite>>,
    turns: Turns,
    places: Arc<Semaphore>,
}

/// The one path. Without `into` it says why not.
pub(super) fn routes(into: Option<Arc<RemoteWrite>>, turns: Turns) -> Router {
    let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
    Router::new().route("/v1/write", post(write)).with_state(Door { into, turns, places })
}

/// What there is to say besides "all is stored".
struct Refused {
    outcome: Outcome,
    status: StatusCode,
    says: String,
}

impl Refused {
    /// Nothing is stored. What is not sent again as it is, since it would be refused again, is a 4xx.
    fn whole(status: StatusCode, says: impl Into<String>) -> Self {
        let outcome = if status.is_server_error() { Outcome::Later } else { Outcome::Refused };
        Self { outcome, status, says: says.into() }
    }
}

async fn write(State(door): State<Door>, request: Request) -> Response {
    let Some(into) = door.into.clone() else {
        let says = "samples of others are taken on a loopback address without dashboard.public_url only, unless the \
                    configuration says integration.prometheus.remote_write: true";
        return (StatusCode::FORBIDDEN, says).into_response();
    };
    let taken = take(&into, door, request).await;
    into.count(taken.as_ref().map_or_else(|refused| refused.outcome, |()| Outcome::Stored));
    match taken {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => (refused.status, refused.says).into_response(),
    }
}

async fn take(into: &Arc<RemoteWrite>, door: Door, request: Request) -> Result<(), Refused> {
    // All that can be said without the body is said before it is read.
    readable(request.headers()).map_err(|says| Refused::whole(StatusCode::UNSUPPORTED_MEDIA_TYPE, says))?;
    let busy = |_| Refused::whole(StatusCode::SERVICE_UNAVAILABLE, "too much is written at once; try again later");
    let place = timeout(PLACE_WITHIN, door.places.acquire_owned()).await.map_err(busy)?;
    let late = |_| Refused::whole(StatusCode::REQUEST_TIMEOUT, "the body does not come");
    let body = timeout(BODY_WITHIN, to_bytes(request.into_body(), MOST_BYTES)).await.map_err(late)?;
    let says = || format!("at most {} MiB are taken at once", MOST_BYTES >> 20);
    let body = body.map_err(|_| Refused::whole(StatusCode::PAYLOAD_TOO_LARGE, says()))?;
    let into = Arc::clone(into);
    let work = move || {
        // Until it is worked off, though its sender may have left.
        let _place = place;
        into.take(&body)
    };
    match door.turns.take(work).await {
        Ok(taken) => taken.map_err(|error| refused(&error)),
        // The sender tries again later.
        Err(error) => Err(Refused::whole(StatusCode::SERVICE_UNAVAILABLE, error.to_string())),
    }
}

fn refused(error: &WriteError) -> Refused {
    let says = error.to_string();
    match error {
        WriteError::Refused(_) => Refused { outcome: Outcome::Partly, status: StatusCode::BAD_REQUEST, says },
        WriteError::Malformed(_) => Refused::whole(StatusCode::BAD_REQUEST, says),
        WriteError::TooLong => Refused::whole(StatusCode::PAYLOAD_TOO_LARGE, says),
        WriteError::Gone => Refused::whole(StatusCode::SERVICE_UNAVAILABLE, says),
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
