//! Which data folder a command is about.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Failure;
use crate::config::{Algorithm, Env, StorageType, load_file};
use crate::data_folder::{DataFolder, FolderError};
use crate::run::Extra;
use crate::secret::Text;
use crate::store::care::CareError;

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

/// What went wrong with a data folder, with its name as it may be told.
pub(super) fn failed(folder: &Text, error: CareError) -> Failure {
    match error {
        CareError::NoData(_) => {
            Failure::Found(format!("there is no data in {folder}: it has neither `blocks` nor `log`"))
        }
        other => other.into(),
    }
}

/// Whether what is written into a data folder can be read by its server: only who wrote it may read what lies there. One that is
/// not there will be ours.
pub(super) fn is_ours(folder: &Text) -> Result<(), Failure> {
    let Some(user) = DataFolder::user(folder.as_path()) else { return Ok(()) };
    of_owner(user, rustix::process::geteuid().as_raw()).map_err(|says| Failure::Found(format!("{folder} {says}")))
}

fn of_owner(owner: u32, us: u32) -> Result<(), String> {
    if owner == us {
        return Ok(());
    }
    Err(format!(
        "belongs to user {owner}, and this is user {us}: what is written there could not be read by its server; run it as that \
         user, such as by: sudo -u '#{owner}' telltale storage …"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_written_to_by_who_its_server_runs_as() {
        assert_eq!(of_owner(7, 7), Ok(()));
        let says = of_owner(999, 0).unwrap_err();
        assert!(
            says.contains("user 999") && says.contains("this is user 0") && says.contains("sudo -u '#999'"),
            "{says}"
        );
        assert!(is_ours(&Text::open("/nonexistent")).is_ok());
    }
}
