//! TCP connections by state, over IPv4 and IPv6 together.

use app::model::{Metric, Sample, Tags, Unit};

use super::{CollectError, diag, table};
use crate::collect::number::value;

static CONNECTIONS: Metric = Metric::gauge("network_connections", Unit::COUNT);

/// The kernel's states in its own order, the first of which has the number 1 (net/tcp_states.h).
const STATES: [&str; 11] = [
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
];

/// What the kernel calls a connection of which only the first packet has come; to people it is `SYN_RECV`.
const NEW_SYN_RECV: u8 = 12;
const SYN_RECV: u8 = 3;

type ByState = [u64; STATES.len()];

/// How many connections have which state: all of them, then those of each monitored port.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counts {
    all: ByState,
    /// Sorted by port.
    ports: Vec<(u16, ByState)>,
}

impl Counts {
    pub(super) fn new(mut ports: Vec<u16>) -> Self {
        ports.sort_unstable();
        ports.dedup();
        Self { all: ByState::default(), ports: ports.into_iter().map(|port| (port, ByState::default())).collect() }
    }

    /// Back to zero everywhere.
    pub(super) fn clear(&mut self) {
        self.all = ByState::default();
        self.ports.iter_mut().for_each(|(_, counts)| *counts = ByState::default());
    }

    /// One more connection; a state that this code does not know is none.
    pub(super) fn add(&mut self, state: u8, local_port: u16) {
        let state = if state == NEW_SYN_RECV { SYN_RECV } else { state };
        let index = usize::from(state).wrapping_sub(1);
        let Some(count) = self.all.get_mut(index) else { return };
        *count += 1;
        let port = self.ports.binary_search_by_key(&local_port, |(port, _)| *port).ok();
        if let Some(count) = port.and_then(|at| self.ports.get_mut(at)?.1.get_mut(index)) {
            *count += 1;
        }
    }

    fn each(&self) -> impl Iterator<Item = u64> {
        self.all.iter().chain(self.ports.iter().flat_map(|(_, counts)| counts)).copied()
    }
}

#[derive(Debug)]
pub(super) struct Connections {
    counts: Counts,
    /// In the order of [`Counts::each`].
    tags: Vec<Tags>,
    diag: diag::Diag,
    table: table::Table,
}

impl Connections {
    pub(super) fn new(monitored_ports: Vec<u16>) -> Self {
        let counts = Counts::new(monitored_ports);
        let ports = counts.ports.iter().map(|(port, _)| port.to_string());
        let of_ports =
            ports.flat_map(|port| STATES.map(|state| Tags::new([("port", port.as_str()), ("state", state)])));
        let tags = STATES.into_iter().map(|state| Tags::new([("state", state)])).chain(of_ports).collect();
        Self { counts, tags, diag: diag::Diag::default(), table: table::Table::new("/proc/net") }
    }

    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        // The kernel may refuse: modules that are not loaded, containers, old kernels. It is asked again at
        // the next reading, which costs little.
        if self.diag.count(&mut self.counts).is_err() {
            self.table.count(&mut self.counts)?;
        }
        out.extend(
            self.counts.each().zip(&self.tags).map(|(count, tags)| CONNECTIONS.sample(tags.clone(), value(count))),
        );
        Ok(())
    }
}

/// What has been counted, for tests: `LISTEN:1 80/LISTEN:1`, zeros left out.
#[cfg(test)]
pub(super) fn describe(counts: &Counts) -> String {
    let name = |port: Option<u16>, state: &str| port.map_or(state.to_owned(), |port| format!("{port}/{state}"));
    let ports = counts.ports.iter().map(|(port, by_state)| (Some(*port), by_state));
    let rows = std::iter::once((None, &counts.all)).chain(ports);
    let words =
        rows.flat_map(|(port, by_state)| by_state.iter().zip(STATES).map(move |(n, state)| (*n, name(port, state))));
    words.filter(|(n, _)| *n > 0).map(|(n, name)| format!("{name}:{n}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_counted_in_all_and_for_monitored_ports() {
        let mut counts = Counts::new(vec![443, 80, 443]);
        for (state, port) in [(1, 80), (1, 5000), (10, 443), (3, 443), (12, 443), (11, 1)] {
            counts.add(state, port);
        }
        let want = "ESTABLISHED:2 SYN_RECV:2 LISTEN:1 CLOSING:1 80/ESTABLISHED:1 443/SYN_RECV:2 443/LISTEN:1";
        assert_eq!(describe(&counts), want);
        counts.clear();
        // 13 is a socket that is bound and does nothing, which `/proc` does not show either.
        [0, 13, 255].into_iter().for_each(|state| counts.add(state, 80));
        assert_eq!(describe(&counts), "");
        assert_eq!(counts.each().count(), STATES.len() * 3);
    }
}
