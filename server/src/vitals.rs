//! Whether the tasks without which nothing works are alive.

use std::sync::Arc;

use parking_lot::Mutex;

/// The core tasks that have ended though they should not have. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Vitals(Arc<Mutex<Vec<&'static str>>>);

impl Vitals {
    /// To be held by a core task for as long as it lives, however it ends.
    #[must_use]
    pub fn guard(&self, task: &'static str) -> Alive {
        Alive { task, vitals: self.clone() }
    }

    /// The names of tasks that have ended.
    #[must_use]
    pub fn ended(&self) -> Vec<&'static str> {
        self.0.lock().clone()
    }
}

/// A core task lives while this does.
#[derive(Debug)]
pub struct Alive {
    task: &'static str,
    vitals: Vitals,
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.vitals.0.lock().push(self.task);
    }
}
