//! The composition root: the only place that knows every part. It starts them, joins them, and ends them.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::clock::{Clock, SystemClock};
use crate::collect::{Job, Registry, Scheduler, Sink, System, spawn};
use crate::live::Hub;
use crate::monitor::{Host, Monitor};
use crate::pipeline::Pipeline;
use crate::store::{Limits, Store};
use crate::vitals::Vitals;
use crate::web;

/// From one reading of the system to the next.
const SYSTEM_EVERY: Duration = Duration::from_secs(1);
/// Between the first two readings of the processors: what they did meanwhile is the page's first value.
const WARM_UP: Duration = Duration::from_millis(150);
/// How long the first page may be held up for the first reading.
const FIRST_READING_WITHIN: Duration = Duration::from_secs(1);
/// From one look at what is too old to the next.
const CLEANUP_EVERY: Duration = Duration::from_secs(60);
/// Live connections at a time.
const MOST_LIVE: usize = 100;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// What the system keeps of answers that a client has not taken. Left alone it would keep megabytes, and a
/// slow client would see what was true minutes ago.
const SEND_BUFFER: u32 = 256 * 1024;
/// How long everything together may take to end in good order.
const END_WITHIN: Duration = Duration::from_secs(3);
/// How long a reading that hangs may hold up the end besides.
const THREADS_WITHIN: Duration = Duration::from_millis(500);

/// What a start can be told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
}

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Whoever reaches the port may read everything.
    #[error(
        "{0} can be reached from other machines, and there are no logins yet, so this is refused. Listen on \
         127.0.0.1 or [::1]; from elsewhere, come through `ssh -L 8080:localhost:8080`"
    )]
    Exposed(SocketAddr),
    /// Somebody else is there.
    #[error(
        "port {port} of {ip} is taken by another program. End that one, or choose another port: \
         telltale start --listen {ip}:{other}", ip = .0.ip(), port = .0.port(), other = .0.port().wrapping_add(1).max(1024)
    )]
    PortTaken(SocketAddr),
    /// The address cannot be had for another reason.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
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
    if !options.listen.ip().is_loopback() {
        return Err(StartError::Exposed(options.listen));
    }
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(options));
    // A reading that hangs keeps its thread, and must not keep the process.
    runtime.shutdown_timeout(THREADS_WITHIN);
    ended
}

async fn serve(options: &Options) -> Result<(), StartError> {
    let listener = bind(options.listen)?;
    let address = listener.local_addr()?;
    let mut signals = Signals::new()?;
    let (stopping, stop) = watch::channel(false);
    let hub = Arc::new(Hub::new(MOST_LIVE));
    let (monitor, scheduler) = watch_machine(&hub, &stop).await;
    let alive = monitor.vitals.guard("web");
    let router = web::router(&monitor, &hub, &stop);
    let serving = web::serve(listener, router, stop.clone());
    let mut serving = tokio::spawn(async move {
        serving.await;
        drop(alive);
    });
    announce(address);

    tokio::select! {
        () = signals.next() => {}
        _ = &mut serving => return Err(StartError::Broken),
    }
    stopping.send_replace(true);
    let good_order = async {
        let _ = serving.await;
        hub.emptied().await;
        scheduler.join(END_WITHIN).await;
    };
    // Either way it is over: whoever does not want to wait says so a second time.
    tokio::select! {
        _ = timeout(END_WITHIN, good_order) => {}
        () = signals.next() => {}
    }
    Ok(())
}

fn bind(listen: SocketAddr) -> Result<TcpListener, StartError> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    // Every connection inherits it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let listening = socket.bind(listen).and_then(|()| socket.listen(BACKLOG));
    listening.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => StartError::PortTaken(listen),
        _ => StartError::Listen(listen, error),
    })
}

/// Starts whatever collects and keeps, and waits for the first values.
async fn watch_machine(hub: &Arc<Hub>, stop: &watch::Receiver<bool>) -> (Arc<Monitor>, Scheduler) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let started = clock.now();
    let store = Arc::new(Store::new(Limits::default()));
    let pipeline = Arc::new(Pipeline::new(Arc::clone(&store), Arc::clone(hub)));
    let host = Host::look(Host::own_name());
    let system = System::new();
    sleep(WARM_UP).await;

    let jobs = vec![Job { collector: Box::new(system), interval: SYSTEM_EVERY }];
    let into = Arc::clone(&pipeline);
    let sink: Sink = Arc::new(move |batch| into.push(&batch));
    let scheduler = spawn(jobs, host.name(), &clock, &sink, stop);
    let registry = scheduler.registry();
    first_reading(&registry).await;
    let vitals = Vitals::default();
    tokio::spawn(cleanup(Arc::clone(&store), Arc::clone(&clock), vitals.clone()));
    (Arc::new(Monitor { clock, store, registry, pipeline, vitals, host, started }), scheduler)
}

/// A collector that takes too long is not waited for; its values come when they come.
async fn first_reading(registry: &Registry) {
    let patience = Instant::now() + FIRST_READING_WITHIN;
    while registry.status().iter().any(|collector| collector.runs == 0) && Instant::now() < patience {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn cleanup(store: Arc<Store>, clock: Arc<dyn Clock>, vitals: Vitals) {
    let _alive = vitals.guard("cleanup");
    let mut due = interval(CLEANUP_EVERY);
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

/// What ends the process in good order.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
