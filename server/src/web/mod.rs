//! Everything that is served: the interface for programs, the live stream, server functions, the page.
//!
//! Invariant: a client that is slow, dead or hostile costs its own connection and nothing else.
//! May not know: how anything is collected or kept; it asks the monitor and the hub.
//! Start reading at [`router`].

mod api;
mod assets;
mod envelope;
mod guard;
mod headers;
mod page;
mod patience;
mod requests;
mod serve;
mod sfn;
mod static_files;
mod ws;

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use app::state::Choice;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_layer::layer_fn;

use crate::ingest::RemoteWrite;
use crate::live::Hub;
use crate::monitor::Monitor;

pub(crate) use api::parse_time;
pub use guard::Hosts;
pub use requests::{Counted, Requested, failed};
pub use serve::serve;

/// Answers smaller than this gain nothing from being compressed.
const SMALLEST_COMPRESSED: u16 = 1024;

/// What is served, and to whom.
pub struct Settings {
    /// Names under which requests are answered.
    pub hosts: Hosts,
    /// The theme of the page until its reader chooses; none: no page.
    pub page: Option<Choice>,
    /// Whether there is a live stream.
    pub live: bool,
    /// A folder of the user's own files.
    pub folder: Option<PathBuf>,
    /// Takes samples of others; none: nobody's.
    pub written: Option<Arc<RemoteWrite>>,
    /// Is told of every request.
    pub requested: Requested,
}

/// Every path. `stop` ends the live connections.
pub fn router(monitor: &Arc<Monitor>, hub: &Arc<Hub>, stop: &watch::Receiver<bool>, settings: Settings) -> Router {
    let mut router = Router::new().merge(made_anew(api::routes(Arc::clone(monitor), settings.written)));
    if settings.live {
        router = router.merge(ws::routes(Arc::clone(monitor), Arc::clone(hub), stop.clone()));
    } else {
        router = router.merge(made_anew(ws::switched_off()));
    }
    if let Some(folder) = settings.folder {
        router = router.merge(static_files::routes(folder));
    }
    match settings.page {
        Some(theme) => {
            assets::tell_if_missing();
            let page = made_anew(page::routes(monitor, theme)).layer(from_fn(assets::first));
            router = router.merge(made_anew(sfn::routes(monitor))).merge(page);
        }
        None => router = router.merge(made_anew(page::switched_off())),
    }
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(guard::same_site))
        .layer(from_fn_with_state(settings.hosts, guard::known_host))
        .layer(from_fn(headers::secure))
        .layer(from_fn(requests::tell))
        .layer(layer_fn(move |inner| Counted::new(inner, Arc::clone(&settings.requested))))
}

/// For answers that are true for this moment only: packed on the way, and kept by nobody.
fn made_anew(routes: Router) -> Router {
    let compression = CompressionLayer::new().compress_when(SizeAbove::new(SMALLEST_COMPRESSED));
    routes.layer(from_fn(headers::not_stored)).layer(compression)
}

/// The panic is in the log already, and that the request failed will be.
fn panicked(_panic: Box<dyn Any + Send>) -> Response {
    envelope::ApiError::internal().into_response()
}

#[cfg(test)]
mod tests;
