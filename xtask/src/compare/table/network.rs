//! Interfaces, connections, protocols.

use super::How::{Counter, Gauge};
use super::{COUNTS, Row, only, row};

const CONNECTIONS: &str = "those of the readers themselves come and go: each asks over a connection of its own";
const LOOPBACK: &str = "both take the kernel's count as it is; node_exporter has none of loopback";
const WATCHED: &str = "the port is the load's own, whose connections stand still";

pub(super) const ROWS: &[Row] = &[
    row(
        "network_bytes_recv_total",
        "node_network_receive_bytes_total - node_network_receive_bytes_total{device=lo}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_bytes_recv_total",
        "proc_net_dev{column=bytes_recv} - proc_net_dev{column=bytes_recv,interface=lo}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_bytes_recv_total",
            "node_network_receive_bytes_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_bytes_recv_total",
        "proc_net_dev{interface=$interface,column=bytes_recv}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_bytes_sent_total",
        "node_network_transmit_bytes_total - node_network_transmit_bytes_total{device=lo}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_bytes_sent_total",
        "proc_net_dev{column=bytes_sent} - proc_net_dev{column=bytes_sent,interface=lo}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_bytes_sent_total",
            "node_network_transmit_bytes_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_bytes_sent_total",
        "proc_net_dev{interface=$interface,column=bytes_sent}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_packets_recv_total",
        "node_network_receive_packets_total - node_network_receive_packets_total{device=lo}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_packets_recv_total",
        "proc_net_dev{column=packets_recv} - proc_net_dev{column=packets_recv,interface=lo}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_packets_recv_total",
            "node_network_receive_packets_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_packets_recv_total",
        "proc_net_dev{interface=$interface,column=packets_recv}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_packets_sent_total",
        "node_network_transmit_packets_total - node_network_transmit_packets_total{device=lo}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_packets_sent_total",
        "proc_net_dev{column=packets_sent} - proc_net_dev{column=packets_sent,interface=lo}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_packets_sent_total",
            "node_network_transmit_packets_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_packets_sent_total",
        "proc_net_dev{interface=$interface,column=packets_sent}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_errors_in_total",
        "node_network_receive_errs_total - node_network_receive_errs_total{device=lo}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_errors_in_total",
        "proc_net_dev{column=errors_in} - proc_net_dev{column=errors_in,interface=lo}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_errors_in_total",
            "node_network_receive_errs_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_errors_in_total",
        "proc_net_dev{interface=$interface,column=errors_in}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_errors_out_total",
        "node_network_transmit_errs_total - node_network_transmit_errs_total{device=lo}",
        Counter(0.0),
        COUNTS,
    ),
    row(
        "network_errors_out_total",
        "proc_net_dev{column=errors_out} - proc_net_dev{column=errors_out,interface=lo}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_errors_out_total",
            "node_network_transmit_errs_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_errors_out_total",
        "proc_net_dev{interface=$interface,column=errors_out}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_drops_in_total",
            "node_network_receive_drop_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row("network_interface_drops_in_total", "proc_net_dev{interface=$interface,column=drops_in}", Counter(0.0), COUNTS),
    only(
        &[("interface", "!lo")],
        row(
            "network_interface_drops_out_total",
            "node_network_transmit_drop_total{device=$interface}",
            Counter(0.0),
            LOOPBACK,
        ),
    ),
    row(
        "network_interface_drops_out_total",
        "proc_net_dev{interface=$interface,column=drops_out}",
        Counter(0.0),
        COUNTS,
    ),
    only(
        &[("port", "")],
        row("network_connections", "node_tcp_connection_states{state=$state}", Gauge(6.0), CONNECTIONS),
    ),
    only(&[("port", "")], row("network_connections", "ss{state=$state}", Gauge(6.0), CONNECTIONS)),
    only(&[("port", "")], row("network_connections", "proc_net_tcp{state=$state}", Gauge(6.0), CONNECTIONS)),
    row("network_connections", "ss_port{port=$port,state=$state}", Gauge(0.0), WATCHED),
    row("network_tcp_retransmits_total", "node_netstat_Tcp_RetransSegs", Counter(0.0), COUNTS),
    row("network_tcp_retransmits_total", "proc_protocols{name=Tcp_RetransSegs}", Counter(0.0), COUNTS),
    row("network_tcp_segments_sent_total", "node_netstat_Tcp_OutSegs", Counter(0.0), COUNTS),
    row("network_tcp_segments_sent_total", "proc_protocols{name=Tcp_OutSegs}", Counter(0.0), COUNTS),
    row("network_tcp_segments_recv_total", "node_netstat_Tcp_InSegs", Counter(0.0), COUNTS),
    row("network_tcp_segments_recv_total", "proc_protocols{name=Tcp_InSegs}", Counter(0.0), COUNTS),
    row("network_tcp_active_opens_total", "node_netstat_Tcp_ActiveOpens", Counter(0.0), COUNTS),
    row("network_tcp_active_opens_total", "proc_protocols{name=Tcp_ActiveOpens}", Counter(0.0), COUNTS),
    row("network_tcp_passive_opens_total", "node_netstat_Tcp_PassiveOpens", Counter(0.0), COUNTS),
    row("network_tcp_passive_opens_total", "proc_protocols{name=Tcp_PassiveOpens}", Counter(0.0), COUNTS),
    row("network_tcp_attempt_fails_total", "node_netstat_Tcp_AttemptFails", Counter(0.0), COUNTS),
    row("network_tcp_attempt_fails_total", "proc_protocols{name=Tcp_AttemptFails}", Counter(0.0), COUNTS),
    row("network_tcp_established_resets_total", "node_netstat_Tcp_EstabResets", Counter(0.0), COUNTS),
    row("network_tcp_established_resets_total", "proc_protocols{name=Tcp_EstabResets}", Counter(0.0), COUNTS),
    row("network_tcp_resets_sent_total", "node_netstat_Tcp_OutRsts", Counter(0.0), COUNTS),
    row("network_tcp_resets_sent_total", "proc_protocols{name=Tcp_OutRsts}", Counter(0.0), COUNTS),
    row("network_tcp_errors_in_total", "node_netstat_Tcp_InErrs", Counter(0.0), COUNTS),
    row("network_tcp_errors_in_total", "proc_protocols{name=Tcp_InErrs}", Counter(0.0), COUNTS),
    row("network_tcp_timeouts_total", "node_netstat_TcpExt_TCPTimeouts", Counter(0.0), COUNTS),
    row("network_tcp_timeouts_total", "proc_protocols{name=TcpExt_TCPTimeouts}", Counter(0.0), COUNTS),
    row("network_tcp_listen_overflows_total", "node_netstat_TcpExt_ListenOverflows", Counter(0.0), COUNTS),
    row("network_tcp_listen_overflows_total", "proc_protocols{name=TcpExt_ListenOverflows}", Counter(0.0), COUNTS),
    row("network_tcp_listen_drops_total", "node_netstat_TcpExt_ListenDrops", Counter(0.0), COUNTS),
    row("network_tcp_listen_drops_total", "proc_protocols{name=TcpExt_ListenDrops}", Counter(0.0), COUNTS),
    row("network_udp_errors_in_total", "node_netstat_Udp_InErrors", Counter(0.0), COUNTS),
    row("network_udp_errors_in_total", "proc_protocols{name=Udp_InErrors}", Counter(0.0), COUNTS),
    row("network_udp_receive_buffer_errors_total", "node_netstat_Udp_RcvbufErrors", Counter(0.0), COUNTS),
    row("network_udp_receive_buffer_errors_total", "proc_protocols{name=Udp_RcvbufErrors}", Counter(0.0), COUNTS),
];
