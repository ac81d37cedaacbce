//! What the server and the browser share: types, charts, pages.

#![recursion_limit = "256"]

pub mod alert;
pub mod api;
pub mod app;
pub mod backend;
pub mod chart;
mod components;
pub mod model;
mod pages;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod state;
pub mod theme;
mod words;
