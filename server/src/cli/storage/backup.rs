//! `telltale storage backup`.

use std::path::PathBuf;

use clap::Args;

use super::place::{Place, failed};
use super::progress::Bar;
use crate::cli::{Failure, say};
use crate::config::Env;
use crate::store::care::back_up;
use crate::telemetry::complain;

/// Copy what is kept to a new folder, while the server runs too.
///
/// The copy is a data folder: what was on the disk when the backup began is in it, which is all but what came in the last
/// `storage.flush_interval`. It is written beside, read through and verified, and only then has its name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale storage backup /mnt/usb/telltale-monday
  telltale storage backup --config telltale.json /mnt/usb/telltale-monday
  tar -C /mnt/usb -cf - telltale-monday | ssh attic 'cat > telltale-monday.tar'

Where --config has storage.compression.enabled, segments of the log of threshold_bytes and more are packed by gzip; all
commands read them, and a server unpacks them at its start. Blocks are packed in their own way.
Files that were set aside as damaged stay where they are. Where something is damaged in the data folder it is in the
backup too; the backup is made, told, and the exit code is 1.
Back again with `telltale storage restore`.
Exit codes: 0 done and verified, 1 failed or damaged, 2 wrong usage or configuration.")]
pub(in crate::cli) struct Backup {
    #[command(flatten)]
    place: Place,
    /// The folder to make
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

impl Backup {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let folder = self.place.folder(env)?;
        let mut bar = Bar::new("copying");
        let pack_from = self.place.pack_from(env)?;
        let copied = back_up(folder.as_path(), &self.to, pack_from, &mut bar.follow())
            .map_err(|error| failed(&folder, error))?;
        drop(bar);
        say(&format!("{}: {} files, {} bytes, verified", self.to.display(), copied.files, copied.bytes))?;
        copied.damage.iter().for_each(|damage| complain(&format!("damaged: {damage}")));
        match copied.damage.len() {
            0 => Ok(()),
            places => Err(Failure::Found(format!(
                "the backup is made, with {places} places that are damaged in {folder} too"
            ))),
        }
    }
}
