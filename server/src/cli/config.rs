//! `telltale config`.

use clap::{Args, Subcommand};

use super::{Failure, say};
use crate::config::{example, schema};

/// Print what a configuration file may hold.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale config example > telltale.json        then edit and check it:
  telltale check-config telltale.json
  telltale config schema > telltale.schema.json  for editors that check JSON

Exit codes: 0 printed, 1 it could not be written.")]
pub(super) struct Config {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The JSON Schema of the file, for editors and checks in pipelines
    Schema,
    /// A file of every setting, each with its default and what it is for
    Example,
}

impl Config {
    pub(super) fn execute(&self) -> Result<(), Failure> {
        match self.what {
            What::Schema => say(&format!("{:#}", schema())),
            What::Example => say(example().trim_end()),
        }
    }
}
