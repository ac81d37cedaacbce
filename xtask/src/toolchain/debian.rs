//! The WASM target by way of Debian's packages, for machines that reach package registries and nothing else.
//!
//! Debian packs a recent compiler with its sources, but no libraries for the browser: we build those once with the
//! packaged compiler and put them where it looks. Whatever was built by an older compiler is replaced.

use super::{LINKED, WASM};
use crate::apt;
use crate::command::Cmd;
use crate::progress::{say, seconds};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The packages of the linters.
pub(super) const LINTS: &[&str] = &["rust-web-clippy", "rustfmt-web"];

const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web"];
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const RUSTLIB: &str = "/usr/lib/rustlib";
const CRATE: &str = "empty";

/// Installs, builds, and makes the result known to rustup where there is one.
pub(super) fn build(rustup: bool) -> Result<()> {
    say("      taking Debian's compiler: about two minutes, once per machine");
    apt::install(PACKAGES)?;
    let about = Cmd::rust(RUSTC).arg("-vV").read()?;
    let about = About::parse(&about).with_context(|| format!("`{RUSTC} -vV` said something unexpected:\n{about}"))?;
    let linker = format!("lld-{}", about.llvm);
    apt::install(&[&linker])?;
    link_linker(&Path::new("/usr/bin").join(linker), about.host)?;
    build_std()?;
    if rustup {
        Cmd::rust("rustup").args(["toolchain", "link", LINKED, "/usr"]).read()?;
    }
    Ok(())
}

/// What we need of a compiler's description of itself.
#[derive(Debug, PartialEq)]
struct About<'a> {
    host: &'a str,
    llvm: &'a str,
}

impl<'a> About<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some(Self { host: field("host:")?, llvm: field("LLVM version:")?.split('.').next()? })
    }
}

/// The compiler looks for its linker under a name that Debian's package does not have.
fn link_linker(linker: &Path, host: &str) -> Result<()> {
    let bin = Path::new(RUSTLIB).join(host).join("bin");
    let link = bin.join("rust-lld");
    fs::create_dir_all(&bin).with_context(|| format!("making {}", bin.display()))?;
    if fs::read_link(&link).is_ok_and(|to| to == linker) {
        return Ok(());
    }
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link).with_context(|| format!("removing the old {}", link.display()))?;
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(linker, &link).with_context(|| format!("linking {}", link.display()))?;
    Ok(())
}

/// Builds the standard library in an empty crate and installs what came out.
fn build_std() -> Result<()> {
    let begun = Instant::now();
    say("      building the standard library for the browser");
    let dir = std::env::temp_dir().join(format!("telltale-std-{}", std::process::id()));
    let source = dir.join("src");
    fs::create_dir_all(&source).with_context(|| format!("making {}", source.display()))?;
    let manifest = format!("[package]\nname = \"{CRATE}\"\nedition = \"2024\"\n\n[workspace]\n");
    fs::write(dir.join("Cargo.toml"), manifest).context("writing an empty crate")?;
    fs::write(source.join("lib.rs"), "").context("writing an empty crate")?;
    Cmd::rust(CARGO)
        .args(["build", "--quiet", "--release", "--target", WASM, "-Zbuild-std=std,panic_abort"])
        .env("RUSTC", RUSTC)
        // The switch for building std is not stable; this makes the packaged compiler accept it.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without it `dist` could not optimise across the library's border.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .dir(&dir)
        .hint("It needs the registry of crates, and the package rust-web-src of the same version as rustc-web.")
        .run()?;
    install_std(&dir.join("target").join(WASM).join("release/deps"))?;
    fs::remove_dir_all(&dir).with_context(|| format!("tidying up {}", dir.display()))?;
    say(&format!("      built in {}", seconds(begun.elapsed())));
    Ok(())
}

fn install_std(from: &Path) -> Result<()> {
    let to = Path::new(RUSTLIB).join(WASM).join("lib");
    fs::create_dir_all(&to).with_context(|| format!("making {}", to.display()))?;
    for old in libraries(&to)? {
        fs::remove_file(&old).with_context(|| format!("removing the old {}", old.display()))?;
    }
    for library in libraries(from)? {
        let Some(name) = library.file_name() else { continue };
        if !name.to_string_lossy().starts_with(&format!("lib{CRATE}-")) {
            fs::copy(&library, to.join(name)).with_context(|| format!("installing {}", library.display()))?;
        }
    }
    Ok(())
}

fn libraries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("looking into {}", dir.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.with_context(|| format!("looking into {}", dir.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rlib"));
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_describes_itself() {
        let text = "rustc 1.96.0 (built)\nbinary: rustc\nhost: aarch64-unknown-linux-gnu\nLLVM version: 22.1.8\n";
        assert_eq!(About::parse(text), Some(About { host: "aarch64-unknown-linux-gnu", llvm: "22" }));
        assert_eq!(About::parse("host: x\n"), None);
    }
}
