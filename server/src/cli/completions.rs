//! `telltale completions`.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, Failure, say};

/// Print what a shell needs to complete what is typed.
///
/// It goes to standard output; where each shell looks for it is below. `cargo xtask dist` puts one for each shell into
/// dist/completions.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale completions bash > ~/.local/share/bash-completion/completions/telltale
  telltale completions zsh > ~/.zfunc/_telltale
  telltale completions fish > ~/.config/fish/completions/telltale.fish
They count from the next shell on. zsh needs `fpath+=~/.zfunc` before `compinit`.

Exit codes: 0 printed, 1 it could not be written, 2 no such shell.")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(super) fn execute(&self) -> Result<(), Failure> {
        // Into memory first: what cannot be written to standard output is a failure like others.
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "telltale", &mut script);
        say(String::from_utf8_lossy(&script).trim_end())
    }
}
