//! The page, rendered here with real numbers, so that it reads before, and without, any script.

use std::sync::Arc;
use std::time::Duration;

use app::app::First;
use app::backend::{Backend, SharedBackend};
use app::model::Span;
use app::shell::{Assets, shell};
use app::state::{Choice, Range};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use tokio::time::timeout;

use super::assets;
use super::envelope::{ApiError, Code};
use super::requests::Because;
use crate::monitor::{Monitor, Pages};
use crate::stages::{Stage, Stages};

/// How wide a chart of the first page can be, in points of its data. The browser asks for more where it has room.
const COLUMNS: u32 = 400;
/// How long the data may hold up the page.
const DATA_WITHIN: Duration = Duration::from_secs(3);
/// The pages that there are; the router of the app knows the same.
const PAGES: [&str; 1] = ["/"];

/// Whatever no other path is.
pub(super) fn routes(monitor: &Arc<Monitor>, theme: Choice) -> Router {
    // It is refused only where it has been done before.
    let _ = any_spawner::Executor::init_tokio();
    let backend: SharedBackend = Arc::new(Pages(Arc::clone(monitor)));
    Router::new().fallback(page).with_state((backend, theme, monitor.stages.clone()))
}

/// In place of the page where there is none.
pub(super) fn switched_off() -> Router {
    let says = "there is no page: dashboard.enabled is false; the interfaces are under /api";
    Router::new().fallback(move || async move { ApiError::new(Code::NotFound, says) })
}

async fn page(State((backend, theme, stages)): State<(SharedBackend, Choice, Stages)>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET,HEAD")]).into_response();
    }
    let first = overview(&*backend, span(request.uri().query())).await;
    let _rendering = stages.begin(Stage::Render);
    let because = first.as_ref().err().map(|says| Because(format!("the page is without data, since {says}")));
    let mut answer = render(backend, first.ok(), theme, request).await;
    if let Some(because) = because {
        answer.extensions_mut().insert(because);
    }
    answer
}

async fn render(backend: SharedBackend, first: Option<First>, theme: Choice, request: Request) -> Response {
    let status = match (&first, PAGES.contains(&request.uri().path())) {
        (None, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Some(_), true) => StatusCode::OK,
        (Some(_), false) => StatusCode::NOT_FOUND,
    };
    let context = move || {
        if let Some(first) = first.clone() {
            provide_context(first);
        }
        provide_context(Arc::clone(&backend));
        allow_own_scripts();
    };
    let assets = Assets { version: assets::version(), theme };
    let mut answer = render_app_async_with_context(context, move || shell(assets.clone()))(request).await;
    *answer.status_mut() = status;
    answer
}

/// As the page's own router reads it: the last one counts, and what is wrong is no reason to show nothing.
fn span(query: Option<&str>) -> Span {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|part| part.split_once('='));
    Range::read(pairs.rfind(|(name, _)| *name == "range").map(|(_, value)| value))
}

async fn overview(backend: &dyn Backend, span: Span) -> Result<First, String> {
    match timeout(DATA_WITHIN, backend.overview(span, COLUMNS)).await {
        Ok(Ok(overview)) => Ok(First(overview)),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("looking for them took longer than {} s", DATA_WITHIN.as_secs())),
    }
}

/// No script runs but those of our own files and those that bear this answer's nonce.
fn allow_own_scripts() {
    let nonce = use_nonce().map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    let policy = format!(
        "default-src 'self'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'"
    );
    if let (Some(answer), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        answer.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}
