//! How long work had to wait for processors, memory or disks: pressure stall information.
//!
//! From `/proc/pressure`, described in the kernel's Documentation/accounting/psi.rst. `some` is time in
//! which at least one task waited, `full` time in which all did and nothing was done. For processors
//! `full` has no meaning on a whole machine and is left out. A kernel without it, or told at its start not
//! to measure, has no values.

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;
use crate::collect::kernel_file::KernelFile;

/// Share of the last ten seconds, as the kernel smooths it.
static WAITING: Metric = Metric::gauge("pressure_waiting_percent", Unit::PERCENT);
static WAITED: Metric = Metric::counter("pressure_waiting_seconds_total", Unit::SECONDS);

const RESOURCES: [&str; 3] = ["cpu", "memory", "io"];
const KINDS: [&str; 2] = ["some", "full"];

#[derive(Debug)]
pub(super) struct Pressure(Vec<Resource>);

#[derive(Debug)]
struct Resource {
    file: KernelFile,
    name: &'static str,
    /// In the order of [`KINDS`].
    tags: [Tags; 2],
}

impl Pressure {
    pub(super) fn new() -> Self {
        let resource = |name| Resource {
            file: KernelFile::new(format!("/proc/pressure/{name}")),
            name,
            tags: KINDS.map(|kind| Tags::new([("kind", kind), ("resource", name)])),
        };
        Self(RESOURCES.map(resource).into())
    }

    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        CollectError::join(self.0.iter_mut().map(|resource| {
            let text = resource.file.text_if_there()?.unwrap_or_default();
            for line in text.lines() {
                let Some((at, percent, seconds)) = parse(line) else { continue };
                if (resource.name, at) == ("cpu", 1) {
                    continue;
                }
                if let Some(tags) = resource.tags.get(at) {
                    out.extend([WAITING.sample(tags.clone(), percent), WAITED.sample(tags.clone(), seconds)]);
                }
            }
            Ok(())
        }))
    }
}

/// `some avg10=0.61 avg60=0.32 avg300=0.33 total=33743452`: which of [`KINDS`], percent and seconds. The
/// total is in microseconds.
#[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
fn parse(line: &str) -> Option<(usize, f64, f64)> {
    let (kind, fields) = line.split_once(' ')?;
    let at = KINDS.iter().position(|k| *k == kind)?;
    let field = |name: &str| fields.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    let percent: f64 = field("avg10")?.parse().ok()?;
    let total: u64 = field("total")?.parse().ok()?;
    Some((at, percent.clamp(0.0, 100.0), total as f64 / 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_odd_ones_are_not() {
        assert_eq!(parse("some avg10=0.61 avg60=0.32 avg300=0.33 total=33743452"), Some((0, 0.61, 33.743_452)));
        assert_eq!(parse("full avg10=100.00 avg60=0.00 avg300=0.00 total=0"), Some((1, 100.0, 0.0)));
        // The kernel rounds up at times.
        assert_eq!(parse("full avg10=100.02 avg60=0 avg300=0 total=1000000 new=1"), Some((1, 100.0, 1.0)));
        for odd in ["", "some", "some avg10=0.61 avg60=0.3", "some avg10=x total=1", "none avg10=1 total=1"] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }
}
