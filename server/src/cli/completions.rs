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
  telltale completions zsh  > ~/.zfunc/_telltale     with `fpath+=~/.zfunc` before compinit in ~/.zshrc
  telltale completions fish > ~/.config/fish/completions/telltale.fish
They count from the next shell on.")]
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
