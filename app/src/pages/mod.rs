//! One file a route.

#![expect(unreachable_pub, reason = "the macro of components makes each of them public")]

mod not_found;
mod overview;
mod unavailable;

pub use not_found::NotFound;
pub use overview::Overview;
pub use unavailable::Unavailable;

/// What a browser's tab says of the page at `path`; the host's name may be unknown.
#[must_use]
pub fn title(path: &str, host: &str) -> String {
    match (path.trim_matches('/'), host) {
        ("", "") => "Telltale".to_owned(),
        ("", host) => format!("{host} · Telltale"),
        _ => "No such page · Telltale".to_owned(),
    }
}
