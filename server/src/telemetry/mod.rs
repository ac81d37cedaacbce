//! What the server says of itself to whoever runs it: lines on standard error and in a file.
//!
//! The way of a line: `tracing` ─► [`layer`] ─► [`desk`] (folds repeats, decides where to) ─► a bounded queue for each
//! outlet ─► its thread, [`stderr`] or [`file`].
//! Invariant: who tells something waits for no disk, pipe or terminal; what cannot be taken is counted, and told later.
//! May not know: what a configuration is, or who tells what.

mod desk;
mod file;
mod handle;
mod layer;
mod line;
mod panics;
mod queue;
mod record;
mod repeats;
mod settings;
mod stderr;

use std::fmt::Display;
use std::io::Write;

pub use handle::{LogError, Prepared, Telemetry};
pub use settings::{LogFile, Look, Settings};

pub use record::Level;

/// What may need somebody. One line of the log; nobody hears it where nothing is installed that takes lines.
pub fn warn(what: &(impl Display + ?Sized)) {
    tracing::warn!(target: "telltale", "{what}");
}

/// One line on standard error from a command, as against a server that runs. That nobody may be listening there is no
/// reason to fail.
pub fn complain(what: &(impl Display + ?Sized)) {
    let _ = writeln!(std::io::stderr().lock(), "telltale: {what}");
}
