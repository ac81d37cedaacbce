//! What TCP and UDP had to repeat, refuse or throw away since the machine started.
//!
//! From `/proc/net/snmp` and `/proc/net/netstat`: of each protocol a line of names, then one of numbers.
//! On machines of 32 bits the counters wrap; a fall is a reset to whoever reads them.

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;
use crate::collect::kernel_file::KernelFile;
use crate::collect::number::value;

const fn counter(name: &'static str) -> Metric {
    Metric::counter(name, Unit::COUNT)
}

/// Protocol and name as the kernel has them, and ours.
static SNMP: [(&str, &str, Metric); 11] = [
    ("Tcp", "ActiveOpens", counter("network_tcp_active_opens_total")),
    ("Tcp", "PassiveOpens", counter("network_tcp_passive_opens_total")),
    ("Tcp", "AttemptFails", counter("network_tcp_attempt_fails_total")),
    ("Tcp", "EstabResets", counter("network_tcp_established_resets_total")),
    ("Tcp", "InSegs", counter("network_tcp_segments_recv_total")),
    ("Tcp", "OutSegs", counter("network_tcp_segments_sent_total")),
    ("Tcp", "RetransSegs", counter("network_tcp_retransmits_total")),
    ("Tcp", "InErrs", counter("network_tcp_errors_in_total")),
    ("Tcp", "OutRsts", counter("network_tcp_resets_sent_total")),
    ("Udp", "InErrors", counter("network_udp_errors_in_total")),
    ("Udp", "RcvbufErrors", counter("network_udp_receive_buffer_errors_total")),
];

static NETSTAT: [(&str, &str, Metric); 3] = [
    ("TcpExt", "ListenOverflows", counter("network_tcp_listen_overflows_total")),
    ("TcpExt", "ListenDrops", counter("network_tcp_listen_drops_total")),
    ("TcpExt", "TCPTimeouts", counter("network_tcp_timeouts_total")),
];

#[derive(Debug)]
pub(super) struct Protocols {
    snmp: KernelFile,
    netstat: KernelFile,
}

impl Protocols {
    pub(super) fn new() -> Self {
        Self { snmp: KernelFile::new("/proc/net/snmp"), netstat: KernelFile::new("/proc/net/netstat") }
    }

    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let mut add = |metric: &Metric, count| out.push(metric.sample(Tags::default(), value(count)));
        CollectError::join([
            self.snmp.text().map(|text| parse(text, &SNMP, &mut add)),
            // Some containers are not shown this one.
            self.netstat.text_if_there().map(|text| parse(text.unwrap_or_default(), &NETSTAT, &mut add)),
        ])
    }
}

/// Names without a number, because the kernel is old or a line is cut, are left out.
fn parse(text: &str, wanted: &'static [(&str, &str, Metric)], add: &mut impl FnMut(&'static Metric, u64)) {
    let mut lines = text.lines();
    while let Some((names, numbers)) = lines.next().zip(lines.next()) {
        let Some((protocol, names)) = names.split_once(": ") else { continue };
        let Some((_, numbers)) = numbers.split_once(": ").filter(|(of, _)| *of == protocol) else { continue };
        if !wanted.iter().any(|(of, _, _)| *of == protocol) {
            continue;
        }
        for (name, number) in names.split_ascii_whitespace().zip(numbers.split_ascii_whitespace()) {
            let metric = wanted.iter().find(|(of, called, _)| (*of, *called) == (protocol, name));
            if let Some(((_, _, metric), number)) = metric.zip(number.parse().ok()) {
                add(metric, number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[(&str, u64)]) {
        let mut got = Vec::new();
        parse(text, &SNMP, &mut |metric, count| got.push((&*metric.name, count)));
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn numbers_are_found_by_their_names() {
        let text = "Ip: Forwarding InReceives\nIp: 2 19570\n\
            Tcp: MaxConn InErrs RetransSegs\nTcp: -1 4 17\n\
            Udp: InDatagrams InErrors New\nUdp: 82 3 9\n\
            UdpLite: InErrors\nUdpLite: 99\n";
        check(
            text,
            &[
                ("network_tcp_errors_in_total", 4),
                ("network_tcp_retransmits_total", 17),
                ("network_udp_errors_in_total", 3),
            ],
        );
    }

    #[test]
    fn a_cut_or_odd_line_gives_what_it_has() {
        check("Tcp: InErrs RetransSegs\nTcp: 4", &[("network_tcp_errors_in_total", 4)]);
        check("Tcp: InErrs RetransSegs\nTcp: -4 5\n", &[("network_tcp_retransmits_total", 5)]);
        check("Tcp: InErrs\n", &[]);
        check("Tcp: InErrs\nUdp: 4\n", &[]);
        check("", &[]);
    }
}
