//! What pages are made of: one file a component, and a few files of pure functions beside those that need them.
//!
//! May not know: sockets, requests, storage. What is shown comes from [`crate::state`] and [`crate::model`].
//! The larger components erase their type with `into_any`, since the whole page's is more than the compiler follows.

#![expect(unreachable_pub, reason = "the macro of components makes each of them public")]

mod banner;
mod connection;
mod dashboard;
mod facts;
mod grid;
mod header;
mod icon;
mod pause;
mod problems;
mod range_control;
mod theme_switch;
mod widget;

pub use dashboard::Dashboard;
pub use facts::Facts;
pub use header::Header;
pub use problems::Problems;
