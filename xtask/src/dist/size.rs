//! How many bytes of WASM a visitor waits for.

use crate::progress::say;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// What the page's WASM may weigh on the wire, in brotli.
const BUDGET: u64 = 400_000;

/// The weight of the page at each stage; the last is what is sent.
#[derive(Debug, Default)]
pub(super) struct Sizes(Vec<(&'static str, u64)>);

impl Sizes {
    /// Weighs a file.
    pub(super) fn measure(&mut self, stage: &'static str, path: &Path) -> Result<()> {
        let size = path.metadata().with_context(|| format!("weighing {}", path.display()))?.len();
        self.0.push((stage, size));
        Ok(())
    }

    /// Prints all, and fails when the last is over the budget.
    pub(super) fn judge(&self) -> Result<()> {
        for (stage, size) in &self.0 {
            say(&format!("      {size:>9} bytes {stage}"));
        }
        match self.0.last() {
            Some((stage, size)) if *size > BUDGET => bail!(
                "the page's WASM is {size} bytes {stage}, {} more than the {BUDGET} it may be; look at what was added \
                 to the dependencies of app",
                size - BUDGET
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_strict() {
        let judge = |size| Sizes(vec![("raw", 9_000_000), ("in brotli", size)]).judge();
        assert!(judge(BUDGET).is_ok());
        let text = judge(BUDGET + 7).unwrap_err().to_string();
        assert!(text.contains("400007 bytes in brotli, 7 more than"), "{text}");
    }
}
