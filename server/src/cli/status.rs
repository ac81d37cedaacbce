//! `telltale status`.

use clap::Args;
use serde_json::Value;

use super::server::Server;
use super::table::table;
use super::{Failure, say};
use crate::config::Env;

/// Ask a running server what it does.
///
/// Prints how it and each of its collectors are, what it keeps, and what its configuration asks for and this version does
/// not do. The exit code is 1 where it does not answer or refuses to.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  telltale status
  telltale status --config telltale.json         where that file says the server is
  telltale status --url http://127.0.0.1:9000
  telltale status --json | jq '.collectors.collectors[] | select(.healthy | not)'

Exit codes: 0 it answered, 1 no answer, 2 wrong usage or configuration.
For scripts that want to know whether it is well: `telltale health`.")]
pub(super) struct Status {
    #[command(flatten)]
    server: Server,
}

impl Status {
    pub(super) fn execute(&self, env: Env<'_>) -> Result<(), Failure> {
        let address = self.server.address(env)?;
        let ask = |path: &str| address.get(path)?.told(&address);
        let (mut status, collectors) = (ask("/api/status")?, ask("/api/collectors")?);
        if self.server.json {
            if let Some(object) = status.as_object_mut() {
                object.insert("collectors".to_owned(), collectors);
            }
            say(&format!("{status:#}"))?;
            return Ok(());
        }
        for line in lines(&address.to_string(), &status, &collectors) {
            say(&line)?;
        }
        Ok(())
    }
}

fn lines(address: &str, status: &Value, collectors: &Value) -> Vec<String> {
    let text = |path: &str| word(status.pointer(path));
    let state = match (status.pointer("/health/running"), status.pointer("/health/degraded")) {
        (Some(Value::Bool(true)), Some(Value::Bool(false))) => "healthy",
        (Some(Value::Bool(true)), _) => "degraded",
        _ => "not healthy",
    };
    let uptime = span(status.pointer("/health/uptime").and_then(Value::as_f64));
    let pair = |name: &str, value: String| vec![name.to_owned(), value];
    let mut lines = table(&[
        pair("server", format!("Telltale {} at {address}", text("/health/version"))),
        pair("state", format!("{state}, for {uptime}")),
        pair(
            "stored",
            format!(
                "{} series of {} metrics, in {}",
                text("/storage/series"),
                text("/storage/metrics"),
                text("/storage/type")
            ),
        ),
        pair("live", format!("{} of {} connections", text("/live/connections"), text("/live/most"))),
        pair("config", status.pointer("/configuration/file").and_then(Value::as_str).unwrap_or("defaults").to_owned()),
    ]);
    lines.push(String::new());
    lines.extend(table(&of_collectors(collectors)));
    let troubles = status.pointer("/health/troubles").and_then(Value::as_object);
    let troubles =
        troubles.into_iter().flatten().map(|(part, says)| format!("trouble with {part}: {}", word(Some(says))));
    let troubles: Vec<String> = troubles.collect();
    if !troubles.is_empty() {
        lines.push(String::new());
        lines.extend(troubles);
    }
    let needs_restart = status.get("needs_restart").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !needs_restart.is_empty() {
        let keys: Vec<String> = needs_restart.iter().map(|key| word(Some(key))).collect();
        lines.push(String::new());
        lines.push(format!("changed, and in force from the next start on: {}", keys.join(", ")));
    }
    let not_active = status.get("not_active").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !not_active.is_empty() {
        lines.push(String::new());
        lines.extend(not_active.iter().map(|row| word(Some(row))));
    }
    lines
}

fn of_collectors(collectors: &Value) -> Vec<Vec<String>> {
    let head = ["collector", "state", "every", "took", "samples", "runs", "errors", ""];
    let list = collectors.get("collectors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let row = |one: &Value| {
        let get = |name: &str| one.get(name).filter(|value| !value.is_null());
        let state = if get("healthy") == Some(&Value::Bool(true)) { "healthy" } else { "fails" };
        vec![
            word(get("name")),
            state.to_owned(),
            span(get("interval").and_then(Value::as_f64)),
            span(get("duration").and_then(Value::as_f64)),
            word(get("samples")),
            word(get("runs")),
            word(get("errors")),
            get("last_error").map(|error| word(Some(error))).unwrap_or_default(),
        ]
    };
    std::iter::once(head.map(str::to_owned).to_vec()).chain(list.iter().map(row)).collect()
}

fn word(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "?".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Seconds as people say them.
fn span(seconds: Option<f64>) -> String {
    match seconds {
        None => "?".to_owned(),
        Some(s) if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        Some(s) if s < 120.0 => format!("{s:.0} s"),
        Some(s) if s < 7200.0 => format!("{:.0} min", s / 60.0),
        Some(s) if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        Some(s) => format!("{:.0} days", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_in_a_page_of_text() {
        let status = json!({
            "health": {"running": true, "degraded": true, "uptime": 7300.0, "version": "0.1.0",
                       "troubles": {"log file": "no room"}},
            "storage": {"type": "memory", "series": 12, "metrics": 3}, "live": {"connections": 1, "most": 100},
            "configuration": {"file": null}, "needs_restart": ["storage.path"], "not_active": ["alerting is not active"],
        });
        let collectors = json!({"collectors": [
            {"name": "system", "healthy": true, "interval": 1.0, "duration": 0.0024, "samples": 9, "runs": 4, "errors": 0,
             "last_error": null},
            {"name": "units", "healthy": false, "interval": 10.0, "duration": null, "samples": 0, "runs": 0, "errors": 0,
             "last_error": "no such folder"},
        ]});
        let want = [
            "server  Telltale 0.1.0 at http://a:1",
            "state   degraded, for 2 h",
            "stored  12 series of 3 metrics, in memory",
            "live    1 of 100 connections",
            "config  defaults",
            "",
            "collector  state    every  took  samples  runs  errors",
            "system     healthy  1 s    2 ms  9        4     0",
            "units      fails    10 s   ?     0        0     0       no such folder",
            "",
            "trouble with log file: no room",
            "",
            "changed, and in force from the next start on: storage.path",
            "",
            "alerting is not active",
        ];
        assert_eq!(lines("http://a:1", &status, &collectors), want);
        assert!(lines("", &json!(null), &json!(7)).len() > 3, "nothing that a server says is a reason to break");
    }
}
