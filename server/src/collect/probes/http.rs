//! Whether a web server answers as it should.

use std::time::Duration;

use app::model::{Metric, Timestamp, Unit};
use tokio::time::Instant;

use super::tls::shown;
use super::{Outcome, Values};
use crate::collect::remote::{MOST_BODY_BYTES, Trust, client, content, says};
use crate::secret::Text;

static STATUS: Metric = Metric::gauge("probe_http_status_code", Unit::NONE);
static FIRST_BYTE: Metric = Metric::gauge("probe_http_first_byte_seconds", Unit::SECONDS);

/// A request over a connection of its own, as a new visitor makes it.
pub struct HttpProbe {
    /// What is asked.
    pub url: Text,
    /// The status codes that are right; any from 200 to 299 where there is none. Redirects are followed unless one of
    /// theirs is among them.
    pub expected_status: Vec<u16>,
    /// What has to be in the answer.
    pub expected_text: Option<Text>,
    /// Who may have issued its certificate.
    pub trust: Trust,
}

impl HttpProbe {
    pub(super) async fn attempt(&self, now: Timestamp, within: Duration, values: &mut Values) -> Outcome {
        let witness = self.trust.for_url(self.url.as_str()).await?;
        let follow = !self.expected_status.iter().any(|status| (300..400).contains(status));
        let client = client(witness.tls()?, follow, within)?;
        let began = Instant::now();
        let asked = client.get(self.url.as_str()).send().await;
        // That of the address itself, wherever it led.
        if let Some(certificate) = witness.certificate() {
            shown(&certificate, now, values);
        }
        let response = match asked {
            Ok(response) => response,
            Err(error) => return Ok(Err(says(&error))),
        };
        let status = response.status();
        values.push((&FIRST_BYTE, began.elapsed().as_secs_f64()));
        values.push((&STATUS, f64::from(status.as_u16())));
        let right = match &*self.expected_status {
            [] => status.is_success(),
            right => right.contains(&status.as_u16()),
        };
        if !right {
            return Ok(Err(format!("answers with HTTP status {}", status.as_u16())));
        }
        let Some(expected) = &self.expected_text else { return Ok(Ok(())) };
        let (body, more) = match content(response).await {
            Ok(content) => content,
            Err(error) => return Ok(Err(says(&error))),
        };
        let expected = expected.as_str().as_bytes();
        if body.windows(expected.len().max(1)).any(|part| part == expected) {
            return Ok(Ok(()));
        }
        let place =
            if more { format!("the first {MOST_BODY_BYTES} bytes of its answer") } else { "its answer".to_owned() };
        Ok(Err(format!("has not the expected text in {place}")))
    }
}
