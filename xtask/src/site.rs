//! The folder that the server serves: the page compiled, and bundled with styles and public files.

use crate::command::Cmd;
use crate::toolchain::{Toolchain, WASM};
use crate::workspace::Workspace;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Compiles the page with a profile and answers where the WASM file is.
pub(crate) fn compile(workspace: &Workspace, toolchain: &Toolchain, profile: &str) -> Result<PathBuf> {
    toolchain
        .cargo()
        .args(["build", "--package", &workspace.frontend, "--target", WASM, "--profile", profile])
        .dir(&workspace.root)
        .hint("The page does not compile: the compiler's messages are above.")
        .run()?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let file = format!("{}.wasm", workspace.frontend.replace('-', "_"));
    Ok(workspace.target.join(WASM).join(folder).join(file))
}

/// The program that bundles: a package of its own, since it is heavy and xtask must be there at once.
pub(crate) struct Bundler {
    program: PathBuf,
}

impl Bundler {
    /// Builds it.
    pub(crate) fn build(workspace: &Workspace, toolchain: &Toolchain) -> Result<Self> {
        let hint = "The bundler does not compile: the compiler's messages are above.";
        toolchain.cargo().args(["build", "--package", "bundle"]).dir(&workspace.root).hint(hint).run()?;
        let program = workspace.target.join("debug/bundle").with_extension(std::env::consts::EXE_EXTENSION);
        Ok(Self { program })
    }

    /// Makes the folder `out` from a compiled page. What is up to date is left alone.
    /// `release` leaves out what only developers read.
    pub(crate) fn bundle(&self, workspace: &Workspace, wasm: &Path, out: &Path, release: bool) -> Result<()> {
        Cmd::new(&self.program)
            .arg("site")
            .arg("--wasm")
            .arg(wasm)
            .arg("--name")
            .arg(&workspace.output)
            .arg("--pkg")
            .arg(&workspace.pkg)
            .arg("--style")
            .arg(&workspace.style)
            .arg("--public")
            .arg(&workspace.public)
            .arg("--out")
            .arg(out)
            .args(release.then_some("--release"))
            .dir(&workspace.root)
            .run()
    }

    /// Puts `.br` and `.gz` beside every file of a folder.
    pub(crate) fn precompress(&self, folder: &Path) -> Result<()> {
        Cmd::new(&self.program).arg("precompress").arg(folder).run()
    }
}
