//! Counting tests by what the test programs print.

use anyhow::{Result, bail};

/// How many passed, how many failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Passed.
    pub(crate) passed: usize,
    /// Failed.
    pub(crate) failed: usize,
}

impl Tally {
    /// One check that passed.
    pub(crate) const ONE: Self = Self { passed: 1, failed: 0 };
    /// One check that failed.
    pub(crate) const FAILURE: Self = Self { passed: 0, failed: 1 };
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// A program may fail beside its tests, and a program without a test proves nothing.
fn judge(tally: Tally, skipped: usize, succeeded: bool) -> Result<Tally> {
    match tally {
        Tally { failed: 0, .. } if !succeeded => Ok(Tally { failed: 1, ..tally }),
        Tally { failed: 0, passed: 0 } => bail!("no test has run"),
        _ if skipped > 0 => bail!("{skipped} tests were skipped: a test runs, or it does not exist"),
        _ => Ok(tally),
    }
}

/// The summaries of `cargo test`, one for each program.
#[derive(Debug, Default)]
pub(crate) struct Cargo {
    tally: Tally,
    ignored: usize,
}

impl Cargo {
    /// Takes one line of output.
    pub(crate) fn line(&mut self, line: &str) {
        // test result: ok. 8 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
        let Some(summary) = line.strip_prefix("test result:") else { return };
        let parts = summary.split([';', '.']).filter_map(|part| part.trim().split_once(' '));
        for (number, word) in parts {
            let Ok(number) = number.parse::<usize>() else { continue };
            match word {
                "passed" => self.tally.passed += number,
                "failed" => self.tally.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// What it comes to.
    pub(crate) fn judge(&self, succeeded: bool) -> Result<Tally> {
        judge(self.tally, self.ignored, succeeded)
    }
}

/// The summary of Playwright's `list` reporter.
#[derive(Debug, Default)]
pub(crate) struct Playwright {
    tally: Tally,
    skipped: usize,
}

impl Playwright {
    /// Takes one line of output.
    pub(crate) fn line(&mut self, line: &str) {
        //   12 passed (8.1s)
        let Some((number, word)) = line.trim().split_once(' ') else { return };
        let Ok(number) = number.parse::<usize>() else { return };
        let is = |known: &str| word == known || (word.starts_with(known) && word[known.len()..].starts_with(" ("));
        if is("passed") {
            self.tally.passed += number;
        } else if ["failed", "flaky", "interrupted"].into_iter().any(is) {
            // Who passes at the second attempt has failed at the first.
            self.tally.failed += number;
        } else if is("skipped") || is("did not run") {
            self.skipped += number;
        }
    }

    /// What it comes to.
    pub(crate) fn judge(&self, succeeded: bool) -> Result<Tally> {
        judge(self.tally, self.skipped, succeeded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "test result: ok. 8 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
    const BAD: &str =
        "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 1 filtered out; finished in 1.20s";

    #[test]
    fn cargo_is_counted_over_all_programs() {
        let check = |lines: &[&str], succeeded, expected: Option<Tally>| {
            let mut count = Cargo::default();
            lines.iter().for_each(|line| count.line(line));
            assert_eq!(count.judge(succeeded).ok(), expected, "{lines:?}");
        };
        check(&["running 8 tests", GOOD, "", GOOD], true, Some(Tally { passed: 16, failed: 0 }));
        check(&[GOOD, BAD], false, Some(Tally { passed: 11, failed: 2 }));
        // It did not compile; nothing was there to run; a test is ignored.
        check(&[], false, Some(Tally { passed: 0, failed: 1 }));
        check(&["test result: ok. 0 passed; 0 failed; 0 ignored"], true, None);
        check(&["test result: ok. 4 passed; 0 failed; 1 ignored"], true, None);
    }

    #[test]
    fn playwright_is_counted() {
        let check = |text: &str, succeeded, expected: Option<Tally>| {
            let mut count = Playwright::default();
            text.lines().for_each(|line| count.line(line));
            assert_eq!(count.judge(succeeded).ok(), expected, "{text}");
        };
        check(
            "  ok 1 [chromium] › a.spec.ts:3:1 › 2 passed\n\n  12 passed (8.1s)",
            true,
            Some(Tally { passed: 12, failed: 0 }),
        );
        check(
            "  1 failed\n    [chromium] › a\n  1 flaky\n  2 passed (1m)",
            false,
            Some(Tally { passed: 2, failed: 2 }),
        );
        check("  2 skipped\n  1 passed (1.0s)", true, None);
        check("  1 failed\n  3 did not run\n  2 passed (1s)", false, None);
        check("Error: no browser", false, Some(Tally { passed: 0, failed: 1 }));
        check("nothing", true, None);
    }
}
