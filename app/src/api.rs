//! Server functions: what the page asks for after its first picture. Each is a thin call to [`Backend`].
//!
//! [`Backend`]: crate::backend::Backend

#![expect(missing_docs, reason = "the macro makes a struct whose fields cannot be documented")]

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::model::{History, HistoryRequest};

/// Series as a chart wants them, at `POST /sfn/histories`.
///
/// # Errors
/// Where the request is refused, or the data or the server cannot be reached.
#[server(prefix = "/sfn", endpoint = "histories", input = Json, output = Json)]
pub async fn histories(request: HistoryRequest) -> Result<Vec<History>, ServerFnError> {
    // Taken before the first await: contexts belong to the moment of the call.
    let backend = use_context::<crate::backend::SharedBackend>()
        .ok_or_else(|| ServerFnError::new("no data is provided to this function"))?;
    backend.histories(request).await.map_err(ServerFnError::new)
}
