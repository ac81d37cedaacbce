//! `telltale start`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::{Failure, say};
use crate::collect::RequestStats;
use crate::config::{Loaded, load_file};
use crate::run::{Extra, Options, Place, Reread, run};

/// Watch this machine and serve the page until told to stop.
///
/// Runs in the foreground. SIGTERM or Ctrl-C ends it in good order; a second one ends it at once. SIGHUP reads the
/// configuration again: what can change while it runs does, the rest is told; a file with mistakes changes nothing.
/// The page is at `/`, the interfaces are at `/api/health`, `/api/metrics` and `/ws`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale start
  telltale start --config telltale.json   `telltale config example` prints a file to begin with
  telltale start --listen 127.0.0.1:9000
  telltale start --listen 127.0.0.1:0     any free port; the address is printed")]
pub(super) struct Start {
    /// The configuration; without it, the defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, whatever the configuration says: an address of this machine and a port
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The same as development.debug_mode: true in the configuration
    #[arg(long)]
    debug: bool,
}

impl Start {
    pub(super) fn execute(self, env: fn(&str) -> Option<String>) -> Result<(), Failure> {
        let Self { config: file, listen, debug } = self;
        let loaded = read(file.as_deref(), env, debug)?;
        if !loaded.config.enabled {
            let file = file.unwrap_or_default();
            say(&format!("Telltale is switched off: `enabled` is false in {}", file.display()))?;
            return Ok(());
        }
        let reread = file.clone().map(|file| -> Reread {
            Arc::new(move || read(Some(&file), env, debug).map_err(|failure| failure.lines()))
        });
        let place = listen.map_or(Place::AsConfigured, Place::At);
        let (extra, requests) = (Extra::default(), RequestStats::new());
        Ok(run(Options { loaded, file, reread, place, extra, requests })?)
    }
}

/// What the file says, and what the command line says besides.
fn read(file: Option<&Path>, env: fn(&str) -> Option<String>, debug: bool) -> Result<Loaded, Failure> {
    let mut loaded = load_file(file, &env, &Extra::default().known())?;
    loaded.config.development.debug_mode |= debug;
    Ok(loaded)
}
