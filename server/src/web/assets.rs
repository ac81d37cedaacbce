//! The files that belong to the page.

use axum::http::StatusCode;

pub(super) async fn serve() -> StatusCode {
    StatusCode::NOT_FOUND
}
