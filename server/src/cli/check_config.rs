//! `telltale check-config`.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, say};
use crate::config::{Env, load_file};
use crate::run::Extra;
use crate::telemetry::complain;

/// Check a configuration file without starting anything.
///
/// Prints everything that is wrong with it, or what in it this version does not act on yet.
/// The exit code is 0 where the file can be used and 2 where it cannot.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale config example > telltale.json        a file to begin with
  telltale check-config telltale.json
  telltale check-config telltale.json && systemctl restart telltale

What the file names by ${NAME} has to be set as it will be for the server.
Exit codes: 0 the file can be used, 2 it cannot.")]
pub(super) struct CheckConfig {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl CheckConfig {
    pub(super) fn execute(self, env: Env<'_>) -> Result<(), Failure> {
        let loaded = load_file(Some(&self.file), env, &Extra::default().known())?;
        for warning in &loaded.warnings {
            complain(&format!("{}: {warning}", self.file.display()));
        }
        say(&format!("{} is fine", self.file.display()))?;
        if !loaded.config.enabled {
            say("`enabled` is false: with this file, start says so and ends at once")?;
        }
        for row in loaded.config.not_active() {
            say(&row)?;
        }
        Ok(())
    }
}
