//! Where to listen: by the configuration or by the command line, and what keeps from it.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use super::StartError;
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
pub(super) async fn bind(config: &Config, listen: Option<SocketAddr>) -> Result<TcpListener, StartError> {
    if let Some(listen) = listen {
        return bind_to(listen);
    }
    let (host, port) = (&config.dashboard.host, config.dashboard.port);
    let unknown = |error| StartError::UnknownHost(host.to_string(), error);
    let found = lookup_host((host.as_str(), port)).await.map_err(unknown)?;
    let mut trouble = unknown(ErrorKind::NotFound.into());
    for address in found {
        match bind_to(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => trouble = error,
        }
    }
    Err(trouble)
}

fn bind_to(listen: SocketAddr) -> Result<TcpListener, StartError> {
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
