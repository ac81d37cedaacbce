//! `tokens`: the style sheet of colours and sizes, from the table that the drawing code uses.

use crate::progress::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;

// The table itself, without the page's dependencies.
#[path = "../../app/src/theme.rs"]
#[allow(dead_code, unreachable_pub, reason = "the file is written for another crate, which uses all of it")]
mod theme;

/// Writes the sheet.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let path = path(workspace);
    fs::write(&path, theme::css()).with_context(|| format!("writing {}", path.display()))?;
    say(&format!("Written: {}", workspace.short(&path)));
    Ok(())
}

/// Does the sheet say what the table says?
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let path = path(workspace);
    let sheet = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    ensure!(sheet == theme::css(), "{} is not what app/src/theme.rs says", workspace.short(&path));
    Ok(())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.style.with_file_name("tokens.css")
}
