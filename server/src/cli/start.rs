//! `telltale start`.

use std::net::SocketAddr;

use clap::Args;

use crate::run::{Options, StartError, run};

/// Watch this machine and serve the page until told to stop.
///
/// Runs in the foreground. SIGTERM or Ctrl-C ends it in good order; a second one ends it at once.
/// The page is at `/`, the interfaces are at `/api/health`, `/api/metrics` and `/ws`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale start
  telltale start --listen 127.0.0.1:9000
  telltale start --listen 127.0.0.1:0     any free port; the address is printed")]
pub(super) struct Start {
    /// Where to listen: an address of this machine that only this machine can reach, and a port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Start {
    pub(super) fn execute(self) -> Result<(), StartError> {
        run(&Options { listen: self.listen })
    }
}
