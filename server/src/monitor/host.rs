//! The machine that is watched.

use app::model::HostFacts;

/// What of it stays the same while it runs.
#[derive(Debug, Clone)]
pub struct Host {
    name: String,
    os: String,
    cores: usize,
    memory_bytes: u64,
}

impl Host {
    /// What it is called, by itself.
    #[must_use]
    pub fn own_name() -> String {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }

    /// Asks the system once. What it does not tell is empty or zero.
    #[must_use]
    pub fn look(name: String) -> Self {
        let mut system = sysinfo::System::new().ok();
        if let Some(system) = &mut system {
            system.refresh_memory();
            system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
        }
        Self {
            name,
            os: sysinfo::System::long_os_version().unwrap_or_default(),
            cores: system.as_ref().map_or(0, |system| system.cpus().len()),
            memory_bytes: system.as_ref().map_or(0, sysinfo::System::total_memory),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As pages show it.
    #[must_use]
    pub fn facts(&self) -> HostFacts {
        HostFacts {
            name: self.name.clone(),
            os: self.os.clone(),
            cores: self.cores,
            memory_bytes: self.memory_bytes,
            uptime_seconds: sysinfo::System::uptime().unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
