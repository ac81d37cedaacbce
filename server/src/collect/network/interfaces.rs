//! What each network interface has carried, loopback included.

use std::collections::BTreeMap;

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;
use crate::collect::kernel_file::KernelFile;
use crate::collect::net_dev;
use crate::collect::number::value;

/// In the order of [`net_dev::Counters`].
static METRICS: [Metric; 8] = [
    Metric::counter("network_interface_bytes_recv_total", Unit::BYTES),
    Metric::counter("network_interface_packets_recv_total", Unit::COUNT),
    Metric::counter("network_interface_errors_in_total", Unit::COUNT),
    Metric::counter("network_interface_drops_in_total", Unit::COUNT),
    Metric::counter("network_interface_bytes_sent_total", Unit::BYTES),
    Metric::counter("network_interface_packets_sent_total", Unit::COUNT),
    Metric::counter("network_interface_errors_out_total", Unit::COUNT),
    Metric::counter("network_interface_drops_out_total", Unit::COUNT),
];

#[derive(Debug)]
pub(super) struct Interfaces {
    file: KernelFile,
    /// Of the interfaces that were there last time.
    tags: BTreeMap<Box<str>, Tags>,
}

impl Interfaces {
    pub(super) fn new() -> Self {
        Self { file: KernelFile::new(net_dev::FILE), tags: BTreeMap::new() }
    }

    /// An interface that has gone has no samples any more: its line ends where it went.
    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let text = self.file.text()?;
        let mut count = 0;
        for (name, counters) in net_dev::parse(text) {
            count += 1;
            let tags = match self.tags.get(name) {
                Some(tags) => tags,
                None => self.tags.entry(name.into()).or_insert_with(|| Tags::new([("interface", name)])),
            };
            out.extend(METRICS.iter().zip(counters).map(|(metric, n)| metric.sample(tags.clone(), value(n))));
        }
        if self.tags.len() > count {
            self.tags.retain(|name, _| net_dev::parse(text).any(|(there, _)| there == &**name));
        }
        Ok(())
    }
}
