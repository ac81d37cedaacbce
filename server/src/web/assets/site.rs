//! Where the page's files are: within the binary, or in a folder while somebody works on them.
//!
//! Invariant: a file is found by its name in a list of what is there. No path of a request is ever put
//! together with a folder, so none leads out of it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use axum::body::Bytes;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Which of the two it is, decided when the binary is built.
#[allow(dead_code, reason = "a build has one of them")]
pub(super) enum Origin {
    /// All files, and a version that changes with any of them.
    Embedded(&'static [Embedded], &'static str),
    /// The folder that the build tools write.
    Folder(&'static str),
}

/// A file within the binary.
#[allow(dead_code, reason = "a build that reads from a folder has none")]
pub(super) struct Embedded {
    pub(super) path: &'static str,
    pub(super) tag: &'static str,
    pub(super) plain: &'static [u8],
    pub(super) br: Option<&'static [u8]>,
    pub(super) gz: Option<&'static [u8]>,
}

/// A file as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) struct File {
    /// Changes when the content does.
    pub(in crate::web) tag: String,
    pub(in crate::web) plain: Bytes,
    /// Packed in brotli, in gzip.
    pub(in crate::web) br: Option<Bytes>,
    pub(in crate::web) gz: Option<Bytes>,
}

impl Origin {
    /// The file of this name, such as `pkg/telltale.js`. It reads, where there is a folder.
    pub(super) fn find(&self, path: &str) -> Option<File> {
        match self {
            Self::Embedded(files, _) => {
                let file = files.iter().find(|file| file.path == path)?;
                Some(File {
                    tag: file.tag.to_owned(),
                    plain: Bytes::from_static(file.plain),
                    br: file.br.map(Bytes::from_static),
                    gz: file.gz.map(Bytes::from_static),
                })
            }
            Self::Folder(root) => {
                let root = Path::new(root);
                let file = listing(root).into_iter().find(|file| file.strip_prefix(root) == Ok(Path::new(path)))?;
                let plain = fs::read(&file).ok()?.into();
                let beside = |ending: &str| fs::read(format!("{}.{ending}", file.display())).ok().map(Bytes::from);
                Some(File { tag: stamp(std::slice::from_ref(&file)), plain, br: beside("br"), gz: beside("gz") })
            }
        }
    }

    /// What the page's addresses bear, so that a browser that keeps files for ever fetches them anew.
    pub(super) fn version(&self) -> String {
        match self {
            Self::Embedded(_, version) => (*version).to_owned(),
            Self::Folder(root) => stamp(&listing(&Path::new(root).join("pkg"))),
        }
    }
}

/// Tells one state of these files from another.
pub(in crate::web) fn stamp(files: &[PathBuf]) -> String {
    let mut hash = DefaultHasher::new();
    for file in files {
        let about = fs::metadata(file).ok();
        (file, about.map(|about| (about.len(), about.modified().ok()))).hash(&mut hash);
    }
    format!("{:016x}", hash.finish())
}

/// Every file in the folder, sorted. What cannot be read is not there.
fn listing(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { listing(&path) } else { vec![path] }
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked for, and its content.
    #[track_caller]
    fn check(origin: &Origin, path: &str, want: Option<&str>) {
        let found = origin.find(path).map(|file| String::from_utf8_lossy(&file.plain).into_owned());
        assert_eq!(found.as_deref(), want, "{path}");
    }

    #[test]
    fn only_what_is_listed_is_found() {
        let around = tempfile::tempdir().unwrap();
        let site = around.path().join("site");
        fs::create_dir_all(site.join("pkg")).unwrap();
        fs::write(around.path().join("secret"), "secret").unwrap();
        fs::write(site.join("favicon.svg"), "icon").unwrap();
        fs::write(site.join("pkg/telltale.js"), "script").unwrap();
        fs::write(site.join("pkg/telltale.js.br"), "packed").unwrap();
        let origin = Origin::Folder(String::leak(site.display().to_string()));

        check(&origin, "favicon.svg", Some("icon"));
        check(&origin, "pkg/telltale.js", Some("script"));
        assert_eq!(origin.find("pkg/telltale.js").unwrap().br.as_deref(), Some(&b"packed"[..]));
        let absolute = around.path().join("secret").display().to_string();
        for path in [
            "",
            ".",
            "pkg",
            "../secret",
            "pkg/../../secret",
            "pkg/../favicon.svg",
            "..\\secret",
            "%2e%2e/secret",
            &absolute,
        ] {
            check(&origin, path, None);
        }
    }

    #[test]
    fn a_version_lasts_until_a_file_changes() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir(site.path().join("pkg")).unwrap();
        let origin = Origin::Folder(String::leak(site.path().display().to_string()));
        let empty = origin.version();
        fs::write(site.path().join("pkg/telltale.js"), "1").unwrap();
        let first = origin.version();
        assert_eq!(first, origin.version());
        fs::write(site.path().join("pkg/telltale.js"), "12").unwrap();
        assert!(first != empty && first != origin.version());
    }
}
