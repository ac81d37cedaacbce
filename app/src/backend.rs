//! What a page needs of whoever has the data. The server implements it and provides it to pages and to
//! server functions through Leptos' context; the browser never has one.
//!
//! May not know: stores, sockets, HTTP.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{History, HistoryRequest, Overview, Span};

/// The one way from a page to the data.
pub trait Backend: Send + Sync {
    /// Everything the first page shows, its charts `columns` wide at most.
    fn overview(&self, span: Span, columns: u32) -> Answer<'_, Overview>;

    /// Series as a chart wants them.
    fn histories(&self, request: HistoryRequest) -> Answer<'_, Vec<History>>;
}

/// What a [`Backend`] gives: an answer, in time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, BackendError>> + Send + 'a>>;

/// A backend as contexts hold it.
pub type SharedBackend = Arc<dyn Backend>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BackendError {
    /// The request makes no sense; says which part, and what would.
    #[error("{0}")]
    Refused(String),
    /// The data cannot be had now.
    #[error("the data cannot be read now: {0}")]
    Unavailable(String),
}
