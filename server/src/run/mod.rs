//! The composition root: the only place that knows every part. It starts them, joins them, changes them, and ends them.
//!
//! What the configuration means for each part is in [`settings`] and [`collectors`]; the running whole is
//! [`server::Server`].

mod asked;
mod collector_log;
mod collectors;
mod error;
mod extra;
mod gauges;
mod launch;
mod limits;
mod listen;
mod logging;
mod missing;
mod pace;
mod reload;
mod restart;
mod server;
mod serving;
mod settings;
mod signals;
mod tasks;
mod touched;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::collect::RequestStats;
use crate::config::Loaded;
use crate::service::Notifier;
pub use error::StartError;
pub use extra::{Extra, Make};
pub use launch::{Launched, Orders, launch};
use signals::{Said, Signals};

/// How long a reading that hangs may hold up the end, besides everything else.
const THREADS_WITHIN: Duration = Duration::from_millis(500);

/// Reads the configuration again; what is wrong with it, a line each.
pub type Reread = Arc<dyn Fn() -> Result<Loaded, Vec<String>> + Send + Sync>;

/// What a start can be told.
pub struct Options {
    /// What to do, and what its author should know.
    pub loaded: Loaded,
    /// The file that it came from.
    pub file: Option<PathBuf>,
    /// Reads that file again.
    pub reread: Option<Reread>,
    /// Where to listen.
    pub place: Place,
    /// Whether the collectors of the configuration run, besides those that a program adds.
    pub built_in: bool,
    /// What a program brings along.
    pub extra: Extra,
    /// Requests of the program that this is, or is part of.
    pub requests: RequestStats,
    /// Those that are answered here; where this is the program, they are the same.
    pub own_requests: RequestStats,
    /// Who is told how it goes.
    pub notifier: Notifier,
    /// Whether to write a log, and then whether standard error is a terminal that shows colours. None: the program that
    /// this is part of hears what is told by `tracing`, or does not.
    pub log: Option<bool>,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where the configuration says.
    AsConfigured,
    /// Here, whatever the configuration says.
    At(SocketAddr),
    /// Nowhere: whoever wants to know asks from within.
    Nowhere,
}

/// Runs until a signal ends it.
///
/// # Errors
/// Where it does not start.
pub fn run(options: Options) -> Result<(), StartError> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(until_a_signal(options));
    // A reading that hangs keeps its thread, and must not keep the process.
    runtime.shutdown_timeout(THREADS_WITHIN);
    ended
}

async fn until_a_signal(options: Options) -> Result<(), StartError> {
    let mut signals = Signals::new()?;
    let mut server = tokio::select! {
        started = launch(options, Vec::new()) => started?,
        // Nothing is served yet, and what was begun ends with the runtime.
        () = signals.end() => return Ok(()),
    };
    announce(server.address);
    loop {
        tokio::select! {
            said = signals.next() => match said {
                Said::Reload => server.orders.reload(),
                Said::End(reason) => {
                    server.orders.end(reason);
                    break;
                }
            },
            ended = server.ended() => return ended,
        }
    }
    tokio::select! {
        ended = server.ended() => ended,
        // Whoever does not want to wait says so a second time.
        () = signals.end() => Ok(()),
    }
}

/// The first line says where the page is. That nobody may be reading it is no reason to fail.
fn announce(address: Option<SocketAddr>) {
    let Some(address) = address else { return };
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(out, "Telltale {version}  http://{address}  (watching this machine)");
    let _ = out.flush();
}
