//! Whether a name server answers for a name.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use app::model::{Metric, Unit};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{Outcome, Values};
use crate::collect::CollectError;
use crate::secret::Text;

static ANSWERS: Metric = Metric::gauge("probe_dns_answers", Unit::COUNT);

const PORT: u16 = 53;
/// Messages get lost; so often one is sent.
const TRIES: u32 = 3;
/// What fits into one datagram.
const MOST_BYTES: usize = 65_535;

/// What is asked about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Who may issue certificates.
    Caa,
    /// Another name.
    Cname,
    /// Mail servers.
    Mx,
    /// Name servers.
    Ns,
    /// The name of an address.
    Ptr,
    /// The start of a zone.
    Soa,
    /// Servers of a service.
    Srv,
    /// Text.
    Txt,
}

/// A question to a name server.
pub struct DnsProbe {
    /// The name asked about.
    pub name: Text,
    /// What is asked.
    pub record: Record,
    /// Who is asked, by an address, with a port or without; none: the first name server of the system.
    pub server: Option<Text>,
    /// The system's file of name servers: `/etc/resolv.conf`.
    pub system: PathBuf,
}

impl DnsProbe {
    pub(super) async fn attempt(&self, within: Duration, values: &mut Values) -> Outcome {
        let server = self.server().await?;
        let id = u16::try_from(RandomState::new().hash_one(server) & 0xffff).unwrap_or_default();
        let question = self.question(id)?;
        let answer = match ask(server, &question, within / TRIES).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(Err("gives no answer in time".to_owned())),
            Err(error) => return Ok(Err(format!("cannot be asked: {}", error.kind()))),
        };
        let Ok(answer) = Packet::parse(&answer) else { return Ok(Err("gives an answer that is not DNS".to_owned())) };
        let wanted = TYPE::from(self.record);
        let count = answer.answers.iter().filter(|record| record.rdata.type_code() == wanted).count();
        values.push((&ANSWERS, f64::from(u32::try_from(count).unwrap_or(u32::MAX))));
        Ok(match answer.rcode() {
            RCODE::NoError if count > 0 => Ok(()),
            RCODE::NoError => Err("has no such record".to_owned()),
            RCODE::NameError => Err("says that there is no such name".to_owned()),
            RCODE::ServerFailure => Err("says that it failed".to_owned()),
            RCODE::Refused => Err("refuses to answer".to_owned()),
            _ => Err("does not understand the question".to_owned()),
        })
    }

    async fn server(&self) -> Result<SocketAddr, CollectError> {
        if let Some(server) = &self.server {
            let failed = || CollectError::failed(format!("the server {server}"), "is no IP address");
            return address(server.as_str()).ok_or_else(failed);
        }
        let file = || self.system.display().to_string();
        let text = fs::read_to_string(&self.system).await.map_err(|error| CollectError::read(file(), error))?;
        let servers = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
        let first = servers.filter_map(|rest| address(rest.trim())).next();
        first.ok_or_else(|| CollectError::not_understood(file(), "it names no server"))
    }

    fn question(&self, id: u16) -> Result<Vec<u8>, CollectError> {
        let none = |_| CollectError::failed(format!("the name {}", self.name), "is none that DNS can have");
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        let name = Name::new(self.name.as_str().trim_end_matches('.')).map_err(none)?;
        let kind = QTYPE::TYPE(TYPE::from(self.record));
        packet.questions.push(Question::new(name, kind, QCLASS::CLASS(CLASS::IN), false));
        packet.build_bytes_vec().map_err(none)
    }
}

/// An address with a port, or with the usual one.
fn address(text: &str) -> Option<SocketAddr> {
    let bare = || text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, PORT));
    text.parse().ok().or_else(bare)
}

/// The answer to `question`; none where there is none.
async fn ask(server: SocketAddr, question: &[u8], each: Duration) -> io::Result<Option<Vec<u8>>> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    // From now on it hears nobody else.
    socket.connect(server).await?;
    for _ in 0..TRIES {
        socket.send(question).await?;
        match timeout(each, heard(&socket, question)).await {
            Ok(answer) => {
                let answer = answer?;
                let cut = Packet::parse(&answer).is_ok_and(|answer| answer.has_flags(PacketFlag::TRUNCATION));
                return if cut { whole(server, question).await.map(Some) } else { Ok(Some(answer)) };
            }
            Err(_) => continue,
        }
    }
    Ok(None)
}

/// The first answer that belongs to `question`.
async fn heard(socket: &UdpSocket, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; MOST_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let answer = buffer.get(..length).unwrap_or_default();
        // Number, and the bit that says it is an answer.
        if answer.get(..2) == question.get(..2) && answer.get(2).is_some_and(|flags| flags & 0x80 != 0) {
            return Ok(answer.to_owned());
        }
    }
}

/// The same over a connection, for an answer that no datagram holds.
async fn whole(server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_u16(u16::try_from(question.len()).unwrap_or_default()).await?;
    stream.write_all(question).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

impl From<Record> for TYPE {
    fn from(record: Record) -> Self {
        match record {
            Record::A => Self::A,
            Record::Aaaa => Self::AAAA,
            Record::Caa => Self::CAA,
            Record::Cname => Self::CNAME,
            Record::Mx => Self::MX,
            Record::Ns => Self::NS,
            Record::Ptr => Self::PTR,
            Record::Soa => Self::SOA,
            Record::Srv => Self::SRV,
            Record::Txt => Self::TXT,
        }
    }
}
