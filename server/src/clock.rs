//! The one place that asks the machine what time it is; everything else is told.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use app::model::Timestamp;

/// Tells the time. Tests bring their own.
pub trait Clock: Send + Sync {
    /// The moment of the call.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(0) + since
    }
}

/// The system's monotonic clock, which other programs read too, since some moment before now.
#[must_use]
pub fn monotonic() -> Duration {
    reading(rustix::time::ClockId::Monotonic)
}

fn reading(clock: rustix::time::ClockId) -> Duration {
    let now = rustix::time::clock_gettime(clock);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or_default(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// What the machine's clocks say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// What people call the time; it can be set.
    pub wall: Timestamp,
    /// Goes on evenly while the machine is awake.
    pub awake: Duration,
    /// Goes on evenly while the machine sleeps, too.
    pub always: Duration,
}

/// Between two readings of one clock, more than this was spent on something else: what was read in between is of no one moment.
const ONE_MOMENT: Duration = Duration::from_millis(50);

impl Clocks {
    /// None where the machine is too busy to read them all at one moment.
    #[must_use]
    pub fn read() -> Option<Self> {
        let read = || {
            let awake = monotonic();
            let clocks = Self { wall: SystemClock.now(), awake, always: since_boot() };
            (monotonic().saturating_sub(awake) <= ONE_MOMENT).then_some(clocks)
        };
        read().or_else(read)
    }
}

fn since_boot() -> Duration {
    // Where there is no clock that goes on in sleep, no sleep is seen.
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    reading(id)
}
