//! Telltale's server: collects, stores, and serves the page and its interfaces.
//!
//! To watch a program from within, start at [`Telltale`].

pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod data_folder;
pub mod ingest;
pub mod library;
pub mod live;
pub mod monitor;
pub mod pipeline;
pub mod run;
pub mod secret;
pub mod service;
pub mod stages;
pub mod store;
pub mod supervise;
pub mod telemetry;
pub mod vitals;
pub mod web;

pub use app::model;
pub use collect::{Closures, CollectError, Collector, System};
pub use library::{RequestLayer, Running, Telltale};
