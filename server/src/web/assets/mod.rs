//! The files that belong to the page: scripts, styles, icons.

mod negotiate;
mod site;

use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::telemetry::warn;
use negotiate::{Coding, choose};
pub(super) use site::{File, stamp};
use site::{ORIGIN, Origin};

/// What changes whenever a file does.
pub(super) fn version() -> String {
    ORIGIN.version()
}

/// Says once, at the start, where the page will have no script and why.
pub(super) fn tell_if_missing() {
    if let Origin::Folder(folder) = ORIGIN
        && ORIGIN.find("pkg/telltale.js").is_none()
    {
        warn(&format!("the page's scripts and styles are not in {folder}; `cargo xtask serve` builds them"));
    }
}

/// Answers with the file at this address, if there is one; else whatever comes next does.
pub(super) async fn first(request: Request, next: Next) -> Response {
    let file = if matches!(*request.method(), Method::GET | Method::HEAD) { find(request.uri()).await } else { None };
    match file {
        Some((file, kind)) => answer(file, kind, is_current(request.uri()), request.headers()),
        None => next.run(request).await,
    }
}

async fn find(uri: &Uri) -> Option<(File, &'static str)> {
    let path = uri.path().strip_prefix('/')?.to_owned();
    let kind = kind(&path);
    let file = tokio::task::spawn_blocking(move || ORIGIN.find(&path)).await.ok()??;
    Some((file, kind))
}

/// Whether the address bears the version that the file has.
fn is_current(uri: &Uri) -> bool {
    uri.query().and_then(|query| query.strip_prefix("v=")).is_some_and(|asked| asked == version())
}

pub(super) fn answer(file: File, kind: &'static str, is_current: bool, headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let coding = choose(text(ACCEPT_ENCODING), file.br.is_some(), file.gz.is_some());
    let (body, packed) = match coding {
        Coding::Brotli => (file.br.unwrap_or_default(), Some("br")),
        Coding::Gzip => (file.gz.unwrap_or_default(), Some("gzip")),
        Coding::Plain => (file.plain, None),
    };
    // Packed and not are two representations, so their tags differ.
    let tag = format!("\"{}{}\"", file.tag, packed.map(|name| format!("-{name}")).unwrap_or_default());
    let known = text(IF_NONE_MATCH).split(',').any(|has| has.trim().trim_start_matches("W/") == tag);
    let keep = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let about = [(CACHE_CONTROL, keep.to_owned()), (ETAG, tag), (VARY, "accept-encoding".to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let mut answer = ([(CONTENT_TYPE, kind)], about, body).into_response();
    if let Some(name) = packed {
        answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    answer
}

/// The media type, by the end of the name.
pub(super) fn kind(path: &str) -> &'static str {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Bytes, to_bytes};
    use axum::http::HeaderName;

    use super::*;

    fn file() -> File {
        File { tag: "1".to_owned(), plain: "plain".into(), br: Some("br".into()), gz: Some(Bytes::from_static(b"gz")) }
    }

    /// `want`: status, body, and the headers that must be there; an empty value is a header that must not.
    async fn check(asked: [(HeaderName, &'static str); 1], is_current: bool, want: (u16, &str, &[(HeaderName, &str)])) {
        let asked = asked.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        let answer = answer(file(), kind("pkg/a.wasm"), is_current, &asked);
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, 100).await.unwrap();
        assert_eq!((head.status.as_u16(), &*String::from_utf8_lossy(&body)), (want.0, want.1), "{asked:?}");
        for (name, value) in want.2 {
            let has = head.headers.get(name).map_or("", |value| value.to_str().unwrap());
            assert_eq!(has, *value, "{name} for {asked:?}");
        }
    }

    #[tokio::test]
    async fn the_packed_copy_that_is_liked_with_a_tag_of_its_own() {
        let always = (VARY, "accept-encoding");
        let wasm = (CONTENT_TYPE, "application/wasm");
        let br = [always.clone(), wasm.clone(), (CONTENT_ENCODING, "br"), (ETAG, "\"1-br\"")];
        check([(ACCEPT_ENCODING, "gzip, br")], false, (200, "br", &br)).await;
        let gz = [always.clone(), wasm.clone(), (CONTENT_ENCODING, "gzip"), (ETAG, "\"1-gzip\"")];
        check([(ACCEPT_ENCODING, "gzip")], false, (200, "gz", &gz)).await;
        let plain = [always, wasm, (CONTENT_ENCODING, ""), (ETAG, "\"1\"")];
        check([(ACCEPT_ENCODING, "identity")], false, (200, "plain", &plain)).await;
    }

    #[tokio::test]
    async fn what_is_known_is_not_sent_again_and_what_bears_its_version_is_kept() {
        let kept = "public, max-age=31536000, immutable";
        check([(IF_NONE_MATCH, "\"1\"")], false, (304, "", &[(CACHE_CONTROL, "no-cache")])).await;
        check([(IF_NONE_MATCH, "\"0\", W/\"1\"")], true, (304, "", &[(CACHE_CONTROL, kept)])).await;
        check([(IF_NONE_MATCH, "\"1-br\"")], true, (200, "plain", &[(CACHE_CONTROL, kept)])).await;
    }

    #[test]
    fn an_address_is_current_with_the_version_and_nothing_else() {
        let current = |uri: String| is_current(&uri.parse().unwrap());
        assert!(current(format!("/pkg/a.js?v={}", version())));
        for uri in ["/pkg/a.js", "/pkg/a.js?v=", "/pkg/a.js?v=0"] {
            assert!(!current(uri.to_owned()), "{uri}");
        }
    }
}
