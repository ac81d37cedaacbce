//! Debian's packages, where they may be installed.

use crate::command::{Cmd, on_path};
use crate::progress::{say, seconds};
use anyhow::{Result, bail};
use std::time::Instant;

/// May we install packages? That takes root and an apt-get.
pub(crate) fn is_ours() -> bool {
    on_path("apt-get").is_some() && is_root()
}

/// Installs packages, or brings them up to date.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if !is_ours() {
        bail!("these packages are needed; install them as root: apt-get install {names}");
    }
    let begun = Instant::now();
    say(&format!("      apt-get install {names}"));
    let apt = |args: &[&str]| {
        Cmd::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
            .args(args)
            .hint("Is the package mirror within reach, and no other apt-get running?")
            .read()
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())?;
    say(&format!("      installed in {}", seconds(begun.elapsed())));
    Ok(())
}

fn is_root() -> bool {
    Cmd::new("id").arg("-u").read().is_ok_and(|id| id.trim() == "0")
}
