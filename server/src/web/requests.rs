//! Requests: counts them, by how long each took and what came of it, and tells the log of those that failed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::http::{Request, Response};
use axum::middleware::Next;
use tower_service::Service;

/// Is told of every request when its answer begins: how long that took, and the status of the answer.
pub type Requested = Arc<dyn Fn(Duration, u16) + Send + Sync>;

/// Whether an answer with this status is a failure of ours; what the client did wrong is none.
#[must_use]
pub const fn failed(status: u16) -> bool {
    status >= 500
}

/// A service whose requests are counted.
#[derive(Clone)]
pub struct Counted<S> {
    inner: S,
    requested: Requested,
}

impl<S> Counted<S> {
    /// `inner`, of whose requests `requested` is told.
    pub fn new(inner: S, requested: Requested) -> Self {
        Self { inner, requested }
    }
}

impl<S, In, Out> Service<Request<In>> for Counted<S>
where
    S: Service<Request<In>, Response = Response<Out>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    /// Where there is no answer at all, it counts as 500.
    fn call(&mut self, request: Request<In>) -> Self::Future {
        let (began, requested) = (Instant::now(), Arc::clone(&self.requested));
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            requested(began.elapsed(), answer.as_ref().map_or(500, |answer| answer.status().as_u16()));
            answer
        })
    }
}

/// Among the extensions of an answer: why it is what it is, for the log.
#[derive(Clone)]
pub(super) struct Because(pub(super) String);

/// Tells the log: of what we failed at, and, for those who look for a mistake, of all others.
pub(super) async fn tell(request: axum::extract::Request, next: Next) -> axum::response::Response {
    let began = Instant::now();
    // The path and no more of the address: whatever stands behind a `?` may be anything.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answer = next.run(request).await;
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = answer.status().as_u16();
    let because = answer.extensions().get::<Because>().map(|because| format!(": {}", because.0)).unwrap_or_default();
    if failed(status) {
        tracing::warn!(ms, "{method} {path} was answered with {status}{because}");
    } else {
        tracing::debug!(ms, "{method} {path} was answered with {status}{because}");
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use parking_lot::Mutex;
    use tower_layer::layer_fn;

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
            .layer(layer_fn(move |inner| Counted::new(inner, Arc::clone(&requested))));
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
