//! Integration tests: the real binary, asked over real sockets. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test says no")]

mod aggregations;
mod ask;
mod asking;
mod cli;
mod collectors;
mod completions;
mod configuration;
mod dashboard;
mod data_folder;
mod gaps;
mod harness;
mod health;
mod independent;
mod library;
mod logging;
mod logging_troubles;
mod metrics;
mod page;
mod prometheus;
mod refusals;
mod reload;
mod remote_write;
mod seed;
mod service;
mod sfn;
mod shutdown;
mod storage;
mod storage_files;
mod telltale;
mod tidy;
mod ws;
mod ws_limits;
