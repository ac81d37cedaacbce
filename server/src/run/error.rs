//! Why it does not run.

use std::net::SocketAddr;

use crate::data_folder::FolderError;
use crate::store::OpenError;
use crate::telemetry::LogError;

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Whoever reaches the port may read everything.
    #[error(
        "{0} can be reached from other machines, and there are no logins yet, so this is refused. Listen on \
         127.0.0.1 or [::1]; from elsewhere, come through `ssh -L 8080:localhost:8080`; or say in a configuration \
         that everybody may see everything, by security.authentication.enabled: false"
    )]
    Exposed(SocketAddr),
    /// Somebody else is there.
    #[error("port {port} of {host} is taken by another program. End that one, or choose another port: {instead}")]
    PortTaken {
        /// The address, or what is shown in its place.
        host: String,
        /// The port.
        port: u16,
        /// What to type or to change.
        instead: String,
    },
    /// A name that means no address.
    #[error("cannot listen on {0}: {1}")]
    UnknownHost(String, std::io::Error),
    /// The address, or what is shown in its place, cannot be had for another reason.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    /// The operating system does not give what every program needs.
    #[error("cannot start: {0}")]
    System(#[from] std::io::Error),
    /// Each is told by its name.
    #[error("two collectors are called `{0}`; each needs a name of its own")]
    SameName(String),
    /// There is no log to be had.
    #[error(transparent)]
    Log(#[from] LogError),
    /// There is no folder to keep things in.
    #[error("{0}; another one is chosen by --data-dir DIR, or by storage.path in a configuration")]
    Folder(#[from] FolderError),
    /// What lies in the folder cannot be used.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// It ran and broke off.
    #[error("it has broken off")]
    Broken,
}

impl StartError {
    /// 2 for what was asked for wrongly, 1 for what failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Exposed(_) | Self::SameName(_)) { 2 } else { 1 }
    }
}
