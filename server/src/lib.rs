//! Telltale's server: collects, stores, and serves the page and its interfaces.

pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod live;
pub mod monitor;
pub mod pipeline;
pub mod run;
pub mod secret;
pub mod store;
pub mod telemetry;
pub mod vitals;
pub mod web;
