//! The collectors that ask others: custom metrics and probes, a job each.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::time::Duration;

use crate::collect::{
    Custom, CustomSettings, CustomSource, DnsProbe, Function, HttpProbe, IcmpProbe, Job, Probe, ProbeCheck,
    ProbeSettings, Reader, Record, TcpProbe, TlsProbe, Trust, Waiting,
};
use crate::config::{Collectors, CustomMetric, RecordType, Source, Target, TargetKind};
use crate::secret::Text;
use crate::telemetry::warn;

const NAME_SERVERS: &str = "/etc/resolv.conf";

/// Those that are on.
pub(super) fn jobs(config: &Collectors, functions: &BTreeMap<String, Function>) -> Vec<Job> {
    let trust = Trust::default();
    let mut jobs = Vec::new();
    if config.custom_metrics.pace.enabled {
        jobs.extend(config.custom_metrics.metrics.iter().map(|(name, metric)| {
            let collector = Custom::new(custom(name, metric, functions), &trust);
            job(Box::new(collector), metric.interval, told(metric, &of_source(&metric.source)))
        }));
    }
    if config.probes.pace.enabled {
        jobs.extend(config.probes.targets.iter().map(|(name, target)| {
            let settings = ProbeSettings { name: name.clone(), timeout: target.timeout, check: check(target, &trust) };
            let collector = Probe::new(settings, Box::new(warn));
            job(Box::new(collector), target.interval, told(target, &of_target(&target.kind)))
        }));
    }
    jobs
}

/// It is held to no number of series: each of these makes a handful, whatever it hears.
fn job(collector: Box<dyn Waiting>, interval: Duration, settings: String) -> Job {
    Job { collector: Reader::Waits(collector), interval, settings }
}

fn custom(name: &str, metric: &CustomMetric, functions: &BTreeMap<String, Function>) -> CustomSettings {
    CustomSettings {
        metric: name.to_owned(),
        unit: metric.unit.clone(),
        description: metric.description.clone(),
        timeout: metric.timeout,
        source: match &metric.source {
            Source::Command(words) => CustomSource::Command(words.clone()),
            Source::File(path) => CustomSource::File(path.clone()),
            Source::Http { url, pointer } => CustomSource::Http { url: url.clone(), pointer: pointer.clone() },
            Source::Function(name) => CustomSource::Function(name.clone(), functions.get(name).cloned()),
        },
    }
}

fn check(target: &Target, trust: &Trust) -> ProbeCheck {
    match &target.kind {
        TargetKind::Http { url, expected_status, expected_text } => ProbeCheck::Http(HttpProbe {
            url: url.clone(),
            expected_status: expected_status.clone(),
            expected_text: expected_text.clone(),
            trust: trust.clone(),
        }),
        TargetKind::Tcp { host, port } => ProbeCheck::Tcp(TcpProbe { host: host.clone(), port: *port }),
        TargetKind::Icmp { host, packets } => ProbeCheck::Icmp(IcmpProbe { host: host.clone(), packets: *packets }),
        TargetKind::Dns { name, record, server } => ProbeCheck::Dns(DnsProbe {
            name: name.clone(),
            record: self::record(*record),
            server: server.clone(),
            system: NAME_SERVERS.into(),
        }),
        TargetKind::Tls { host, port, server_name } => ProbeCheck::Tls(TlsProbe {
            host: host.clone(),
            port: *port,
            server_name: server_name.as_ref().unwrap_or(host).clone(),
            trust: trust.clone(),
        }),
    }
}

const fn record(record: RecordType) -> Record {
    match record {
        RecordType::A => Record::A,
        RecordType::Aaaa => Record::Aaaa,
        RecordType::Caa => Record::Caa,
        RecordType::Cname => Record::Cname,
        RecordType::Mx => Record::Mx,
        RecordType::Ns => Record::Ns,
        RecordType::Ptr => Record::Ptr,
        RecordType::Soa => Record::Soa,
        RecordType::Srv => Record::Srv,
        RecordType::Txt => Record::Txt,
    }
}

/// What the scheduler compares and nobody sees. What prints as a secret is put behind it as it is: it may have changed.
pub(super) fn told(settings: &dyn Debug, texts: &[&Text]) -> String {
    texts.iter().fold(format!("{settings:?}"), |mut told, text| {
        // Writing to a string does not fail.
        let _ = write!(told, " {:?}", text.as_str());
        told
    })
}

fn of_source(source: &Source) -> Vec<&Text> {
    match source {
        Source::Command(words) => words.iter().collect(),
        Source::File(path) => vec![path],
        Source::Http { url, pointer } => vec![url, pointer],
        Source::Function(_) => Vec::new(),
    }
}

fn of_target(kind: &TargetKind) -> Vec<&Text> {
    match kind {
        TargetKind::Http { url, expected_text, .. } => {
            [Some(url), expected_text.as_ref()].into_iter().flatten().collect()
        }
        TargetKind::Tcp { host, .. } | TargetKind::Icmp { host, .. } => vec![host],
        TargetKind::Dns { name, server, .. } => [Some(name), server.as_ref()].into_iter().flatten().collect(),
        TargetKind::Tls { host, server_name, .. } => [Some(host), server_name.as_ref()].into_iter().flatten().collect(),
    }
}
