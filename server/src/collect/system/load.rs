//! The load average: how many tasks run or wait, as the kernel smooths it.

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;

static AVERAGE: Metric = Metric::gauge("load_average", Unit::NONE);

#[cfg(target_os = "linux")]
pub(super) use linux::Load;

/// From `/proc/loadavg`, described in proc_loadavg(5).
#[cfg(target_os = "linux")]
mod linux {
    use super::{CollectError, Sample, samples};
    use crate::collect::kernel_file::KernelFile;

    const FILE: &str = "/proc/loadavg";

    #[derive(Debug)]
    pub(in super::super) struct Load(KernelFile);

    impl Load {
        pub(in super::super) fn new() -> Self {
            Self(KernelFile::new(FILE))
        }

        pub(in super::super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
            let load = averages(self.0.text()?);
            out.extend(samples(load.ok_or_else(|| CollectError::not_understood(FILE, "a number is missing"))?));
            Ok(())
        }
    }

    /// Over 1, 5 and 15 minutes.
    fn averages(text: &str) -> Option<[f64; 3]> {
        let mut words = text.split_ascii_whitespace();
        let mut next = || words.next()?.parse().ok();
        Some([next()?, next()?, next()?])
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn three_numbers_and_what_is_missing() {
            assert_eq!(averages("0.52 1.04 12.30 2/345 6789\n"), Some([0.52, 1.04, 12.3]));
            for odd in ["", "0.52 1.04", "0.52 a 12.30"] {
                assert_eq!(averages(odd), None, "{odd}");
            }
        }

        #[test]
        fn what_the_system_refuses_is_told_in_its_words() {
            let error = Load(KernelFile::new("/proc/self/nothing")).read(&mut Vec::new()).unwrap_err();
            assert!(error.to_string().starts_with("/proc/self/nothing cannot be read: "), "{error}");
        }
    }
}

#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Load;

#[cfg(not(target_os = "linux"))]
impl Load {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn read(&mut self, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let load = sysinfo::System::load_average()
            .map_err(|e| CollectError::not_understood("the load average", e.to_string()))?;
        out.extend(samples([load.one, load.five, load.fifteen]));
        Ok(())
    }
}

fn samples([one, five, fifteen]: [f64; 3]) -> [Sample; 3] {
    [("1m", one), ("5m", five), ("15m", fifteen)]
        .map(|(period, tasks)| AVERAGE.sample(Tags::new([("period", period)]), tasks))
}
