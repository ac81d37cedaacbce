//! Which data folder a command is about.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Failure;
use crate::config::{Algorithm, Env, StorageType, load_file};
use crate::data_folder::FolderError;
use crate::run::Extra;
use crate::secret::Text;

/// Where the data is.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The data folder; the one of --config, or else of `telltale start`, unless given
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The configuration that the server is started with
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    /// The folder, which may not be there.
    pub(super) fn folder(&self, env: Env<'_>) -> Result<Text, Failure> {
        if let Some(typed) = &self.data_dir {
            return Ok(Text::open(typed));
        }
        let storage = load_file(self.config.as_deref(), env, &Extra::default().known())?.config.storage;
        if storage.kind == StorageType::Memory {
            return Err(Failure::Asked("storage.type is memory: nothing is on any disk".to_owned()));
        }
        storage.path.ok_or(Failure::Folder(FolderError::Nowhere))
    }

    /// From how many bytes on what is written for others is packed; none: never.
    pub(super) fn pack_from(&self, env: Env<'_>) -> Result<Option<u64>, Failure> {
        let compression = load_file(self.config.as_deref(), env, &Extra::default().known())?.config.storage.compression;
        // The one way there is.
        let Algorithm::Gzip = compression.algorithm;
        Ok(compression.enabled.then_some(compression.threshold_bytes))
    }
}
