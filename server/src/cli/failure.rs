//! What can go wrong with a command, and which exit code that is.

use std::path::PathBuf;

use crate::config::FileError;
use crate::data_folder::FolderError;
use crate::run::StartError;
use crate::store::care::CareError;

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
    /// The folder for data cannot be had.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// Something with what is kept in it.
    #[error(transparent)]
    Care(#[from] CareError),
    /// A file that something was to be written to or read from.
    #[error("{} cannot be used: {because}", .file.display())]
    Unusable {
        /// Which.
        file: PathBuf,
        /// Why.
        because: std::io::Error,
    },
    /// Something is asked for that is not there, or that makes no sense.
    #[error("{0}")]
    Asked(String),
    /// It was done, and what was found is not well.
    #[error("{0}")]
    Found(String),
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
            Self::File(_) | Self::Url(_) | Self::Asked(_) => 2,
            Self::Output(_)
            | Self::Unwritable { .. }
            | Self::NoAnswer { .. }
            | Self::Unhealthy(_)
            | Self::Folder(_)
            | Self::Care(_)
            | Self::Unusable { .. }
            | Self::Found(_) => 1,
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
