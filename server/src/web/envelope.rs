//! The envelope of every answer under `/api`, and what stands in it where something is wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use std::time::Duration;

use app::model::Timestamp;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::clock::{Clock, SystemClock};
use crate::store::StoreError;

/// How long a request may wait until it is its turn.
const TURN_WITHIN: Duration = Duration::from_secs(5);

/// Answers that are looked for at a time, two for each processor: more of them would only wait for each other,
/// each with its part of an answer in memory.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, usize::from);
    Arc::new(Semaphore::new(2 * processors))
});

/// Why a request is not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) code: Code,
    /// A sentence for people.
    pub(super) message: String,
    /// The parameter that is at fault, where it is one.
    pub(super) field: Option<String>,
}

/// What programs tell errors apart by; each has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// A query string that cannot be taken apart.
    InvalidQuery,
    /// A parameter with a value that makes no sense.
    InvalidParameter,
    /// A parameter that there is not.
    UnknownParameter,
    /// From where it must not be asked.
    Forbidden,
    /// No such path.
    NotFound,
    /// No such metric.
    UnknownMetric,
    /// The path is right, the method is not.
    MethodNotAllowed,
    /// A part without which it cannot be answered is down, or has too much to do.
    Unavailable,
    /// All places are taken.
    TooManyConnections,
    /// A mistake of ours.
    Internal,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Self::InvalidQuery | Self::InvalidParameter | Self::UnknownParameter => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UnknownMetric => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable | Self::TooManyConnections => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl ApiError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None }
    }

    /// The value of one parameter makes no sense.
    pub(super) fn parameter(field: &str, message: impl Into<String>) -> Self {
        Self { code: Code::InvalidParameter, message: message.into(), field: Some(field.to_owned()) }
    }

    pub(super) fn about(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    pub(super) fn internal() -> Self {
        Self::new(Code::Internal, "something went wrong here; the server's log knows more")
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownMetric(_) => Self::new(Code::UnknownMetric, error.to_string()).about("metric_name"),
            StoreError::NotACounter(_) => Self::parameter("aggregation", error.to_string()),
            StoreError::Refused { .. } => Self::internal(),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
    timestamp: Timestamp,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: Code,
    message: &'a str,
    field: Option<&'a str>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        failure(&self, None::<()>)
    }
}

/// An answer.
pub(super) fn success(data: impl Serialize) -> Response {
    write(StatusCode::OK, &Envelope { status: "success", error: None, data: Some(data), timestamp: now() })
}

/// An error, with whatever can be told nevertheless.
pub(super) fn failure(error: &ApiError, data: Option<impl Serialize>) -> Response {
    let body = ErrorBody { code: error.code, message: &error.message, field: error.field.as_deref() };
    write(error.code.status(), &Envelope { status: "error", error: Some(body), data, timestamp: now() })
}

/// Finds the answer and writes it down on a thread where that may take its time.
pub(super) async fn reply<T: Serialize>(
    find: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    reply_in_turn(&TURNS, find).await
}

async fn reply_in_turn<T: Serialize>(
    turns: &Arc<Semaphore>,
    find: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    let busy = || ApiError::new(Code::Unavailable, "too much is asked at once; try again later");
    let Ok(Ok(turn)) = timeout(TURN_WITHIN, Arc::clone(turns).acquire_owned()).await else { return Err(busy()) };
    let work = move || {
        // The work goes on where its client has left, and is counted until it is done.
        let _turn = turn;
        catch_unwind(AssertUnwindSafe(|| find().map(success)))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(answer)) => answer,
        // A panic, or the runtime is shutting down.
        _ => Err(ApiError::internal()),
    }
}

fn write(status: StatusCode, envelope: &impl Serialize) -> Response {
    let json = HeaderValue::from_static("application/json");
    match serde_json::to_vec(envelope) {
        Ok(body) => (status, [(header::CONTENT_TYPE, json)], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_for_a_turn_is_told() {
        let turns = Arc::new(Semaphore::new(1));
        let first = Arc::clone(&turns).acquire_owned().await.unwrap();
        let began = tokio::time::Instant::now();
        let refused = reply_in_turn(&turns, || Ok(1)).await.unwrap_err();
        assert_eq!((refused.code, refused.code.status().as_u16()), (Code::Unavailable, 503));
        assert!(began.elapsed() >= TURN_WITHIN);
        drop(first);
        for _ in 0..3 {
            assert_eq!(reply_in_turn(&turns, || Ok(1)).await.unwrap().status(), 200);
        }
        // A panic gives its turn back too.
        let broken = reply_in_turn(&turns, || -> Result<u8, ApiError> { panic!("on purpose") }).await;
        assert_eq!(broken.unwrap_err(), ApiError::internal());
        assert_eq!(turns.available_permits(), 1);
    }
}
