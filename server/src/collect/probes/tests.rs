//! Probes of real servers on this machine: those that answer, and each way of not answering.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, RCODE, ResourceRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::collect::Trust;
use crate::secret::Text;

/// 2026-01-01.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const LONG: Duration = Duration::from_secs(20);

/// What one try gives: by the name of the metric, and what was told.
struct Tried {
    values: Vec<(String, f64)>,
    told: Vec<String>,
    error: Option<String>,
}

impl Tried {
    fn value(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(has, _)| has == name).map(|(_, value)| *value)
    }
}

async fn attempt(check: ProbeCheck, timeout: Duration) -> Tried {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let told = Arc::clone(&told);
        Box::new(move |what: &str| told.lock().push(what.to_owned()))
    };
    let kind = check.kind();
    let mut probe = Probe::new(ProbeSettings { name: "shop".to_owned(), timeout, check }, tell);
    let mut out = Vec::new();
    let error = probe.collect(NOW, &mut out).await.err().map(|error| error.to_string());
    for sample in &out {
        assert_eq!(sample.tags, Tags::new([("probe", "shop"), ("kind", kind)]), "{sample:?}");
        assert!(sample.value.is_finite(), "{sample:?}");
    }
    let values = out.into_iter().map(|sample| (sample.metric.name.into_owned(), sample.value)).collect();
    let told = told.lock().clone();
    Tried { values, told, error }
}

/// `down`: why it is, where it is; goes on with a sentence about the target.
#[track_caller]
fn check(tried: &Tried, down: Option<&str>) {
    assert_eq!(tried.error, None);
    assert_eq!(tried.value("probe_up"), Some(if down.is_some() { 0.0 } else { 1.0 }), "{:?}", tried.told);
    assert!(tried.value("probe_duration_seconds").is_some_and(|took| took > 0.0 && took < 20.0), "{:?}", tried.values);
    let want: Vec<String> = down.iter().map(|why| format!("the target shop is down: it {why}")).collect();
    assert_eq!(tried.told, want);
}

/// A port that nobody listens on, and that nobody is given by chance while the tests run.
const CLOSED: u16 = 1;

fn tcp(host: &str, port: u16) -> ProbeCheck {
    ProbeCheck::Tcp(TcpProbe { host: Text::open(host), port })
}

#[tokio::test]
async fn ports_take_connections_or_do_not() {
    for host in ["127.0.0.1", "::1", "localhost"] {
        // Without IPv6 there is no such address to listen on.
        let Ok(listener) = TcpListener::bind((host, 0)).await else { continue };
        check(&attempt(tcp(host, listener.local_addr().unwrap().port()), LONG).await, None);
    }
    let refused = "takes no connection: connection refused";
    check(&attempt(tcp("127.0.0.1", CLOSED), LONG).await, Some(refused));
    check(&attempt(tcp("c4n4ry.invalid", 1), LONG).await, Some("has a name that is not found"));
}

