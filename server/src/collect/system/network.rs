//! Network traffic: totals over all interfaces but loopback.

use std::collections::BTreeMap;

use app::model::{Metric, Sample, Tags, Unit};

use super::{CollectError, value};
#[cfg(target_os = "linux")]
use crate::collect::{kernel_file::KernelFile, net_dev};

/// In the order of [`Counters`].
static METRICS: [Metric; 6] = [
    Metric::counter("network_bytes_recv_total", Unit::BYTES),
    Metric::counter("network_packets_recv_total", Unit::COUNT),
    Metric::counter("network_errors_in_total", Unit::COUNT),
    Metric::counter("network_bytes_sent_total", Unit::BYTES),
    Metric::counter("network_packets_sent_total", Unit::COUNT),
    Metric::counter("network_errors_out_total", Unit::COUNT),
];

/// Bytes, packets and errors received, then sent.
type Counters = [u64; 6];

/// Loopback as Linux and as the BSDs and macOS call it.
const LOOPBACK: [&str; 2] = ["lo", "lo0"];

#[derive(Debug, Default)]
pub(super) struct Network {
    totals: Totals,
    #[cfg(target_os = "linux")]
    file: Option<KernelFile>,
    #[cfg(not(target_os = "linux"))]
    networks: Option<sysinfo::Networks>,
}

impl Network {
    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let interfaces = self.interfaces()?;
        let totals = self.totals.add(interfaces);
        out.extend(METRICS.iter().zip(totals).map(|(metric, total)| metric.sample(Tags::default(), value(total))));
        Ok(())
    }

    /// One read for all; sysinfo opens a dozen files an interface.
    #[cfg(target_os = "linux")]
    fn interfaces(&mut self) -> Result<BTreeMap<String, Counters>, CollectError> {
        Ok(parse(self.file.get_or_insert_with(|| KernelFile::new(net_dev::FILE)).text()?))
    }

    #[cfg(not(target_os = "linux"))]
    fn interfaces(&mut self) -> Result<BTreeMap<String, Counters>, CollectError> {
        let networks = match &mut self.networks {
            Some(networks) => networks,
            none => none.insert(
                sysinfo::Networks::new().map_err(|e| CollectError::not_understood("the network", e.to_string()))?,
            ),
        };
        networks.refresh(true);
        let counters = |data: &sysinfo::NetworkData| {
            [
                data.total_received(),
                data.total_packets_received(),
                data.total_errors_on_received(),
                data.total_transmitted(),
                data.total_packets_transmitted(),
                data.total_errors_on_transmitted(),
            ]
        };
        Ok(networks.iter().map(|(name, data)| (name.to_string_lossy().into_owned(), counters(data))).collect())
    }
}

#[cfg(target_os = "linux")]
fn parse(text: &str) -> BTreeMap<String, Counters> {
    let counters =
        |[b_in, p_in, e_in, _, b_out, p_out, e_out, _]: net_dev::Counters| [b_in, p_in, e_in, b_out, p_out, e_out];
    net_dev::parse(text).map(|(name, all)| (name.to_owned(), counters(all))).collect()
}

/// Sums that grow by what each interface grew. A plain sum would fall whenever an interface goes, as
/// containers' do all day, and a fall reads as a reset: all traffic since boot would count again.
#[derive(Debug, Default)]
struct Totals {
    sums: Counters,
    /// None before the first reading.
    last: Option<BTreeMap<String, Counters>>,
}

impl Totals {
    /// Counts from the kernel's own sums on. An interface that comes later counts from its next reading:
    /// whether its past was counted under another name cannot be known. One that falls was reset.
    fn add(&mut self, mut now: BTreeMap<String, Counters>) -> Counters {
        now.retain(|name, _| !LOOPBACK.contains(&name.as_str()));
        for (name, counters) in &now {
            let before = match &self.last {
                None => Counters::default(),
                Some(last) => last.get(name).copied().unwrap_or(*counters),
            };
            for ((sum, before), now) in self.sums.iter_mut().zip(before).zip(counters) {
                *sum = sum.saturating_add(now.checked_sub(before).unwrap_or(*now));
            }
        }
        self.last = Some(now);
        self.sums
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const HEADINGS: &str = "Inter-|   Receive                                                |  Transmit\n \
        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

    /// `readings`, one after another; `want`: the totals after the last.
    #[track_caller]
    fn check(readings: &[&str], want: Counters) {
        let mut totals = Totals::default();
        let got = readings.iter().map(|lines| totals.add(parse(&format!("{HEADINGS}{lines}")))).last();
        assert_eq!(got, Some(want), "{readings:#?}");
    }

    const ETH0: &str = "  eth0: 1000 10 1 0 0 0 0 0 2000 20 2 0 0 0 0 0\n";
    const LO: &str = "    lo: 3193 29 0 0 0 0 0 0 3193 29 0 0 0 0 0 0\n";
    const VETH: &str = "veth1:500 5 0 0 0 0 0 0 500 5 0 0 0 0 0 0\n"; // no blank, as older kernels print it

    #[test]
    fn all_interfaces_but_loopback_count() {
        check(&[&format!("{LO}{ETH0}")], [1000, 10, 1, 2000, 20, 2]);
        check(&[&format!("{ETH0}{LO}{VETH}")], [1500, 15, 1, 2500, 25, 2]);
        check(&[LO], [0; 6]);
        check(&[""], [0; 6]);
        check(&["  eth0: 1000 10 1 0 0 0 0 0 2000 20 2 0 0 0 0 0 77 78\n"], [1000, 10, 1, 2000, 20, 2]);
        check(&[&format!("{VETH}  eth0: 1000 10 1 0 0 0 0 0 20")], [500, 5, 0, 500, 5, 0]);
    }

    #[test]
    fn an_interface_that_goes_or_comes_moves_no_total() {
        let both = format!("{ETH0}{VETH}");
        check(&[&both, ETH0], [1500, 15, 1, 2500, 25, 2]);
        check(&[ETH0, &both], [1000, 10, 1, 2000, 20, 2]);
        check(&[ETH0, &both, "veth1: 700 6 0 0 0 0 0 0 501 6 0 0 0 0 0 0\n"], [1200, 11, 1, 2001, 21, 2]);
    }

    #[test]
    fn a_counter_that_falls_was_reset_and_wraps_at_nothing() {
        check(&[ETH0, "  eth0: 7 1 0 0 0 0 0 0 2000 20 2 0 0 0 0 0\n"], [1007, 11, 1, 2000, 20, 2]);
        let most = format!("eth0: {} 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n{VETH}", u64::MAX);
        check(&[&most], [u64::MAX, 6, 0, 500, 5, 0]);
    }
}
