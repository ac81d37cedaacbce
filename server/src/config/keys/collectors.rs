//! `collectors`: what is collected, and how often.

use std::collections::BTreeMap;
use std::time::Duration;

use super::DAY;
use super::custom::CustomMetrics;
use super::probes::Probes;
use super::processes::{self, NamedProcess};
use super::root::flag;
use crate::config::known::Known;
use crate::config::read::{Bool, ListOf, Name, Seconds, Section, Whole};

/// What the key `quantiles` is for.
pub(super) const QUANTILES: &str =
    "Whether percentiles are kept, within 1 %, when the points have gone. It takes some 30 bytes a minute.";

/// Every collector that can be set.
#[derive(Debug)]
pub struct Collectors {
    /// The machine.
    pub system_metrics: SystemMetrics,
    /// Processes and requests of an application.
    pub application_metrics: ApplicationMetrics,
    /// Connections and interfaces.
    pub network_metrics: NetworkMetrics,
    /// Programs that run.
    pub processes: Processes,
    /// Temperatures and fans.
    pub sensors: Pace,
    /// Services and containers.
    pub units: Units,
    /// Telltale itself.
    pub telltale: Pace,
    /// Numbers of the user's own.
    pub custom_metrics: CustomMetrics,
    /// Whether others answer.
    pub probes: Probes,
    /// Collectors that a program registered through the library, by name.
    pub registered: BTreeMap<String, Registered>,
}

/// What every collector has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Whether it runs.
    pub enabled: bool,
    /// From one run to the next.
    pub interval: Duration,
    /// Whether quantiles of what it reads outlive the points.
    pub quantiles: bool,
}

/// `collectors.system_metrics`.
#[derive(Debug)]
pub struct SystemMetrics {
    /// Whether and how often.
    pub pace: Pace,
    /// Processors and load.
    pub cpu: bool,
    /// Memory and swap.
    pub memory: bool,
    /// Room on disks.
    pub disk: bool,
    /// Bytes and packets of the machine.
    pub network: bool,
    /// Each processor by itself, too.
    pub per_cpu: bool,
    /// Reads and writes of disks.
    pub disk_io: bool,
    /// Each network interface by itself, too.
    pub per_interface: bool,
    /// How long work had to wait.
    pub pressure: bool,
    /// Uptime, open files and the clock.
    pub kernel: bool,
}

/// `collectors.application_metrics`.
#[derive(Debug)]
pub struct ApplicationMetrics {
    /// Whether and how often.
    pub pace: Pace,
    /// The value of the tag `app`.
    pub app_name: String,
    /// Processor, memory, descriptors and threads of the process.
    pub process: bool,
    /// Number of requests.
    pub requests: bool,
    /// How long answers take.
    pub response_times: bool,
    /// Number of errors.
    pub errors: bool,
    /// Other applications, by the value of their tag `app`.
    pub processes: BTreeMap<String, NamedProcess>,
}

/// `collectors.network_metrics`.
#[derive(Debug)]
pub struct NetworkMetrics {
    /// Whether and how often.
    pub pace: Pace,
    /// Connections by state.
    pub connections: bool,
    /// Bytes and packets of each interface.
    pub interfaces: bool,
    /// Ports whose connections are counted by themselves, too.
    pub monitored_ports: Vec<u16>,
}

/// `collectors.processes`.
#[derive(Debug)]
pub struct Processes {
    /// Whether and how often.
    pub pace: Pace,
    /// How many are shown for processors, and how many for memory.
    pub top: u16,
    /// Each process by itself, instead of all of one name together.
    pub per_process: bool,
}

/// `collectors.units`.
#[derive(Debug)]
pub struct Units {
    /// Whether and how often.
    pub pace: Pace,
    /// Services of systemd.
    pub services: bool,
    /// Containers.
    pub containers: bool,
}

/// A collector of the library's user.
#[derive(Debug)]
pub struct Registered {
    /// Whether and how often.
    pub pace: Pace,
    /// Its own switches; all on unless said otherwise.
    pub switches: BTreeMap<String, bool>,
}

