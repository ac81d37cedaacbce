//! A toolchain that compiles for the browser: found, or made.
//!
//! Invariant: one toolchain builds everything. Only xtask itself is built by whatever cargo was called.
//! Start reading at [`ensure`]; the order of the attempts is in [`plan`].

mod debian;
mod plan;
mod probe;

use crate::command::{Cmd, on_path};
use crate::{apt, progress::say};
use anyhow::{Context, Result, bail};
use plan::{Facts, Next};
pub(crate) use probe::Depth;
use std::time::Duration;

/// The target that a browser runs.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// What we call Debian's toolchain where rustup knows it.
const LINKED: &str = "debian-web";

/// How long `rustup` may take to download a target. It is 30 MB; who is offline hears so at once, or never.
const RUSTUP_PATIENCE: Duration = Duration::from_secs(60);

/// The toolchain that builds.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    /// The name by which rustup knows it; `None` is the one in use where we were called.
    name: Option<&'static str>,
}

impl Toolchain {
    /// Its cargo.
    pub(crate) fn cargo(&self) -> Cmd {
        self.program("cargo")
    }

    fn rustc(&self) -> Cmd {
        self.program("rustc")
    }

    fn program(&self, program: &str) -> Cmd {
        let cmd = Cmd::rust(program);
        match self.name {
            Some(name) => cmd.env("RUSTUP_TOOLCHAIN", name),
            None => cmd,
        }
    }

    /// Makes sure of clippy and rustfmt.
    pub(crate) fn ensure_lints(&self) -> Result<()> {
        let has = |tool: &str| self.cargo().args([tool, "--version"]).succeeds("");
        if has("clippy") && has("fmt") {
            return Ok(());
        }
        let installed = if self.name == Some(LINKED) || !rustup_is_there() {
            apt::install(debian::LINTS)
        } else {
            Cmd::rust("rustup").args(["component", "add", "clippy", "rustfmt"]).run()
        };
        installed.context("the toolchain lacks clippy or rustfmt, and they could not be installed")
    }
}

/// Finds a toolchain with the WASM target, or gets one: the one in use, Debian's if linked before, a download by
/// rustup, Debian's built now.
pub(crate) fn ensure(depth: Depth) -> Result<Toolchain> {
    let current = Toolchain { name: None };
    let linked = Toolchain { name: Some(LINKED) };
    let mut facts = Facts { rustup: rustup_is_there(), apt: apt::is_ours(), ..Facts::default() };
    let mut said = Vec::new();
    loop {
        facts.current = probe::compiles_wasm(&current, depth);
        facts.linked = !facts.current && facts.rustup && is_linked() && probe::compiles_wasm(&linked, depth);
        match plan::next(&facts) {
            Next::UseCurrent => return Ok(current),
            Next::UseLinked => return Ok(linked),
            Next::AddWithRustup => {
                facts.rustup_tried = true;
                say(&format!("      the toolchain in use can't compile for the browser: rustup target add {WASM}"));
                let add = Cmd::rust("rustup").args(["target", "add", WASM]).run_within(RUSTUP_PATIENCE);
                if let Err(error) = add {
                    say("      rustup could not get it");
                    said.push(format!("{error:#}"));
                }
            }
            Next::BuildDebian => {
                facts.debian_tried = true;
                if let Err(error) = debian::build(facts.rustup) {
                    said.push(format!("{error:#}"));
                }
            }
            Next::GiveUp => bail!(
                "no toolchain here compiles to {WASM}, and none could be got. Online, install it with `rustup target add \
                 {WASM}`; on a Debian without access to rustup's downloads, run this command as root, so that it can use \
                 apt-get.\n{}",
                said.join("\n")
            ),
        }
    }
}

fn rustup_is_there() -> bool {
    on_path("rustup").is_some()
}

fn is_linked() -> bool {
    Cmd::rust("rustup")
        .args(["toolchain", "list"])
        .read()
        .is_ok_and(|list| list.lines().any(|line| line.split_whitespace().next() == Some(LINKED)))
}
