//! `telltale start`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, file, say};
use crate::config::Env;
use crate::run::{Options, run};

/// Watch this machine and serve the page until told to stop.
///
/// Runs in the foreground. The first line, on standard output, says where the page is. SIGTERM or Ctrl-C ends it in good
/// order; a second one ends it at once.
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
    /// Log all there is to tell; the same as development.debug_mode: true in the configuration
    #[arg(long)]
    debug: bool,
}

impl Start {
    pub(super) fn execute(self, env: Env<'_>) -> Result<(), Failure> {
        let mut loaded = file::read(self.config.as_deref(), env)?;
        loaded.config.development.debug_mode |= self.debug;
        if !loaded.config.enabled {
            let file = self.config.unwrap_or_default();
            say(&format!("Telltale is switched off: `enabled` is false in {}", file.display()))?;
            return Ok(());
        }
        Ok(run(&Options { loaded, file: self.config, listen: self.listen, colour: colour(env) })?)
    }
}

/// Whether standard error is a terminal that shows colours, and its user wants them: no-color.org.
fn colour(env: Env<'_>) -> bool {
    let unwanted = env("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env("TERM").is_none_or(|term| term == "dumb");
    std::io::stderr().is_terminal() && !unwanted && !dumb
}
