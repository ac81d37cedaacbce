//! `test`: everything that must hold before a change is accepted, the quick and the strict first.
//!
//! Invariant: what cannot run has failed. Nothing is skipped in silence.

pub(crate) mod browser;
mod count;
mod lock;
mod peers;
mod starts;

use crate::progress::{say, seconds};
use crate::site::{self, Bundler};
use crate::toolchain::{self, Depth, Toolchain, WASM};
use crate::workspace::Workspace;
use crate::{command::Cmd, tokens};
use anyhow::Result;
pub(crate) use count::Tally;
use std::path::Path;
use std::time::{Duration, Instant};

/// One thing to check.
struct Check<'a> {
    title: &'static str,
    /// What to do when it fails.
    hint: &'static str,
    work: Box<dyn FnOnce() -> Result<Tally> + 'a>,
}

impl<'a> Check<'a> {
    fn new(title: &'static str, hint: &'static str, work: impl FnOnce() -> Result<Tally> + 'a) -> Self {
        Self { title, hint, work: Box::new(work) }
    }

    /// A check that passes or fails as a whole.
    fn whole(title: &'static str, hint: &'static str, work: impl FnOnce() -> Result<()> + 'a) -> Self {
        Self::new(title, hint, || work().map(|()| Tally::ONE))
    }
}

/// Runs all checks until one fails. `starts`: a configuration file with which the server has to start. Answers whether all passed; nothing may be printed after the count, which tells.
pub(crate) fn test(workspace: &Workspace, starts: Option<&Path>) -> Result<bool> {
    let begun = Instant::now();
    say("[1] A toolchain that compiles for the browser");
    let toolchain = match toolchain::ensure(Depth::Plain).and_then(|found| found.ensure_lints().map(|()| found)) {
        Ok(toolchain) => toolchain,
        Err(error) => {
            say(&format!("error: {error:#}"));
            println!("0 passed, 1 failed");
            return Ok(false);
        }
    };
    let (report, total) = run(checks(workspace, &toolchain, starts));
    say("");
    for line in report {
        say(&line);
    }
    say(&format!("{:>12}  in all", seconds(begun.elapsed())));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

fn checks<'a>(workspace: &'a Workspace, toolchain: &'a Toolchain, starts: Option<&'a Path>) -> Vec<Check<'a>> {
    let cargo = |line: &str| toolchain.cargo().args(line.split_whitespace()).dir(&workspace.root);
    let clippy = "Change what clippy complains about; an exception needs `#[allow(…, reason = …)]`.";
    let read = "The failing test's message says what it expected. Repeat it alone with `cargo test NAME`.";
    let mut checks = vec![
        Check::whole("Format", "Run `cargo fmt`.", move || cargo("fmt --check").run()),
        Check::whole("Packages that may not come in", "Choose features that go without them.", || {
            lock::check(workspace)
        }),
        Check::whole("Colours and sizes", "Run `cargo xtask tokens`.", || tokens::check(workspace)),
        Check::whole("Lints on the host", clippy, move || {
            cargo("clippy -p app -p telltale -p xtask -p bundle --all-targets -- -D warnings").run()
        }),
        Check::whole("Lints in the browser", clippy, move || {
            cargo("clippy -p frontend -p app --features app/hydrate --target")
                .arg(WASM)
                .args(["--", "-D", "warnings"])
                .run()
        }),
        Check::new("Tests of page and server", read, move || {
            peers::ensure()?;
            cargo_tests(cargo("test --no-fail-fast -p app -p telltale"))
        }),
        Check::new("Tests of the tools", read, move || cargo_tests(cargo("test --no-fail-fast -p xtask -p bundle"))),
        Check::whole("The page, compiled and bundled", "The messages are above.", || {
            let wasm = site::compile(workspace, toolchain, "dev")?;
            Bundler::build(workspace, toolchain)?.bundle(workspace, &wasm, &workspace.site, false)
        }),
        // The binary is the one that the server's tests have built: it is not built again with other features.
        Check::new("The page in a browser", browser::HINT, || {
            browser::test(workspace, &workspace.server_binary("debug"))
        }),
    ];
    // With the same binary.
    checks.extend(starts.map(|file| {
        Check::whole("A file that must start", "`telltale check-config FILE` says what is wrong with it.", || {
            starts::check(&workspace.server_binary("debug"), file)
        })
    }));
    checks
}

fn run(checks: Vec<Check<'_>>) -> (Vec<String>, Tally) {
    let (mut total, mut report) = (Tally::default(), Vec::new());
    // The toolchain was the first.
    let count = checks.len() + 1;
    for (at, check) in checks.into_iter().enumerate() {
        if total.failed > 0 {
            report.push(format!("{:>12}  {}", "not run", check.title));
            continue;
        }
        say(&format!("[{}/{count}] {}", at + 2, check.title));
        let begun = Instant::now();
        let tally = (check.work)().unwrap_or_else(|error| {
            say(&format!("error: {error:#}"));
            Tally::FAILURE
        });
        report.push(row(check.title, tally, begun.elapsed()));
        if tally.failed > 0 {
            say(&format!("      failed. {}", check.hint));
        }
        total += tally;
    }
    (report, total)
}

fn row(title: &str, tally: Tally, took: Duration) -> String {
    let outcome = if tally.failed > 0 {
        format!("FAILED ({} of {})", tally.failed, tally.failed + tally.passed)
    } else {
        format!("{}", tally.passed)
    };
    format!("{:>12}  {title}: {outcome}", seconds(took))
}

/// Runs tests with cargo and counts them.
fn cargo_tests(cmd: Cmd) -> Result<Tally> {
    let mut count = count::Cargo::default();
    let succeeded = cmd.watch(&mut |line| count.line(line))?;
    count.judge(succeeded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn nothing_runs_after_a_failure() {
        let five = Tally { passed: 5, failed: 0 };
        let (report, total) = run(vec![
            Check::new("one", "", move || Ok(five)),
            Check::whole("two", "Mend it.", || Err(anyhow!("broken"))),
            Check::whole("three", "", || panic!("must not run")),
        ]);
        assert_eq!(total, Tally { passed: 5, failed: 1 });
        assert!(report[0].ends_with("one: 5"), "{report:?}");
        assert!(report[1].ends_with("two: FAILED (1 of 1)"), "{report:?}");
        assert!(report[2].ends_with("not run  three"), "{report:?}");
    }
}
