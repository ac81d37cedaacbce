//! Embeds the page's files where `TELLTALE_SITE` names the folder that holds them; without it the binary reads
//! them from the workspace's `target/site` when they are asked for.

use std::error::Error;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=TELLTALE_SITE");
    let source = match env::var_os("TELLTALE_SITE") {
        Some(site) => embedded(&fs::canonicalize(site)?)?,
        None => from_disk(Path::new(&env::var("CARGO_MANIFEST_DIR")?))?,
    };
    fs::write(Path::new(&env::var("OUT_DIR")?).join("site.rs"), source)?;
    Ok(())
}

fn from_disk(manifest: &Path) -> Result<String, Box<dyn Error>> {
    let workspace = manifest.parent().ok_or("the package has no folder around it")?;
    Ok(format!("pub(super) const ORIGIN: Origin = Origin::Folder({:?});\n", workspace.join("target/site")))
}

/// A table of all files, sorted by path, each with the packed copies that lie beside it.
fn embedded(site: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", site.display());
    let mut files = Vec::new();
    walk(site, &mut files)?;
    files.sort();
    let mut table = String::from("pub(super) const ORIGIN: Origin = Origin::Embedded(&[\n");
    let mut all = DefaultHasher::new();
    for file in files.iter().filter(|file| !is_packed_copy(file, &files)) {
        let path = file.strip_prefix(site)?.to_str().ok_or("a file name is not UTF-8")?;
        let content = fs::read(file)?;
        let mut hash = DefaultHasher::new();
        hash.write(&content);
        all.write(path.as_bytes());
        all.write(&content);
        writeln!(
            table,
            "    Embedded {{ path: {path:?}, tag: \"{:016x}\", plain: include_bytes!({file:?}), br: {}, gz: {} }},",
            hash.finish(),
            packed(file, "br", &files),
            packed(file, "gz", &files),
        )?;
    }
    writeln!(table, "], \"{:016x}\");", all.finish())?;
    Ok(table)
}

/// `X.br` and `X.gz` beside an `X` are no files of their own.
fn is_packed_copy(file: &Path, files: &[PathBuf]) -> bool {
    let packed = file.extension().is_some_and(|extension| extension == "br" || extension == "gz");
    packed && files.binary_search(&file.with_extension("")).is_ok()
}

fn packed(file: &Path, extension: &str, files: &[PathBuf]) -> String {
    let mut copy = file.as_os_str().to_owned();
    copy.push(".");
    copy.push(extension);
    let copy = PathBuf::from(copy);
    if files.binary_search(&copy).is_ok() { format!("Some(include_bytes!({copy:?}))") } else { "None".to_owned() }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
