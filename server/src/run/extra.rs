//! What a program that uses the library brings along.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::StartError;
use crate::collect::{Collector, Function, METRICS};
use crate::config::Known;

/// Makes a collector of the program's own; it is told which of its switches are on.
pub type Make = Arc<dyn Fn(&dyn Fn(&str) -> bool) -> Box<dyn Collector> + Send + Sync>;

/// Nothing, for the binary.
#[derive(Default)]
pub struct Extra {
    /// By the name under which the configuration speaks of them: the names of their switches, and how one is made.
    pub registered: BTreeMap<String, (Vec<String>, Make)>,
    /// What custom metrics may call, by name.
    pub functions: BTreeMap<String, Function>,
}

impl Extra {
    /// What of it a configuration may name, and what is there already.
    #[must_use]
    pub fn known(&self) -> Known {
        let collectors = self.registered.iter().map(|(name, (switches, _))| (name.clone(), switches.clone()));
        Known {
            collectors: collectors.collect(),
            metrics: METRICS.iter().copied().collect(),
            functions: self.functions.keys().cloned().collect(),
        }
    }
}

/// No two may have one name: each is told by it.
pub(super) fn names_differ<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<(), StartError> {
    let mut seen = HashSet::new();
    let twice = names.find(|name| !seen.insert(*name));
    twice.map_or(Ok(()), |name| Err(StartError::SameName(name.to_owned())))
}
