//! Where to listen: by the configuration or by the command line, and what keeps from it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{Options, Place, StartError, tasks};
use crate::config::Config;
use crate::vitals::Vitals;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// What the system keeps of answers that a client has not taken. Left alone it would keep megabytes, and a
/// slow client would see what was true minutes ago.
const SEND_BUFFER: u32 = 256 * 1024;

/// How long an address of ours may take to be free again.
const FREE_WITHIN: Duration = Duration::from_secs(1);

/// A port at which requests are answered.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Listening {
    /// Answers at `listener` by whatever `router` holds.
    pub(super) fn start(
        listener: TcpListener,
        router: watch::Receiver<Router>,
        room: &Arc<Semaphore>,
        vitals: &Vitals,
    ) -> Result<Self, StartError> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let serving = tasks::web(listener, router, Arc::clone(room), vitals, &stopped);
        Ok(Self { address, stop, serving })
    }

    /// Whether it takes connections.
    pub(super) fn is_open(&self) -> bool {
        !*self.stop.borrow()
    }

    /// No further connections; what is under way may end.
    pub(super) fn close(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until the last connection has ended.
    pub(super) async fn ended(&mut self) {
        let _ = (&mut self.serving).await;
    }
}

/// Whether `listen`, given in place of what the configuration says, is allowed by it.
fn allow(listen: SocketAddr, config: &Config) -> Result<(), StartError> {
    let decided = config.security.authentication.enabled == Some(false);
    if listen.ip().to_canonical().is_loopback() || decided { Ok(()) } else { Err(StartError::Exposed(listen)) }
}

/// Binds the first address that can be had.
pub(super) async fn bind(options: &Options) -> Result<TcpListener, StartError> {
    let config = &options.loaded.config;
    if let Place::At(listen) = options.place {
        allow(listen, config)?;
        return bind_to(listen).map_err(|error| trouble_with(listen, options, error));
    }
    let (host, port) = (&config.dashboard.host, config.dashboard.port);
    let unknown = |error| StartError::UnknownHost(host.to_string(), error);
    let found = lookup_host((host.as_str(), port)).await.map_err(unknown)?;
    let mut trouble = unknown(ErrorKind::NotFound.into());
    for address in found {
        match bind_to(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => trouble = trouble_with(address, options, error),
        }
    }
    Err(trouble)
}

/// The same, in place of what listens at `own`: a port of every address cannot be had while one of ours has it at one.
pub(super) async fn rebind(options: &Options, own: &Listening) -> Result<TcpListener, StartError> {
    let taken = match bind(options).await {
        Err(StartError::PortTaken { port, .. }) if port == own.address.port() => Instant::now(),
        other => return other,
    };
    own.close();
    loop {
        match bind(options).await {
            Err(StartError::PortTaken { .. }) if taken.elapsed() < FREE_WITHIN => {
                sleep(Duration::from_millis(10)).await;
            }
            other => return other,
        }
    }
}

/// Binds this one, as it was bound before.
pub(super) async fn again(address: SocketAddr) -> Result<TcpListener, StartError> {
    let begun = Instant::now();
    loop {
        match bind_to(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && begun.elapsed() < FREE_WITHIN => {
                sleep(Duration::from_millis(10)).await;
            }
            other => return other.map_err(|error| StartError::Listen(address.to_string(), error)),
        }
    }
}

fn bind_to(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    // Every connection inherits it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

/// Says what is in the way. An address that came out of a variable is not repeated.
fn trouble_with(listen: SocketAddr, options: &Options, error: std::io::Error) -> StartError {
    let host = &options.loaded.config.dashboard.host;
    let hidden = options.place == Place::AsConfigured && host.is_secret();
    if error.kind() != ErrorKind::AddrInUse {
        return StartError::Listen(if hidden { host.to_string() } else { listen.to_string() }, error);
    }
    let other = SocketAddr::new(listen.ip(), listen.port().wrapping_add(1).max(1024));
    let config = options.file.as_ref().map(|file| format!(" --config {}", file.display())).unwrap_or_default();
    StartError::PortTaken {
        host: if hidden { host.to_string() } else { listen.ip().to_string() },
        port: listen.port(),
        instead: if hidden { "dashboard.port".to_owned() } else { format!("telltale start{config} --listen {other}") },
    }
}
