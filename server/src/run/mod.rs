//! The composition root: the only place that knows every part. It starts them, joins them, changes them, and ends them.
//!
//! What the configuration means for each part is in [`settings`] and [`collectors`]; the running whole is
//! [`server::Server`].

mod collectors;
mod error;
mod limits;
mod listen;
mod reload;
mod restart;
mod server;
mod settings;
mod signals;
mod touched;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::config::Loaded;
pub use error::StartError;
use server::Server;
use signals::{Signal, Signals};
use touched::Touched;

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
    /// Where to listen, whatever the configuration says.
    pub listen: Option<SocketAddr>,
}

/// Runs until a signal ends it.
///
/// # Errors
/// Where it does not start.
pub fn run(options: Options) -> Result<(), StartError> {
    if let Some(listen) = options.listen {
        listen::allow(listen, &options.loaded.config)?;
    }
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(options));
    // A reading that hangs keeps its thread, and must not keep the process.
    runtime.shutdown_timeout(THREADS_WITHIN);
    ended
}

async fn serve(options: Options) -> Result<(), StartError> {
    let mut signals = Signals::new()?;
    let mut touched = Touched::new(options.file.clone());
    let mut server = Server::start(options).await?;
    announce(server.address());
    loop {
        let move_at = server.move_at;
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::End => break,
                Signal::Reload => server.reload().await,
            },
            () = touched.again(), if server.reloads_by_itself() => server.reload().await,
            () = reload::due(move_at) => server.move_on().await,
            () = server.broke_off() => return Err(StartError::Broken),
        }
    }
    // Whoever does not want to wait says so a second time.
    tokio::select! {
        () = server.stop() => {}
        () = signals.end() => {}
    }
    Ok(())
}

/// The first line says where the page is. That nobody may be reading it is no reason to fail.
fn announce(address: SocketAddr) {
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(out, "Telltale {version}  http://{address}  (this machine is already being monitored)");
    let _ = out.flush();
}
