//! From a name and a port to a connection.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

/// Names that are looked up at a time, in the whole process. The system's resolver keeps a thread each for as long as it
/// likes, also when nobody waits any more; while no name server answers they must not take all the threads there are.
static LOOKUPS: Semaphore = Semaphore::const_new(32);

/// Where a name leads.
///
/// # Errors
/// The reason why it leads nowhere goes on with a sentence about the target.
pub(in crate::collect) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    // Nobody closes it.
    let place = LOOKUPS.acquire().await.ok();
    let host = host.to_owned();
    let look = move || {
        let found = (host.as_str(), port).to_socket_addrs().map_or_else(|_| Vec::new(), Iterator::collect);
        drop(place);
        found
    };
    let found: Vec<SocketAddr> = spawn_blocking(look).await.unwrap_or_default();
    if found.is_empty() { Err("has a name that is not found".to_owned()) } else { Ok(found) }
}

/// The same for the HTTP client.
pub(super) struct Lookups;

impl Lookups {
    pub(super) fn shared() -> Arc<Self> {
        Arc::new(Self)
    }
}

impl Resolve for Lookups {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the client's own affair.
            let found = resolve(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_names_at_a_time_and_addresses_are_no_names() {
        let soon = Duration::from_millis(200);
        assert!(resolve("localhost", 7).await.unwrap().iter().all(|found| found.ip().is_loopback()));
        let all = LOOKUPS.acquire_many(32).await.unwrap();
        assert!(timeout(soon, resolve("localhost", 7)).await.is_err(), "one more than there may be");
        for (address, want) in [("127.0.0.1", "127.0.0.1:7"), ("::1", "[::1]:7")] {
            assert_eq!(resolve(address, 7).await.unwrap(), [want.parse().unwrap()]);
        }
        drop(all);
        assert!(resolve("localhost", 7).await.is_ok());
        assert!(resolve("nobody.invalid", 7).await.is_err());
    }
}
