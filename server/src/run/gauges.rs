//! What the parts count of themselves, for the collectors that tell it.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use crate::collect::{Answers, Look, Own, Registry, RequestStats, Written};
use crate::ingest::{self, RemoteWrite};
use crate::live::Hub;
use crate::pipeline::Pipeline;
use crate::stages::Stages;
use crate::store::Store;
use crate::vitals::Vitals;

/// Where everything is counted. Cheap to clone: all clones are one.
#[derive(Clone)]
pub(super) struct Gauges {
    /// Requests that are answered here, and how long they take.
    pub(super) requests: RequestStats,
    /// The same by their status.
    pub(super) answers: Answers,
    /// How long stages take, where that is asked for.
    pub(super) stages: Stages,
    /// How the core tasks are.
    pub(super) vitals: Vitals,
    started: Instant,
    /// Of the collectors that run, which are told of by one of them.
    registry: Arc<Mutex<Option<Registry>>>,
}

impl Gauges {
    /// Nothing counted but what `requests` has already. `profiling`: stages are timed.
    pub(super) fn new(requests: RequestStats, profiling: bool) -> Self {
        Self {
            requests,
            answers: Answers::default(),
            stages: if profiling { Stages::timed() } else { Stages::default() },
            vitals: Vitals::default(),
            started: Instant::now(),
            registry: Arc::default(),
        }
    }

    /// From now on these are the collectors.
    pub(super) fn follow(&self, registry: Registry) {
        *self.registry.lock() = Some(registry);
    }

    /// A way to look at everything.
    pub(super) fn look(
        &self,
        store: &Arc<Store>,
        pipeline: &Arc<Pipeline>,
        hub: &Arc<Hub>,
        door: &Arc<RemoteWrite>,
    ) -> Look {
        let (gauges, store, pipeline, hub) = (self.clone(), Arc::clone(store), Arc::clone(pipeline), Arc::clone(hub));
        let door = Arc::clone(door);
        Box::new(move || {
            let (size, counts) = (store.size(), pipeline.counts());
            Own {
                version: env!("CARGO_PKG_VERSION"),
                uptime: gauges.started.elapsed(),
                series: size.series,
                points: size.points,
                appended: counts.appended,
                refused: counts.refused,
                abandoned: store.abandoned(),
                live: hub.clients(),
                dropped: hub.dropped(),
                answered: gauges.answers.counted(),
                written: written(door.written()),
                restarts: gauges.vitals.restarts(),
                collectors: gauges.registry.lock().as_ref().map(Registry::status).unwrap_or_default(),
                stages: gauges.stages.taken().map(|(stage, count, took)| (stage.name(), count, took)).collect(),
            }
        })
    }
}

/// The same in the words of the collector.
fn written(came: ingest::Written) -> Written {
    let ingest::Written { requests, samples, refused, bytes } = came;
    Written {
        requests: vec![
            ("stored", requests.stored),
            ("partly", requests.partly),
            ("refused", requests.refused),
            ("later", requests.later),
        ],
        samples,
        refused: vec![
            ("too_old", refused.too_old),
            ("out_of_order", refused.out_of_order),
            ("not_finite", refused.not_finite),
        ],
        bytes,
    }
}
