//! The fuzzers, one after the other. They stand outside the workspace and need nightly and cargo-fuzz.

use crate::command::Cmd;
use crate::progress::say;
use crate::workspace::Workspace;
use anyhow::Result;

/// Every fuzzer in `fuzz/fuzz_targets`.
const TARGETS: [&str; 2] = ["chunk", "log"];

/// Each for so many minutes. What it finds ends the command, and lies in `fuzz/artifacts`.
pub(crate) fn fuzz(workspace: &Workspace, minutes: u64) -> Result<()> {
    for target in TARGETS {
        say(&format!("{target}: {minutes} min"));
        // What is worth keeping of what it finds on the way is chosen by hand: `cargo fuzz cmin`.
        let found = workspace.root.join("target/fuzz").join(target);
        std::fs::create_dir_all(&found)?;
        Cmd::new("cargo")
            .args(["+nightly", "fuzz", "run", target])
            .arg(&found)
            .arg(workspace.root.join("fuzz/corpus").join(target))
            .args(["--", &format!("-max_total_time={}", minutes * 60), "-print_final_stats=1"])
            .dir(&workspace.root)
            .hint("it needs `rustup toolchain install nightly` and `cargo install cargo-fuzz`")
            .run()?;
    }
    Ok(())
}
