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
    let cmd = Cmd::new(workspace.server_binary("debug")).arg("start").args(args);
    // A server that is installed here has the folder of the user's data.
    let chosen = ["--data-dir", "--config"].iter().any(|option| args.iter().any(|arg| arg.starts_with(option)));
    let data = workspace.root.join("target/data");
    if chosen { cmd } else { cmd.arg("--data-dir").arg(data) }.become_it()
}
