//! What comes and goes: recognised by how often it changes, told ever more seldom, and told when it is over.
//!
//! It begins with the seventh change within an hour and ends when nothing has changed for half an hour. While it lasts, a reminder comes after
//! 15 min, 30 min, 1 h, 2 h, and from then on each 4 h.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Changes within [`HOUR`] that are too many.
const MANY: usize = 7;
const HOUR: Duration = Duration::from_secs(3600);
const CALM: Duration = Duration::from_secs(1800);
const FIRST_WAIT: Duration = Duration::from_secs(900);
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 3600);

/// How often something changed of late. It outlives restarts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Flap {
    /// The newest changes, at most [`MANY`], ascending.
    changes: Vec<Timestamp>,
    flapping: Option<Flapping>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Flapping {
    /// When it was last said.
    said: Timestamp,
    /// How long after that it is said again.
    wait: Duration,
    /// Changes since.
    changes: u32,
}

/// What is to be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does not flap: each change is told.
    Steady,
    /// It begins to flap, with so many changes within an hour.
    Begins(u32),
    /// It flaps, and nothing is said of it now.
    Flapping,
    /// It flaps, and that is to be said again, with so many changes since.
    GoesOn(u32),
    /// It flaps no more.
    Ends,
}

impl Flap {
    /// Looks at it at a moment. `quiet`: nothing can be said now; what is to be said waits.
    pub fn look(&mut self, changed: bool, quiet: bool, now: Timestamp) -> Verdict {
        // A clock that was set back makes no change a thing of the future.
        for change in &mut self.changes {
            *change = (*change).min(now);
        }
        if changed {
            self.changes.push(now);
            self.changes.drain(..self.changes.len().saturating_sub(MANY));
        }
        let many = self.within_an_hour(now) >= MANY;
        let newest = self.changes.last().copied().unwrap_or(now);
        match &mut self.flapping {
            None if quiet || !many => Verdict::Steady,
            None => {
                self.flapping = Some(Flapping { said: now, wait: FIRST_WAIT, changes: 0 });
                Verdict::Begins(u32::try_from(MANY).unwrap_or(u32::MAX))
            }
            Some(flapping) => {
                flapping.said = flapping.said.min(now);
                flapping.changes = flapping.changes.saturating_add(u32::from(changed));
                if quiet {
                    Verdict::Flapping
                } else if now.since(newest) >= CALM {
                    *self = Self::default();
                    Verdict::Ends
                } else if now.since(flapping.said) >= flapping.wait {
                    let changes = flapping.changes;
                    let wait = flapping.wait.saturating_mul(2).min(LONGEST_WAIT);
                    *flapping = Flapping { said: now, wait, changes: 0 };
                    Verdict::GoesOn(changes)
                } else {
                    Verdict::Flapping
                }
            }
        }
    }

    /// Whether it flaps.
    #[must_use]
    pub const fn is_flapping(&self) -> bool {
        self.flapping.is_some()
    }

    /// Whether nothing of it matters any more.
    #[must_use]
    pub fn is_calm(&self, now: Timestamp) -> bool {
        self.flapping.is_none() && self.within_an_hour(now) == 0
    }

    fn within_an_hour(&self, now: Timestamp) -> usize {
        self.changes.iter().filter(|change| now.since(**change) < HOUR).count()
    }
}
