//! How far something has come, on standard error where that is a terminal.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// From one drawing to the next.
const EVERY: Duration = Duration::from_millis(100);
/// Characters of the bar.
const WIDTH: u64 = 30;

/// One line that is drawn again and again, and gone when this is dropped.
#[derive(Debug)]
pub(super) struct Bar {
    says: &'static str,
    /// None where nobody looks, or nothing has been drawn yet.
    drawn: Option<Instant>,
    shown: bool,
}

impl Bar {
    pub(super) fn new(says: &'static str) -> Self {
        Self { says, drawn: None, shown: stderr().is_terminal() }
    }

    /// One that is never drawn.
    pub(super) fn hidden(says: &'static str) -> Self {
        Self { says, drawn: None, shown: false }
    }

    /// For who tells it.
    pub(super) fn follow(&mut self) -> impl FnMut(u64, u64) {
        |done, total| self.at(done, total)
    }

    /// So much of so much is done.
    pub(super) fn at(&mut self, done: u64, total: u64) {
        if !self.shown || self.drawn.is_some_and(|drawn| drawn.elapsed() < EVERY) {
            return;
        }
        self.drawn = Some(Instant::now());
        // Where it cannot be drawn, nobody misses it.
        drop(write!(stderr().lock(), "\r{}", line(self.says, done, total)));
    }

    /// Makes room for something else; it is drawn again with what comes next.
    pub(super) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            drop(write!(stderr().lock(), "\r\x1b[K"));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

/// `verifying [=====     ]  50 %`, or `importing: 12 MB` where nobody knows of how many.
fn line(says: &str, done: u64, total: u64) -> String {
    if total == 0 {
        // As of a pipe, which has no length.
        return format!("{says}: {} MB", done / 1_000_000);
    }
    let share = |of: u64| (u128::from(done.min(total)) * u128::from(of) / u128::from(total)) as u64;
    let full = usize::try_from(share(WIDTH)).unwrap_or_default();
    let width = usize::try_from(WIDTH).unwrap_or_default();
    format!("{says} [{:width$}] {:>3} %", "=".repeat(full), share(100))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_bar_is_as_long_as_what_is_done() {
        assert_eq!(line("reading", 0, 50), format!("reading [{}]   0 %", " ".repeat(30)));
        assert_eq!(line("reading", 25, 50), format!("reading [{}{}]  50 %", "=".repeat(15), " ".repeat(15)));
        for done in [50, 51, u64::MAX] {
            assert_eq!(line("reading", done, 50), format!("reading [{}] 100 %", "=".repeat(30)));
        }
        assert_eq!(line("reading", 12_900_000, 0), "reading: 12 MB");
    }
}
