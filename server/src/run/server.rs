//! Everything that runs, together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, timeout};

use super::gauges::Gauges;
use super::limits::Room;
use super::restart::AtStart;
use super::serving::Serving;
use super::tasks::{self, Core};
use super::{Options, Place, StartError, collectors, extra, listen, logging, settings};
use crate::clock::{Clock, SystemClock};
use crate::collect::{Job, Registry, Scheduler, Sink, spawn};
use crate::config::{Config, Loaded, StorageType, Warning};
use crate::ingest::RemoteWrite;
use crate::live::Hub;
use crate::monitor::{Host, Monitor, Told, Turns};
use crate::pipeline::Pipeline;
use crate::secret::Text;
use crate::telemetry::{LogError, Prepared, Telemetry, warn};
use crate::web;

/// Between the first two readings of the processors: what they did meanwhile is the page's first value.
pub(super) const WARM_UP: Duration = Duration::from_millis(150);
/// How long the first page may be held up for the first reading.
const FIRST_READING_WITHIN: Duration = Duration::from_secs(1);
/// How long a disk may take to say what there is.
const DISK_WITHIN: Duration = Duration::from_secs(1);
/// How long everything together may take to end in good order.
const END_WITHIN: Duration = Duration::from_secs(3);

/// A server that runs.
pub(super) struct Server {
    pub(super) options: Options,
    pub(super) at_start: AtStart,
    pub(super) monitor: Arc<Monitor>,
    pub(super) hub: Arc<Hub>,
    pub(super) room: Room,
    pub(super) gauges: Gauges,
    /// The log, where it is ours to write.
    pub(super) telemetry: Option<Arc<Telemetry>>,
    pub(super) scheduler: Scheduler,
    pub(super) told: watch::Sender<Arc<Told>>,
    pub(super) cleanup_every: watch::Sender<Duration>,
    pub(super) serving: Option<Serving>,
    /// When to try the next time to get where the configuration wants it to be.
    pub(super) move_at: Option<Instant>,
    /// How often it was told to read its configuration again.
    pub(super) reloads: u64,
    /// A reading of the configuration that is under way.
    pub(super) reading: Option<JoinHandle<Result<Loaded, Vec<String>>>>,
    /// A log that is being opened.
    pub(super) opening: Option<JoinHandle<Result<Prepared, LogError>>>,
    /// The names of collectors that a program has added.
    pub(super) own: Vec<Box<str>>,
    /// What runs beside the collectors.
    core: Core,
    stopping: watch::Sender<bool>,
}

impl Server {
    /// Starts every part, and waits for the first values.
    pub(super) async fn start(options: Options, own: Vec<Job>) -> Result<Self, StartError> {
        let listener = match options.place {
            Place::Nowhere => None,
            Place::AsConfigured | Place::At(_) => Some(listen::bind(&options).await?),
        };
        let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let config = &options.loaded.config;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let gauges = Gauges::new(options.own_requests.clone(), config.development.profiling);
        let telemetry = logging::start(&options, &clock, &gauges.vitals).await?;
        let folder = tasks::data_folder(&config.storage).await?;
        notices(&options.loaded, address, When::Start).await.iter().for_each(warn);
        let (stopping, stop) = watch::channel(false);
        // The limits of a program that this is a part of are its own.
        let room = if options.log.is_some() { Room::make() } else { Room::find() };
        let (most, waiting) = settings::live(config);
        let hub = Arc::new(Hub::new(room.sockets(most), waiting));
        let started = clock.now();
        let store = tasks::store(config, &clock).await?;
        let written = Arc::new(RemoteWrite::new(Arc::clone(&store), Arc::clone(&hub)));
        let pipeline = Arc::new(Pipeline::new(Arc::clone(&store), Arc::clone(&hub)).timed_by(&gauges.stages));
        let host = Host::look(Host::own_name());
        let look = || gauges.look(&store, &pipeline, &hub, &written);
        let built_in = || collectors::jobs(&config.collectors, &options, &look);
        let jobs = if options.built_in { built_in() } else { Vec::new() };
        extra::names_differ(jobs.iter().chain(&own).map(|job| job.collector.name()))?;
        let own_names = own.iter().map(|job| job.collector.name().into()).collect();
        sleep(WARM_UP).await;

        let into = Arc::clone(&pipeline);
        let sink: Sink = Arc::new(move |batch| into.push(&batch));
        let mut scheduler = spawn(jobs, host.name(), &clock, &sink, &stop, collectors::at_once(config), &gauges.stages);
        own.into_iter().for_each(|job| scheduler.add(job));
        let registry = scheduler.registry();
        gauges.follow(registry.clone());
        first_reading(&registry).await;
        let (vitals, stages) = (gauges.vitals.clone(), gauges.stages.clone());
        let mut core = Core::new(&vitals, &stop);
        core.log_collectors(&registry, &clock);
        core.note_missing(&registry, &store, &clock);
        let (cleanup_every, every) = watch::channel(settings::cleanup_interval(config));
        core.tend(&store, &clock, every);
        if let Some(folder) = folder {
            core.watch_folder(folder);
        }

        let setup = settings::setup(config, options.file.as_deref(), started);
        let (told, tells) = watch::channel(Arc::new(Told { layout: settings::layout(config), setup }));
        let at_start = AtStart::of(config);
        let monitor = Arc::new(Monitor {
            clock,
            store,
            registry,
            pipeline,
            written,
            vitals,
            stages,
            host,
            started,
            told: tells,
            turns: Turns::default(),
        });
        let serving = None;
        let mut server = Self {
            options,
            at_start,
            monitor,
            hub,
            room,
            gauges,
            telemetry,
            scheduler,
            told,
            cleanup_every,
            serving,
            move_at: None,
            reloads: 0,
            reading: None,
            opening: None,
            own: own_names,
            core,
            stopping,
        };
        if let Some(listener) = listener {
            let router = server.router(listener.local_addr()?);
            server.serving = Some(Serving::start(listener, router, room.connections, &server.gauges.vitals)?);
        }
        Ok(server)
    }

