//! One allocation for each distinct set of tags, however many series have it.

use std::collections::HashMap;

use app::model::Tags;

/// The sets in use, each with the number of series that have it.
#[derive(Debug, Default)]
pub(super) struct TagSets {
    users: HashMap<Tags, usize>,
}

impl TagSets {
    /// The one copy of a set, for one more series.
    pub(super) fn take(&mut self, tags: &Tags) -> Tags {
        let kept = self.users.get_key_value(tags).map_or(tags, |(kept, _)| kept).clone();
        *self.users.entry(kept.clone()).or_insert(0) += 1;
        kept
    }

    /// One series less has this set; it goes with its last.
    pub(super) fn release(&mut self, tags: &Tags) {
        if let Some(count) = self.users.get_mut(tags) {
            *count -= 1;
            if *count == 0 {
                self.users.remove(tags);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the first name lies: the same for two `Tags` of one allocation, and for no others.
    fn address(tags: &Tags) -> Option<*const u8> {
        tags.iter().next().map(|(name, _)| name.as_ptr())
    }

    #[test]
    fn equal_sets_share_one_allocation_until_the_last_is_released() {
        let made = || Tags::new([("host", "web-1"), ("cpu", "0")]);
        let mut sets = TagSets::default();
        let first = sets.take(&made());
        let second = sets.take(&made());
        assert_ne!(address(&made()), address(&first), "the test would show nothing");
        assert_eq!(address(&first), address(&second));

        sets.release(&made());
        assert_eq!(address(&sets.take(&made())), address(&first), "one user was left");
        sets.release(&made());
        sets.release(&made());
        assert!(sets.users.is_empty());
        sets.release(&made());
    }
}
