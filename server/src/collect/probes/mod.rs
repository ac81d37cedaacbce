//! Whether others answer: web servers, ports, hosts, name servers, and the certificates that they show.
//!
//! Invariant: one that does not answer is a value, `probe_up` 0, and no failure of ours; a failure is what cannot be tried.
//! Invariant: no target waits for another.

mod dns;
mod http;
mod icmp;
mod tcp;
mod tls;

use std::time::Duration;

use app::model::{Metric, Sample, Tags, Timestamp, Unit};
use tokio::time::{Instant, timeout};

use super::{CollectError, Pending, Scope, Tell, Waiting};
pub use dns::{DnsProbe, Record};
pub use http::HttpProbe;
pub use icmp::IcmpProbe;
pub use tcp::TcpProbe;
pub use tls::TlsProbe;

static UP: Metric = Metric::gauge("probe_up", Unit::NONE);
static DURATION: Metric = Metric::gauge("probe_duration_seconds", Unit::SECONDS);

/// One target.
pub struct ProbeSettings {
    /// What it is called; the value of the tag `probe`.
    pub name: String,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What is asked of it.
    pub check: ProbeCheck,
}

/// What is asked of a target.
pub enum ProbeCheck {
    /// An answer of a web server.
    Http(HttpProbe),
    /// A connection.
    Tcp(TcpProbe),
    /// Echoes.
    Icmp(IcmpProbe),
    /// Records of a name.
    Dns(DnsProbe),
    /// A certificate.
    Tls(TlsProbe),
}

impl ProbeCheck {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
            Self::Icmp(_) => "icmp",
            Self::Dns(_) => "dns",
            Self::Tls(_) => "tls",
        }
    }
}

/// What came of a try: that all is well, or what is not; the latter goes on with a sentence about the target. The error
/// is what could not even be tried.
type Outcome = Result<Result<(), String>, CollectError>;

/// Values of one try besides whether and how fast.
type Values = Vec<(&'static Metric, f64)>;

/// The collector of one target.
pub struct Probe {
    name: String,
    tags: Tags,
    timeout: Duration,
    check: ProbeCheck,
    tell: Tell,
    /// Why the target was down when it was asked last.
    down: Option<String>,
}

impl Probe {
    /// Asks nothing yet. `tell` is told when the target goes down, and why, and when it is up again.
    #[must_use]
    pub fn new(settings: ProbeSettings, tell: Tell) -> Self {
        let ProbeSettings { name, timeout, check } = settings;
        let tags = Tags::new([("probe", name.as_str()), ("kind", check.kind())]);
        Self { name: format!("probe.{name}"), tags, timeout, check, tell, down: None }
    }

    async fn attempt(&mut self, now: Timestamp, values: &mut Values) -> Outcome {
        let within = self.timeout;
        let attempt = async {
            match &mut self.check {
                ProbeCheck::Http(probe) => probe.attempt(now, within, values).await,
                ProbeCheck::Tcp(probe) => probe.attempt(within).await,
                ProbeCheck::Icmp(probe) => probe.attempt(within, values).await,
                ProbeCheck::Dns(probe) => probe.attempt(within, values).await,
                ProbeCheck::Tls(probe) => probe.attempt(now, within, values).await,
            }
        };
        let overdue = || format!("gives no answer within {} s", within.as_secs_f64());
        timeout(within, attempt).await.unwrap_or_else(|_| Ok(Err(overdue())))
    }

    /// Says what has changed.
    fn tell(&mut self, outcome: &Result<(), String>) {
        let name = self.tags.get("probe").unwrap_or_default();
        match outcome {
            Err(why) if self.down.is_none() => (self.tell)(&format!("the target {name} is down: it {why}")),
            Ok(()) if self.down.is_some() => (self.tell)(&format!("the target {name} is up again")),
            _ => {}
        }
        self.down = outcome.as_ref().err().map(|why| format!("the target {why}"));
    }
}

impl Waiting for Probe {
    fn name(&self) -> &str {
        &self.name
    }

    fn tag(&self) -> &'static str {
        "probes"
    }

    fn scope(&self) -> Scope {
        Scope { metric: None, tags: self.tags.clone() }
    }

    fn unreachable(&self) -> Option<&str> {
        self.down.as_deref()
    }

    fn collect<'a>(&'a mut self, now: Timestamp, out: &'a mut Vec<Sample>) -> Pending<'a> {
        Box::pin(async move {
            let mut values = Values::new();
            let began = Instant::now();
            let outcome = self.attempt(now, &mut values).await?;
            let took = began.elapsed();
            self.tell(&outcome);
            let both = [(&UP, f64::from(u8::from(outcome.is_ok()))), (&DURATION, took.as_secs_f64())];
            out.extend(both.into_iter().chain(values).map(|(metric, value)| metric.sample(self.tags.clone(), value)));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
