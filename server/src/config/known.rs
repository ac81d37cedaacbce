//! What the program brings along that a file may name.

use std::collections::{BTreeMap, BTreeSet};

/// What is there before a file is read.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Collectors by name, each with the names of its own switches.
    pub collectors: BTreeMap<String, Vec<String>>,
    /// The metrics that the program has already.
    pub metrics: BTreeSet<&'static str>,
    /// Functions that custom metrics may name.
    pub functions: BTreeSet<String>,
}
