//! Integration tests: the real binary, asked over real sockets. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test says no")]

mod aggregations;
mod ask;
mod cli;
mod collectors;
mod completions;
mod configuration;
mod dashboard;
mod harness;
mod health;
mod logging;
mod logging_troubles;
mod metrics;
mod page;
mod refusals;
mod sfn;
mod shutdown;
mod tidy;
mod ws;
mod ws_limits;
