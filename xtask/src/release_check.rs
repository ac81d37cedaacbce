//! `release-check`: what is too slow for every change, and due before a release.

use crate::progress::say;
use crate::test::browser;
use crate::workspace::Workspace;
use crate::{bench, dist};
use anyhow::{Result, bail};

/// Builds the file that people get, tests it in a browser, and measures it.
pub(crate) fn release_check(workspace: &Workspace) -> Result<()> {
    dist::dist(workspace)?;
    say("The browser tests against it");
    let tally = browser::test(workspace, &workspace.dist_binary())?;
    if tally.failed > 0 {
        bail!("{} browser tests fail against the optimised file. {}", tally.failed, browser::HINT);
    }
    bench::collect(workspace, bench::SECONDS)?;
    say(&format!("All holds: {} browser tests passed.", tally.passed));
    Ok(())
}
