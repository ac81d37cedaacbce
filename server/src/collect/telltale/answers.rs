//! Answers to requests, by the class of their status.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Classes of a status, as the tag `status` has them.
pub const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts answers. Cheap to clone: all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Answers(Arc<[AtomicU64; CLASSES.len()]>);

impl Answers {
    /// One more, with this status. A status of no class counts as none.
    pub fn count(&self, status: u16) {
        let class = usize::from(status / 100).checked_sub(1);
        if let Some(count) = class.and_then(|class| self.0.get(class)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many of each class.
    #[must_use]
    pub fn counted(&self) -> [u64; CLASSES.len()] {
        self.0.each_ref().map(|count| count.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_of_its_class() {
        let answers = Answers::default();
        for status in [101, 200, 204, 304, 400, 404, 499, 500, 503, 0, 99, 600, u16::MAX] {
            answers.clone().count(status);
        }
        assert_eq!(answers.counted(), [1, 2, 1, 3, 2]);
    }
}
