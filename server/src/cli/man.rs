//! `telltale man`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man as Page;

use super::{Cli, Failure, say};

/// Print the manual page, or write the pages of all commands into a folder.
///
/// `cargo xtask dist` puts them into dist/man.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale man | man -l -
  telltale man ~/.local/share/man/man1     then `man telltale-start`

Exit codes: 0 written, 1 it could not be.")]
pub(super) struct Man {
    /// The folder; made where it is not there
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(super) fn execute(&self) -> Result<(), Failure> {
        // There is a page for each command, and none for the word `help`.
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        match &self.folder {
            Some(folder) => {
                let unwritable = |because| Failure::Unwritable { folder: folder.clone(), because };
                fs::create_dir_all(folder).and_then(|()| write_into(folder, &command)).map_err(unwritable)
            }
            None => {
                let mut page = Vec::new();
                render(command, &mut page).map_err(Failure::Output)?;
                say(String::from_utf8_lossy(&page).trim_end())
            }
        }
    }
}

/// A page for this command and for each below it.
fn write_into(folder: &Path, command: &Command) -> io::Result<()> {
    for below in command.get_subcommands() {
        write_into(folder, below)?;
    }
    let mut page = Vec::new();
    render(command.clone(), &mut page)?;
    fs::write(folder.join(Page::new(command.clone()).get_filename()), page)
}

/// As clap would, but with our examples and exit codes line by line as they are written.
fn render(command: Command, out: &mut Vec<u8>) -> io::Result<()> {
    let more = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_below = command.has_subcommands();
    let page = Page::new(command);
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if has_below {
        page.render_subcommands_section(out)?;
    }
    if !more.is_empty() {
        writeln!(out, ".SH EXAMPLES AND EXIT CODES\n.nf\n{}\n.fi", more.lines().map(escaped).collect::<String>())?;
    }
    Ok(())
}

/// A line that roff takes as text.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    // At its beginning these would be a request; a backslash that is none of ours cannot be there any more.
    if line.starts_with('.') { format!("\\&{line}\n") } else { format!("{line}\n") }
}
