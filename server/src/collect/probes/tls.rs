//! Which certificate a port shows: until when it is valid, and whether this machine trusts it.

use std::sync::Arc;
use std::time::Duration;

use app::model::{Metric, Timestamp, Unit};
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::{Outcome, Values};
use crate::collect::CollectError;
use crate::collect::remote::{Certificate, Trust, Witness, connect, distrust};
use crate::secret::Text;

static DAYS_LEFT: Metric = Metric::gauge("probe_tls_certificate_days_left", Unit::DAYS);
static TRUSTED: Metric = Metric::gauge("probe_tls_trusted", Unit::NONE);

const MILLIS_A_DAY: f64 = 86_400_000.0;

/// A handshake. One with a certificate that is not trusted is one all the same.
pub struct TlsProbe {
    /// A name or an address.
    pub host: Text,
    /// Its port.
    pub port: u16,
    /// The name that the certificate has to be for.
    pub server_name: Text,
    /// Who may have issued it.
    pub trust: Trust,
}

impl TlsProbe {
    pub(super) async fn attempt(&self, now: Timestamp, within: Duration, values: &mut Values) -> Outcome {
        let name = ServerName::try_from(self.server_name.as_str().to_owned()).map_err(|_| {
            CollectError::failed(format!("the name {}", self.server_name), "is none that a certificate can be for")
        })?;
        let witness = Witness::lenient(self.trust.verifier().await?);
        let connector = TlsConnector::from(Arc::new(witness.tls()?));
        let stream = match connect(self.host.as_str(), self.port, within).await {
            Ok(stream) => stream,
            Err(why) => return Ok(Err(why)),
        };
        let shaken = connector.connect(name, stream).await;
        if let Some(certificate) = witness.certificate() {
            shown(&certificate, now, values);
        }
        Ok(shaken.map(drop).map_err(|error| {
            let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            tls.map_or_else(|| format!("breaks off: {}", error.kind()), |error| distrust(error).to_owned())
        }))
    }
}

/// What a certificate that was seen says.
pub(super) fn shown(certificate: &Certificate, now: Timestamp, values: &mut Values) {
    if let Some(until) = certificate.until {
        let left = until.saturating_mul(1000).saturating_sub(now.as_millis());
        values.push((&DAYS_LEFT, millis(left) / MILLIS_A_DAY));
    }
    values.push((&TRUSTED, f64::from(u8::from(certificate.trouble.is_none()))));
}

#[expect(clippy::cast_precision_loss, reason = "exact for hundreds of thousands of years")]
fn millis(millis: i64) -> f64 {
    millis as f64
}
