//! Asks the server how it is, since the stream does not tell.

use gloo_net::http::Request;
use serde::Deserialize;

use crate::model::Health;

/// The part of an API answer that counts here.
#[derive(Deserialize)]
struct Answer {
    data: Health,
}

/// Who has trouble, and which; `None` where the server does not say.
pub(super) async fn problems() -> Option<Vec<(String, String)>> {
    // A server in trouble answers 503 with the same data.
    let text = Request::get("/api/health").send().await.ok()?.text().await.ok()?;
    let health = serde_json::from_str::<Answer>(&text).ok()?.data;
    Some(health.problems())
}
