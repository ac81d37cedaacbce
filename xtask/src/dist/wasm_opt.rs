//! wasm-opt, from npm in a fixed version: some others make files that browsers refuse, or that compute wrongly.

use crate::command::Cmd;
use crate::npm;
use crate::workspace::Workspace;
use anyhow::Result;
use std::path::Path;

/// What the compiler uses, one by one: with all features the result is a file that Chromium refuses.
const FLAGS: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "-Oz",
];

/// Makes a file smaller, in place.
pub(super) fn shrink(workspace: &Workspace, wasm: &Path) -> Result<()> {
    let folder = workspace.root.join("xtask/npm");
    npm::ensure(&folder)?;
    Cmd::new(folder.join("node_modules/.bin/wasm-opt")).args(FLAGS).arg(wasm).arg("-o").arg(wasm).run()
}
