//! Connections that stand still in as many states as can be had without tricks.

use anyhow::{Context, Result};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread::spawn;
use std::time::Duration;

/// Pairs in each state.
const PAIRS: usize = 10;
/// More than any queue of connections that nobody accepts.
const MOST_WAITING: usize = 6000;

/// Held open.
pub(super) struct Sockets {
    listener: TcpListener,
    _held: Vec<TcpStream>,
    _full: TcpListener,
}

impl Sockets {
    /// Opens all of them.
    pub(super) fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("listening for connections of our own")?;
        let address = listener.local_addr()?;
        let mut held = Vec::new();
        for at in 0..PAIRS * 5 {
            let client = TcpStream::connect(address)?;
            let (server, _) = listener.accept()?;
            match at / PAIRS {
                // ESTABLISHED at both ends.
                0 => {}
                // CLOSE_WAIT here, FIN_WAIT2 there.
                1 => client.shutdown(Shutdown::Write)?,
                // FIN_WAIT1: the end waits behind bytes that nobody takes.
                2 => {
                    fill(&client);
                    client.shutdown(Shutdown::Write)?;
                }
                // LAST_ACK: the same of one that has heard the other's end.
                3 => {
                    client.shutdown(Shutdown::Write)?;
                    fill(&server);
                    server.shutdown(Shutdown::Write)?;
                }
                // TIME_WAIT.
                _ => {
                    drop(client);
                    continue;
                }
            }
            held.extend([client, server]);
        }
        let full = TcpListener::bind("127.0.0.1:0").context("listening for connections of our own")?;
        held.extend(waiting(full.local_addr()?));
        spoil(&listener)?;
        Ok(Self { listener, _held: held, _full: full })
    }

    /// Where the pairs are.
    pub(super) fn port(&self) -> u16 {
        self.listener.local_addr().map_or(0, |address| address.port())
    }
}

/// Writes until there is no room.
fn fill(stream: &TcpStream) {
    let mut stream = stream;
    let block = vec![0; 64 * 1024];
    if stream.set_nonblocking(true).is_ok() {
        while stream.write(&block).is_ok() {}
    }
}

/// As many as are let in where nobody accepts, and three that are not: SYN_SENT, listen overflows, retransmits.
fn waiting(full: SocketAddr) -> Vec<TcpStream> {
    let patience = Duration::from_millis(300);
    let held: Vec<TcpStream> =
        (0..MOST_WAITING).map_while(|_| TcpStream::connect_timeout(&full, patience).ok()).collect();
    for _ in 0..3 {
        // They end by themselves, or with this process.
        spawn(move || TcpStream::connect_timeout(&full, Duration::from_secs(60)).is_ok());
    }
    held
}

/// A connection refused, one reset with something unread in it, and datagrams that nobody takes.
fn spoil(listener: &TcpListener) -> Result<()> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let _ = TcpStream::connect_timeout(&free, Duration::from_millis(300));
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    client.write_all(b"unread")?;
    std::thread::sleep(Duration::from_millis(20));
    drop(server);
    drop(client);
    let (from, to) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    for _ in 0..2000 {
        let _ = from.send_to(&[0; 1024], to.local_addr()?);
    }
    Ok(())
}
