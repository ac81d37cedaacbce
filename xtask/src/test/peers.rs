//! Programs of others that tests let Telltale work with: got where we may, else named.

use crate::apt;
use crate::command::on_path;
use anyhow::{Context, Result};

/// The sender of a test of remote write.
const PROMETHEUS: &str = "prometheus";

/// Installs what is missing, or says how to get it.
pub(super) fn ensure() -> Result<()> {
    if on_path(PROMETHEUS).is_some() {
        return Ok(());
    }
    apt::install(&[PROMETHEUS]).with_context(|| {
        format!(
            "a test lets Prometheus write to Telltale, so the program `{PROMETHEUS}` has to be on PATH; \
             where there is no Debian: https://prometheus.io/download"
        )
    })
}
