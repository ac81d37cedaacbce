//! How the parts are that are no collectors: core tasks that have to live, and troubles that come and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// What the parts say of themselves. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Vitals(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Every task that was ever begun.
    tasks: BTreeMap<&'static str, Task>,
    troubles: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Task {
    /// While one takes over from another, there are two.
    living: u32,
    restarts: u64,
}

impl Vitals {
    /// To be held by a core task for as long as it lives, however it ends.
    #[must_use]
    pub fn guard(&self, task: &'static str) -> Alive {
        self.0.lock().tasks.entry(task).or_default().living += 1;
        Alive { task, vitals: self.clone() }
    }

    /// The names of tasks that have ended and were not started again: without them nothing works.
    #[must_use]
    pub fn ended(&self) -> Vec<&'static str> {
        self.0.lock().tasks.iter().filter(|(_, task)| task.living == 0).map(|(name, _)| *name).collect()
    }

    /// A task that had ended is begun again.
    pub fn restarted(&self, task: &'static str) {
        self.0.lock().tasks.entry(task).or_default().restarts += 1;
    }

    /// How often each task had to be begun again.
    #[must_use]
    pub fn restarts(&self) -> Vec<(&'static str, u64)> {
        self.0.lock().tasks.iter().map(|(name, task)| (*name, task.restarts)).collect()
    }

    /// What `part`, such as `log file`, cannot do at present, in a sentence; everything else works.
    /// True where that is news.
    pub fn trouble(&self, part: &str, says: impl Into<String>) -> bool {
        let says = says.into();
        self.0.lock().troubles.insert(part.to_owned(), says.clone()).is_none_or(|before| before != says)
    }

    /// `part` works. True where it did not before.
    pub fn well(&self, part: &str) -> bool {
        self.0.lock().troubles.remove(part).is_some()
    }

    /// Every trouble there is, by its part.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<String, String> {
        self.0.lock().troubles.clone()
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
        if let Some(task) = self.vitals.0.lock().tasks.get_mut(self.task) {
            task.living -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_come_and_go() {
        let vitals = Vitals::default();
        assert!(!vitals.well("log file"));
        assert!(vitals.trouble("log file", "no room"));
        assert!(!vitals.trouble("log file", "no room"), "told twice is no news");
        assert!(vitals.trouble("log file", "no folder"));
        assert_eq!(vitals.troubles(), BTreeMap::from([("log file".to_owned(), "no folder".to_owned())]));
        assert!(vitals.well("log file"));
        assert!(vitals.troubles().is_empty());
    }

    #[test]
    fn a_task_that_is_started_again_has_not_ended() {
        let vitals = Vitals::default();
        drop(vitals.guard("a"));
        drop(vitals.guard("b"));
        vitals.restarted("a");
        let (_again, over) = (vitals.guard("a"), vitals.guard("a"));
        drop(over);
        assert_eq!(vitals.ended(), ["b"]);
        assert_eq!(vitals.restarts(), [("a", 1), ("b", 0)]);
    }
}
