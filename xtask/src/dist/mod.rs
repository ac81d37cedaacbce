//! `dist`: one optimised file that holds the page too.

mod alone;
mod shell;
mod size;
mod wasm_opt;

use crate::command::Cmd;
use crate::progress::{Steps, say, seconds};
use crate::site::{self, Bundler};
use crate::toolchain::{self, Depth};
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use size::Sizes;
use std::fs;

/// The server's build script embeds the folder that this variable names.
const EMBED: &str = "TELLTALE_SITE";

/// Builds it, measures it, and sees that it works with nothing beside it.
pub(crate) fn dist(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::new(7);
    let site_folder = workspace.target.join("dist-site");
    let packed = site_folder.join(&workspace.pkg).join(&workspace.output).with_extension("wasm");
    let mut sizes = Sizes::default();

    let toolchain =
        steps.step("A toolchain that compiles for the browser", || toolchain::ensure(Depth::WholeProgram))?;
    let wasm = steps.step("The page, compiled to small WASM: this takes minutes", || {
        site::compile(workspace, &toolchain, &workspace.wasm_profile)
    })?;
    sizes.measure("as compiled", &wasm)?;
    steps.step("The page, bundled, made smaller and compressed", || {
        // What an earlier page had and this one has not must not be embedded.
        if site_folder.exists() {
            fs::remove_dir_all(&site_folder).with_context(|| format!("emptying {}", site_folder.display()))?;
        }
        let bundler = Bundler::build(workspace, &toolchain)?;
        bundler.bundle(workspace, &wasm, &site_folder, true)?;
        sizes.measure("after wasm-bindgen", &packed)?;
        wasm_opt::shrink(workspace, &packed)?;
        sizes.measure("after wasm-opt", &packed)?;
        bundler.precompress(&site_folder)?;
        sizes.measure("in gzip", &packed.with_added_extension("gz"))?;
        sizes.measure("in brotli", &packed.with_added_extension("br"))
    })?;
    steps.step("The size of the page", || sizes.judge())?;
    steps.step("The server, optimised", || {
        let build = toolchain.cargo().args(["build", "--release", "--package", &workspace.server]);
        build.env(EMBED, &site_folder).dir(&workspace.root).run()?;
        put(workspace)
    })?;
    let binary = workspace.dist_binary();
    steps.step("The file alone in an empty folder", || {
        alone::check(&binary, &workspace.pkg, &workspace.output, &packed)
    })?;
    steps.step("Completions and man pages", || shell::write(&binary, &workspace.root.join("dist")))?;
    let bytes = binary.metadata().with_context(|| format!("looking at {}", binary.display()))?.len();
    say(&format!("{}: {bytes} bytes, built in {}", workspace.short(&binary), seconds(steps.elapsed())));
    Ok(())
}

fn put(workspace: &Workspace) -> Result<()> {
    let (from, to) = (workspace.server_binary("release"), workspace.dist_binary());
    let folder = workspace.root.join("dist");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    // A copy under another name first: the old one may be running.
    let fresh = to.with_added_extension("new");
    fs::copy(&from, &fresh).with_context(|| format!("copying {} to {}", from.display(), fresh.display()))?;
    fs::rename(&fresh, &to).with_context(|| format!("replacing {}", to.display()))
}

/// The file that `dist` makes, made now if it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    if workspace.dist_binary().is_file() { Ok(()) } else { dist(workspace) }
}

/// The version that a binary says it is.
pub(crate) fn version(binary: &std::path::Path) -> Result<String> {
    Ok(Cmd::new(binary).arg("--version").read()?.trim().to_owned())
}
