//! `telltale storage verify`.

use clap::Args;

use super::place::{Place, failed};
use super::progress::Bar;
use crate::cli::{Failure, say};
use crate::config::Env;
use crate::store::care;

/// Read everything that is kept, and tell what is not as it was written.
///
/// Every column of every block and every record of the log has a checksum; all of them are looked at, beside a running
/// server too. Each damaged place is a line on standard output: the file, the series, and where in the file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale storage verify
  telltale storage verify --data-dir /mnt/usb/telltale     a backup
  telltale storage verify --config telltale.json || mail -s 'telltale: damage' root < /dev/null

Exit codes: 0 all is well, 1 something is damaged or cannot be read, 2 wrong usage or configuration.")]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    place: Place,
}

impl Verify {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let folder = self.place.folder(env)?;
        let mut bar = Bar::new("verifying");
        let verified = care::verify(folder.as_path(), &mut bar.follow()).map_err(|error| failed(&folder, error))?;
        drop(bar);
        for damage in &verified.damage {
            say(&format!("damaged: {damage}"))?;
        }
        for note in &verified.notes {
            say(note)?;
        }
        say(&format!("{} files, {} bytes, {} points were read", verified.files, verified.bytes, verified.points))?;
        match verified.damage.len() {
            0 => Ok(()),
            places => Err(Failure::Found(format!("{places} places are damaged"))),
        }
    }
}
