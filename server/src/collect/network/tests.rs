//! The collector on the machine that runs the tests: its two ways of counting beside each other, beside
//! `ss` and beside `/sys`.

use std::net::{TcpListener, TcpStream};
use std::process::Command;

use super::connections::{Counts, describe};
use super::*;

/// A listener with a connection that lives and one whose other side has closed.
struct Sockets {
    port: u16,
    _open: Vec<TcpStream>,
    _listener: TcpListener,
}

impl Sockets {
    fn at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let to = listener.local_addr().unwrap();
        let connect = || (TcpStream::connect(to).unwrap(), listener.accept().unwrap().0);
        let (client, served) = connect();
        let (leaves, waits) = connect();
        leaves.shutdown(std::net::Shutdown::Write).unwrap();
        // Closed here means that the packet that says so has come through.
        assert_eq!(std::io::Read::read(&mut &waits, &mut [0]).unwrap(), 0);
        Self { port: to.port(), _open: vec![client, served, leaves, waits], _listener: listener }
    }

    fn want(&self) -> String {
        let port = self.port;
        format!("{port}/ESTABLISHED:1 {port}/CLOSE_WAIT:1 {port}/LISTEN:1")
    }
}

/// Without the counts of all connections, which other tests change meanwhile.
fn of_ports(counts: &Counts) -> String {
    describe(counts).split(' ').filter(|word| word.contains('/')).collect::<Vec<_>>().join(" ")
}

#[test]
fn both_ways_and_ss_count_the_same_over_ipv4_and_ipv6() {
    let mut all = [Sockets::at("127.0.0.1"), Sockets::at("::1")];
    all.sort_by_key(|sockets| sockets.port);
    let want = all.iter().map(Sockets::want).collect::<Vec<_>>().join(" ");
    let ports = || all.iter().map(|sockets| sockets.port).collect::<Vec<_>>();

    let mut by_diag = Counts::new(ports());
    let mut diag = diag::Diag::default();
    // Twice: the socket is kept.
    for _ in 0..2 {
        diag.count(&mut by_diag).unwrap();
        assert_eq!(of_ports(&by_diag), want);
    }
    let mut by_table = Counts::new(ports());
    table::Table::new("/proc/net").count(&mut by_table).unwrap();
    assert_eq!(of_ports(&by_table), want);

    let Ok(ss) = Command::new("ss").args(["-Htan"]).output() else { return };
    let text = String::from_utf8(ss.stdout).unwrap();
    for port in ports() {
        let ours = text.lines().filter_map(|line| line.split_whitespace().nth(3)?.rsplit_once(':'));
        assert_eq!(ours.filter(|(_, of)| *of == port.to_string()).count(), 3, "ss on port {port}");
    }
}

#[test]
fn every_state_is_there_and_the_settings_are_followed() {
    let names = |settings| {
        let mut out = Vec::new();
        Network::new(settings).collect(Timestamp::from_millis(0), &mut out).unwrap();
        out
    };
    let none = NetworkSettings { connections: false, interfaces: false, monitored_ports: vec![1] };
    assert_eq!(names(none.clone()), []);
    let connections = names(NetworkSettings { connections: true, ..none.clone() });
    let states = |port: Option<&str>| {
        let of = connections.iter().filter(|s| s.metric.name == "network_connections" && s.tags.get("port") == port);
        of.filter_map(|s| s.tags.get("state")).collect::<Vec<_>>()
    };
    assert_eq!(states(None).len(), 11);
    assert_eq!(states(None), states(Some("1")));
    assert!(connections.iter().any(|s| s.metric.name == "network_tcp_retransmits_total"));
    let interfaces = names(NetworkSettings { interfaces: true, ..none });
    assert!(interfaces.iter().all(|s| s.metric.name.starts_with("network_interface_")));
}

/// A counter lies between readings of another source just before and just after.
#[test]
fn interfaces_are_what_sysfs_says() {
    let names = || std::fs::read_dir("/sys/class/net").unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let sys = |file: &str| -> Vec<(String, f64)> {
        let read = |name: &str| std::fs::read_to_string(format!("/sys/class/net/{name}/statistics/{file}")).unwrap();
        names().map(|name| (name.clone(), read(&name).trim().parse().unwrap())).collect()
    };
    for (file, metric) in
        [("rx_bytes", "network_interface_bytes_recv_total"), ("tx_packets", "network_interface_packets_sent_total")]
    {
        let before = sys(file);
        let mut out = Vec::new();
        Network::new(NetworkSettings::default()).collect(Timestamp::from_millis(0), &mut out).unwrap();
        for ((name, before), (_, after)) in before.iter().zip(sys(file)) {
            let of = |s: &&Sample| s.metric.name == metric && s.tags.get("interface") == Some(name);
            let ours = out.iter().find(of).unwrap().value;
            assert!((*before..=after).contains(&ours), "{name} {file}: {before} {ours} {after}");
        }
    }
}
