//! `GET /api/status` and `GET /api/collectors`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;

use super::params::Params;
use crate::monitor::{Monitor, Reading};
use crate::web::envelope::{ApiError, reply, success};

#[derive(Serialize)]
struct Collectors {
    collectors: Vec<Reading>,
}

pub(super) async fn status(
    State(monitor): State<Arc<Monitor>>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Params::parse(query.as_deref().unwrap_or_default())?.finish(&[])?;
    reply(&monitor.turns.clone(), move |_| Ok(monitor.status())).await
}

pub(super) async fn collectors(
    State(monitor): State<Arc<Monitor>>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Params::parse(query.as_deref().unwrap_or_default())?.finish(&[])?;
    Ok(success(Collectors { collectors: monitor.readings() }))
}
