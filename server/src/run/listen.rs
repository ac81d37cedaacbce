//! Where to listen: by the configuration or by the command line, and what keeps from it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::{Options, Place, StartError, tasks};
use crate::config::Config;
use crate::vitals::Vitals;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// What the system keeps of answers that a client has not taken. Left alone it would keep megabytes, and a
/// slow client would see what was true minutes ago.
const SEND_BUFFER: u32 = 256 * 1024;

/// How long a name may take to become an address.
const RESOLVED_WITHIN: Duration = Duration::from_secs(2);
/// How long an address of ours may take to be free again.
const FREE_WITHIN: Duration = Duration::from_secs(1);

/// A port at which requests are answered.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    /// Gone when the port is no longer ours.
    listener: Weak<TcpListener>,
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
        let listener = Arc::new(listener);
        let ours = Arc::downgrade(&listener);
        let serving = tasks::web(listener, router, Arc::clone(room), vitals, &stopped);
        Ok(Self { address, stop, serving, listener: ours })
    }

    /// Whether it takes connections.
    pub(super) fn is_open(&self) -> bool {
        !*self.stop.borrow()
    }

    /// No further connections; what is under way may end.
    pub(super) fn close(&self) {
        self.stop.send_replace(true);
    }

    /// The same, and waits until the port is no longer ours.
    async fn closed(&self) {
        self.close();
        let begun = Instant::now();
        while self.listener.strong_count() > 0 && begun.elapsed() < FREE_WITHIN {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until the last connection has ended.
    pub(super) async fn ended(&mut self) {
        let _ = (&mut self.serving).await;
    }
}

/// Whether `listen`, given in place of what the configuration says, is allowed by it.
pub(super) fn allow(listen: SocketAddr, config: &Config) -> Result<(), StartError> {
    let decided = config.security.authentication.enabled == Some(false);
    if listen.ip().to_canonical().is_loopback() || decided { Ok(()) } else { Err(StartError::Exposed(listen)) }
}

/// An address as the log tells it: not at all where a variable is in it.
pub(super) fn shown(address: SocketAddr, options: &Options) -> String {
    let host = &options.loaded.config.dashboard.host;
    if is_hidden(options) { format!("{host}:{}", address.port()) } else { address.to_string() }
}

fn is_hidden(options: &Options) -> bool {
    options.place == Place::AsConfigured && options.loaded.config.dashboard.host.is_secret()
}

/// Binds the first address that can be had.
pub(super) async fn bind(options: &Options) -> Result<TcpListener, StartError> {
    if let Place::At(listen) = options.place {
        allow(listen, &options.loaded.config)?;
    }
    first_of(&wanted(options).await?, options)
}

/// Where it is to be; the first that can be had.
async fn wanted(options: &Options) -> Result<Vec<SocketAddr>, StartError> {
    if let Place::At(listen) = options.place {
        return Ok(vec![listen]);
    }
    let (host, port) = (&options.loaded.config.dashboard.host, options.loaded.config.dashboard.port);
    let unknown = |error| StartError::UnknownHost(host.to_string(), error);
    let found = timeout(RESOLVED_WITHIN, lookup_host((host.as_str(), port))).await;
    let found = found.map_err(|_| unknown(ErrorKind::TimedOut.into()))?.map_err(unknown)?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() { Err(unknown(ErrorKind::NotFound.into())) } else { Ok(found) }
}

fn first_of(wanted: &[SocketAddr], options: &Options) -> Result<TcpListener, StartError> {
    let mut trouble = None;
    for &address in wanted {
        match bind_to(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => trouble = Some(trouble_with(address, options, error)),
        }
    }
    let none = || StartError::UnknownHost("no address".to_owned(), ErrorKind::NotFound.into());
    Err(trouble.unwrap_or_else(none))
}

/// The same, in place of what listens at `own`; none where that is there already.
///
/// A port of every address cannot be had while one of ours has it at one, so ours is closed first where it is in the way,
/// and only there: what another program has would not be had by it.
pub(super) async fn rebind(options: &Options, own: &Listening) -> Result<Option<TcpListener>, StartError> {
    let wanted = wanted(options).await?;
    if own.is_open() && wanted.contains(&own.address) {
        return Ok(None);
    }
    match first_of(&wanted, options) {
        Err(StartError::PortTaken { .. }) if own.is_open() && wanted.iter().any(|&at| in_the_way(own.address, at)) => {
            own.closed().await;
            first_of(&wanted, options).map(Some)
        }
        other => other.map(Some),
    }
}

/// Whether one of them has what the other one wants.
fn in_the_way(own: SocketAddr, wanted: SocketAddr) -> bool {
    let every = own.ip().is_unspecified() || wanted.ip().is_unspecified();
    own.port() == wanted.port() && (every || own.ip() == wanted.ip())
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
    let (host, hidden) = (&options.loaded.config.dashboard.host, is_hidden(options));
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
