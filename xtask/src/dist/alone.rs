//! Does the one file do it all, in a folder with nothing else?

use crate::{http, server};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Starts a copy of it in an empty folder and asks for the page and its WASM, plain and compressed.
pub(super) fn check(binary: &Path, pkg: &str, name: &str, wasm: &Path) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("telltale-alone-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let copy = folder.join("telltale");
    fs::copy(binary, &copy).with_context(|| format!("copying {}", binary.display()))?;
    let result = ask(&copy, &folder, &format!("/{pkg}/{name}.wasm"), wasm);
    fs::remove_dir_all(&folder).with_context(|| format!("tidying up {}", folder.display()))?;
    result
}

fn ask(binary: &Path, folder: &Path, path: &str, wasm: &Path) -> Result<()> {
    let (running, address) = server::telltale(binary, folder)?;
    let page = http::get(address, "/", &[])?;
    let text = String::from_utf8_lossy(&page.body);
    ensure!(page.status == 200 && text.contains("</html>"), "`/` answered {} and no whole page", page.status);

    let plain = http::get(address, path, &[])?;
    ensure!(plain.status == 200, "`{path}` answered {}", plain.status);
    let kind = plain.header("content-type").unwrap_or("nothing");
    ensure!(kind == "application/wasm", "`{path}` says it is {kind}; browsers want application/wasm");
    ensure!(plain.body == read(wasm)?, "`{path}` is not the WASM that was built");

    let packed = http::get(address, path, &["Accept-Encoding: br"])?;
    ensure!(packed.header("content-encoding") == Some("br"), "`{path}` is not sent in brotli to those who ask for it");
    ensure!(packed.body == read(&wasm.with_added_extension("br"))?, "`{path}` is not sent as it was compressed here");
    running.stop().context("stopping the server")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}