impl Collectors {
    pub(crate) fn read(s: &mut Section<'_>, general: Option<Duration>, known: &Known) -> Self {
        // Each collector's own pace where nobody sets one.
        let every = |seconds| general.unwrap_or(Duration::from_secs(seconds));
        Self {
            system_metrics: s.section("system_metrics", "The machine: processors, memory, disks, network.", |s| {
                SystemMetrics::read(s, every(1))
            }),
            application_metrics: s.section(
                "application_metrics",
                "Applications, this one first, and the requests it answers.",
                |s| ApplicationMetrics::read(s, every(1)),
            ),
            network_metrics: s.section("network_metrics", "Connections by state, and interfaces.", |s| {
                NetworkMetrics::read(s, every(5))
            }),
            processes: s.section("processes", "The programs that take most.", |s| Processes::read(s, every(5))),
            sensors: s.section("sensors", "Temperatures and fans.", |s| Pace::read(s, every(10))),
            units: s.section("units", "Services of systemd, and containers, by their control groups.", |s| {
                Units::read(s, every(10))
            }),
            telltale: s
                .section("telltale", "Telltale itself: what it keeps, serves and drops.", |s| Pace::read(s, every(1))),
            custom_metrics: s.section("custom_metrics", "Numbers from commands, files, addresses or functions.", |s| {
                CustomMetrics::read(s, every(1), known)
            }),
            probes: s.section("probes", "Whether web servers, ports, hosts and name servers answer.", |s| {
                Probes::read(s, every(30))
            }),
            registered: known
                .collectors
                .iter()
                .map(|(name, switches)| {
                    let doc = "A collector that this program brings along.";
                    (name.clone(), s.section(name, doc, |s| Registered::read(s, every(1), switches)))
                })
                .collect(),
        }
    }
}

impl Pace {
    pub(super) fn read(s: &mut Section<'_>, default: Duration) -> Self {
        Self {
            enabled: s.switch(true, "Whether it runs."),
            interval: s.or(
                "collection_interval",
                &Seconds(0.1..=DAY),
                default,
                "Seconds from one run to the next; the general collection_interval where this is left out.",
            ),
            quantiles: s.or("quantiles", &Bool, false, QUANTILES),
        }
    }
}

impl SystemMetrics {
    fn read(s: &mut Section<'_>, every: Duration) -> Self {
        Self {
            pace: Pace::read(s, every),
            cpu: flag(s, "collect_cpu", "Processors and load."),
            memory: flag(s, "collect_memory", "Memory and swap."),
            disk: flag(s, "collect_disk", "Room on disks."),
            network: flag(s, "collect_network", "Bytes and packets of the machine."),
            per_cpu: flag(s, "per_cpu_metrics", "Each processor by itself, too."),
            disk_io: flag(s, "disk_io_metrics", "Reads and writes of disks."),
            per_interface: flag(s, "network_interface_metrics", "Each network interface by itself, too."),
            pressure: flag(s, "pressure_metrics", "How long work had to wait for processors, memory and disks."),
            kernel: flag(s, "kernel_metrics", "Uptime, open files, and whether the clock is synchronised."),
        }
    }
}

impl ApplicationMetrics {
    fn read(s: &mut Section<'_>, every: Duration) -> Self {
        let read = Self {
            pace: Pace::read(s, every),
            app_name: s.or("app_name", &Name::ANY, "telltale".to_owned(), "The value of the tag app."),
            process: flag(s, "collect_process_metrics", "Processor, memory, descriptors and threads of processes."),
            requests: flag(s, "collect_request_metrics", "Number of requests."),
            response_times: flag(s, "collect_response_time_metrics", "How long answers take."),
            errors: flag(s, "collect_error_metrics", "Number of errors."),
            processes: processes::read(s),
        };
        read.check_names(s);
        read
    }
}

impl NetworkMetrics {
    fn read(s: &mut Section<'_>, every: Duration) -> Self {
        Self {
            pace: Pace::read(s, every),
            connections: flag(s, "collect_connection_metrics", "Connections by state, over IPv4 and IPv6."),
            interfaces: flag(s, "collect_interface_metrics", "Bytes and packets of each interface."),
            monitored_ports: s.or(
                "monitored_ports",
                &ListOf(Whole(1..=u16::MAX)),
                Vec::new(),
                "Ports whose connections are counted by themselves, too.",
            ),
        }
    }
}

impl Processes {
    fn read(s: &mut Section<'_>, every: Duration) -> Self {
        Self {
            pace: Pace::read(s, every),
            top: s.or("top", &Whole(1..=100_u16), 10, "How many are shown for processors, and how many for memory."),
            per_process: s.or(
                "per_process",
                &Bool,
                false,
                "Each process by itself, with the tag pid, instead of all of one name together. It makes many series.",
            ),
        }
    }
}

impl Units {
    fn read(s: &mut Section<'_>, every: Duration) -> Self {
        Self {
            pace: Pace::read(s, every),
            services: flag(s, "collect_services", "Services of systemd."),
            containers: flag(s, "collect_containers", "Containers of any engine."),
        }
    }
}

impl Registered {
    fn read(s: &mut Section<'_>, every: Duration, switches: &[String]) -> Self {
        Self {
            pace: Pace::read(s, every),
            switches: switches.iter().map(|name| (name.clone(), flag(s, name, "A switch of its own."))).collect(),
        }
    }
}
