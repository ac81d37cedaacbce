//! Where things are: the answer of `cargo metadata`, and in it the table that cargo-leptos reads too.
//!
//! Invariant: a name that `[[workspace.metadata.leptos]]` fixes is written nowhere else in xtask.

use crate::command::Cmd;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The workspace, as far as building it needs to know.
#[derive(Debug, PartialEq)]
pub(crate) struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// The package with the server's binary, and the binary's name.
    pub(crate) server: String,
    /// The package that becomes WASM.
    pub(crate) frontend: String,
    /// The stem of the page's files: `telltale` for `telltale.js`, `telltale.wasm`, `telltale.css`.
    pub(crate) output: String,
    /// The folder that the server serves.
    pub(crate) site: PathBuf,
    /// The folder of the page's files within the site, relative.
    pub(crate) pkg: String,
    /// The style sheet that imports the others.
    pub(crate) style: PathBuf,
    /// Files that go into the site as they are.
    pub(crate) public: PathBuf,
    /// The folder of the browser tests.
    pub(crate) end2end: PathBuf,
    /// The command that runs them there.
    pub(crate) end2end_command: String,
    /// The profile that makes the browser's side small.
    pub(crate) wasm_profile: String,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self> {
        // Set by the cargo that runs us; the other is for an xtask that somebody starts by its path.
        let here =
            std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let text = Cmd::rust("cargo").args(["metadata", "--format-version", "1", "--no-deps"]).dir(here).read()?;
        Self::parse(&text)
    }

    fn parse(metadata: &str) -> Result<Self> {
        let metadata: Value =
            serde_json::from_str(metadata).context("`cargo metadata` wrote something that is not JSON")?;
        let text = |value: &Value, path: &str| -> Result<String> {
            let found = value.pointer(path).and_then(Value::as_str);
            Ok(found.with_context(|| format!("`cargo metadata` has no text at {path}"))?.to_owned())
        };
        let root = PathBuf::from(text(&metadata, "/workspace_root")?);
        let leptos = metadata.pointer("/metadata/leptos/0").context(
            "Cargo.toml has no [[workspace.metadata.leptos]]; it names the packages and folders of the page",
        )?;
        let key = |key: &str| {
            text(leptos, &format!("/{key}"))
                .with_context(|| format!("[[workspace.metadata.leptos]] in Cargo.toml lacks `{key}`"))
        };
        Ok(Self {
            target: text(&metadata, "/target_directory")?.into(),
            server: key("bin-package")?,
            frontend: key("lib-package")?,
            output: key("output-name")?,
            site: root.join(key("site-root")?),
            pkg: key("site-pkg-dir")?,
            style: root.join(key("style-file")?),
            public: root.join(key("assets-dir")?),
            end2end: root.join(key("end2end-dir")?),
            end2end_command: key("end2end-cmd")?,
            wasm_profile: key("lib-profile-release")?,
            root,
        })
    }

    /// The server's binary in the folder of a profile (`debug`, `release`).
    pub(crate) fn server_binary(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(&self.server).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// The one file that `dist` makes.
    pub(crate) fn dist_binary(&self) -> PathBuf {
        self.root.join("dist").join(&self.server).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// A path as one would type it from the root.
    pub(crate) fn short<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{
        "workspace_root": "/src/it", "target_directory": "/cache/target",
        "metadata": { "leptos": [{
            "bin-package": "srv", "lib-package": "front", "output-name": "it", "site-root": "target/site",
            "site-pkg-dir": "pkg", "style-file": "style/main.css", "assets-dir": "public", "end2end-dir": "e2e", "end2end-cmd": "run it",
            "lib-profile-release": "small"
        }] }
    }"#;

    #[test]
    fn names_come_from_the_table_that_cargo_leptos_reads() {
        let found = Workspace::parse(METADATA).unwrap();
        assert_eq!(found.site, Path::new("/src/it/target/site"));
        assert_eq!(found.style, Path::new("/src/it/style/main.css"));
        assert_eq!(found.server_binary("debug"), Path::new("/cache/target/debug/srv"));
        assert_eq!(found.dist_binary(), Path::new("/src/it/dist/srv"));
        assert_eq!(found.short(&found.public).to_string(), "public");
        assert_eq!((found.frontend.as_str(), found.wasm_profile.as_str()), ("front", "small"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let check = |from: &str, to: &str, says: &str| {
            let error = Workspace::parse(&METADATA.replace(from, to)).unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains(says), "{text}");
        };
        check("\"style-file\": \"style/main.css\",", "", "lacks `style-file`");
        check("\"leptos\"", "\"other\"", "[[workspace.metadata.leptos]]");
        check("\"workspace_root\": \"/src/it\",", "", "/workspace_root");
        check("{", "", "not JSON");
    }

    #[test]
    fn the_real_table_is_complete() {
        let found = Workspace::find().unwrap();
        assert!(found.root.join("Cargo.lock").is_file());
    }
}
