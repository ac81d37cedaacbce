//! The network as this machine sees it: connections by state, interfaces, what TCP had to repeat.
//!
//! Invariant: every state is there at every reading, with 0 where no connection has it, so that a chart
//! of a state that comes and goes has no holes.
//! Start reading at [`connections`]; how they are counted is in [`diag`] and, where the kernel refuses
//! that, in [`table`].

mod connections;
mod diag;
mod interfaces;
mod protocols;
mod table;

use app::model::{Sample, Timestamp};

use super::{CollectError, Collector};

/// What the collector reads.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSettings {
    /// Connections by state, and the counters of TCP and UDP.
    pub connections: bool,
    /// Traffic of each interface.
    pub interfaces: bool,
    /// Local ports that get a breakdown of their own; only read with `connections`.
    pub monitored_ports: Vec<u16>,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self { connections: true, interfaces: true, monitored_ports: Vec::new() }
    }
}

/// The `network` collector.
#[derive(Debug)]
pub struct Network {
    connections: Option<(connections::Connections, protocols::Protocols)>,
    interfaces: Option<interfaces::Interfaces>,
}

impl Network {
    /// Reads nothing yet.
    #[must_use]
    pub fn new(settings: NetworkSettings) -> Self {
        let NetworkSettings { connections, interfaces, monitored_ports } = settings;
        Self {
            connections: connections
                .then(|| (connections::Connections::new(monitored_ports), protocols::Protocols::new())),
            interfaces: interfaces.then(interfaces::Interfaces::new),
        }
    }
}

impl Collector for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let connections = self
            .connections
            .as_mut()
            .map(|(connections, protocols)| CollectError::join([connections.read(out), protocols.read(out)]));
        let interfaces = self.interfaces.as_mut().map(|interfaces| interfaces.read(out));
        CollectError::join(connections.into_iter().chain(interfaces))
    }
}

#[cfg(test)]
mod tests;
