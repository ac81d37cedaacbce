//! Whoever waits for an answer, and may leave before it is found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::StoreError;

/// Somebody who waits. Cheap to clone: all clones are one. By default they wait until the end.
#[derive(Debug, Clone, Default)]
pub struct Asker(Arc<AtomicBool>);

impl Asker {
    /// Nobody waits any more: what is being looked for is given up before long.
    pub fn leave(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// To be asked now and then by who looks for something.
    ///
    /// # Errors
    /// [`StoreError::Abandoned`], once the asker has left.
    pub fn waits(&self) -> Result<(), StoreError> {
        if self.0.load(Ordering::Relaxed) { Err(StoreError::Abandoned) } else { Ok(()) }
    }
}
