//! Asking web servers: a client that gives up in time, a body that has an end, and what went wrong in words.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Error, Response};
use rustls::ClientConfig;

use super::connect::Lookups;
use super::trust::distrust;
use crate::collect::CollectError;

/// No answer is read beyond this.
pub(in crate::collect) const MOST_BODY_BYTES: usize = 1024 * 1024;
/// To a third address and on to a fourth is a mistake, but not yet a loop.
const MOST_REDIRECTS: usize = 5;

/// A client that follows a few redirects, or none. It goes straight to the server: what a proxy says is no news of it.
///
/// # Errors
/// Where the system lacks what any client needs.
pub(in crate::collect) fn client(tls: ClientConfig, follow: bool, connect: Duration) -> Result<Client, CollectError> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(if follow { Policy::limited(MOST_REDIRECTS) } else { Policy::none() })
        .no_proxy()
        .dns_resolver(Lookups::shared())
        // Where it was sent from may be a secret.
        .referer(false)
        .connect_timeout(connect)
        .user_agent(concat!("telltale/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| CollectError::failed("HTTP", format!("cannot be used: {}", error.without_url())))
}

/// The body, up to [`MOST_BODY_BYTES`] of it, and whether there is more.
///
/// # Errors
/// Where it breaks off.
pub(in crate::collect) async fn content(mut response: Response) -> Result<(Vec<u8>, bool), Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = MOST_BODY_BYTES - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok((body, true));
        }
    }
    Ok((body, false))
}

/// What went wrong, without the address; goes on with a sentence about the target.
pub(in crate::collect) fn says(error: &Error) -> String {
    if error.is_redirect() {
        return format!("redirects more than {MOST_REDIRECTS} times");
    }
    let mut cause = error.source();
    while let Some(cause_of) = cause {
        match known(cause_of) {
            Some(Cause::Known(words)) => return words.to_owned(),
            Some(Cause::System(kind)) if error.is_connect() => return format!("takes no connection: {kind}"),
            Some(Cause::System(kind)) => return format!("breaks off: {kind}"),
            None => cause = cause_of.source(),
        }
    }
    match error {
        error if error.is_timeout() => "gives no answer in time",
        error if error.is_connect() => "takes no connection",
        error if error.is_body() || error.is_decode() => "breaks off its answer",
        _ => "gives no answer that is HTTP",
    }
    .to_owned()
}

/// What is at the bottom of an error.
enum Cause {
    Known(&'static str),
    System(io::ErrorKind),
}

fn known(error: &(dyn std::error::Error + 'static)) -> Option<Cause> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(Cause::Known(distrust(error)));
    }
    if error.to_string() == "dns error" {
        return Some(Cause::Known("has a name that is not found"));
    }
    let error = error.downcast_ref::<io::Error>()?;
    match error.get_ref() {
        Some(inner) => known(inner),
        None => Some(error.kind()).filter(|kind| *kind != io::ErrorKind::TimedOut).map(Cause::System),
    }
}
