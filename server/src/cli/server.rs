//! Which running server a command asks.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use super::ask::Address;
use crate::config::{Config, Env, whereabouts_in_file};
use crate::run::Extra;

/// Where to ask.
#[derive(Debug, Args)]
pub(super) struct Server {
    /// The server's address; http://127.0.0.1:8080 unless --config says otherwise
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The configuration that the server was started with
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Server {
    pub(super) fn address(&self, env: Env<'_>) -> Result<Address, Failure> {
        match &self.url {
            Some(url) => Address::parse(url).ok_or_else(|| Failure::Url(url.clone())),
            None => Ok(of(&whereabouts_in_file(self.config.as_deref(), env, &Extra::default().known())?)),
        }
    }
}

/// Where a server with this configuration is reached from its own machine.
fn of(config: &Config) -> Address {
    let host = config.dashboard.host.as_str();
    let host = match host.parse::<IpAddr>() {
        // It listens on every address, this one too.
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => "::1".to_owned(),
        _ => host.to_owned(),
    };
    Address { host, port: config.dashboard.port }
}
