//! Whether a host echoes: how many of a few packets come back, and how soon.
//!
//! Message layout: RFC 792 (IPv4) and RFC 4443 (IPv6). A socket that needs no rights is tried first; the kernel grants it
//! to the groups in `net.ipv4.ping_group_range`.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket as StdSocket};
use std::time::Duration;

use app::model::{Metric, Unit};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, socket_with};
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Outcome, Values};
use crate::collect::CollectError;
use crate::collect::remote::resolve;
use crate::secret::Text;

static ROUND_TRIP: Metric = Metric::gauge("probe_icmp_round_trip_seconds", Unit::SECONDS);
static LOSS: Metric = Metric::gauge("probe_icmp_loss_percent", Unit::PERCENT);

/// From one packet to the next.
const PAUSE: Duration = Duration::from_millis(100);
/// Before the whole time is over, so that what came back until then counts.
const RESERVE: Duration = Duration::from_millis(20);
const HEADER_BYTES: usize = 8;
const TOKEN_BYTES: usize = 8;

/// A few packets.
pub struct IcmpProbe {
    /// A name or an address.
    pub host: Text,
    /// How many.
    pub packets: u8,
}

impl IcmpProbe {
    pub(super) async fn attempt(&self, within: Duration, values: &mut Values) -> Outcome {
        let deadline = Instant::now() + within.saturating_sub(RESERVE);
        let address = match timeout_at(deadline, resolve(self.host.as_str(), 0)).await {
            Ok(Ok(addresses)) => addresses.first().copied(),
            Ok(Err(why)) => return Ok(Err(why)),
            Err(_) => None,
        };
        let Some(address) = address else { return Ok(Err("has a name that is not found in time".to_owned())) };
        let mut pings = Pings::open(address.ip())?;
        let round_trips = match pings.send_all(address, self.packets, deadline).await {
            Ok(round_trips) => round_trips,
            Err(error) => return Ok(Err(format!("cannot be reached: {}", error.kind()))),
        };
        let (sent, back) = (f64::from(self.packets), f64::from(u32::try_from(round_trips.len()).unwrap_or_default()));
        values.push((&LOSS, (sent - back) / sent * 100.0));
        if round_trips.is_empty() {
            return Ok(Err("echoes nothing".to_owned()));
        }
        values.push((&ROUND_TRIP, round_trips.iter().map(Duration::as_secs_f64).sum::<f64>() / back));
        Ok(Ok(()))
    }
}

/// A socket, and what tells our packets from those of others.
struct Pings {
    socket: UdpSocket,
    v4: bool,
    /// Whether the kernel hands on every echo of the machine, with its IP header where it is IPv4.
    raw: bool,
    token: [u8; TOKEN_BYTES],
}

