//! Telltale's server: collects, stores, and serves the page and its interfaces.

pub mod clock;
pub mod collect;
pub mod store;
