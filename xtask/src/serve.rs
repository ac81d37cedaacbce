//! `serve`: from the sources to a running page.

use crate::command::Cmd;
use crate::progress::{Steps, say, seconds};
use crate::site::{self, Bundler};
use crate::toolchain::{self, Depth};
use crate::workspace::Workspace;
use anyhow::Result;

/// Builds what has changed and becomes the server. `args` go to `telltale start`.
pub(crate) fn serve(workspace: &Workspace, args: &[String]) -> Result<()> {
    let mut steps = Steps::new(4);
    let toolchain = steps.step("A toolchain that compiles for the browser", || toolchain::ensure(Depth::Plain))?;
    let wasm = steps.step("The page, compiled to WASM", || site::compile(workspace, &toolchain, "dev"))?;
    steps.step("The page, bundled with its styles", || {
        Bundler::build(workspace, &toolchain)?.bundle(workspace, &wasm, &workspace.site, false)
    })?;
    steps.step("The server", || {
        let hint = "The server does not compile: the compiler's messages are above.";
        toolchain.cargo().args(["build", "--package", &workspace.server]).dir(&workspace.root).hint(hint).run()
    })?;
    say(&format!("Built in {}. Ctrl-C stops the server.", seconds(steps.elapsed())));
    Cmd::new(workspace.server_binary("debug")).arg("start").args(args).become_it()
}
