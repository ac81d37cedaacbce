//! A Telltale that runs while we look at it.

use crate::command::{Cmd, wait_within};
use crate::http;
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

/// A process that is ended when nobody holds this any more, whatever happened.
pub(crate) struct Running {
    child: Child,
    /// A folder of its own, gone with it.
    data: Option<PathBuf>,
}

impl Running {
    /// Starts a program in the background.
    pub(crate) fn start(cmd: Cmd) -> Result<Self> {
        Ok(Self { child: cmd.silent().spawn()?, data: None })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as a service manager would, and waits until it has done so in good order.
    pub(crate) fn stop(mut self) -> Result<()> {
        Cmd::new("kill").args(["-TERM", &self.child.id().to_string()]).read()?;
        match wait_within(&mut self.child, Duration::from_secs(10))? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("asked to stop, it ended with {status}"),
            None => bail!("asked to stop, it still ran 10 s later"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of a process that is gone already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(data) = &self.data {
            let _ = std::fs::remove_dir_all(data);
        }
    }
}

/// Starts Telltale on a free port, from within a folder, with a data folder of its own, and waits until it answers.
pub(crate) fn telltale(binary: &Path, folder: &Path) -> Result<(Running, SocketAddr)> {
    let address = http::free_address()?;
    let data = std::env::temp_dir().join(format!("telltale-data-{}-{}", std::process::id(), address.port()));
    let cmd = Cmd::new(binary).args(["start", "--listen", &address.to_string(), "--data-dir"]).arg(&data).dir(folder);
    let line = cmd.line();
    let mut running = Running::start(cmd)?;
    running.data = Some(data);
    http::wait_for(address, "/api/health", Duration::from_secs(20)).with_context(|| format!("started `{line}`"))?;
    Ok((running, address))
}
