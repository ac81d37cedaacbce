//! The binary: parses the command line, does what it says, tells what went wrong.

use std::process::ExitCode;

use clap::Parser;
use telltale::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().execute(|name| std::env::var(name).ok()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.lines().iter().for_each(telltale::telemetry::complain);
            ExitCode::from(failure.exit_code())
        }
    }
}
