//! `telltale health`.

use app::model::Health as Told;
use clap::Args;

use super::server::Server;
use super::{Failure, say};
use crate::config::Env;

/// Ask a running server whether it is well.
///
/// The exit code is 0 where it is, and 1 where it is not or does not answer. A collector that fails is told,
/// and no reason for 1: everything else works.
#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    server: Server,
}

impl Health {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let address = self.server.address(env)?;
        let answer = address.get("/api/health")?;
        let data = answer.body.get("data").cloned().unwrap_or_default();
        if self.server.json {
            say(&format!("{data:#}"));
        }
        if answer.status != 200 {
            let says = answer.body.pointer("/error/message").and_then(serde_json::Value::as_str);
            return Err(Failure::Unhealthy(format!("{address}: {}", says.unwrap_or("it is not well"))));
        }
        if !self.server.json {
            let because = "what it says of its health is not understood".to_owned();
            let health = serde_json::from_value::<Told>(data)
                .map_err(|_| Failure::NoAnswer { address: address.to_string(), because })?;
            say(if health.degraded { "healthy, but not all of it" } else { "healthy" });
            for (name, collector) in health.collectors.iter().filter(|(_, collector)| !collector.healthy) {
                say(&format!("{name}: {}", collector.last_error.as_deref().unwrap_or("it fails")));
            }
        }
        Ok(())
    }
}
