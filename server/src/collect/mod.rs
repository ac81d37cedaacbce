//! Collectors, and what runs them: readings of this machine become batches of samples.
//!
//! Invariant: one slow, hanging, failing or panicking collector delays no other and is reported.
//! Invariant: the time is an argument; no collector asks for it.
//! May not know: where samples go (the caller's [`Sink`]), how any of it is configured.
//! Start reading at [`Collector`] and [`spawn`]; it is wired in `crate::run`.

#[cfg(target_os = "linux")]
mod application;
mod closures;
mod error;
#[cfg(target_os = "linux")]
mod kernel_file;
mod limit;
#[cfg(target_os = "linux")]
mod net_dev;
#[cfg(target_os = "linux")]
mod network;
mod number;
#[cfg(target_os = "linux")]
mod process_stat;
#[cfg(target_os = "linux")]
mod processes;
mod registry;
mod scheduler;
mod sensors;
mod system;
mod telltale;
#[cfg(target_os = "linux")]
mod units;

use app::model::{Sample, Timestamp};

#[cfg(target_os = "linux")]
pub use application::{
    App, Application, ApplicationSettings, Find, QUANTILES, RequestStats, RequestSummary, ResponseTimes, WINDOW,
};
pub use closures::Closures;
pub use error::CollectError;
pub use limit::{Limited, Tell};
#[cfg(target_os = "linux")]
pub use network::{Network, NetworkSettings};
#[cfg(target_os = "linux")]
pub use processes::{Processes, ProcessesSettings};
pub use registry::{CollectorStatus, Registry};
pub use scheduler::{Job, Scheduler, Sink, spawn};
pub use sensors::Sensors;
pub use system::{System, SystemSettings};
pub use telltale::{Answers, CLASSES, Look, Own, Telltale};
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
