//! Node's packages, exactly as a lock file lists them.

use crate::command::{Cmd, on_path};
use crate::progress::say;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::time::SystemTime;

/// Installs what the lock file of a folder lists, unless that has been done since it last changed.
pub(crate) fn ensure(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let Some(wanted) = changed(&lock) else {
        bail!("{} is missing: it says which packages of Node are needed", lock.display());
    };
    // npm writes this file at the end of an installation.
    if changed(&folder.join("node_modules/.package-lock.json")).is_some_and(|installed| installed >= wanted) {
        return Ok(());
    }
    if on_path("npm").is_none() {
        bail!("npm is missing: install Node 20 or newer");
    }
    say("      npm ci");
    Cmd::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"])
        .dir(folder)
        .hint("Is the npm registry within reach?")
        .read()
        .with_context(|| format!("installing the packages of {}", lock.display()))?;
    Ok(())
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|about| about.modified()).ok()
}
