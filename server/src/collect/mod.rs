//! Collectors, and what runs them: readings of this machine become batches of samples.
//!
//! Invariant: one slow, hanging, failing or panicking collector delays no other and is reported.
//! Invariant: the time is an argument; no collector asks for it.
//! May not know: where samples go (the caller's [`Sink`]), how any of it is configured.
//! Start reading at [`Collector`], [`Waiting`] and [`spawn`]; it is wired in `crate::run`.

#[cfg(target_os = "linux")]
mod application;
mod closures;
#[cfg(target_os = "linux")]
mod custom;
mod error;
#[cfg(target_os = "linux")]
mod kernel_file;
mod limit;
mod names;
#[cfg(target_os = "linux")]
mod net_dev;
#[cfg(target_os = "linux")]
mod network;
mod number;
#[cfg(target_os = "linux")]
mod probes;
#[cfg(target_os = "linux")]
mod process_stat;
#[cfg(target_os = "linux")]
mod processes;
mod registry;
mod remote;
mod scheduler;
mod sensors;
mod system;
mod telltale;
#[cfg(target_os = "linux")]
mod units;

use std::pin::Pin;
use std::sync::Arc;

use app::model::{Sample, Tags, Timestamp};

#[cfg(target_os = "linux")]
pub use application::{App, Application, ApplicationSettings, Find, RequestStats};
pub use closures::Closures;
#[cfg(target_os = "linux")]
pub use custom::{Custom, CustomSettings, CustomSource, Function};
pub use error::CollectError;
pub use limit::{Limited, Tell};
pub use names::METRICS;
#[cfg(target_os = "linux")]
pub use network::{Network, NetworkSettings};
#[cfg(target_os = "linux")]
pub use probes::{DnsProbe, HttpProbe, IcmpProbe, Probe, ProbeCheck, ProbeSettings, Record, TcpProbe, TlsProbe};
#[cfg(target_os = "linux")]
pub use processes::{Processes, ProcessesSettings};
pub use registry::{CollectorStatus, Missed, Registry};
pub use remote::Trust;
pub use scheduler::{AtOnce, Job, Reader, Scheduler, Sink, spawn};
pub use sensors::Sensors;
pub use system::{System, SystemSettings};
pub use telltale::{Answers, CLASSES, Look, Own, Telltale, Written};
#[cfg(target_os = "linux")]
pub use units::{Units, UnitsSettings};

/// Something that can be read again and again.
///
/// A read may block: it runs on a thread of its own and never twice at once.
pub trait Collector: Send {
    /// Its name, as in `/api/health` and `/api/collectors`; one collector, one name, which never changes.
    fn name(&self) -> &str;

    /// The value of the tag `collector` on its samples. Collectors of one family share it.
    fn tag(&self) -> &str {
        self.name()
    }

    /// One reading, at `now`. What a gauge of "since last time" needs, it keeps itself.
    ///
    /// Tags that tell one series from another are its own; `host` and `collector` are added for it.
    ///
    /// # Errors
    /// Says what could not be read. What was pushed to `out` counts all the same, so that one
    /// unreadable disk hurts only itself.
    fn collect(&mut self, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError>;
}

/// What a [`Waiting`] collector does at one time.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<(), CollectError>> + Send + 'a>>;

/// A collector that waits for others, such as a program or a server, and takes no thread meanwhile.
pub trait Waiting: Send {
    /// As of a [`Collector`].
    fn name(&self) -> &str;

    /// As of a [`Collector`].
    fn tag(&self) -> &str;

    /// By what its samples are known from those of its family.
    fn scope(&self) -> Scope;

    /// What it is for, where somebody has said so.
    fn description(&self) -> Option<&str> {
        None
    }

    /// Why what it asks did not answer the last time, where that is no failure but a value of its own: other values are missing then.
    fn unreachable(&self) -> Option<&str> {
        None
    }

    /// As of a [`Collector`], but that it may not block. It may be dropped at any time, and then leaves nothing behind.
    fn collect<'a>(&'a mut self, now: Timestamp, out: &'a mut Vec<Sample>) -> Pending<'a>;
}

/// What all samples of one collector have in common and no other of its family has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// The name of their one metric, if there is but one.
    pub metric: Option<Arc<str>>,
    /// Tags that they all have.
    pub tags: Tags,
}

impl Scope {
    /// Whether a sample of this metric with these tags is among them.
    #[must_use]
    pub fn covers(&self, metric: &str, tags: &Tags) -> bool {
        self.metric.as_deref().is_none_or(|own| own == metric) && tags.matches(&self.tags)
    }
}
