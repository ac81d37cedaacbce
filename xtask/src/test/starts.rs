//! Does a configuration file that somebody else has written start?

use crate::command::Cmd;
use crate::http;
use crate::server::Running;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What every variable of the file holds: good as a password, a key and an address alike, and nobody is there.
const ANYTHING: &str = "http://127.0.0.1:9/anything";

/// Starts the server with the file, on a free port and in a folder of its own, and asks how it is.
pub(super) fn check(binary: &Path, file: &Path) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let file = file.canonicalize()?;
    let folder = std::env::temp_dir().join(format!("telltale-starts-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let asked = ask(binary, &file, &variables(&text), &folder);
    // What it has written there is of no more use.
    let _ = fs::remove_dir_all(&folder);
    asked
}

fn ask(binary: &Path, file: &Path, variables: &BTreeSet<&str>, folder: &Path) -> Result<()> {
    let cmd = |words: &[&str]| {
        let cmd = Cmd::new(binary).args(words).arg(file).dir(folder).env("HOME", folder);
        variables.iter().fold(cmd, |cmd, name| cmd.env(name, ANYTHING))
    };
    // What is wrong with it is told by this one; a server in the background tells nobody.
    cmd(&["check-config"]).read()?;
    let address = http::free_address()?;
    let running = Running::start(cmd(&["start", "--listen", &address.to_string(), "--config"]))?;
    http::wait_for(address, "/api/health", Duration::from_secs(20))?;
    let answer = http::get(address, "/api/health", &[])?;
    let health: Value = serde_json::from_slice(&answer.body).context("reading what /api/health answers")?;
    ensure!(answer.status == 200, "/api/health answers {}: {health}", answer.status);
    if health.pointer("/data/running") != Some(&Value::Bool(true)) {
        bail!("it does not run: {health}");
    }
    running.stop()
}

/// The names in `${NAME}`, and in `${NAME:-default}` too.
fn variables(text: &str) -> BTreeSet<&str> {
    text.split("${").skip(1).filter_map(|rest| rest.split(['}', ':']).next()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found() {
        let found: Vec<&str> =
            variables(r#"{"a": "${ONE}", "b": "x ${TWO:-${} y", "c": "$THREE"}"#).into_iter().collect();
        assert_eq!(found, ["ONE", "TWO"]);
    }
}
