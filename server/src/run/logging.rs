//! The log of a running server: from the configuration's words to telemetry's, and the first and last lines in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::{Options, StartError, listen, settings};
use crate::clock::Clock;
use crate::collect::Registry;
use crate::telemetry::Telemetry;
use crate::vitals::Vitals;

/// How long the last lines may hold up the end.
const FLUSH_WITHIN: Duration = Duration::from_millis(300);

/// Starts it, and makes it the one that hears this process.
pub(super) async fn start(
    options: &Options,
    clock: &Arc<dyn Clock>,
    vitals: &Vitals,
) -> Result<Option<Arc<Telemetry>>, StartError> {
    let Some(colour) = options.log else { return Ok(None) };
    let settings = settings::telemetry(&options.loaded.config, colour);
    let (clock, vitals) = (Arc::clone(clock), vitals.clone());
    // The file may lie on a disk that hangs; whoever starts us may end us all the same.
    let open = move || Telemetry::start(&settings, clock, vitals, Box::new(std::io::stderr()));
    let telemetry = spawn_blocking(open).await.map_err(|_| StartError::Broken)??;
    // Where the process has another listener, that one hears it.
    telemetry.install();
    Ok(Some(Arc::new(telemetry)))
}

/// What runs, where, and by what.
pub(super) fn tell_start(options: &Options, address: Option<SocketAddr>, registry: &Registry) {
    let config = &options.loaded.config;
    let collectors: Vec<_> = registry.status().iter().map(|collector| collector.name.to_string()).collect();
    let address = address.map_or_else(|| "nowhere".to_owned(), |address| listen::shown(address, options));
    let file = options.file.as_ref().map_or_else(|| "defaults".to_owned(), |file| file.display().to_string());
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        address,
        configuration = file,
        collectors = collectors.join(","),
        page = config.dashboard.enabled,
        "started"
    );
}

/// What ended it, and how long the end took; then waits, a bounded time, until all is written.
pub(super) fn tell_end(telemetry: Option<&Telemetry>, reason: &str, since: Instant) {
    let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(ms, "stopped: {reason}");
    if let Some(telemetry) = telemetry {
        telemetry.flush(FLUSH_WITHIN);
    }
}
