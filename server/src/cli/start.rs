//! `telltale start`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, file, say};
use crate::config::{Env, Storage, StorageType};
use crate::run::{Options, run};
use crate::secret::Text;
use crate::service::Notifier;
use crate::telemetry::warn;

/// Watch this machine and serve the page until told to stop.
///
/// Runs in the foreground. SIGTERM or Ctrl-C ends it in good order; a second one ends it at once.
/// The page is at `/`, the interfaces are at `/api/health`, `/api/metrics` and `/ws`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale start
  telltale start --config telltale.json   `telltale config example` prints a file to begin with
  telltale start --listen 127.0.0.1:9000
  telltale start --listen 127.0.0.1:0     any free port; the address is printed
  telltale start --listen 127.0.0.1:9000 --data-dir second   one more beside the first")]
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
    /// The same as development.debug_mode: true in the configuration
    #[arg(long)]
    debug: bool,
}

impl Start {
    pub(super) fn execute(self, env: Env<'_>) -> Result<(), Failure> {
        let mut loaded = file::read(self.config.as_deref(), env)?;
        loaded.config.development.debug_mode |= self.debug;
        if let Some(folder) = self.data_dir {
            take_folder(&mut loaded.config.storage, folder);
        }
        if !loaded.config.enabled {
            let file = self.config.unwrap_or_default();
            say(&format!("Telltale is switched off: `enabled` is false in {}", file.display()))?;
            return Ok(());
        }
        let notifier = Notifier::new(env, std::process::id());
        Ok(run(&Options { loaded, file: self.config, listen: self.listen, notifier })?)
    }
}

/// What is typed counts before what the file says of the folder, but not before that it wants none.
fn take_folder(storage: &mut Storage, folder: String) {
    if storage.kind == StorageType::Memory {
        warn("--data-dir is not used: storage.type is memory, so nothing is written to disk");
    }
    storage.path = Some(Text::open(folder));
}
