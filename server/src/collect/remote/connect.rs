//! From a name and a port to a connection.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

/// Where a name leads.
///
/// # Errors
/// The reason why it leads nowhere goes on with a sentence about the target.
pub(in crate::collect) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = lookup_host((host, port)).await.map_or_else(|_| Vec::new(), Iterator::collect);
    if found.is_empty() { Err("has a name that is not found".to_owned()) } else { Ok(found) }
}

/// A connection to one of the addresses of `host`, each tried for its share of the time, in the system's order.
///
/// # Errors
/// As [`resolve`]; or what kept it from the last one.
pub(in crate::collect) async fn connect(host: &str, port: u16, within: Duration) -> Result<TcpStream, String> {
    let deadline = Instant::now() + within;
    let addresses = resolve(host, port).await?;
    let mut trouble = String::new();
    for (left, address) in (1_u32..=u32::try_from(addresses.len()).unwrap_or(u32::MAX)).rev().zip(&addresses) {
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        trouble = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => format!("takes no connection: {}", error.kind()),
            Err(_) => "takes no connection: no answer".to_owned(),
        };
    }
    Err(trouble)
}