    /// Where it listens, if it does.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.serving.as_ref().map(Serving::address)
    }

    /// Says that everything is up, to whoever has to know, and goes on telling how it is.
    pub(super) fn attend(&mut self) {
        logging::tell_start(&self.options, self.address(), &self.monitor.registry);
        self.options.notifier.ready();
        self.core.attend(&self.options.notifier, &self.monitor);
    }

    /// What is answered at `address`, by the configuration as it is now.
    pub(super) fn router(&self, address: SocketAddr) -> Router {
        let config = &self.options.loaded.config;
        let settings = settings::web(config, address, &self.monitor.clock, &self.gauges, &self.monitor.written);
        web::router(&self.monitor, &self.hub, &self.stopping.subscribe(), settings)
    }

    /// Ends everything in good order, within a bounded time.
    pub(super) async fn stop(self, reason: &str) {
        let begun = Instant::now();
        let Self { serving, hub, scheduler, stopping, options, telemetry, monitor, core, .. } = self;
        let store = Arc::clone(&monitor.store);
        options.notifier.stopping();
        stopping.send_replace(true);
        let good_order = async {
            if let Some(mut serving) = serving {
                serving.close();
                serving.ended().await;
            }
            hub.emptied().await;
            scheduler.join(END_WITHIN).await;
            // Nobody appends any more.
            let closed = spawn_blocking(move || {
                store.close();
                store.gaps().trouble()
            });
            if let Ok(Some(says)) = closed.await {
                warn(&format!("why samples were missing of late is lost: {says}"));
            }
            // With its watch the data folder is let go: who starts again at once finds it free.
            core.ended().await;
        };
        let _ = timeout(END_WITHIN, good_order).await;
        logging::tell_end(telemetry.as_deref(), reason, begun);
    }
}

/// When a configuration is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// At the start.
    Start,
    /// When it has been read again.
    Again,
}

/// What its author should know of the configuration, and what in it nothing acts on yet, a sentence each.
pub(super) async fn notices(loaded: &Loaded, address: Option<SocketAddr>, when: When) -> Vec<String> {
    let open = address.filter(|address| !address.ip().to_canonical().is_loopback());
    let reachable = open.is_some();
    // What the command line says of the host counts, not what the file does.
    let concerns = |warning: &&Warning| reachable || !warning.at.ends_with(".dashboard.host");
    let mut notices: Vec<String> = loaded.warnings.iter().filter(concerns).map(ToString::to_string).collect();
    let Config { dashboard, storage, .. } = &loaded.config;
    if let Some(address) = open.filter(|_| !dashboard.is_reachable()) {
        notices.push(format!(
            "{address} is reached from other machines and there are no logins: who reaches it sees everything"
        ));
    }
    if let Some(folder) = &dashboard.static_files_path
        && !is_folder(folder.clone()).await
    {
        // As `Text` prints itself: not at all where a variable is in it.
        notices.push(format!("dashboard.static_files_path: there is no folder {folder}; /static/ is empty"));
    }
    // At a reload it is what will be from the next start on.
    if when == When::Start && storage.kind == StorageType::Memory && loaded.config.given("storage.type") {
        notices.push(
            "storage.type is memory: nothing is written to disk, and what was collected ends with the process"
                .to_owned(),
        );
    }
    notices.extend(loaded.config.not_active().iter().map(ToString::to_string));
    notices
}

/// A disk that does not answer has none.
async fn is_folder(path: Text) -> bool {
    let look = spawn_blocking(move || path.as_path().is_dir());
    matches!(timeout(DISK_WITHIN, look).await, Ok(Ok(true)))
}

/// A collector that takes too long, or waits for others, is not waited for; its values come when they come.
async fn first_reading(registry: &Registry) {
    let patience = Instant::now() + FIRST_READING_WITHIN;
    while registry.status().iter().any(|collector| collector.runs == 0 && !collector.waits) && Instant::now() < patience
    {
        sleep(Duration::from_millis(5)).await;
    }
}
