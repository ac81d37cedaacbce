//! `telltale health`.

use app::model::Health as Told;
use clap::Args;

use super::server::Server;
use super::{Failure, say};
use crate::config::Env;

/// Ask a running server whether it is well.
///
/// The exit code is 0 where it is, and 1 where it is not or does not answer. A collector that fails, or a
/// part in trouble, is told and no reason for 1: everything else works.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale health
  telltale health --config telltale.json         where that file says the server is
  telltale health --url http://127.0.0.1:9000
  telltale health --json | jq .collectors

Exit codes: 0 healthy, 1 not healthy or no answer, 2 wrong usage or configuration.
What it does besides: `telltale status`.")]
pub(super) struct Health {
    #[command(flatten)]
    server: Server,
}

impl Health {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let address = self.server.address(env)?;
        let answer = address.get("/api/health")?;
        if let Some(data) = answer.body.get("data").filter(|_| self.server.json) {
            say(&format!("{data:#}"))?;
        }
        if answer.status != 200 {
            return Err(answer.trouble(&address, "it is not well"));
        }
        let data = answer.told(&address)?;
        if !self.server.json {
            let because = "what it says of its health is not understood".to_owned();
            let health = serde_json::from_value::<Told>(data)
                .map_err(|_| Failure::NoAnswer { address: address.to_string(), because })?;
            say(if health.degraded { "healthy, but not all of it" } else { "healthy" })?;
            for (who, says) in health.problems() {
                say(&format!("{who}: {says}"))?;
            }
        }
        Ok(())
    }
}
