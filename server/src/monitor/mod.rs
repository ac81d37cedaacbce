//! The one that knows: what the store holds, how the parts are, which machine this is. Pages and interfaces
//! ask it and nobody else.
//!
//! May not know: HTTP, sockets.
//! Start reading at [`Monitor`]; it is put together in `crate::run`.

mod backend;
mod health;
mod host;
mod points;
mod status;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use app::model::{Timestamp, Widget};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::collect::Registry;
use crate::ingest::RemoteWrite;
use crate::pipeline::Pipeline;
use crate::stages::Stages;
use crate::store::Store;
use crate::vitals::Vitals;

pub use backend::Pages;
pub use health::Condition;
pub use host::Host;
pub use points::PointsQuery;
pub use status::{Reading, Setup, Status};
pub use turn::{NoAnswer, Turns};

/// Answers questions; shared by everything that serves.
pub struct Monitor {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What was collected.
    pub store: Arc<Store>,
    /// How the collectors are.
    pub registry: Registry,
    /// What the store refused.
    pub pipeline: Arc<Pipeline>,
    /// What others wrote.
    pub written: Arc<RemoteWrite>,
    /// Whether the core tasks live.
    pub vitals: Vitals,
    /// How long queries and pages take.
    pub stages: Stages,
    /// The machine.
    pub host: Host,
    /// When the server started.
    pub started: Timestamp,
    /// What it was told to do, which a reload changes.
    pub told: watch::Receiver<Arc<Told>>,
    /// How many questions are answered at a time.
    pub turns: Turns,
}

/// What it was told to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What the page shows.
    pub layout: Layout,
    /// The rest, for those who ask.
    pub setup: Setup,
}

/// The page as it first looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Its tiles.
    pub widgets: Vec<Widget>,
    /// Whether it stands still until somebody lets it go on.
    pub paused: bool,
    /// How often it asks for what is new where there is no live stream.
    pub poll: Option<Duration>,
}

impl Monitor {
    /// The moment of the call.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What it has been told to do, as of this moment.
    #[must_use]
    pub fn told(&self) -> Arc<Told> {
        Arc::clone(&self.told.borrow())
    }
}
