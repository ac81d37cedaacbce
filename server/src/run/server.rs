//! Everything that runs, together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;
use axum::Router;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::limits::Room;
use super::listen::{self, Listening};
use super::restart::AtStart;
use super::{Options, StartError, collectors, settings};
use crate::clock::{Clock, SystemClock};
use crate::collect::{Registry, RequestStats, Scheduler, Sink, spawn};
use crate::config::{Config, Loaded, StorageType, Warning};
use crate::live::Hub;
use crate::monitor::{Host, Monitor, Told};
use crate::pipeline::Pipeline;
use crate::store::Store;
use crate::telemetry::warn;
use crate::vitals::Vitals;
use crate::web;

/// Between the first two readings of the processors: what they did meanwhile is the page's first value.
pub(super) const WARM_UP: Duration = Duration::from_millis(150);
/// How long the first page may be held up for the first reading.
const FIRST_READING_WITHIN: Duration = Duration::from_secs(1);
/// How long everything together may take to end in good order.
const END_WITHIN: Duration = Duration::from_secs(3);

/// A server that runs.
pub(super) struct Server {
    pub(super) options: Options,
    pub(super) at_start: AtStart,
    pub(super) monitor: Arc<Monitor>,
    pub(super) hub: Arc<Hub>,
    pub(super) room: Room,
    /// Places for connections, shared by old and new port.
    connections: Arc<Semaphore>,
    pub(super) requests: RequestStats,
    pub(super) scheduler: Scheduler,
    pub(super) told: watch::Sender<Arc<Told>>,
    pub(super) cleanup_every: watch::Sender<Duration>,
    router: watch::Sender<Router>,
    listening: Listening,
    /// When to try the next time to get where the configuration wants it to be.
    pub(super) move_at: Option<Instant>,
    stopping: watch::Sender<bool>,
}

impl Server {
    /// Starts every part, and waits for the first values.
    pub(super) async fn start(options: Options) -> Result<Self, StartError> {
        let config = &options.loaded.config;
        let listener = listen::bind(&options).await?;
        let address = listener.local_addr()?;
        tell(&options.loaded, address);
        let (stopping, stop) = watch::channel(false);
        let room = Room::make();
        let (most, waiting) = settings::live(config);
        let hub = Arc::new(Hub::new(room.sockets(most), waiting));
        let requests = RequestStats::new();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let started = clock.now();
        let store = Arc::new(Store::new(settings::limits(config)));
        let pipeline = Arc::new(Pipeline::new(Arc::clone(&store), Arc::clone(&hub)));
        let host = Host::look(Host::own_name());
        let jobs = collectors::jobs(&config.collectors, &requests);
        sleep(WARM_UP).await;

        let into = Arc::clone(&pipeline);
        let sink: Sink = Arc::new(move |batch| into.push(&batch));
        let scheduler = spawn(jobs, host.name(), &clock, &sink, &stop, collectors::at_once(config));
        let registry = scheduler.registry();
        first_reading(&registry).await;
        let vitals = Vitals::default();
        let (cleanup_every, every) = watch::channel(settings::cleanup_interval(config));
        tokio::spawn(cleanup(Arc::clone(&store), Arc::clone(&clock), vitals.clone(), every));

        let setup = settings::setup(config, options.file.as_deref(), started);
        let (told, tells) = watch::channel(Arc::new(Told { layout: settings::layout(config), setup }));
        let at_start = AtStart::of(config);
        let monitor = Arc::new(Monitor { clock, store, registry, pipeline, vitals, host, started, told: tells });
        let settings = settings::web(config, address, &monitor.clock, &requests);
        let (router, routes) = watch::channel(web::router(&monitor, &hub, &stop, settings));
        let connections = Arc::new(Semaphore::new(room.connections));
        let listening = Listening::start(listener, routes, &connections)?;
        Ok(Self {
            options,
            at_start,
            monitor,
            hub,
            room,
            connections,
            requests,
            scheduler,
            told,
            cleanup_every,
            router,
            listening,
            move_at: None,
            stopping,
        })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// Waits until it has ended without being asked to.
    pub(super) async fn broke_off(&mut self) {
        self.listening.ended().await;
    }

    /// Answers requests by the configuration as it is now.
    pub(super) fn route_anew(&self) {
        let config = &self.options.loaded.config;
        let settings = settings::web(config, self.address(), &self.monitor.clock, &self.requests);
        let router = web::router(&self.monitor, &self.hub, &self.stopping.subscribe(), settings);
        drop(self.router.send_replace(router));
    }

    /// Listens where the configuration says. What is under way at the old port may end there.
    ///
    /// # Errors
    /// Where it cannot be had; then it is where it was.
    pub(super) async fn listen_anew(&mut self) -> Result<(), StartError> {
        let listener = match listen::rebind(&self.options, &self.listening).await {
            Ok(listener) => listener,
            Err(error) if self.listening.is_open() => return Err(error),
            Err(error) => {
                let listener = listen::again(self.address()).await?;
                self.listening = Listening::start(listener, self.router.subscribe(), &self.connections)?;
                return Err(error);
            }
        };
        let moved = Listening::start(listener, self.router.subscribe(), &self.connections)?;
        std::mem::replace(&mut self.listening, moved).close();
        self.route_anew();
        Ok(())
    }

    /// Ends everything in good order, within a bounded time.
    pub(super) async fn stop(self) {
        let Self { mut listening, hub, scheduler, stopping, .. } = self;
        stopping.send_replace(true);
        listening.close();
        let good_order = async {
            listening.ended().await;
            hub.emptied().await;
            scheduler.join(END_WITHIN).await;
        };
        let _ = timeout(END_WITHIN, good_order).await;
    }
}

/// What its author should know of the configuration, and what in it nothing acts on yet.
pub(super) fn tell(loaded: &Loaded, address: SocketAddr) {
    let reachable = !address.ip().to_canonical().is_loopback();
    // What the command line says of the host counts, not what the file does.
    let concerns = |warning: &&Warning| reachable || !warning.at.ends_with(".dashboard.host");
    loaded.warnings.iter().filter(concerns).for_each(warn);
    let Config { dashboard, storage, .. } = &loaded.config;
    if reachable && !dashboard.is_reachable() {
        warn(&format!(
            "{address} is reached from other machines and there are no logins: who reaches it sees everything"
        ));
    }
    if let Some(folder) = dashboard.static_files_path.as_ref().filter(|path| !path.as_path().is_dir()) {
        // As `Text` prints itself: not at all where a variable is in it.
        warn(&format!("dashboard.static_files_path: there is no folder {folder}; /static/ is empty"));
    }
    if storage.kind == StorageType::Memory {
        warn("storage.type is memory: nothing is written to disk, and what was collected ends with the process");
    }
    loaded.config.not_active().iter().for_each(warn);
}

/// A collector that takes too long is not waited for; its values come when they come.
async fn first_reading(registry: &Registry) {
    let patience = Instant::now() + FIRST_READING_WITHIN;
    while registry.status().iter().any(|collector| collector.runs == 0) && Instant::now() < patience {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn cleanup(store: Arc<Store>, clock: Arc<dyn Clock>, vitals: Vitals, mut every: watch::Receiver<Duration>) {
    let _alive = vitals.guard("cleanup");
    loop {
        let mut due = interval(*every.borrow_and_update());
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = due.tick() => {}
                changed = every.changed() => match changed {
                    Ok(()) => break,
                    // Nobody is left who could change it, or who would want it.
                    Err(_) => return,
                },
            }
            let now: Timestamp = clock.now();
            store.enforce(now);
        }
    }
}
