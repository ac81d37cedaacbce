//! What can go wrong with a command, and which exit code that is.

use std::path::PathBuf;

use crate::config::FileError;
use crate::run::StartError;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server did not start, or broke off.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The configuration cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// Standard output takes nothing.
    #[error("what was asked for cannot be written: {0}")]
    Output(std::io::Error),
    /// A folder takes no files.
    #[error("{} cannot be written to: {because}", .folder.display())]
    Unwritable {
        /// Which.
        folder: PathBuf,
        /// Why.
        because: std::io::Error,
    },
    /// An address that is none.
    #[error("`{0}` is no address of a server; such as http://127.0.0.1:8080 is one")]
    Url(String),
    /// A server does not answer, or not as ours would.
    #[error("{address}: {because}")]
    NoAnswer {
        /// Who was asked.
        address: String,
        /// What happened.
        because: String,
    },
    /// A server says that it is not well.
    #[error("{0}")]
    Unhealthy(String),
}

impl Failure {
    /// 2 for what was asked for wrongly, 1 for what failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Start(error) => error.exit_code(),
            Self::File(_) | Self::Url(_) => 2,
            Self::Output(_) | Self::Unwritable { .. } | Self::NoAnswer { .. } | Self::Unhealthy(_) => 1,
        }
    }

    /// What to tell, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::File(error) => error.lines(),
            other => vec![other.to_string()],
        }
    }
}
