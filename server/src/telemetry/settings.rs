//! What a log looks like and where it goes, in telemetry's own words.

use crate::secret::Text;

use super::Level;

/// All of it; what may change while the server runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is less important is left out.
    pub level: Level,
    /// How lines look in a file.
    pub look: Look,
    /// How lines look on standard error.
    pub look_on_stderr: Look,
    /// A file for all lines; warnings and errors go to standard error too. None: all go there.
    pub file: Option<LogFile>,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// For people.
    Text,
    /// For people at a terminal that shows colours.
    Colour,
    /// For programs: a JSON object a line.
    Json,
}

/// A file, and what becomes of it as it grows.
#[derive(Debug, Clone)]
pub struct LogFile {
    /// Where it is. A folder that is missing is made.
    pub path: Text,
    /// It is rotated before it would get larger than so many bytes.
    pub max_bytes: u64,
    /// How many rotated ones are kept: `.1` is the youngest.
    pub backups: u16,
    /// Whether it is rotated at midnight, UTC, as the times in it are.
    pub daily: bool,
    /// Rotated ones of so many bytes and more are packed by gzip; none: they stay as they are.
    pub pack_from_bytes: Option<u64>,
}
