//! `telltale storage …`: looking after what is kept. One file a command.

mod backup;
mod export;
mod format;
mod import;
mod inspect;
mod place;
mod progress;
mod restore;
mod verify;

use clap::Subcommand;

use super::Failure;
use crate::config::Env;

/// Look after what is kept: see, verify, export, import, back up, restore.
///
/// All but import and restore only read, beside a running server too.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  telltale storage inspect                   how much is kept, and in what
  telltale storage verify                    whether all of it is as it was written
  telltale storage backup /mnt/usb/telltale  while the server runs
  telltale storage restore /mnt/usb/telltale --data-dir /var/lib/telltale
  telltale storage export --format csv --metric cpu_usage_percent --start now-1d --output cpu.csv.gz

Exit codes: 0 fine, 1 failed or something is damaged, 2 wrong usage or configuration.
`telltale storage COMMAND --help` tells more of each.")]
pub(super) enum Storage {
    Inspect(inspect::Inspect),
    Verify(verify::Verify),
    Export(export::Export),
    Import(import::Import),
    Backup(backup::Backup),
    Restore(restore::Restore),
}

impl Storage {
    pub(super) fn execute(self, env: Env<'_>) -> Result<(), Failure> {
        match self {
            Self::Inspect(inspect) => inspect.execute(env),
            Self::Verify(verify) => verify.execute(env),
            Self::Export(export) => export.execute(env),
            Self::Import(import) => import.execute(env),
            Self::Backup(backup) => backup.execute(env),
            Self::Restore(restore) => restore.execute(env),
        }
    }
}
