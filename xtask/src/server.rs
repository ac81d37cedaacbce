//! A Telltale that runs while we look at it.

use crate::command::{Cmd, wait_within};
use crate::http;
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

/// A process that is ended when nobody holds this any more, whatever happened.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts a program in the background.
    pub(crate) fn start(cmd: Cmd) -> Result<Self> {
        Ok(Self { child: cmd.silent().spawn()? })
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
    }
}

/// Starts Telltale on a free port, from within a folder, and waits until it answers.
pub(crate) fn telltale(binary: &Path, folder: &Path) -> Result<(Running, SocketAddr)> {
    let address = http::free_address()?;
    let cmd = Cmd::new(binary).args(["start", "--listen", &address.to_string()]).dir(folder);
    let line = cmd.line();
    let running = Running::start(cmd)?;
    http::wait_for(address, "/api/health", Duration::from_secs(20)).with_context(|| format!("started `{line}`"))?;
    Ok((running, address))
}
