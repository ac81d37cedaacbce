//! The user's own files, under `/static/`.
//!
//! Invariant: nothing outside of the folder is served, whatever a path says and wherever a link in it leads.
//! Invariant: what begins with a dot is not served, such as `.git` and `.env`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Rest, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::assets::{self, File};

/// A file is read as a whole, so there is a bound on it.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// What such a page may do: whatever its own folder holds, and no more.
const POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

pub(super) fn routes(folder: PathBuf) -> Router {
    Router::new().route("/static/{*path}", get(file)).with_state(Arc::from(folder))
}

async fn file(State(folder): State<Arc<Path>>, Rest(path): Rest<String>, headers: HeaderMap) -> Response {
    let kind = assets::kind(&path);
    match tokio::task::spawn_blocking(move || find(&folder, &path)).await {
        Ok(Some(file)) => {
            let policy = [(CONTENT_SECURITY_POLICY, POLICY)];
            (policy, assets::answer(file, kind, false, &headers)).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The folder may come and go while the server runs, so it is looked up each time.
fn find(folder: &Path, path: &str) -> Option<File> {
    let path = Path::new(path);
    let visible = |part: &OsStr| !part.as_encoded_bytes().starts_with(b".");
    if !path.components().all(|part| matches!(part, Component::Normal(name) if visible(name))) {
        return None;
    }
    let folder = folder.canonicalize().ok()?;
    let file = folder.join(path).canonicalize().ok()?;
    let about = fs::metadata(&file).ok()?;
    if !file.starts_with(&folder) || !about.is_file() || about.len() > MOST_BYTES {
        return None;
    }
    let plain = fs::read(&file).ok()?.into();
    Some(File { tag: assets::stamp(std::slice::from_ref(&file)), plain, br: None, gz: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_and_no_link_leads_out_of_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let folder = outside.path().join("static");
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a/b.txt"), "b").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), folder.join("link")).unwrap();
        let check = |path: &str, want: Option<&str>| {
            let found = find(&folder, path).map(|file| String::from_utf8_lossy(&file.plain).into_owned());
            assert_eq!(found.as_deref(), want, "{path}");
        };
        check("a/b.txt", Some("b"));
        let absolute = outside.path().join("secret").display().to_string();
        for other in ["", "a", "a/", "../secret", "a/../../secret", "link", "nothing", "a/b.txt\0", &absolute] {
            check(other, None);
        }
        assert!(find(&folder.join("gone"), "a").is_none());
    }
}
