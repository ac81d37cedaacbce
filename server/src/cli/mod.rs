//! The command line: what may be typed. One file a command.
//!
//! May not know: how any of it is done.

mod ask;
mod check_config;
mod completions;
mod config;
mod failure;
mod health;
mod man;
mod server;
mod start;
mod status;
mod storage;
mod table;

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use clap::{Parser, Subcommand};

pub use failure::Failure;

/// Watches this machine: collects its metrics, keeps them, and shows them on a live page.
///
/// Nothing has to be installed beside it or configured first.
#[derive(Debug, Parser)]
#[command(
    name = "telltale",
    version,
    after_help = "Begin with:
  telltale start             then open http://127.0.0.1:8080 in a browser
  telltale status            from another terminal: what it does and how it is
Then, to have it your way:
  telltale config example > telltale.json
  telltale check-config telltale.json
  telltale start --config telltale.json

Exit codes: 0 fine, 1 failed, 2 wrong usage or configuration.
`telltale COMMAND --help` tells more of each command."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Start(start::Start),
    Status(status::Status),
    Health(health::Health),
    CheckConfig(check_config::CheckConfig),
    Config(config::Config),
    #[command(subcommand)]
    Storage(storage::Storage),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Cli {
    /// Does what was typed; returns when it is done.
    ///
    /// # Errors
    /// What went wrong, with the exit code for it.
    pub fn execute(self, env: fn(&str) -> Option<String>) -> Result<(), Failure> {
        match self.command {
            Command::Start(start) => start.execute(env),
            Command::Status(status) => status.execute(&env),
            Command::Health(health) => health.execute(&env),
            Command::CheckConfig(check) => check.execute(&env),
            Command::Config(config) => config.execute(),
            Command::Storage(storage) => storage.execute(&env),
            Command::Completions(completions) => completions.execute(),
            Command::Man(man) => man.execute(),
        }
    }
}

/// On standard output. That nobody may be reading it any more is no reason to fail; that it cannot be written is.
fn say(what: &(impl Display + ?Sized)) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{what}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
