//! Whether the machine's clock is kept right, and how wrong it may be, as the kernel tells it; node_exporter calls
//! the same `node_timex_sync_status`, `node_timex_offset_seconds` and `node_timex_maxerror_seconds`.

use std::io;

use app::model::{Metric, Sample, Tags, Unit};

use super::CollectError;
use super::adjtimex::{self, Clock};

static SYNCHRONISED: Metric = Metric::gauge("clock_synchronised", Unit::NONE);
static OFFSET: Metric = Metric::gauge("clock_offset_seconds", Unit::SECONDS);
static MAX_ERROR: Metric = Metric::gauge("clock_max_error_seconds", Unit::SECONDS);

/// Containers and services may be forbidden to ask, even without changing anything; then nothing is told.
pub(super) fn read(out: &mut Vec<Sample>) -> Result<(), CollectError> {
    match adjtimex::read() {
        Ok(clock) => push(clock, out),
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => {}
        Err(error) => return Err(CollectError::read("the state of the clock", error)),
    }
    Ok(())
}

fn push(clock: Clock, out: &mut Vec<Sample>) {
    let unit = if clock.status & libc::STA_NANO == 0 { 1e6 } else { 1e9 };
    let synchronised = clock.state != libc::TIME_ERROR;
    let mut add = |metric: &Metric, value| out.push(metric.sample(Tags::default(), value));
    add(&SYNCHRONISED, f64::from(u8::from(synchronised)));
    add(&OFFSET, number(clock.offset) / unit);
    add(&MAX_ERROR, number(clock.max_error) / 1e6);
}

#[expect(clippy::cast_precision_loss, reason = "seconds that matter fit by far")]
fn number(value: libc::c_long) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(out: &[Sample]) -> Vec<(&str, f64)> {
        out.iter().map(|s| (s.metric.name.as_ref(), s.value)).collect()
    }

    /// `want`: synchronised, offset and error in seconds.
    #[track_caller]
    fn check(clock: Clock, want: [f64; 3]) {
        let mut out = Vec::new();
        push(clock, &mut out);
        let names = ["clock_synchronised", "clock_offset_seconds", "clock_max_error_seconds"];
        assert_eq!(values(&out), names.into_iter().zip(want).collect::<Vec<_>>(), "{clock:?}");
    }

    #[test]
    fn the_kernel_s_numbers_are_seconds_whatever_their_unit() {
        let (ok, nano) = (libc::TIME_OK, libc::STA_NANO);
        check(Clock { state: ok, status: nano, offset: -2_500_000, max_error: 31_250 }, [1.0, -0.0025, 0.031_25]);
        check(Clock { state: ok, status: 0, offset: 2500, max_error: 0 }, [1.0, 0.0025, 0.0]);
        // A leap second is coming; the clock is right nevertheless.
        check(Clock { state: libc::TIME_INS, status: nano, ..Clock::default() }, [1.0, 0.0, 0.0]);
        let never = Clock { state: libc::TIME_ERROR, status: libc::STA_UNSYNC, offset: 0, max_error: 16_000_000 };
        check(never, [0.0, 0.0, 16.0]);
    }

    #[test]
    fn the_machine_s_own_is_what_its_kernel_says() {
        let mut out = Vec::new();
        read(&mut out).unwrap();
        let Ok(clock) = adjtimex::read() else {
            assert_eq!(out, [], "nothing is told where it must not be asked");
            return;
        };
        let got = values(&out);
        assert_eq!(got[0].1 == 0.0, clock.state == libc::TIME_ERROR);
        // It grows by itself, half a millisecond a second.
        assert!(got[2].1 >= 0.0 && (got[2].1 - number(clock.max_error) / 1e6).abs() < 0.1, "{got:?} {clock:?}");
        assert!(got[1].1.abs() <= 0.5, "the kernel never has further to go: {got:?}");
    }
}
