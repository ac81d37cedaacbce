//! Server functions: what the page asks for after its first picture. Each is a thin call to [`Backend`].
//!
//! [`Backend`]: crate::backend::Backend

#![expect(missing_docs, reason = "the macro makes a struct whose fields cannot be documented")]

use leptos::prelude::*;
use leptos::server_fn::codec::{Json, JsonEncoding};
use leptos::server_fn::error::ServerFnErrorErr;

use crate::backend::BackendError;
use crate::model::{History, HistoryRequest};

/// Series as a chart wants them, at `POST /sfn/histories`.
///
/// # Errors
/// Where the request is refused, or the data or the server cannot be reached.
#[server(prefix = "/sfn", endpoint = "histories", input = Json, output = Json)]
pub async fn histories(request: HistoryRequest) -> Result<Vec<History>, BackendError> {
    // Taken before the first await: contexts belong to the moment of the call.
    let backend = use_context::<crate::backend::SharedBackend>()
        .ok_or_else(|| BackendError::Unavailable("no data is provided to this function".to_owned()))?;
    backend.histories(request).await
}

/// The error of every server function, so that its kind arrives where it is told apart.
impl FromServerFnError for BackendError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => not_understood(&why),
            // Questions are taken apart on the server, answers in the browser.
            ServerFnErrorErr::Deserialization(why) if cfg!(feature = "ssr") => not_understood(&why),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

fn not_understood(why: &str) -> BackendError {
    BackendError::Refused(format!("the question is not understood: {why}"))
}
