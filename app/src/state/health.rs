//! Asks the server how its collectors are, since the stream does not tell.

use gloo_net::http::Request;
use serde::Deserialize;

use crate::model::Health;

/// The part of an API answer that counts here.
#[derive(Deserialize)]
struct Answer {
    data: Health,
}

/// Collectors that fail, with their last error; `None` where the server does not say.
pub(super) async fn failing() -> Option<Vec<(String, String)>> {
    // A server in trouble answers 503 with the same data.
    let text = Request::get("/api/health").send().await.ok()?.text().await.ok()?;
    let health = serde_json::from_str::<Answer>(&text).ok()?.data;
    let failing = health.collectors.into_iter().filter(|(_, collector)| !collector.healthy);
    Some(failing.map(|(name, collector)| (name, collector.last_error.unwrap_or_default())).collect())
}
