//! This machine: processors, load, memory, disks, network. One kernel subject a file.
//!
//! Invariant: no value is made up. What cannot be told yet, or not at all, is left out.
//! May not know: anything of processes; reading them all costs more than all the rest.

mod cpu;
mod disk;
mod disk_io;
mod load;
mod memory;
mod mounts;
mod network;
mod space;

use app::model::{Sample, Timestamp};

use super::number::{percent, value};
use super::{CollectError, Collector};

/// The `system` collector.
#[derive(Debug)]
pub struct System {
    cpu: cpu::Cpu,
    memory: memory::Memory,
    disk: disk::Disk,
    network: network::Network,
}

impl System {
    /// Takes the first reading of the processors, so that the first collection a little later has a value.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it reads the machine, which a default would not")]
    pub fn new() -> Self {
        Self {
            cpu: cpu::Cpu::new(),
            memory: memory::Memory::default(),
            disk: disk::Disk::default(),
            network: network::Network::default(),
        }
    }
}

impl Collector for System {
    fn name(&self) -> &'static str {
        "system"
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        CollectError::join([
            self.cpu.read(out),
            load::read(out),
            self.memory.read(out),
            self.disk.read(out),
            disk_io::read(out),
            self.network.read(out),
        ])
    }
}

#[cfg(test)]
mod tests;
