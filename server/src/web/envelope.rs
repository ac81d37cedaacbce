//! The envelope of every answer under `/api`, and what stands in it where something is wrong.

use app::model::Timestamp;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clock::{Clock, SystemClock};
use crate::monitor::{NoAnswer, Turns};
use crate::store::{Asker, StoreError};

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
            StoreError::TooMuch { .. } => Self::parameter("start_time", error.to_string()),
            // Hardly anybody is left to read it.
            StoreError::Abandoned => Self::new(Code::Unavailable, error.to_string()),
            StoreError::Refused { .. } => Self::internal(),
        }
    }
}

impl From<NoAnswer> for ApiError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Busy => Self::new(Code::Unavailable, error.to_string()),
            NoAnswer::Broken => Self::internal(),
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

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

/// An answer whose data somebody writes who is faster at it than who knows nothing of them.
pub(super) fn success_written(data: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> Result<Response, ApiError> {
    let mut body = br#"{"status":"success","data":"#.to_vec();
    let mut written = data(&mut body);
    body.extend_from_slice(br#","timestamp":"#);
    written = written.and_then(|()| serde_json::to_writer(&mut body, &now()));
    body.push(b'}');
    written.map_err(|_| ApiError::internal())?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, JSON)], body).into_response())
}

/// An error, with whatever can be told nevertheless.
pub(super) fn failure(error: &ApiError, data: Option<impl Serialize>) -> Response {
    let body = ErrorBody { code: error.code, message: &error.message, field: error.field.as_deref() };
    write(error.code.status(), &Envelope { status: "error", error: Some(body), data, timestamp: now() })
}

/// Finds the answer and writes it down, when it is its turn, on a thread where that may take its time.
pub(super) async fn reply<T: Serialize>(
    turns: &Turns,
    find: impl FnOnce(&Asker) -> Result<T, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    turns.take_for(|asker| find(asker).map(success)).await.unwrap_or_else(|error| Err(error.into()))
}

fn write(status: StatusCode, envelope: &impl Serialize) -> Response {
    match serde_json::to_vec(envelope) {
        Ok(body) => (status, [(header::CONTENT_TYPE, JSON)], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}
