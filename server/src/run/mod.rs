//! The composition root: the only place that knows every part. It starts them, joins them, and ends them.
//!
//! What the configuration means for each part is in [`settings`] and [`collectors`].

mod collector_log;
mod collectors;
mod limits;
mod listen;
mod logging;
mod settings;
mod signals;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::clock::{Clock, SystemClock};
use crate::collect::{Registry, RequestStats, Scheduler, Sink, spawn};
use crate::config::{Loaded, StorageType, Warning};
use crate::live::Hub;
use crate::monitor::{Host, Monitor};
use crate::pipeline::Pipeline;
use crate::store::Store;
use crate::telemetry::{LogError, warn};
use crate::vitals::Vitals;
use crate::web;
use limits::Room;
use signals::Signals;

/// Between the first two readings of the processors: what they did meanwhile is the page's first value.
const WARM_UP: Duration = Duration::from_millis(150);
/// How long the first page may be held up for the first reading.
const FIRST_READING_WITHIN: Duration = Duration::from_secs(1);
/// How long everything together may take to end in good order.
const END_WITHIN: Duration = Duration::from_secs(3);
/// How long a reading that hangs may hold up the end besides.
const THREADS_WITHIN: Duration = Duration::from_millis(500);

/// What a start can be told.
#[derive(Debug)]
pub struct Options {
    /// What to do, and what its author should know.
    pub loaded: Loaded,
    /// The file that it came from.
    pub file: Option<PathBuf>,
    /// Where to listen, whatever the configuration says.
    pub listen: Option<SocketAddr>,
    /// Whether standard error is a terminal that shows colours.
    pub colour: bool,
}

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Whoever reaches the port may read everything.
    #[error(
        "{0} can be reached from other machines, and there are no logins yet, so this is refused. Listen on \
         127.0.0.1 or [::1]; from elsewhere, come through `ssh -L 8080:localhost:8080`; or say in a configuration \
         that everybody may see everything, by security.authentication.enabled: false"
    )]
    Exposed(SocketAddr),
    /// Somebody else is there.
    #[error("port {port} of {host} is taken by another program. End that one, or choose another port: {instead}")]
    PortTaken {
        /// The address, or what is shown in its place.
        host: String,
        /// The port.
        port: u16,
        /// What to type or to change.
        instead: String,
    },
    /// A name that means no address.
    #[error("cannot listen on {0}: {1}")]
    UnknownHost(String, std::io::Error),
    /// The address, or what is shown in its place, cannot be had for another reason.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    /// There is no log to be had.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The operating system does not give what every program needs.
    #[error("cannot start: {0}")]
    System(#[from] std::io::Error),
    /// It ran and broke off.
    #[error("the web server has ended by itself")]
    Broken,
}

impl StartError {
    /// 2 for what was asked for wrongly, 1 for what failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Exposed(_)) { 2 } else { 1 }
    }
}

/// Runs until a signal ends it.
///
/// # Errors
/// Where it does not start.
pub fn run(options: &Options) -> Result<(), StartError> {
    if let Some(listen) = options.listen {
        listen::allow(listen, &options.loaded.config)?;
    }
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(options));
    // A reading that hangs keeps its thread, and must not keep the process.
    runtime.shutdown_timeout(THREADS_WITHIN);
    ended
}

async fn serve(options: &Options) -> Result<(), StartError> {
    let config = &options.loaded.config;
    let listener = listen::bind(options).await?;
    let address = listener.local_addr()?;
    let (clock, vitals): (Arc<dyn Clock>, _) = (Arc::new(SystemClock), Vitals::default());
    let telemetry = logging::start(options, &clock, &vitals)?;
    tell(&options.loaded, address);
    let mut signals = Signals::new()?;
    let (stopping, stop) = watch::channel(false);
    let most = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let room = Room::make();
    let hub = Arc::new(Hub::new(
        room.sockets(most(config.dashboard.max_websocket_connections)),
        most(config.performance.websocket_buffer_size),
    ));
    let requests = RequestStats::new();
    let (monitor, scheduler) = watch_machine(options, (clock, vitals), &requests, &hub, &stop).await;
    let alive = monitor.vitals.guard("web");
    let settings = settings::web(config, address, &monitor.clock, &requests);
    let router = web::router(&monitor, &hub, &stop, settings);
    let serving = web::serve(listener, router, room.connections, stop.clone());
    let mut serving = tokio::spawn(async move {
        serving.await;
        drop(alive);
    });
    announce(address);
    logging::tell_start(options, address, &monitor.registry);

    let reason = tokio::select! {
        signal = signals.next() => signal,
        _ = &mut serving => {
            logging::tell_end(&telemetry, "the web server has ended by itself", Instant::now());
            return Err(StartError::Broken);
        }
    };
    let ending = Instant::now();
    stopping.send_replace(true);
    let good_order = async {
        let _ = serving.await;
        hub.emptied().await;
        scheduler.join(END_WITHIN).await;
    };
    // Either way it is over: whoever does not want to wait says so a second time.
    tokio::select! {
        _ = timeout(END_WITHIN, good_order) => {}
        _ = signals.next() => {}
    }
    logging::tell_end(&telemetry, reason, ending);
    Ok(())
}

