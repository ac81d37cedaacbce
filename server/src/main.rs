//! The binary: parses the command line, does what it says, tells what went wrong.

use std::process::ExitCode;

use clap::Parser;
use telltale::cli::Cli;

fn main() -> ExitCode {
    let env = |name: &str| std::env::var(name).ok();
    match Cli::parse().execute(&env) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.lines().iter().for_each(telltale::telemetry::complain);
            ExitCode::from(failure.exit_code())
        }
    }
}
