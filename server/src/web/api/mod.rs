//! The interface for programs, under `/api`.

mod health;
mod metrics;
mod metrics_query;
mod params;
mod status;
mod time;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, Uri};
use axum::routing::{any, get};

use super::envelope::{ApiError, Code};
use crate::ingest::RemoteWrite;
use crate::monitor::Monitor;

pub(super) use metrics_query::{DEFAULT_RANGE, MOST_POINTS};
pub(super) use time::meant;
pub(crate) use time::parse as parse_time;

/// All paths, with an envelope for those that there are not.
pub(super) fn routes(monitor: Arc<Monitor>, written: Option<Arc<RemoteWrite>>) -> Router {
    let write = write::routes(written, monitor.turns.clone());
    let api = Router::new()
        .route("/health", get(health::health))
        .route("/metrics", get(metrics::metrics))
        .route("/status", get(status::status))
        .route("/collectors", get(status::collectors))
        .method_not_allowed_fallback(wrong_method)
        .fallback(unknown_inside)
        .with_state(monitor)
        .merge(write);
    // A nest answers for what lies under its root, and neither for the root nor for the root with a slash.
    Router::new().route("/api", any(unknown_path)).route("/api/", any(unknown_path)).nest("/api", api)
}

async fn unknown_path(uri: Uri) -> ApiError {
    nothing_at(uri.path())
}

/// In the nest, where paths begin behind its root.
async fn unknown_inside(uri: Uri) -> ApiError {
    nothing_at(&format!("/api{}", uri.path()))
}

fn nothing_at(path: &str) -> ApiError {
    ApiError::new(Code::NotFound, format!("there is nothing at {path}"))
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::new(Code::MethodNotAllowed, format!("{method} is not possible here; the header `Allow` says what is"))
}
