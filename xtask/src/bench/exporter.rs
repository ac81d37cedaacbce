//! prometheus-node-exporter: got, started, asked for its version.

use crate::command::{Cmd, on_path};
use crate::server::Running;
use crate::{apt, http};
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What Debian calls the package and the program; what others call the program.
const NAMES: &[&str] = &["prometheus-node-exporter", "node_exporter"];

/// Its path; installed now if need be.
pub(crate) fn ensure() -> Result<PathBuf> {
    let find = || NAMES.iter().find_map(|name| on_path(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    apt::install(&NAMES[..1])?;
    find().context("prometheus-node-exporter was installed, but is not on PATH")
}

/// Starts one of our own on a free port, with what it collects by default.
pub(crate) fn start(program: &Path) -> Result<(Running, SocketAddr)> {
    start_with(program, &[])
}

/// The same with further arguments.
pub(crate) fn start_with(program: &Path, arguments: &[&str]) -> Result<(Running, SocketAddr)> {
    let address = http::free_address()?;
    let cmd = Cmd::new(program).arg(format!("--web.listen-address={address}")).args(arguments);
    let running = Running::start(cmd)?;
    http::wait_for(address, "/metrics", Duration::from_secs(20))?;
    Ok((running, address))
}

/// `node_exporter 1.5.0`.
pub(crate) fn version(program: &Path) -> Result<String> {
    let said = Cmd::new(program).arg("--version").read()?;
    Ok(version_in(&said))
}

fn version_in(said: &str) -> String {
    // node_exporter, version 1.5.0 (branch: debian/sid, revision: 1.5.0-1+b6)
    let number = said.split_whitespace().skip_while(|word| *word != "version").nth(1).unwrap_or("of unknown version");
    format!("node_exporter {number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found() {
        assert_eq!(version_in("node_exporter, version 1.5.0 (branch: x)\n  build user: y\n"), "node_exporter 1.5.0");
        assert_eq!(version_in("?"), "node_exporter of unknown version");
    }
}
