//! `telltale storage restore`.

use std::path::PathBuf;

use clap::Args;

use super::place::is_ours;
use super::progress::Bar;
use crate::cli::{Failure, say};
use crate::config::Env;
use crate::data_folder::DataFolder;
use crate::secret::Text;
use crate::store::care::{self, Target};

/// Make a data folder from a backup.
///
/// The server of that folder has to be stopped. The backup is copied beside and verified before anything is changed. A
/// folder that holds data is refused; with --replace it is kept beside as DIR.before-restore.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale storage restore /mnt/usb/telltale-monday --data-dir /var/lib/telltale
  telltale storage restore /mnt/usb/telltale-monday --data-dir /var/lib/telltale --replace
  telltale start --listen 127.0.0.1:9000 --data-dir /tmp/monday     a look at a copy of it, beside the server

A backup that is damaged is not restored; a copy of it can be started as any data folder, which serves what is whole.
Exit codes: 0 done, 1 failed, refused or damaged, 2 wrong usage.")]
pub(in crate::cli) struct Restore {
    /// What `telltale storage backup` made
    #[arg(value_name = "BACKUP")]
    from: PathBuf,
    /// The data folder to make
    #[arg(long, value_name = "DIR")]
    data_dir: String,
    /// Where it holds data, keep that beside and take its place
    #[arg(long)]
    replace: bool,
}

impl Restore {
    pub(super) fn execute(&self, _: Env<'_>) -> Result<(), Failure> {
        let folder = Text::open(&self.data_dir);
        // Before anything is made there: what is no backup leaves no empty folder behind.
        let mut bar = Bar::new("reading");
        care::View::open(&self.from, &mut bar.follow())?;
        drop(bar);
        is_ours(&folder)?;
        let _owned = DataFolder::take(folder.clone())?;
        let target = if self.replace { Target::SetAside } else { Target::Keep };
        let mut bar = Bar::new("restoring");
        let restored = care::restore(&self.from, folder.as_path(), target, &mut bar.follow())?;
        drop(bar);
        say(&format!("{folder}: {} files, {} bytes, verified", restored.files, restored.bytes))?;
        restored.before.map_or(Ok(()), |before| say(&format!("what was there is now {}", before.display())))
    }
}
