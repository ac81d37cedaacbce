//! What the program brings along that a file may name.

use std::collections::{BTreeMap, BTreeSet};

/// What was registered through the library. Empty for the binary.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Collectors by name, each with the names of its own switches.
    pub collectors: BTreeMap<String, Vec<String>>,
    /// Functions that custom metrics may name.
    pub functions: BTreeSet<String>,
}
