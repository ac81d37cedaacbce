//! Who may ask: no page of another site, under no name but ours.
//!
//! There are no logins yet, so whoever reaches the port may read. A browser on this machine reaches it on
//! behalf of any page it has open; what keeps such a page out stands here.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::envelope::{ApiError, Code};

/// The names under which the server may be asked.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// Any address, not only those of the loopback network: a page of another site has a name, and a name that
    /// was made to point here is not among ours.
    addresses: bool,
    /// In small letters.
    names: Arc<[String]>,
}

impl Hosts {
    /// For a server that only this machine reaches: `localhost` and addresses of the loopback network.
    #[must_use]
    pub fn loopback() -> Self {
        Self { addresses: false, names: Arc::default() }
    }

    /// For a server that others reach: any address besides.
    #[must_use]
    pub fn reachable() -> Self {
        Self { addresses: true, names: Arc::default() }
    }

    /// These names, too.
    #[must_use]
    pub fn and(self, names: impl IntoIterator<Item = String>) -> Self {
        let more = names.into_iter().map(|name| name.to_ascii_lowercase());
        Self { names: self.names.iter().cloned().chain(more).collect(), ..self }
    }

    fn allow(&self, host: &str) -> bool {
        let name = without_port(host);
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        match address.parse::<IpAddr>() {
            Ok(address) => self.addresses || address.is_loopback() || self.has(name),
            Err(_) => is_localhost(name) || self.has(name),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|has| has.eq_ignore_ascii_case(name))
    }
}

/// `localhost` and what lies under it, which by RFC 6761 never leaves the machine.
fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Refuses a request that was sent to another name. It is how a page of another site gets past the rule of
/// the same origin: its own name is made to point to this machine (DNS rebinding). No name at all is fine:
/// no browser leaves it out.
pub(super) async fn known_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let asked = request.uri().host().or_else(|| text(request.headers(), HOST.as_str()));
    match asked {
        Some(host) if !hosts.allow(host) => refuse(&format!("this server is not called `{}`", without_port(host))),
        _ => next.run(request).await,
    }
}

/// Refuses what a page of another site sends, where the browser itself would let it through: the upgrade to
/// a WebSocket, and every method that may change something. Programs name no origin and are not concerned.
pub(super) async fn same_site(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let exposed = headers.contains_key("upgrade") || !matches!(*request.method(), Method::GET | Method::HEAD);
    if exposed && is_foreign(headers) {
        return refuse("this is not for pages of other sites");
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let says_so = text(headers, "sec-fetch-site").is_some_and(|site| matches!(site, "cross-site" | "same-site"));
    let Some(origin) = headers.get(ORIGIN) else { return says_so };
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    let ours = text(headers, HOST.as_str());
    says_so || !authority.zip(ours).is_some_and(|(theirs, ours)| theirs.eq_ignore_ascii_case(ours))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // What is not text is no name of ours; as an empty one it is refused.
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && !bare_ipv6(name) => name,
        _ => host,
    }
}

/// An IPv6 address without its brackets: its last part looks like a port and is none.
fn bare_ipv6(name: &str) -> bool {
    name.contains(':') && !name.ends_with(']')
}

fn refuse(why: &str) -> Response {
    ApiError::new(Code::Forbidden, why).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn names_of_this_machine() {
        let allowed =
            ["localhost", "LocalHost:8080", "a.localhost", "127.0.0.1:1", "127.9.9.9", "[::1]:80", "[::1]", "::1"];
        let refused = [
            "",
            ":8080",
            "example.org",
            "localhost.example.org:80",
            "10.0.0.1",
            "0.0.0.0:80",
            "[::2]",
            "127.0.0.1.nip.io",
            "x:y",
        ];
        for (host, want) in allowed.map(|h| (h, true)).into_iter().chain(refused.map(|h| (h, false))) {
            assert_eq!(Hosts::loopback().allow(host), want, "`{host}`");
        }
        let more = Hosts::reachable().and(["Shop.example.org".to_owned()]);
        for (host, want) in [
            ("10.0.0.1:80", true),
            ("[fd00::1]", true),
            ("shop.EXAMPLE.org:1", true),
            ("localhost", true),
            ("example.org", false),
            ("10.0.0.1.nip.io", false),
            ("", false),
        ] {
            assert_eq!(more.allow(host), want, "`{host}`");
        }
    }

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], foreign: bool) {
        let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        assert_eq!(is_foreign(&headers.iter().map(pair).collect()), foreign, "{headers:?}");
    }

    #[test]
    fn origins() {
        let host = ("host", "localhost:8080");
        check(&[host], false);
        check(&[host, ("origin", "http://localhost:8080")], false);
        check(&[host, ("origin", "http://LOCALHOST:8080"), ("sec-fetch-site", "same-origin")], false);
        check(&[host, ("origin", "http://localhost:8081")], true);
        check(&[host, ("origin", "https://example.org")], true);
        check(&[host, ("origin", "null")], true);
        check(&[host, ("origin", "")], true);
        check(&[host, ("sec-fetch-site", "cross-site")], true);
        check(&[host, ("sec-fetch-site", "same-site")], true);
        check(&[host, ("sec-fetch-site", "none")], false);
        check(&[("origin", "http://localhost")], true);
    }
}
