//! The site folder: `pkg/STEM.js`, `pkg/STEM.wasm`, `pkg/STEM.css`, and the public files at its root.

use crate::css;
use crate::files;
use crate::stamp::{Entry, Stamp};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// What to make a site of, and where.
pub(crate) struct Plan {
    /// The page as the compiler left it.
    pub(crate) wasm: PathBuf,
    /// The stem of the page's files.
    pub(crate) name: String,
    /// Their folder within the site.
    pub(crate) pkg: String,
    /// The style sheet that imports the others.
    pub(crate) style: PathBuf,
    /// Files that go in as they are.
    pub(crate) public: PathBuf,
    /// The site.
    pub(crate) out: PathBuf,
    /// For people rather than for developers: no names of functions in the WASM.
    pub(crate) release: bool,
}

/// Makes the site, unless it is there and nothing that it is made of has changed since.
pub(crate) fn bundle(plan: &Plan) -> Result<()> {
    let sheet = css::resolve(&plan.style, &|path| Ok(String::from_utf8(files::read(path)?)?))?;
    let how = format!("{} {} {} {}", env!("CARGO_PKG_VERSION"), plan.name, plan.pkg, plan.release);
    // The program itself is an input: another one makes another bundle.
    let program = std::env::current_exe().context("asking for the path of this program")?;
    let mut sources = vec![program, plan.wasm.clone()];
    sources.extend(sheet.files);
    sources.extend(files::below(&plan.public)?);
    let inputs: Vec<Entry> = sources.iter().filter_map(|path| Entry::now(path)).collect();
    let before = Stamp::load(&plan.out);
    if before.holds(&how, &inputs) {
        return Ok(());
    }

    let mut site = public(plan)?;
    let pkg = plan.out.join(&plan.pkg);
    site.insert(pkg.join(&plan.name).with_extension("css"), sheet.text.into_bytes());
    site.append(&mut bindings(plan, &pkg)?);

    for old in &before.outputs {
        if !site.contains_key(&old.path) && old.path.starts_with(&plan.out) {
            files::remove(&old.path)?;
        }
    }
    for (path, bytes) in &site {
        files::write_if_changed(path, bytes)?;
    }
    let outputs = site.keys().filter_map(|path| Entry::now(path)).collect();
    Stamp { how, inputs, outputs }.save(&plan.out)
}

fn public(plan: &Plan) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let place = |path: &Path| path.strip_prefix(&plan.public).map(|name| plan.out.join(name));
    files::below(&plan.public)?.iter().map(|path| Ok((place(path)?, files::read(path)?))).collect()
}

/// The JavaScript that loads the WASM, and the WASM with what only the tool needed taken out.
fn bindings(plan: &Plan, pkg: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let folder = plan.out.with_added_extension("bindgen");
    let made = Bindgen::new()
        .input_path(&plan.wasm)
        .out_name(&plan.name)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).remove_name_section(plan.release).generate(&folder));
    made.with_context(|| format!("making JavaScript bindings for {}", plan.wasm.display()))?;
    let mut found = BTreeMap::new();
    for path in files::below(&folder)? {
        let name = path.strip_prefix(&folder)?;
        // The page asks for `STEM.wasm`, as cargo-leptos names it.
        let is_wasm = name == Path::new(&format!("{}_bg.wasm", plan.name));
        let name = if is_wasm { PathBuf::from(format!("{}.wasm", plan.name)) } else { name.to_owned() };
        found.insert(pkg.join(name), files::read(&path)?);
    }
    std::fs::remove_dir_all(&folder).with_context(|| format!("tidying up {}", folder.display()))?;
    Ok(found)
}
