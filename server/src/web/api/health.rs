//! `GET /api/health`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::params::Params;
use crate::monitor::{Condition, Monitor};
use crate::web::envelope::{ApiError, Code, failure, success};

pub(super) async fn health(
    State(monitor): State<Arc<Monitor>>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Params::parse(query.as_deref().unwrap_or_default())?.finish(&[])?;
    Ok(answer(monitor.condition()))
}

/// A collector that fails is told, and no more: all else works. A part without which nothing does is an error.
fn answer(Condition { health, down }: Condition) -> Response {
    if down.is_empty() {
        return success(health);
    }
    failure(&ApiError::new(Code::Unavailable, down.join("; ")), Some(health))
}

#[cfg(test)]
mod tests {
    use app::model::Health;

    use super::*;

    async fn check(down: &[&str], status: u16, starts: &str) {
        let health = Health {
            running: down.is_empty(),
            collectors_count: 0,
            active_alerts: 0,
            uptime: 1.5,
            version: "0".to_owned(),
            degraded: !down.is_empty(),
            collectors: std::collections::BTreeMap::default(),
            troubles: std::collections::BTreeMap::default(),
        };
        let answer = answer(Condition { health, down: down.iter().map(|&part| part.to_owned()).collect() });
        assert_eq!(answer.status().as_u16(), status);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(body.starts_with(starts) && body.contains(r#""uptime":1.5"#), "{body}");
    }

    #[tokio::test]
    async fn the_data_is_told_even_where_a_part_is_down() {
        check(&[], 200, r#"{"status":"success","data":{"running":true,"#).await;
        let says = r#"{"status":"error","error":{"code":"unavailable","message":"a; b","field":null},"data":{"running":false,"#;
        check(&["a", "b"], 503, says).await;
    }
}
