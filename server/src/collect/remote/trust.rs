//! Whom this machine trusts, and what a server has shown of itself.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use super::certificate::valid_until;
use crate::collect::CollectError;

/// The issuers that the system trusts, or those in `SSL_CERT_FILE`; read when they are first needed. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Trust(Arc<OnceCell<Arc<dyn ServerCertVerifier>>>);

impl Trust {
    /// Only what this one has issued, for tests.
    #[cfg(test)]
    pub(in crate::collect) fn of(root: &CertificateDer<'static>) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root.clone()).unwrap();
        let verifier =
            rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().unwrap();
        Self(Arc::new(OnceCell::from(verifier as Arc<dyn ServerCertVerifier>)))
    }

    /// What tells whether a certificate is good.
    ///
    /// # Errors
    /// Where the system has no issuers.
    pub(in crate::collect) async fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, CollectError> {
        let read = || async {
            let read = spawn_blocking(|| Verifier::new(provider())).await;
            let why = "has no certificates of issuers that it trusts; install the package ca-certificates";
            match read {
                Ok(Ok(verifier)) => Ok(Arc::new(verifier) as Arc<dyn ServerCertVerifier>),
                _ => Err(CollectError::failed("this machine", why)),
            }
        };
        self.0.get_or_try_init(read).await.cloned()
    }
}

impl Trust {
    /// The same for an address of the web: one without TLS may lack it, and then whatever it redirects to is not trusted.
    ///
    /// # Errors
    /// As [`verifier`](Self::verifier).
    pub(in crate::collect) async fn for_url(&self, url: &str) -> Result<Arc<Witness>, CollectError> {
        let verifier = match self.verifier().await {
            Err(_) if url.starts_with("http://") => None,
            verifier => Some(verifier?),
        };
        Ok(Arc::new(Witness { verifier, lenient: false, seen: Mutex::default() }))
    }
}

/// Ring, and nothing that the process might have installed.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificate that a server has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::collect) struct Certificate {
    /// The last second of its validity, since the epoch.
    pub(in crate::collect) until: Option<i64>,
    /// What is wrong with it, if anything is; goes on with a sentence about the target.
    pub(in crate::collect) trouble: Option<&'static str>,
}

/// Sees the first certificate that is shown to it, good or bad.
#[derive(Debug)]
pub(in crate::collect) struct Witness {
    verifier: Option<Arc<dyn ServerCertVerifier>>,
    /// Whether one that is bad may pass.
    lenient: bool,
    seen: Mutex<Option<Certificate>>,
}

impl Witness {
    /// One that lets a bad certificate pass, so that its server can be asked all the same.
    pub(in crate::collect) fn lenient(verifier: Arc<dyn ServerCertVerifier>) -> Arc<Self> {
        Arc::new(Self { verifier: Some(verifier), lenient: true, seen: Mutex::default() })
    }

    /// What it has seen.
    pub(in crate::collect) fn certificate(&self) -> Option<Certificate> {
        self.seen.lock().clone()
    }

    /// How to connect so that it is asked.
    ///
    /// # Errors
    /// Where no version of TLS can be used.
    pub(in crate::collect) fn tls(self: &Arc<Self>) -> Result<ClientConfig, CollectError> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| CollectError::failed("TLS", format!("cannot be used: {error}")))?;
        let verifier = Arc::clone(self) as Arc<dyn ServerCertVerifier>;
        Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }

    /// The verifier, or the error of a machine without one.
    fn verifier(&self) -> Result<&dyn ServerCertVerifier, Error> {
        self.verifier.as_deref().ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.verifier().and_then(|verifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        let certificate = Certificate { until: valid_until(end_entity), trouble: verdict.as_ref().err().map(distrust) };
        self.seen.lock().get_or_insert(certificate);
        if self.lenient { Ok(ServerCertVerified::assertion()) } else { verdict }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Why it is not trusted, without the names that a certificate has: one of them may be that of a secret address.
pub(in crate::collect) fn distrust(error: &Error) -> &'static str {
    let error = match error {
        Error::InvalidCertificate(error) => error,
        Error::AlertReceived(_) => return "refuses the TLS handshake",
        _ => return "does not speak TLS as it should",
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has a certificate that has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "has a certificate that is not valid yet"
        }
        // A bad signature is that of somebody who only has the name of an issuer.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "has a certificate whose issuer this machine does not trust"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "has a certificate for another name"
        }
        CertificateError::Revoked => "has a certificate that was revoked",
        _ => "has a certificate that is not valid",
    }
}
