//! The configuration file that a command was given, or what holds without one.

use std::path::Path;

use super::Failure;
use crate::config::{Config, Env, Known, Loaded, Problem, defaults, load, whereabouts};

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
    let text =
        std::fs::read_to_string(file).map_err(|because| Failure::Unreadable { file: file.to_owned(), because })?;
    read(&text).map_err(|problems| Failure::Mistakes { file: file.to_owned(), problems })
}
