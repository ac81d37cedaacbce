//! Who watches live, and what each gets of a batch.
//!
//! Invariant: publishing waits for no client; what a client has no room for, it alone loses, whole.
//! May not know: sockets, where batches come from.
//! Start reading at [`Hub`].

mod hub;
mod update;
mod wanted;

pub use hub::{Client, Hub, Next};
pub use wanted::{Unwanted, Wanted};
