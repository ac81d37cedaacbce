//! What counts from the next start on: keys whose parts cannot be changed while they run.

use std::fmt::Debug;

use crate::config::Config;

/// A key, and what it was worth at the start. Never shown.
type Row = (&'static str, fn(&Config) -> String);

const ROWS: &[Row] = &[
    ("storage.type", |c| text(&c.storage.kind)),
    ("storage.path", |c| c.storage.path.as_ref().map(|path| path.as_str().to_owned()).unwrap_or_default()),
    ("performance.collection_threads", |c| text(&c.performance.collection_threads)),
    ("development.profiling", |c| text(&c.development.profiling)),
    ("performance.async_processing", |c| text(&c.performance.async_processing)),
];

fn text(value: &impl Debug) -> String {
    format!("{value:?}")
}

/// How these keys were at the start, which is how they still are.
#[derive(Debug)]
pub(super) struct AtStart(Vec<String>);

impl AtStart {
    pub(super) fn of(config: &Config) -> Self {
        Self(ROWS.iter().map(|(_, value)| value(config)).collect())
    }

    /// The keys that `config` would have otherwise.
    pub(super) fn differs(&self, config: &Config) -> Vec<String> {
        let rows = ROWS.iter().zip(&self.0);
        rows.filter(|((_, value), at_start)| value(config) != **at_start)
            .map(|((key, _), _)| (*key).to_owned())
            .collect()
    }
}
