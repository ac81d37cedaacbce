//! Counts requests: how many, how many failed, how long each took. Those that failed are in the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Is told of every request when its answer begins: how long that took, and whether it failed by our fault.
pub type Requested = Arc<dyn Fn(Duration, bool) + Send + Sync>;

/// What the client did wrong is no failure of ours, so those are the answers from 500 on.
pub(super) async fn count(State(requested): State<Requested>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let answer = next.run(request).await;
    let (took, status) = (began.elapsed(), answer.status());
    requested(took, status.is_server_error());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    // The path and no more of the address: whatever stands behind a `?` may be anything.
    if status.is_server_error() {
        tracing::warn!(ms, "{method} {} was answered with {}", uri.path(), status.as_u16());
    } else {
        tracing::debug!(ms, "{method} {} was answered with {}", uri.path(), status.as_u16());
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;
    use parking_lot::Mutex;

    use super::*;

    #[tokio::test]
    async fn every_answer_counts_and_those_from_500_on_as_failed() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requested: Requested = {
            let seen = Arc::clone(&seen);
            Arc::new(move |took, failed| seen.lock().push((took >= Duration::from_millis(5), failed)))
        };
        let slow = || async { tokio::time::sleep(Duration::from_millis(5)).await };
        let router = Router::new()
            .route("/fine", get(slow))
            .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .layer(from_fn_with_state(requested, count));
        let service = TowerToHyperService::new(router);
        for path in ["/fine", "/nothing", "/broken"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            service.call(request).await.unwrap();
        }
        let failed: Vec<_> = seen.lock().iter().map(|(_, failed)| *failed).collect();
        assert_eq!(failed, [false, false, true]);
        assert!(seen.lock()[0].0, "the first took its time");
    }
}
