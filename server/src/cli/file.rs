//! The configuration file that a command was given, or what holds without one.

use std::path::Path;

use super::Failure;
use crate::config::{Env, Known, Loaded, defaults, load};

/// Reads it.
pub(super) fn read(file: Option<&Path>, env: Env<'_>) -> Result<Loaded, Failure> {
    let Some(file) = file else {
        return Ok(Loaded { config: defaults(env), warnings: Vec::new() });
    };
    let text =
        std::fs::read_to_string(file).map_err(|because| Failure::Unreadable { file: file.to_owned(), because })?;
    load(&text, env, &Known::default()).map_err(|problems| Failure::Mistakes { file: file.to_owned(), problems })
}