#[tokio::test]
async fn down_and_up_again_is_told_once_each() {
    // An address on which no other test is given this port meanwhile.
    let listener = TcpListener::bind("127.0.0.77:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&told);
    let settings = ProbeSettings { name: "db".to_owned(), timeout: LONG, check: tcp("127.0.0.77", address.port()) };
    let mut probe = Probe::new(settings, Box::new(move |what: &str| into.lock().push(what.to_owned())));
    assert_eq!((probe.name(), probe.tag()), ("probe.db", "probes"));
    let mut listener = Some(listener);
    for up in [true, true, false, false, true, false] {
        listener = match (up, listener.take()) {
            (false, _) => None,
            (true, Some(listener)) => Some(listener),
            (true, None) => Some(TcpListener::bind(address).await.unwrap()),
        };
        let mut out = Vec::new();
        probe.collect(NOW, &mut out).await.unwrap();
        assert_eq!(out[0].value, f64::from(u8::from(up)));
    }
    let (down, up) = ("the target db is down: it takes no connection: connection refused", "the target db is up again");
    assert_eq!(*told.lock(), [down, up, down]);
}

#[tokio::test]
async fn echoes_come_back_from_this_machine_and_not_from_nowhere() {
    let icmp = |host: &str| ProbeCheck::Icmp(IcmpProbe { host: Text::open(host), packets: 3 });
    for host in ["127.0.0.1", "localhost"] {
        let tried = attempt(icmp(host), LONG).await;
        check(&tried, None);
        assert_eq!(tried.value("probe_icmp_loss_percent"), Some(0.0));
        assert!(tried.value("probe_icmp_round_trip_seconds").is_some_and(|time| time > 0.0 && time < 1.0));
    }
    check(&attempt(icmp("c4n4ry.invalid"), LONG).await, Some("has a name that is not found"));
}

/// In place of a name: a certificate for `127.0.0.1` that nobody but itself has issued.
const ITSELF: &str = "itself";

/// An issuer of certificates, and a server with one that it has issued.
struct Issued {
    root: CertificateDer<'static>,
    config: ServerConfig,
}

fn issue(from: i32, to: i32, name: &str) -> Issued {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![if name == ITSELF { "127.0.0.1" } else { name }.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    let leaf = if name == ITSELF { params.self_signed(&key) } else { params.signed_by(&key, &root) }.unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    Issued { root: root.der().clone(), config }
}

/// Answers over TLS with a page that holds `Carts: 3`.
async fn secure(config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\nCarts: 3")
                    .await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

#[tokio::test]
async fn the_days_of_a_certificate_count_whether_it_is_trusted_or_not() {
    let stranger = "has a certificate whose issuer this machine does not trust";
    // From `NOW` to the first of January of that year.
    for (years, name, trusted, days, why) in [
        ((2020, 2036), "127.0.0.1", true, 3652.0, None),
        ((2020, 2025), "127.0.0.1", true, -365.0, Some("has a certificate that has expired")),
        ((2035, 2036), "127.0.0.1", true, 3652.0, Some("has a certificate that is not valid yet")),
        ((2020, 2036), "c4n4ry.example", true, 3652.0, Some("has a certificate for another name")),
        ((2020, 2036), "127.0.0.1", false, 3652.0, Some(stranger)),
        ((2020, 2036), ITSELF, true, 3652.0, Some(stranger)),
    ] {
        let issued = issue(years.0, years.1, name);
        let trust = Trust::of(&if trusted { issued.root } else { issue(2020, 2036, "other").root });
        let address = secure(issued.config).await;
        let tls = ProbeCheck::Tls(TlsProbe {
            host: Text::open("127.0.0.1"),
            port: address.port(),
            server_name: Text::open("127.0.0.1"),
            trust: trust.clone(),
        });
        let tried = attempt(tls, LONG).await;
        check(&tried, None);
        assert_eq!(tried.value("probe_tls_certificate_days_left"), Some(days), "{why:?}");
        assert_eq!(tried.value("probe_tls_trusted"), Some(if why.is_none() { 1.0 } else { 0.0 }), "{why:?}");

        // A web server that is not trusted is down, and its days count all the same.
        let tried = attempt(http(&format!("https://{address}/"), &[], None, &trust), LONG).await;
        check(&tried, why);
        assert_eq!(tried.value("probe_tls_certificate_days_left"), Some(days), "{why:?}");
        assert_eq!(tried.value("probe_tls_trusted"), Some(if why.is_none() { 1.0 } else { 0.0 }), "{why:?}");
        assert_eq!(tried.value("probe_http_status_code"), why.is_none().then_some(200.0));
    }
}

#[tokio::test]
async fn a_certificate_may_be_for_another_name_than_that_of_the_host() {
    let issued = issue(2020, 2036, "mail.example.org");
    let trust = Trust::of(&issued.root);
    let port = secure(issued.config).await.port();
    let tls = |server_name: &str| {
        let (host, server_name) = (Text::open("127.0.0.1"), Text::open(server_name));
        ProbeCheck::Tls(TlsProbe { host, port, server_name, trust: trust.clone() })
    };
    assert_eq!(attempt(tls("mail.example.org"), LONG).await.value("probe_tls_trusted"), Some(1.0));
    let tried = attempt(tls("a..b"), LONG).await;
    assert_eq!(tried.error.as_deref(), Some("the name a..b: is none that a certificate can be for"));
    assert!(tried.values.is_empty() && tried.told.is_empty(), "what cannot be tried is neither up nor down");
}

#[tokio::test]
async fn who_speaks_no_tls_is_down() {
    let plain = plain(|_| "220 mail.example.org ESMTP\r\n".to_owned()).await;
    let closing = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closing_at = closing.local_addr().unwrap();
    tokio::spawn(async move { while closing.accept().await.is_ok() {} });
    let trust = Trust::of(&issue(2020, 2036, "a").root);
    for (port, why) in [
        (plain.port(), "does not speak TLS as it should"),
        (closing_at.port(), "breaks off: "),
        (CLOSED, "takes no connection: connection refused"),
    ] {
        let name = Text::open("127.0.0.1");
        let check = ProbeCheck::Tls(TlsProbe { host: name.clone(), port, server_name: name, trust: trust.clone() });
        let tried = attempt(check, LONG).await;
        assert_eq!(tried.value("probe_up"), Some(0.0));
        assert_eq!(tried.value("probe_tls_certificate_days_left"), None);
        assert!(tried.told[0].starts_with(&format!("the target shop is down: it {why}")), "{:?}", tried.told);
    }
}

/// A web server without TLS: answers with what the closure makes of the path.
async fn plain(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let answer = answer(request.split(' ').nth(1).unwrap_or_default());
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    address
}

fn http(url: &str, expected_status: &[u16], expected_text: Option<&str>, trust: &Trust) -> ProbeCheck {
    ProbeCheck::Http(HttpProbe {
        url: Text::open(url),
        expected_status: expected_status.to_vec(),
        expected_text: expected_text.map(Text::open),
        trust: trust.clone(),
    })
}

#[tokio::test]
async fn web_servers_are_judged_by_status_and_text() {
    let address = plain(|path| {
        let (status, more, body) = match path {
            "/" => (200, "", "Carts: 3".to_owned()),
            "/moved" => (301, "location: /\r\n", String::new()),
            "/loop" => (302, "location: /loop\r\n", String::new()),
            "/gone" => (404, "", "Carts: 0".to_owned()),
            "/late" => (200, "", format!("{}Carts", " ".repeat(2 * 1024 * 1024))),
            "/silent" => return String::new(),
            other => panic!("{other}"),
        };
        format!("HTTP/1.1 {status} So\r\ncontent-length: {}\r\n{more}connection: close\r\n\r\n{body}", body.len())
    })
    .await;
    let trust = Trust::of(&issue(2020, 2036, "a").root);
    let late = "has not the expected text in the first 1048576 bytes of its answer";
    for (path, status, text, down, code) in [
        ("/", [].as_slice(), None, None, Some(200.0)),
        ("/", &[200], Some("Carts"), None, Some(200.0)),
        ("/", &[], Some("Cats"), Some("has not the expected text in its answer"), Some(200.0)),
        ("/", &[204], None, Some("answers with HTTP status 200"), Some(200.0)),
        ("/moved", &[], Some("Carts: 3"), None, Some(200.0)),
        ("/moved", &[301, 302], None, None, Some(301.0)),
        ("/loop", &[], None, Some("redirects more than 5 times"), None),
        ("/gone", &[], None, Some("answers with HTTP status 404"), Some(404.0)),
        ("/gone", &[404], Some("Carts: 0"), None, Some(404.0)),
        ("/late", &[], Some("Carts"), Some(late), Some(200.0)),
    ] {
        let tried = attempt(http(&format!("http://{address}{path}"), status, text, &trust), LONG).await;
        check(&tried, down);
        assert_eq!(tried.value("probe_http_status_code"), code, "{path}");
        assert_eq!(tried.value("probe_http_first_byte_seconds").is_some(), code.is_some(), "{path}");
        assert_eq!(tried.value("probe_tls_trusted"), None);
    }
    let silent =
        attempt(http(&format!("http://{address}/silent"), &[], None, &trust), Duration::from_millis(300)).await;
    check(&silent, Some("gives no answer within 0.3 s"));
    let refused = format!("http://127.0.0.1:{CLOSED}/c4n4ry");
    check(&attempt(http(&refused, &[], None, &trust), LONG).await, Some("takes no connection: connection refused"));
}

/// A name server that answers each question with what the closure makes of it, over UDP and over TCP.
async fn names(answer: impl Fn(&Packet<'_>, bool) -> Vec<u8> + Send + Sync + 'static) -> SocketAddr {
    // The same port of both; another test may have one of them.
    let (socket, listener) = loop {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        match TcpListener::bind(socket.local_addr().unwrap()).await {
            Ok(listener) => break (socket, listener),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse),
        }
    };
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        loop {
            tokio::select! {
                received = socket.recv_from(&mut buffer) => {
                    let (length, from) = received.unwrap();
                    let answer = answer(&Packet::parse(&buffer[..length]).unwrap(), false);
                    socket.send_to(&answer, from).await.unwrap();
                }
                accepted = listener.accept() => {
                    let (mut stream, _) = accepted.unwrap();
                    let length = usize::from(stream.read_u16().await.unwrap());
                    stream.read_exact(&mut buffer[..length]).await.unwrap();
                    let answer = answer(&Packet::parse(&buffer[..length]).unwrap(), true);
                    stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                    stream.write_all(&answer).await.unwrap();
                }
            }
        }
    });
    address
}

/// So many addresses of the name that was asked for, behind another name for it.
fn addresses(question: &Packet<'_>, count: u8) -> Packet<'static> {
    let mut reply = Packet::new_reply(question.id());
    reply.questions.extend(question.questions.iter().cloned().map(simple_dns::Question::into_owned));
    let name = Name::new("shop.example.org").unwrap();
    let alias = RData::CNAME(simple_dns::rdata::CNAME(Name::new("www.example.org").unwrap()));
    reply.answers.push(ResourceRecord::new(name.clone(), CLASS::IN, 60, alias));
    for n in 0..count {
        let address = RData::A(simple_dns::rdata::A { address: 0x0a00_0000 + u32::from(n) });
        reply.answers.push(ResourceRecord::new(name.clone(), CLASS::IN, 60, address));
    }
    reply
}

fn dns(name: &str, server: &str) -> ProbeCheck {
    ProbeCheck::Dns(DnsProbe {
        name: Text::open(name),
        record: Record::A,
        server: Some(Text::open(server)),
        system: "/nowhere".into(),
    })
}

#[tokio::test]
async fn name_servers_are_judged_by_their_answers() {
    let server = names(|question, whole| {
        let asked = question.questions[0].qname.to_string();
        let mut reply = addresses(question, if asked.starts_with("many") && whole { 200 } else { 2 });
        match asked.as_str() {
            "many.example.org" if !whole => reply.set_flags(PacketFlag::TRUNCATION),
            "alias.example.org" => reply.answers.truncate(1),
            "none.example.org" => *reply.rcode_mut() = RCODE::NameError,
            "refused.example.org" => *reply.rcode_mut() = RCODE::Refused,
            "broken.example.org" => return [&question.id().to_be_bytes(), [0x81, 0x80].as_slice(), b"c4n4ry"].concat(),
            "other.example.org" => reply.set_id(question.id().wrapping_add(1)),
            _ => {}
        }
        if asked.starts_with("none") || asked.starts_with("refused") {
            reply.answers.clear();
        }
        reply.build_bytes_vec().unwrap()
    })
    .await
    .to_string();
    for (name, down, answers) in [
        ("shop.example.org", None, Some(2.0)),
        ("many.example.org", None, Some(200.0)),
        ("alias.example.org", Some("has no such record"), Some(0.0)),
        ("none.example.org", Some("says that there is no such name"), Some(0.0)),
        ("refused.example.org", Some("refuses to answer"), Some(0.0)),
        ("broken.example.org", Some("gives an answer that is not DNS"), None),
    ] {
        let tried = attempt(dns(name, &server), LONG).await;
        check(&tried, down);
        assert_eq!(tried.value("probe_dns_answers"), answers, "{name}");
    }
    // An answer to another question is none.
    let tried = attempt(dns("other.example.org", &server), Duration::from_millis(300)).await;
    assert_eq!(tried.value("probe_up"), Some(0.0));
    assert!(tried.told[0].contains("gives no answer"), "{:?}", tried.told);
    let nobody = format!("127.0.0.1:{CLOSED}");
    check(&attempt(dns("a.example", &nobody), LONG).await, Some("cannot be asked: connection refused"));
    let long = "a".repeat(64);
    let tried = attempt(dns(&long, &server), LONG).await;
    assert_eq!(tried.error, Some(format!("the name {long}: is none that DNS can have")));
}

#[tokio::test]
async fn a_message_that_got_lost_is_sent_again() {
    let heard = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&heard);
    let server = names(move |question, _| {
        *counted.lock() += 1;
        // An empty datagram is no answer.
        if *counted.lock() < 3 { Vec::new() } else { addresses(question, 1).build_bytes_vec().unwrap() }
    })
    .await;
    check(&attempt(dns("a.example", &server.to_string()), Duration::from_secs(3)).await, None);
    assert_eq!(*heard.lock(), 3);
}

#[tokio::test]
async fn the_system_s_first_name_server_is_asked_where_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let system = folder.path().join("resolv.conf");
    let probe = |system: &std::path::Path| {
        let name = Text::open("a.example");
        ProbeCheck::Dns(DnsProbe { name, record: Record::A, server: None, system: system.to_owned() })
    };
    let server = names(|question, _| addresses(question, 1).build_bytes_vec().unwrap()).await;
    std::fs::write(&system, format!("# one\nsearch example.org\nnameserver {server}\nnameserver 192.0.2.1\n")).unwrap();
    check(&attempt(probe(&system), LONG).await, None);
    std::fs::write(&system, "search example.org\n").unwrap();
    let says = attempt(probe(&system), LONG).await.error.unwrap();
    assert!(says.ends_with("resolv.conf was read but not understood: it names no server"), "{says}");
    let says = attempt(probe(&folder.path().join("none")), LONG).await.error.unwrap();
    assert!(says.contains("none cannot be read: No such file"), "{says}");
    // One that nobody writes into: reading it hangs, on a thread of its own.
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    check(&attempt(probe(&pipe), Duration::from_millis(50)).await, Some("gives no answer within 0.05 s"));
    std::fs::write(&pipe, "").unwrap();
}
