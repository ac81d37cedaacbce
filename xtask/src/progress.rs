//! Telling what is being done, and how long it took.

use anyhow::Result;
use std::time::{Duration, Instant};

/// The numbered steps of one command.
pub(crate) struct Steps {
    total: usize,
    done: usize,
    started: Instant,
}

impl Steps {
    /// A command of `total` steps begins now.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, done: 0, started: Instant::now() }
    }

    /// Does one step, announced before and timed after.
    pub(crate) fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        say(&format!("[{}/{}] {title}", self.done, self.total));
        let begun = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "done" } else { "failed" };
        say(&format!("      {outcome} in {}", seconds(begun.elapsed())));
        result
    }

    /// Time since the command began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// One line of progress. It goes to standard error, where cargo's own goes: standard output is the program's.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// A duration as people read it: `0.4 s`, `12.3 s`, `4 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 100.0 {
        return format!("{seconds:.1} s");
    }
    let whole = duration.as_secs();
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let check = |ms, text: &str| assert_eq!(seconds(Duration::from_millis(ms)), text);
        check(40, "0.0 s");
        check(12_340, "12.3 s");
        check(99_900, "99.9 s");
        check(245_999, "4 min 05 s");
    }
}
