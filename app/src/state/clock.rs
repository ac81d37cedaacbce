//! The server's time on a machine whose own clock may be wrong, and when the page's time moves on.
//!
//! May not know: where either clock is read.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Timestamp;

/// How many readings count; older ones are forgotten, so that a clock that was set right is followed.
const READINGS: usize = 30;

/// The distance between the server's clock and the browser's, by what the stream says.
///
/// A time in the stream is older than the server's time when it arrives, never newer. So the largest
/// distance of late is the best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerClock {
    ahead_ms: VecDeque<i64>,
}

impl ServerClock {
    /// By a first reading.
    #[must_use]
    pub fn new(server: Timestamp, browser: Timestamp) -> Self {
        let mut clock = Self { ahead_ms: VecDeque::with_capacity(READINGS) };
        clock.observe(server, browser);
        clock
    }

    /// The server said `server` when the browser's clock showed `browser`.
    pub fn observe(&mut self, server: Timestamp, browser: Timestamp) {
        if self.ahead_ms.len() == READINGS {
            self.ahead_ms.pop_front();
        }
        self.ahead_ms.push_back(server.as_millis().saturating_sub(browser.as_millis()));
    }

    /// The server's time when the browser's clock shows `browser`.
    #[must_use]
    pub fn now(&self, browser: Timestamp) -> Timestamp {
        let ahead = self.ahead_ms.iter().max().copied().unwrap_or(0);
        Timestamp::from_millis(browser.as_millis().saturating_add(ahead))
    }
}

/// Why the page's time might move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Data came: the picture is drawn anyway.
    Data,
    /// Time passed, and data is expected any moment.
    WaitingForData,
    /// Time passed, and nothing is expected.
    Alone,
}

/// Whether the page's time, that moved on `ago`, moves on now: about once a second, and together with data where
/// there is some, so that a second costs one redraw and not two.
#[must_use]
pub fn moves_on(ago: Duration, cause: Cause) -> bool {
    ago >= Duration::from_millis(match cause {
        Cause::Data => 900,
        Cause::Alone => 1000,
        Cause::WaitingForData => 1250,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(readings: &[(i64, i64)], browser: i64, want: i64) {
        let at = Timestamp::from_millis;
        let mut clock = ServerClock::new(at(readings[0].0), at(readings[0].1));
        for &(server, browser) in &readings[1..] {
            clock.observe(at(server), at(browser));
        }
        assert_eq!(clock.now(at(browser)).as_millis(), want);
    }

    #[test]
    fn the_reading_with_the_least_delay_counts() {
        check(&[(10_000, 10_000)], 11_000, 11_000);
        check(&[(10_000, 10_900), (11_000, 11_040), (12_000, 12_500)], 13_000, 12_960);
        check(&[(500_000, 10_000)], 12_000, 502_000);
    }

    #[test]
    fn a_clock_that_is_set_right_is_followed() {
        let mut readings = vec![(1_000_000, 10_000)];
        readings.extend((0..30).map(|i| (1_001_000 + i * 1000, 1_001_050 + i * 1000)));
        check(&readings, 1_100_000, 1_099_950);
    }

    #[test]
    fn a_second_costs_one_redraw() {
        // Frames 1.01 s apart, asked every 250 ms in between: only frames move the time on.
        let mut moves = Vec::new();
        let mut last = 0;
        for ms in (0_u64..20_200).step_by(10) {
            let cause = match ms {
                _ if ms % 1010 == 0 => Cause::Data,
                _ if ms % 250 == 0 => Cause::WaitingForData,
                _ => continue,
            };
            if moves_on(Duration::from_millis(ms - last), cause) {
                last = ms;
                moves.push(cause);
            }
        }
        assert_eq!(moves.len(), 19);
        assert!(moves.iter().all(|&cause| cause == Cause::Data));
        assert!(moves_on(Duration::from_millis(1000), Cause::Alone));
        assert!(!moves_on(Duration::from_millis(999), Cause::Alone));
    }
}
