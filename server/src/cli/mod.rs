//! The command line: what may be typed. One file a command.
//!
//! May not know: how any of it is done.

mod start;

use clap::{Parser, Subcommand};

use crate::run::StartError;

/// Watches this machine: collects its metrics, keeps them, and shows them on a live page.
#[derive(Debug, Parser)]
#[command(
    name = "telltale",
    version,
    after_help = "Begin with `telltale start`, then open http://127.0.0.1:8080 in a browser."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Start(start::Start),
}

impl Cli {
    /// Does what was typed; returns when it is done.
    ///
    /// # Errors
    /// What went wrong, with the exit code for it.
    pub fn execute(self) -> Result<(), StartError> {
        match self.command {
            Command::Start(start) => start.execute(),
        }
    }
}
