//! `collectors.probes`: whether others answer.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::json;

use super::collectors::Pace;
use super::{DAY, one_of};
use crate::config::problem::quoted;
use crate::config::read::{
    Formed, Free, Host, ListOf, MapOf, Name, OneOf, Record, Seconds, Section, Url, Whole, choice,
};
use crate::secret::Text;

/// `collectors.probes`.
#[derive(Debug)]
pub struct Probes {
    /// Whether and how often.
    pub pace: Pace,
    /// By a name of the user's choice.
    pub targets: BTreeMap<String, Target>,
}

/// Somebody who should answer.
#[derive(Debug)]
pub struct Target {
    /// From one try to the next.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What is asked.
    pub kind: TargetKind,
}

/// What is asked of a target.
#[derive(Debug)]
pub enum TargetKind {
    /// An answer of a web server.
    Http {
        /// What is asked.
        url: Text,
        /// Status codes that are right; none: any from 200 to 299.
        expected_status: Vec<u16>,
        /// What has to be in the answer.
        expected_text: Option<Text>,
    },
    /// A connection.
    Tcp {
        /// A name or an address.
        host: Text,
        /// Its port.
        port: u16,
    },
    /// Echoes.
    Icmp {
        /// A name or an address.
        host: Text,
        /// How many.
        packets: u8,
    },
    /// Records of a name.
    Dns {
        /// The name.
        name: Text,
        /// What is asked about it.
        record: RecordType,
        /// Who is asked; none: the system's first name server.
        server: Option<Text>,
    },
    /// A certificate.
    Tls {
        /// A name or an address.
        host: Text,
        /// Its port.
        port: u16,
        /// The name that the certificate has to be for; none: the host.
        server_name: Option<Text>,
    },
}

/// What can be asked about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the field's own names")]
pub enum RecordType {
    A,
    Aaaa,
    Caa,
    Cname,
    Mx,
    Ns,
    Ptr,
    Soa,
    Srv,
    Txt,
}

choice!(RecordType {
    "A" => A, "AAAA" => Aaaa, "CAA" => Caa, "CNAME" => Cname, "MX" => Mx, "NS" => Ns, "PTR" => Ptr, "SOA" => Soa,
    "SRV" => Srv, "TXT" => Txt,
});

const SERVER: Formed = Formed {
    allowed: "the IP address of a name server, with a port or without: 192.0.2.53, 192.0.2.53:5353, [2001:db8::53]:53",
    good: |text| text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok(),
};

const KINDS: &[&str] = &["http", "tcp", "icmp", "dns", "tls"];
const USUAL_TIMEOUT: Duration = Duration::from_secs(5);

impl Probes {
    pub(super) fn read(s: &mut Section<'_>, every: Duration) -> Self {
        let pace = Pace::read(s, every);
        let targets = MapOf(Record(|s: &mut Section<'_>| Target::read(s, pace.interval)));
        let doc = "By names of your choice. Each is one of http, tcp, icmp, dns or tls.";
        let read = Self { pace, targets: s.or("targets", &targets, BTreeMap::new(), doc) };
        for name in read.targets.keys().filter(|name| !(Name::ANY.good)(name)) {
            s.at_path(&["targets", name]).refuse(quoted(name), Name::ANY.allowed);
        }
        read
    }
}

impl Target {
    fn read(s: &mut Section<'_>, every: Duration) -> Option<Self> {
        let own = "Seconds from one try to the next; that of probes where this is left out.";
        let interval = s.maybe("collection_interval", &Seconds(0.1..=DAY), 60, own).unwrap_or(every);
        let limit = "Seconds that an answer may take; 5, or the interval where that is less, where this is left out.";
        let timeout = s.maybe("timeout", &Seconds(0.1..=DAY), 3, limit).unwrap_or(interval.min(USUAL_TIMEOUT));
        let none = || json!(null);
        let http = s.maybe("http", &Record(read_http), none(), "A web server that should answer.");
        let tcp = s.maybe("tcp", &Record(read_tcp), none(), "A port that should take connections.");
        let icmp = s.maybe("icmp", &Record(read_icmp), none(), "A host that should send back echoes (ping).");
        let dns = s.maybe("dns", &Record(read_dns), none(), "A name that a name server should know.");
        let tls = s.maybe("tls", &Record(read_tls), none(), "A port that should show a good certificate.");
        one_of(s, KINDS);
        let kind = http.or(tcp).or(icmp).or(dns).or(tls);
        Some(Self { interval, timeout, kind: kind? })
    }
}

const HOST: &str = "A name or an IP address.";

fn read_http(s: &mut Section<'_>) -> Option<TargetKind> {
    let url = s.required("url", &Url, "https://www.example.org/", "What is asked.");
    let expected_status = s.or(
        "expected_status",
        &ListOf(Whole(100..=599_u16)),
        Vec::new(),
        "Status codes that are right; any from 200 to 299 where the list is empty. Redirects are followed unless one of \
         theirs (300 to 399) is in it.",
    );
    let expected_text = s.maybe("expected_text", &Free, "Welcome", "What has to be in the answer, in its first MiB.");
    Some(TargetKind::Http { url: url?, expected_status, expected_text })
}

fn read_tcp(s: &mut Section<'_>) -> Option<TargetKind> {
    let host = s.required("host", &Host, "db.example.org", HOST);
    let port = s.required("port", &Whole(1..=u16::MAX), 5432, "Its port.");
    Some(TargetKind::Tcp { host: host?, port: port? })
}

fn read_icmp(s: &mut Section<'_>) -> Option<TargetKind> {
    let host = s.required("host", &Host, "gateway.example.org", HOST);
    let packets = s.or("packets", &Whole(1..=20_u8), 3, "How many echoes are asked for, a tenth of a second apart.");
    Some(TargetKind::Icmp { host: host?, packets })
}

fn read_dns(s: &mut Section<'_>) -> Option<TargetKind> {
    let name = s.required(
        "name",
        &Host,
        "www.example.org",
        "What is asked about; for PTR the reversed address in in-addr.arpa or ip6.arpa.",
    );
    let record = s.or("type", &OneOf::<RecordType>::NEW, RecordType::A, "The kind of record that it should have.");
    let server = s.maybe(
        "server",
        &SERVER,
        "192.0.2.53",
        "Who is asked; the system's first name server where this is left out.",
    );
    Some(TargetKind::Dns { name: name?, record, server })
}

fn read_tls(s: &mut Section<'_>) -> Option<TargetKind> {
    let host = s.required("host", &Host, "mail.example.org", HOST);
    let port = s.or("port", &Whole(1..=u16::MAX), 443, "Its port.");
    let for_name = "The name that the certificate has to be for; the host where this is left out.";
    let server_name = s.maybe("server_name", &Host, "www.example.org", for_name);
    Some(TargetKind::Tls { host: host?, port, server_name })
}