/// What its author should know of the configuration, and what in it nothing acts on yet.
fn tell(loaded: &Loaded, address: SocketAddr) {
    let reachable = !address.ip().to_canonical().is_loopback();
    // What the command line says of the host counts, not what the file does.
    let concerns = |warning: &&Warning| reachable || !warning.at.ends_with(".dashboard.host");
    loaded.warnings.iter().filter(concerns).for_each(warn);
    if reachable && !loaded.config.dashboard.is_reachable() {
        warn(&format!(
            "{address} is reached from other machines and there are no logins: who reaches it sees everything"
        ));
    }
    if let Some(folder) = loaded.config.dashboard.static_files_path.as_ref().filter(|path| !path.as_path().is_dir()) {
        // As `Text` prints itself: not at all where a variable is in it.
        warn(&format!("dashboard.static_files_path: there is no folder {folder}; /static/ is empty"));
    }
    if loaded.config.storage.kind == StorageType::Memory {
        warn("storage.type is memory: nothing is written to disk, and what was collected ends with the process");
    }
    loaded.config.not_active().iter().for_each(warn);
}

/// Starts whatever collects and keeps, and waits for the first values.
async fn watch_machine(
    options: &Options,
    (clock, vitals): (Arc<dyn Clock>, Vitals),
    requests: &RequestStats,
    hub: &Arc<Hub>,
    stop: &watch::Receiver<bool>,
) -> (Arc<Monitor>, Scheduler) {
    let config = &options.loaded.config;
    let started = clock.now();
    let store = Arc::new(Store::new(settings::limits(config)));
    let pipeline = Arc::new(Pipeline::new(Arc::clone(&store), Arc::clone(hub)));
    let host = Host::look(Host::own_name());
    let jobs = collectors::jobs(&config.collectors, requests);
    sleep(WARM_UP).await;

    let into = Arc::clone(&pipeline);
    let sink: Sink = Arc::new(move |batch| into.push(&batch));
    let scheduler = spawn(jobs, host.name(), &clock, &sink, stop, collectors::at_once(config));
    let registry = scheduler.registry();
    first_reading(&registry).await;
    tokio::spawn(collector_log::watch(registry.clone(), Arc::clone(&clock), stop.clone()));
    tokio::spawn(cleanup(Arc::clone(&store), Arc::clone(&clock), vitals.clone(), settings::cleanup_interval(config)));
    let (layout, setup) = (settings::layout(config), settings::setup(config, options.file.as_deref()));
    (Arc::new(Monitor { clock, store, registry, pipeline, vitals, host, started, layout, setup }), scheduler)
}

/// A collector that takes too long is not waited for; its values come when they come.
async fn first_reading(registry: &Registry) {
    let patience = Instant::now() + FIRST_READING_WITHIN;
    while registry.status().iter().any(|collector| collector.runs == 0) && Instant::now() < patience {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn cleanup(store: Arc<Store>, clock: Arc<dyn Clock>, vitals: Vitals, every: Duration) {
    let _alive = vitals.guard("cleanup");
    let mut due = interval(every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let now: Timestamp = clock.now();
        store.enforce(now);
    }
}

/// The first line says where the page is. That nobody may be reading it is no reason to fail.
fn announce(address: SocketAddr) {
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(out, "Telltale {version}  http://{address}  (this machine is already being monitored)");
    let _ = out.flush();
}
