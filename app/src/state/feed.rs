//! What happens to [`Live`] in the browser: frames and stored data go in, signals tell of it.
//!
//! Invariant: a frame is told of once, however many metrics it has: effects run after the call returns.
//! Invariant: a hidden page is told of nothing; all of it is told when it is looked at again.
//! May not know: sockets, fetching.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;

use super::Live;
use super::browser;
use super::clock::{Cause, ServerClock, moves_on};
use super::coverage::{Coverage, reach};
use super::gap::Gap;
use crate::model::{DataPoint, History, HistoryRequest, Timestamp, Widget};

/// The most columns that are asked for.
const MOST_COLUMNS: u32 = 1200;
/// Data flows as long as the last frame is no older.
const FLOWING: Duration = Duration::from_secs(3);

/// Owned by the task that owns the socket.
pub(super) struct Feed {
    live: Live,
    clock: ServerClock,
    /// When the page's time moved on last, and when a frame came last, by the clock that only goes forward.
    moved: Timestamp,
    framed: Timestamp,
    coverage: Coverage,
    gap: Gap,
    widgets: Vec<Widget>,
    /// The newest sample when the page was hidden, as long as it is.
    hidden: Option<Timestamp>,
}

impl Feed {
    pub(super) fn new(live: Live) -> Self {
        let widgets = live.widgets();
        let reach = reach(&widgets, live.span.get_untracked());
        let newest = newest(live);
        let mut gap = Gap::default();
        // From there on until the first frame, samples are missing for sure.
        gap.open(newest);
        Self {
            live,
            clock: ServerClock::new(live.first, browser::clock()),
            moved: browser::monotonic(),
            framed: Timestamp::MIN,
            coverage: Coverage::new(&reach, live.first),
            gap,
            widgets,
            hidden: (!browser::is_visible()).then_some(newest),
        }
    }

    /// The metrics to subscribe to.
    pub(super) fn metrics(&self) -> Vec<String> {
        self.live.buffer.with_value(|buffer| buffer.newest().metrics().map(str::to_owned).collect())
    }

    /// How often a frame is to be expected.
    pub(super) fn interval(&self) -> Duration {
        self.intervals().0
    }

    /// From the newest sample on, some may be missing.
    pub(super) fn unsure(&mut self) {
        self.gap.open(newest(self.live));
    }

    /// A frame of live data has come. Answers with what is to be asked for where data flows again after a gap.
    pub(super) fn frame(&mut self, data: &[DataPoint]) -> Option<HistoryRequest> {
        let newest = data.iter().map(|point| point.timestamp).max()?;
        self.clock.observe(newest, browser::clock());
        self.framed = browser::monotonic();
        let paused = self.live.paused_at();
        let touched = self.live.buffer.try_update_value(|buffer| buffer.push(data, paused)).unwrap_or_default();
        self.trim();
        if self.hidden.is_none() {
            self.move_on(Cause::Data);
            self.live.tell(Some(&touched));
        }
        let (start, end) = self.gap.close(newest, self.intervals().1)?;
        let longest = self.reach().into_values().max().unwrap_or_default();
        let start = start.max(newest - longest);
        Some(HistoryRequest { metrics: self.metrics(), start, end, columns: columns() })
    }

    /// What the current range lacks.
    pub(super) fn missing(&self) -> Vec<HistoryRequest> {
        self.coverage.missing(&self.reach(), self.server_time(), columns())
    }

    /// Stored data has come.
    pub(super) fn filled(&mut self, request: &HistoryRequest, histories: Vec<History>) {
        self.coverage.filled(request);
        let paused = self.live.paused_at();
        let touched = self.live.buffer.try_update_value(|buffer| buffer.merge(histories, paused)).unwrap_or_default();
        self.trim();
        if self.hidden.is_none() {
            self.live.tell(Some(&touched));
        }
    }

    /// What may be new, where there is no stream that tells it: from a little before the newest sample, so that it
    /// joins what is there.
    pub(super) fn news(&self) -> HistoryRequest {
        let start = newest(self.live) - self.intervals().1.saturating_mul(2);
        HistoryRequest { metrics: self.metrics(), start, end: self.server_time(), columns: columns() }
    }

    /// What may be new has come, or that there is nothing.
    pub(super) fn told(&mut self, request: &HistoryRequest, histories: Vec<History>) {
        self.framed = browser::monotonic();
        if self.hidden.is_none() {
            self.move_on(Cause::Data);
        }
        self.filled(request, histories);
    }

    /// Stored data for a gap could not be had.
    pub(super) fn not_filled(&mut self, request: &HistoryRequest) {
        self.gap.failed(request.start, self.server_time());
    }

    /// Time passed.
    pub(super) fn tick(&mut self) {
        if self.hidden.is_none() {
            let flowing = browser::monotonic().since(self.framed) < FLOWING;
            self.move_on(if flowing { Cause::WaitingForData } else { Cause::Alone });
        }
    }

    /// The page was hidden or is looked at again. True where it is looked at again.
    pub(super) fn look(&mut self, visible: bool) -> bool {
        match (visible, self.hidden) {
            (false, None) => self.hidden = Some(newest(self.live)),
            (true, Some(since)) => {
                self.hidden = None;
                // A browser may have put the page to sleep meanwhile.
                self.gap.open(since);
                self.moved = Timestamp::MIN;
                self.move_on(Cause::Alone);
                self.live.tell(None);
                return true;
            }
            (false, Some(_)) | (true, None) => {}
        }
        false
    }

    fn move_on(&mut self, cause: Cause) {
        let now = browser::monotonic();
        if moves_on(now.since(self.moved), cause) {
            self.moved = now;
            self.live.now.set(self.server_time());
        }
    }

    fn trim(&mut self) {
        let (reach, now, paused) = (self.reach(), self.server_time(), self.live.paused_at());
        let since = |metric: &str| reach.get(metric).map_or(Timestamp::MIN, |&back| now - back);
        self.live.buffer.update_value(|buffer| buffer.trim(since, paused));
        self.coverage.trimmed(&reach, now);
    }

    fn server_time(&self) -> Timestamp {
        self.clock.now(browser::clock())
    }

    fn reach(&self) -> BTreeMap<String, Duration> {
        reach(&self.widgets, self.live.span.get_untracked())
    }

    fn intervals(&self) -> (Duration, Duration) {
        let known = self.live.buffer.with_value(|buffer| buffer.newest().intervals());
        known.unwrap_or((Duration::from_secs(1), Duration::from_secs(1)))
    }
}

/// The time of the newest sample, or of the first picture where there is none.
fn newest(live: Live) -> Timestamp {
    live.buffer.with_value(|buffer| buffer.newest().newest_of_all()).unwrap_or(live.first)
}

/// As many columns as the widest chart can have.
fn columns() -> u32 {
    let width = web_sys::window().and_then(|window| window.inner_width().ok()?.as_f64()).unwrap_or(1200.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` clamps, then we do")]
    (width as u32).clamp(100, MOST_COLUMNS)
}