impl Pings {
    fn open(to: IpAddr) -> Result<Self, CollectError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::PermissionDenied => CollectError::Denied {
                what: "ICMP".to_owned(),
                why: "is not permitted to this process: let net.ipv4.ping_group_range have its group, or give it \
                      CAP_NET_RAW"
                    .to_owned(),
            },
            _ => CollectError::failed("ICMP", format!("cannot be used: {error}")),
        };
        let (socket, raw) = socket(to, SocketType::DGRAM)
            .map(|socket| (socket, false))
            .or_else(|_| socket(to, SocketType::RAW).map(|socket| (socket, true)))
            .map_err(failed)?;
        let token = RandomState::new().hash_one(to).to_be_bytes();
        Ok(Self { socket, v4: to.is_ipv4(), raw, token })
    }

    /// The time that each packet took that came back until the deadline.
    async fn send_all(&mut self, to: SocketAddr, packets: u8, deadline: Instant) -> io::Result<Vec<Duration>> {
        let mut sent = Vec::with_capacity(usize::from(packets));
        let mut back = Vec::with_capacity(usize::from(packets));
        let mut buffer = [0; 1024];
        let mut next = Instant::now();
        while back.iter().flatten().count() < usize::from(packets) {
            let more = sent.len() < usize::from(packets);
            tokio::select! {
                () = sleep_until(next), if more => {
                    self.socket.send_to(&self.request(u16::try_from(sent.len()).unwrap_or_default()), to).await?;
                    sent.push(Instant::now());
                    back.push(None);
                    next += PAUSE;
                }
                received = self.socket.recv_from(&mut buffer) => {
                    let (length, from) = received?;
                    let number = self.echo(buffer.get(..length).unwrap_or_default());
                    let number = number.map(usize::from).filter(|_| from.ip() == to.ip());
                    if let Some((sent, back)) = number.and_then(|at| sent.get(at).zip(back.get_mut(at))) {
                        back.get_or_insert(sent.elapsed());
                    }
                }
                () = sleep_until(deadline) => break,
            }
        }
        Ok(back.into_iter().flatten().collect())
    }

    /// An echo request: type, code, checksum, identifier, number, token.
    fn request(&self, number: u16) -> Vec<u8> {
        let mut message = vec![if self.v4 { 8 } else { 128 }, 0, 0, 0];
        // The kernel puts its own in where the socket needs no rights.
        message.extend_from_slice(self.token.get(..2).unwrap_or_default());
        message.extend_from_slice(&number.to_be_bytes());
        message.extend_from_slice(&self.token);
        if self.v4 {
            // That of IPv6 is over the addresses, too, and made by the kernel.
            let sum = checksum(&message).to_be_bytes();
            message.get_mut(2..4).into_iter().for_each(|place| place.copy_from_slice(&sum));
        }
        message
    }

    /// The number of the request that this answers, if it is one of ours.
    fn echo(&self, packet: &[u8]) -> Option<u16> {
        let skip = match packet.first() {
            Some(first) if self.raw && self.v4 => usize::from(first & 0x0f) * 4,
            _ => 0,
        };
        let message = packet.get(skip..)?;
        let right = if self.v4 { 0 } else { 129 };
        let ours = message.first() == Some(&right) && message.get(HEADER_BYTES..)? == self.token;
        let number = message.get(6..8).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes)?;
        ours.then_some(number)
    }
}

fn socket(to: IpAddr, kind: SocketType) -> io::Result<UdpSocket> {
    let (family, protocol) = match to {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, kind, flags, Some(protocol)).map_err(|error: Errno| io::Error::from(error))?;
    UdpSocket::from_std(StdSocket::from(socket))
}

/// The ones' complement of the ones' complement sum of all pairs of bytes (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let pairs = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |byte| u32::from(*byte)));
    let sum: u32 = pairs.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ping(host: &str, kind: SocketType) -> io::Result<Vec<Duration>> {
        let address = SocketAddr::new(host.parse().unwrap(), 0);
        let socket = socket(address.ip(), kind)?;
        let mut pings = Pings { socket, v4: address.is_ipv4(), raw: kind == SocketType::RAW, token: *b"telltale" };
        pings.send_all(address, 3, Instant::now() + Duration::from_secs(5)).await
    }

    #[tokio::test]
    async fn each_kind_of_socket_that_this_process_may_have_hears_its_echoes() {
        let mut heard = 0;
        for host in ["127.0.0.1", "::1"] {
            for kind in [SocketType::DGRAM, SocketType::RAW] {
                match ping(host, kind).await {
                    Ok(back) => {
                        assert_eq!(back.len(), 3, "{host} {kind:?}");
                        assert!(back.iter().all(|time| *time < Duration::from_secs(1)), "{back:?}");
                        heard += 1;
                    }
                    // Neither right nor group, or a machine without IPv6.
                    Err(error) => assert!(
                        error.kind() == io::ErrorKind::PermissionDenied || StdSocket::bind((host, 0)).is_err(),
                        "{host} {kind:?}: {error}"
                    ),
                }
            }
        }
        assert!(
            heard > 0,
            "this machine lets the tests have no ICMP socket: add their group to net.ipv4.ping_group_range"
        );
    }

    #[test]
    fn a_message_and_its_checksum_make_all_ones() {
        for text in ["", "a", "ab", "telltale!"] {
            let sum = checksum(text.as_bytes());
            let mut whole = text.as_bytes().to_vec();
            whole.resize(whole.len().next_multiple_of(2), 0);
            whole.extend_from_slice(&sum.to_be_bytes());
            assert_eq!(checksum(&whole), 0, "{text}");
        }
    }
}
