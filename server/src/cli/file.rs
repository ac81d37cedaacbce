//! The configuration file that a command was given, or what holds without one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Failure;
use crate::config::{Config, Env, Known, Loaded, Problem, defaults, load, whereabouts};

/// Devices have no end, and no file of settings is so large.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Reads it, to do what it says.
pub(super) fn read(file: Option<&Path>, env: Env<'_>) -> Result<Loaded, Failure> {
    let or = || Loaded { config: defaults(env), warnings: Vec::new() };
    file.map_or_else(|| Ok(or()), |file| understand(file, |text| load(text, env, &Known::default())))
}

/// Reads it, to ask the server that it is for.
pub(super) fn whereabouts_in(file: Option<&Path>, env: Env<'_>) -> Result<Config, Failure> {
    file.map_or_else(|| Ok(defaults(env)), |file| understand(file, |text| whereabouts(text, env, &Known::default())))
}

fn understand<T>(file: &Path, read: impl FnOnce(&str) -> Result<T, Vec<Problem>>) -> Result<T, Failure> {
    let unreadable = |because| Failure::Unreadable { file: file.to_owned(), because };
    let mut text = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Failure::TooLarge(file.to_owned()));
    }
    let text = String::from_utf8(text).map_err(|_| unreadable(std::io::Error::other("it is no text in UTF-8")))?;
    read(&text).map_err(|problems| Failure::Mistakes { file: file.to_owned(), problems })
}
