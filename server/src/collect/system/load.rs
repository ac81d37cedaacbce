//! The load average: how many tasks run or wait, as the kernel smooths it.

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;

static LOAD: Metric = Metric::gauge("load_average", Unit::NONE);

pub(super) fn read(out: &mut Vec<Sample>) -> Result<(), CollectError> {
    let load =
        sysinfo::System::load_average().map_err(|e| CollectError::not_understood("the load average", e.to_string()))?;
    out.extend(
        [("1m", load.one), ("5m", load.five), ("15m", load.fifteen)]
            .map(|(period, tasks)| LOAD.sample(Tags::new([("period", period)]), tasks)),
    );
    Ok(())
}
