//! Where to listen: by the configuration or by the command line, and what keeps from it.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use super::{Options, StartError};
use crate::config::Config;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// What the system keeps of answers that a client has not taken. Left alone it would keep megabytes, and a
/// slow client would see what was true minutes ago.
const SEND_BUFFER: u32 = 256 * 1024;

/// Whether `listen`, typed in place of what the configuration says, is allowed by it.
pub(super) fn allow(listen: SocketAddr, config: &Config) -> Result<(), StartError> {
    let decided = config.security.authentication.enabled == Some(false);
    if listen.ip().to_canonical().is_loopback() || decided { Ok(()) } else { Err(StartError::Exposed(listen)) }
}

/// Binds the first address that can be had.
pub(super) async fn bind(options: &Options) -> Result<TcpListener, StartError> {
    let config = &options.loaded.config;
    if let Some(listen) = options.listen {
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
    let hidden = options.listen.is_none() && host.is_secret();
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
