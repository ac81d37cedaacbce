//! The collectors that the configuration asks for, each held to a number of series.

use std::time::Duration;

use super::asked::told;
use super::{Options, asked};
use crate::collect::{
    App, Application, ApplicationSettings, AtOnce, Collector, Find, Job, Limited, Look, Network, NetworkSettings,
    Processes, ProcessesSettings, Reader, RequestStats, Sensors, System, SystemSettings, Telltale, Units,
    UnitsSettings,
};
use crate::config::{Collectors, Config, NamedProcess, Pace};
use crate::secret::Text;
use crate::telemetry::warn;

/// Series of one collector. A machine with a thousand disks has fewer; what makes more is a mistake.
const MOST_SERIES: usize = 10_000;

/// Every collector that is on. `look` makes ways to look at the server.
pub(super) fn jobs(config: &Collectors, options: &Options, look: &dyn Fn() -> Look) -> Vec<Job> {
    let Options { extra, requests, .. } = options;
    let mut jobs = Vec::new();
    let mut add = |pace: Pace, settings: String, make: &dyn Fn() -> Box<dyn Collector>| {
        if pace.enabled {
            jobs.push(job(make(), pace.interval, settings));
        }
    };
    let of_system = system(config);
    add(config.system_metrics.pace, told(&of_system, &[]), &|| Box::new(System::with(of_system)));
    let app = &config.application_metrics;
    let hidden: Vec<&Text> = app.processes.values().map(found_by).collect();
    add(app.pace, told(app, &hidden), &|| Box::new(Application::new("/proc", application(config, requests))));
    let of_network = network(config);
    add(config.network_metrics.pace, told(&of_network, &[]), &|| Box::new(Network::new(of_network.clone())));
    let of_processes = processes(config);
    add(config.processes.pace, told(&of_processes, &[]), &|| Box::new(Processes::new("/proc", of_processes)));
    add(config.sensors, String::new(), &|| Box::new(Sensors::new("/sys/class")));
    let of_units = units(config);
    add(config.units.pace, told(&of_units, &[]), &|| Box::new(Units::new("/sys/fs/cgroup", of_units)));
    add(config.telltale, String::new(), &|| Box::new(Telltale::new(look())));
    for (name, settings) in &config.registered {
        if let Some((_, make)) = extra.registered.get(name) {
            let is_on = |switch: &str| settings.switches.get(switch).copied().unwrap_or_default();
            add(settings.pace, told(settings, &[]), &|| make(&is_on));
        }
    }
    jobs.extend(asked::jobs(config, &extra.functions));
    jobs
}

/// How many of them read at a time.
pub(super) fn at_once(config: &Config) -> AtOnce {
    if config.performance.async_processing {
        AtOnce::Blocking(usize::from(config.performance.collection_threads))
    } else {
        AtOnce::One
    }
}

/// A job that is held to a number of series.
pub(super) fn job(collector: Box<dyn Collector>, interval: Duration, settings: String) -> Job {
    let limited = Limited::new(collector, MOST_SERIES, Box::new(warn));
    Job { collector: Reader::Blocks(Box::new(limited)), interval, settings }
}

fn system(config: &Collectors) -> SystemSettings {
    let system = &config.system_metrics;
    SystemSettings {
        cpu: system.cpu,
        per_core: system.per_cpu,
        memory: system.memory,
        disk: system.disk,
        disk_io: system.disk_io,
        network: system.network,
        pressure: system.pressure,
        kernel: system.kernel,
    }
}

/// What it is found by, which may be hidden where it is shown.
fn found_by(process: &NamedProcess) -> &Text {
    match process {
        NamedProcess::Name(text)
        | NamedProcess::PidFile(text)
        | NamedProcess::Command(text)
        | NamedProcess::Unit(text) => text,
    }
}

/// This process, whose requests are counted where they are answered, and those that the file names.
fn application(config: &Collectors, requests: &RequestStats) -> ApplicationSettings {
    let app = &config.application_metrics;
    let this = App { name: app.app_name.clone(), find: Find::This, stats: Some(requests.clone()) };
    let named = |(name, process): (&String, &NamedProcess)| {
        let find = match process {
            NamedProcess::Name(name) => Find::Name(name.as_str().to_owned()),
            NamedProcess::PidFile(path) => Find::PidFile(path.clone()),
            NamedProcess::Command(pattern) => Find::Command(pattern.as_str().to_owned()),
            NamedProcess::Unit(unit) => Find::Unit(unit.as_str().to_owned()),
        };
        App { name: name.clone(), find, stats: None }
    };
    ApplicationSettings {
        apps: std::iter::once(this).chain(app.processes.iter().map(named)).collect(),
        process: app.process,
        requests: app.requests,
        errors: app.errors,
        response_times: app.response_times,
    }
}

fn network(config: &Collectors) -> NetworkSettings {
    let network = &config.network_metrics;
    NetworkSettings {
        connections: network.connections,
        // Two keys speak of the same series; one that says no is enough.
        interfaces: network.interfaces && config.system_metrics.per_interface,
        monitored_ports: network.monitored_ports.clone(),
    }
}

fn processes(config: &Collectors) -> ProcessesSettings {
    let processes = &config.processes;
    ProcessesSettings { top: usize::from(processes.top), per_process: processes.per_process }
}

fn units(config: &Collectors) -> UnitsSettings {
    UnitsSettings { services: config.units.services, containers: config.units.containers }
}
