//! `telltale start`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::{Failure, say};
use crate::collect::RequestStats;
use crate::config::{Env, Loaded, Storage, StorageType, load_file};
use crate::run::{Extra, Options, Place, Reread, run};
use crate::secret::Text;
use crate::service::Notifier;
use crate::telemetry::complain;

/// Watch this machine and serve the page until told to stop.
///
/// Runs in the foreground. The first line, on standard output, says where the page is. SIGTERM or Ctrl-C ends it in good
/// order; a second one ends it at once. SIGHUP reads the configuration again: what can change while it runs does, the
/// rest is told; a file with mistakes changes nothing.
///
/// The page is at `/`, the interfaces are at `/api/health`, `/api/metrics` and `/ws`.
///
/// The log goes to standard error, or into `logging.file` of the configuration; warnings and errors go to standard error
/// either way.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale start
  telltale start --config telltale.json   `telltale config example` prints one
  telltale start --listen 127.0.0.1:9000
  telltale start --listen 127.0.0.1:0     any free port; the address is printed
  telltale start --listen 127.0.0.1:9000 --data-dir second   one more beside the first
  telltale start --debug                  tells each request and each connection

Exit codes:
  0  ended by SIGTERM or Ctrl-C, or switched off by `enabled: false`
  1  did not start, such as where the port is taken, or broke off
  2  wrong usage or configuration; `telltale check-config FILE` tells the same

While it runs:
  telltale status        what it collects, and what is wrong
  telltale health        for scripts, by its exit code")]
pub(super) struct Start {
    /// The configuration; without it, the defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, whatever the configuration says: an address of this machine and a port
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The folder to keep things in, whatever the configuration says
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Log all there is to tell; the same as development.debug_mode: true in the configuration
    #[arg(long)]
    debug: bool,
}

impl Start {
    pub(super) fn execute(self, env: fn(&str) -> Option<String>) -> Result<(), Failure> {
        let Self { config: file, listen, data_dir, debug } = self;
        let typed_folder = data_dir.is_some();
        let read = {
            let file = file.clone();
            move || read(file.as_deref(), env, debug, data_dir.as_deref())
        };
        let loaded = read()?;
        if !loaded.config.enabled {
            let file = file.unwrap_or_default();
            say(&format!("Telltale is switched off: `enabled` is false in {}", file.display()))?;
            return Ok(());
        }
        if typed_folder && loaded.config.storage.kind == StorageType::Memory {
            complain("--data-dir is not used: storage.type is memory, so nothing is written to disk");
        }
        let reread = file.is_some().then(|| -> Reread { Arc::new(move || read().map_err(|failure| failure.lines())) });
        let place = listen.map_or(Place::AsConfigured, Place::At);
        let (extra, requests) = (Extra::default(), RequestStats::new());
        let notifier = Notifier::new(&env, std::process::id());
        Ok(run(Options {
            loaded,
            file,
            reread,
            place,
            extra,
            own_requests: requests.clone(),
            requests,
            notifier,
            log: Some(colour(&env)),
            built_in: true,
        })?)
    }
}

/// What the file says, and what the command line says besides.
fn read(
    file: Option<&Path>,
    env: fn(&str) -> Option<String>,
    debug: bool,
    data_dir: Option<&str>,
) -> Result<Loaded, Failure> {
    let mut loaded = load_file(file, &env, &Extra::default().known())?;
    loaded.config.development.debug_mode |= debug;
    if let Some(folder) = data_dir {
        take_folder(&mut loaded.config.storage, folder);
    }
    Ok(loaded)
}

/// What is typed counts before what the file says of the folder.
fn take_folder(storage: &mut Storage, folder: &str) {
    storage.path = Some(Text::open(folder));
}

/// Whether standard error is a terminal that shows colours, and its user wants them: no-color.org.
fn colour(env: Env<'_>) -> bool {
    let unwanted = env("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env("TERM").is_none_or(|term| term == "dumb");
    std::io::stderr().is_terminal() && !unwanted && !dumb
}
