//! `development`: for those who work on Telltale or try it out.

use crate::config::read::{Bool, Section};

/// `development`.
#[derive(Debug)]
pub struct Development {
    /// As `--debug`.
    pub debug_mode: bool,
    /// Whether made-up data is shown, labelled as such.
    pub mock_data: bool,
    /// Whether each channel gets a message at the start.
    pub test_alerts: bool,
    /// Whether the times of every stage are kept.
    pub profiling: bool,
    /// Whether a changed file is read again.
    pub hot_reload: bool,
}

impl Development {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        let mut off = |name: &str, doc| s.or(name, &Bool, false, doc);
        Self {
            debug_mode: off("debug_mode", "The same as start --debug."),
            mock_data: off("mock_data", "Made-up data, labelled as such everywhere."),
            test_alerts: off("test_alerts", "One message to each channel at the start."),
            profiling: off("profiling", "Times of every stage, as telltale_ metrics."),
            hot_reload: off("hot_reload", "Whether this file is read again when it changes; SIGHUP does the same."),
        }
    }
}
