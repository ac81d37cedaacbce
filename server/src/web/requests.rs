//! Counts requests: how many, how many failed, how long each took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Is told of every request when its answer begins: how long that took, and the status of the answer.
pub type Requested = Arc<dyn Fn(Duration, u16) + Send + Sync>;

pub(super) async fn count(State(requested): State<Requested>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let answer = next.run(request).await;
    requested(began.elapsed(), answer.status().as_u16());
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
    async fn every_answer_is_told_with_its_status_and_its_time() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requested: Requested = {
            let seen = Arc::clone(&seen);
            Arc::new(move |took, status| seen.lock().push((took >= Duration::from_millis(5), status)))
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
        let statuses: Vec<_> = seen.lock().iter().map(|(_, status)| *status).collect();
        assert_eq!(statuses, [200, 404, 500]);
        assert!(seen.lock()[0].0, "the first took its time");
    }
}
