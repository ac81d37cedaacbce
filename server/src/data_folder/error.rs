//! What can be wrong with the folder, in sentences that end up on standard error and in `/api/health`.

use std::io;

use crate::secret::Text;

/// Why the folder is of no use. Folders print as their [`Text`] does.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Neither the configuration nor the environment names one.
    #[error("there is no folder for data: storage.path, XDG_DATA_HOME and HOME are all not set")]
    Nowhere,
    /// The operating system refuses.
    #[error("the data folder {folder} cannot be {what}: {because}")]
    Unusable {
        /// Which.
        folder: String,
        /// `made`, `locked` or `written`.
        what: &'static str,
        /// The system's word for it.
        because: io::Error,
    },
    /// Somebody else owns it.
    #[error("the data folder {folder} is in use by another telltale{}", process(*.by))]
    Taken {
        /// Which.
        folder: String,
        /// The number of its process, where it can be told.
        by: Option<u32>,
    },
    /// It was there, and is no more.
    #[error("the data folder {folder} is gone; put it back, or start again to have a new one made")]
    Gone {
        /// Which.
        folder: String,
    },
    /// It neither answers nor fails, such as a network file system whose server is gone.
    #[error("the data folder {folder} does not answer")]
    Silent {
        /// Which.
        folder: String,
    },
}

impl FolderError {
    pub(super) fn unusable(folder: &Text, what: &'static str, because: io::Error) -> Self {
        Self::Unusable { folder: folder.to_string(), what, because }
    }
}

fn process(by: Option<u32>) -> String {
    by.map(|pid| format!(", process {pid}")).unwrap_or_default()
}
