//! The binary: parses the command line, does what it says, tells what went wrong.

use std::process::ExitCode;

use clap::Parser;
use telltale::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            telltale::telemetry::warn(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
