//! This machine: processors, load, memory, disks, network. One kernel subject a file.
//!
//! Invariant: no value is made up. What cannot be told yet, or not at all, is left out.
//! May not know: anything of processes; reading them all costs more than all the rest.

#[cfg(target_os = "linux")]
mod adjtimex;
mod cpu;
mod disk;
mod disk_io;
#[cfg(target_os = "linux")]
mod kernel;
mod load;
mod memory;
mod mounts;
mod network;
#[cfg(target_os = "linux")]
mod pressure;
mod space;
#[cfg(target_os = "linux")]
mod time;

use app::model::{Sample, Timestamp};

use super::number::{percent, value};
use super::{CollectError, Collector};

/// What the collector reads; by default all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemSettings {
    /// Usage of the processors, by mode too, the load, and what they run.
    pub cpu: bool,
    /// Usage of each core; only read with `cpu`.
    pub per_core: bool,
    /// Main memory and swap.
    pub memory: bool,
    /// Space of file systems.
    pub disk: bool,
    /// Traffic of disks.
    pub disk_io: bool,
    /// Totals of the network.
    pub network: bool,
    /// How long work had to wait for processors, memory and disks.
    pub pressure: bool,
    /// Uptime, open files, and how the clock is kept.
    pub kernel: bool,
}

impl Default for SystemSettings {
    fn default() -> Self {
        Self {
            cpu: true,
            per_core: true,
            memory: true,
            disk: true,
            disk_io: true,
            network: true,
            pressure: true,
            kernel: true,
        }
    }
}

/// The `system` collector.
#[derive(Debug)]
pub struct System {
    cpu: Option<cpu::Cpu>,
    load: load::Load,
    memory: Option<memory::Memory>,
    disk: Option<disk::Disk>,
    disk_io: Option<disk_io::DiskIo>,
    network: Option<network::Network>,
    #[cfg(target_os = "linux")]
    pressure: Option<pressure::Pressure>,
    #[cfg(target_os = "linux")]
    kernel: Option<kernel::Kernel>,
}

impl System {
    /// With everything it can read.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it reads the machine, which a default would not")]
    pub fn new() -> Self {
        Self::with(SystemSettings::default())
    }

    /// Takes the first reading of the processors, so that the first collection a little later has a value.
    #[must_use]
    pub fn with(settings: SystemSettings) -> Self {
        Self {
            cpu: settings.cpu.then(|| cpu::Cpu::new(settings.per_core)),
            load: load::Load::new(),
            memory: settings.memory.then(memory::Memory::default),
            disk: settings.disk.then(disk::Disk::default),
            disk_io: settings.disk_io.then(disk_io::DiskIo::default),
            network: settings.network.then(network::Network::default),
            #[cfg(target_os = "linux")]
            pressure: settings.pressure.then(pressure::Pressure::new),
            #[cfg(target_os = "linux")]
            kernel: settings.kernel.then(kernel::Kernel::new),
        }
    }
}

impl Collector for System {
    fn name(&self) -> &'static str {
        "system"
    }

    fn collect(&mut self, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let load = &mut self.load;
        CollectError::join([
            self.cpu.as_mut().map_or(Ok(()), |cpu| CollectError::join([cpu.read(out), load.read(out)])),
            self.memory.as_mut().map_or(Ok(()), |memory| memory.read(out)),
            self.disk.as_mut().map_or(Ok(()), |disk| disk.read(out)),
            self.disk_io.as_mut().map_or(Ok(()), |disk_io| disk_io.read(now, out)),
            self.network.as_mut().map_or(Ok(()), |network| network.read(out)),
            #[cfg(target_os = "linux")]
            self.pressure.as_mut().map_or(Ok(()), |pressure| pressure.read(out)),
            #[cfg(target_os = "linux")]
            self.kernel.as_mut().map_or(Ok(()), |kernel| kernel.read(out)),
        ])
    }
}

#[cfg(test)]
mod tests;
