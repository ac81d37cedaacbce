//! Does a toolchain compile for the browser?

use super::{Toolchain, WASM};

/// The smallest program that needs the standard library and a linker.
const PROGRAM: &str = "#[unsafe(no_mangle)] pub extern \"C\" fn length() -> usize { std::env::args().count() }";

/// What the compiled program must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Compiled and linked, to work with.
    Plain,
    /// Optimised across all crates, the standard library too: its libraries must carry what that takes.
    WholeProgram,
}

/// Tries it. A folder of libraries proves little: it may have been built by a compiler that has been upgraded since,
/// and the linker may be missing; a program of one line finds out in a fraction of a second.
pub(super) fn compiles_wasm(toolchain: &Toolchain, depth: Depth) -> bool {
    let libdir = toolchain.rustc().args(["--print", "target-libdir", "--target", WASM]).read();
    let has_libraries =
        libdir.is_ok_and(|dir| std::fs::read_dir(dir.trim()).is_ok_and(|mut entries| entries.next().is_some()));
    if !has_libraries {
        return false;
    }
    let out = std::env::temp_dir().join(format!("telltale-probe-{}.wasm", std::process::id()));
    let optimise: &[&str] = match depth {
        Depth::Plain => &[],
        Depth::WholeProgram => &["-Clto=fat", "-Cpanic=abort"],
    };
    let works = toolchain
        .rustc()
        .args(["--edition", "2024", "--crate-type", "cdylib", "--crate-name", "probe", "--target", WASM])
        .args(optimise)
        .arg("-o")
        .arg(&out)
        .arg("-")
        .succeeds(PROGRAM);
    // It may not exist: then there is nothing to tidy up.
    let _ = std::fs::remove_file(out);
    works
}
