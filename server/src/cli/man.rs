//! `telltale man`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::{Man as Page, generate_to};

use super::{Cli, Failure, say};

/// Print the manual page, or write the pages of all commands into a folder.
///
/// `cargo xtask dist` puts them into dist/man.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale man | man -l -
  telltale man ~/.local/share/man/man1     then `man telltale`, `man telltale-start`")]
pub(super) struct Man {
    /// The folder; made where it is not there
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(super) fn execute(&self) -> Result<(), Failure> {
        match &self.folder {
            Some(folder) => {
                let unwritable = |because| Failure::Unwritable { folder: folder.clone(), because };
                write_into(folder).map_err(unwritable)
            }
            None => {
                let mut page = Vec::new();
                Page::new(Cli::command()).render(&mut page).map_err(Failure::Output)?;
                say(String::from_utf8_lossy(&page).trim_end())
            }
        }
    }
}

fn write_into(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    generate_to(Cli::command(), folder)
}
