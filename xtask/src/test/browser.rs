//! The browser tests: Node's packages, a browser, and Playwright.

use super::{Tally, count};
use crate::command::{Cmd, on_path};
use crate::progress::say;
use crate::workspace::Workspace;
use crate::{apt, npm};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// What to do when they fail.
pub(crate) const HINT: &str =
    "Traces and screenshots of failed tests are in the folder of the browser tests, in test-results.";

/// Names a browser to use instead of those that we look for.
const CHOICE: &str = "TELLTALE_CHROMIUM";

const ON_PATH: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Runs all browser tests against a binary.
pub(crate) fn test(workspace: &Workspace, binary: &Path) -> Result<Tally> {
    let folder = &workspace.end2end;
    if !folder.join("package.json").is_file() {
        bail!("there are no browser tests in {}", folder.display());
    }
    if !binary.is_file() {
        bail!("there is no {} to test", binary.display());
    }
    npm::ensure(folder)?;
    // Playwright runs what it can read, types or no types.
    Cmd::new("npm").args(["run", "--silent", "check"]).dir(folder).hint("The tests themselves have mistakes.").run()?;
    let browser = browser(folder)?;
    say(&format!("      {} in {}", workspace.short(binary), browser.display()));
    let mut words = workspace.end2end_command.split_whitespace();
    let program = words.next().unwrap_or("npx");
    let mut count = count::Playwright::default();
    let succeeded = Cmd::new(program)
        .args(words)
        .arg("--reporter=list")
        .env("TELLTALE_BIN", binary)
        .env(CHOICE, &browser)
        // Colours would be in the way of counting.
        .env("FORCE_COLOR", "0")
        .dir(folder)
        .watch(&mut |line| count.line(line))?;
    count.judge(succeeded)
}

/// A browser of Chromium's kind: one that is there, else one that can be got.
fn browser(folder: &Path) -> Result<PathBuf> {
    if let Some(choice) = std::env::var_os(CHOICE).map(PathBuf::from) {
        if !choice.is_file() {
            bail!("{CHOICE} is {}, which is no file", choice.display());
        }
        return Ok(choice);
    }
    if let Some(found) = installed(folder) {
        return Ok(found);
    }
    let got = if apt::is_ours() {
        apt::install(&["chromium"])
    } else {
        say("      npx playwright install chromium");
        Cmd::new("npx").args(["playwright", "install", "chromium"]).dir(folder).run()
    };
    match (got, installed(folder)) {
        (_, Some(found)) => Ok(found),
        (Err(error), None) => {
            Err(error.context("no Chromium here, and none could be got; install one, or name it in TELLTALE_CHROMIUM"))
        }
        (Ok(()), None) => bail!("Chromium was installed, but is not to be found; name it in {CHOICE}"),
    }
}

fn installed(folder: &Path) -> Option<PathBuf> {
    ON_PATH.iter().find_map(|name| on_path(name)).or_else(|| {
        // Playwright keeps browsers of its own and knows where.
        let script = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
        let path = Cmd::new("node").args(["--input-type=commonjs", "-e", script]).dir(folder).read().ok()?;
        Some(PathBuf::from(path)).filter(|path| path.is_file())
    })
}
