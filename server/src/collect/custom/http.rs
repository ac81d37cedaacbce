//! The number that a part of a web server's JSON answer is.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::ACCEPT;
use serde_json::Value as Json;

use super::number::of_json;
use crate::collect::CollectError;
use crate::collect::remote::{MOST_BODY_BYTES, Trust, client, content, says};
use crate::secret::Text;

pub(super) struct Http {
    url: Text,
    pointer: Text,
    timeout: Duration,
    trust: Trust,
    /// Made when it is first needed; it keeps its connection.
    client: Option<Client>,
}

impl Http {
    pub(super) const fn new(url: Text, pointer: Text, timeout: Duration, trust: Trust) -> Self {
        Self { url, pointer, timeout, trust, client: None }
    }

    pub(super) fn what(&self) -> String {
        "the address".to_owned()
    }

    pub(super) async fn read(&mut self) -> Result<f64, CollectError> {
        let client = self.client().await?;
        let failed = |why: String| CollectError::failed(self.what(), why);
        let request = client.get(self.url.as_str()).header(ACCEPT, "application/json");
        let away = |error: &reqwest::Error| CollectError::Unreachable { what: self.what(), why: says(error) };
        let response = request.send().await.map_err(|error| away(&error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(failed(format!("answers with HTTP status {}", status.as_u16())));
        }
        let (body, more) = content(response).await.map_err(|error| away(&error))?;
        if more {
            return Err(failed(format!("answers with more than {MOST_BODY_BYTES} bytes")));
        }
        let json: Json =
            serde_json::from_slice(&body).map_err(|error| failed(format!("answers with no JSON: {error}")))?;
        let pointer = if self.pointer.as_str().is_empty() { "the whole".to_owned() } else { self.pointer.to_string() };
        let part = json.pointer(self.pointer.as_str());
        let part = part.ok_or_else(|| failed(format!("answers with JSON that has nothing at {pointer}")))?;
        let open = !self.url.is_secret() && !self.pointer.is_secret();
        of_json(part, open).map_err(|found| failed(format!("answers with JSON that has, at {pointer}, {found}")))
    }

    async fn client(&mut self) -> Result<Client, CollectError> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let tls = self.trust.for_url(self.url.as_str()).await?.tls()?;
        let made = client(tls, true, self.timeout)?;
        self.client = Some(made.clone());
        Ok(made)
    }
}
