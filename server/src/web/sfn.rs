//! Server functions: what the page asks for, under `/sfn`.

use std::sync::Arc;
use std::time::Duration;

use app::backend::{BackendError, SharedBackend};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use leptos::prelude::provide_context;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use tokio::time::timeout;

use crate::monitor::{Monitor, Pages};

/// No question of the page's is longer.
const LONGEST_BODY: usize = 64 * 1024;
/// How long a client may take to send it.
const BODY_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn routes(monitor: &Arc<Monitor>) -> Router {
    let backend: SharedBackend = Arc::new(Pages(Arc::clone(monitor)));
    Router::new().route("/sfn/{*function}", post(call)).with_state(backend)
}

/// The body is read here, with its bounds, since server functions read theirs without any.
async fn call(State(backend): State<SharedBackend>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_WITHIN, to_bytes(body, LONGEST_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let request = Request::from_parts(head, Body::from(body));
    let context = move || provide_context(backend.clone());
    blame(leptos_axum::handle_server_fns_with_context(context, request).await.into_response()).await
}

/// Server functions answer every error with 500; what the client has asked wrongly is 400.
async fn blame(answer: Response) -> Response {
    if !answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    // It is in memory as a whole already, and is a sentence.
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    head.status = match serde_json::from_slice(&body) {
        Ok(BackendError::Refused(_)) => StatusCode::BAD_REQUEST,
        Ok(BackendError::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
        Err(_) => head.status,
    };
    Response::from_parts(head, Body::from(body))
}
