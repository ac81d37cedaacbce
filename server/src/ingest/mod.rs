//! Samples that others bring.
//!
//! May not know: HTTP; whoever does hands the bytes of a request on.

mod remote_write;

pub use remote_write::{Outcome, RemoteWrite, WriteError, Written};
