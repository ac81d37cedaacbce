//! What is asked over the network: connections, certificates, web servers.
//!
//! Invariant: no sentence of it holds an address: what it was configured with may be a secret.
//! May not know: what the answers are for.

mod certificate;
mod connect;
mod http;
mod trust;

pub(super) use connect::{connect, resolve};
pub(super) use http::{MOST_BODY_BYTES, client, content, says};
pub use trust::Trust;
pub(super) use trust::{Certificate, Witness, distrust};
