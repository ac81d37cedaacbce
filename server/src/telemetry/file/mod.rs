//! The outlet that is a file: its thread, the file with its rotation, and the packing of what was rotated.

mod backups;
mod log;
mod pack;
mod thread;

pub(super) use log::Log;
pub(super) use thread::{FileOrder, run};
