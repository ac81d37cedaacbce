//! How each collector is: written by its task, read by whoever asks, even while the task is stuck.
//!
//! May not know: what a collector reads, when it is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::model::{Cause, CollectorHealth, Gap, Timestamp};
use parking_lot::{Mutex, RwLock};

use super::{Reader, Scope};
use crate::telemetry::warn;

/// A collector may be this many intervals without success before it is unhealthy.
const OVERDUE_INTERVALS: u32 = 3;

/// What is known of one collector.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectorStatus {
    /// Its name.
    pub name: Arc<str>,
    /// The value of the tag `collector` on its samples.
    pub tag: Arc<str>,
    /// By what its samples are known from those of others with the same tag.
    pub scope: Scope,
    /// What it is for, where somebody has said so.
    pub description: Option<Arc<str>>,
    /// Whether it waits for others, such as a program or a server, which may take any time.
    pub waits: bool,
    /// From one run to the next.
    pub interval: Duration,
    /// When it was scheduled first.
    pub since: Timestamp,
    /// When the run that is going on began.
    pub running_since: Option<Timestamp>,
    /// When the last run that ended began.
    pub last_run: Option<Timestamp>,
    /// How long that run took, waiting for a thread included.
    pub last_duration: Option<Duration>,
    /// Number of samples that run read.
    pub samples: usize,
    /// When the last run without an error began.
    pub last_success: Option<Timestamp>,
    /// What went wrong in the last run, if anything did.
    pub last_error: Option<String>,
    /// The last stretch in which it failed, to the run that was good again or the last one that was not.
    pub missed_last: Option<Missed>,
    /// Runs that ended.
    pub runs: u64,
    /// Runs that ended with an error or a panic.
    pub errors: u64,
    /// Ticks at which it was still busy and that were left out.
    pub missed: u64,
    /// Its task broke off: it runs no more.
    pub lost: bool,
}

impl CollectorStatus {
    fn new(collector: &Reader, interval: Duration, since: Timestamp) -> Self {
        Self {
            name: collector.name().into(),
            tag: collector.tag().into(),
            scope: collector.scope(),
            description: collector.description().map(Into::into),
            waits: matches!(collector, Reader::Waits(_)),
            interval,
            since,
            running_since: None,
            last_run: None,
            last_duration: None,
            samples: 0,
            last_success: None,
            last_error: None,
            missed_last: None,
            runs: 0,
            errors: 0,
            missed: 0,
            lost: false,
        }
    }

    /// Healthy is: the last run was good, and the last good run is not more than three intervals old.
    #[must_use]
    pub fn health(&self, now: Timestamp) -> CollectorHealth {
        let allowed = self.interval.saturating_mul(OVERDUE_INTERVALS);
        let overdue = now.since(self.last_success.unwrap_or(self.since)) > allowed;
        let running_for = self.running_since.map(|began| now.since(began));
        // The newest trouble is told: a run that hangs now, before the error of the run before it.
        let trouble = match running_for {
            _ if self.lost => Some("its task broke off; it reads nothing more until the next start".to_owned()),
            Some(busy) if busy > allowed => Some(format!("its reading has been going on for {} s", busy.as_secs())),
            _ => self.last_error.clone(),
        };
        let trouble = trouble
            .or_else(|| overdue.then(|| format!("its last reading is more than {OVERDUE_INTERVALS} intervals old")));
        CollectorHealth { healthy: trouble.is_none(), last_success: self.last_success, last_error: trouble }
    }
}

/// A stretch in which a collector gave nothing, or not all, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// When, and why.
    pub gap: Gap,
    /// In words.
    pub says: String,
    /// It has not ended yet.
    lasts: bool,
}

impl CollectorStatus {
    /// A run is over: it gave nothing for a reason, or it was good. `before`: the last good run, or the start.
    fn note(&mut self, began: Timestamp, missing: Option<(Cause, String)>, before: Timestamp) {
        let lasting = self.missed_last.as_mut().filter(|missed| missed.lasts);
        match (missing, lasting) {
            (None, None) => {}
            (None, Some(missed)) => (missed.gap.to, missed.lasts) = (missed.gap.to.max(began), false),
            (Some((cause, says)), Some(missed)) if missed.gap.cause == cause => {
                (missed.gap.to, missed.says) = (missed.gap.to.max(began), says);
            }
            (Some((cause, says)), lasting) => {
                let from = lasting.map_or(before, |missed| missed.gap.to);
                // A clock that was set back meanwhile has no stretch between.
                let gap = Gap { from: from.min(began), to: began, cause };
                self.missed_last = Some(Missed { gap, says, lasts: true });
            }
        }
    }

    /// Why it gives nothing just now, where a run hangs or its task is gone: nothing of that ends a run.
    #[must_use]
    pub fn hangs(&self, now: Timestamp) -> Option<(Gap, String)> {
        let allowed = self.interval.saturating_mul(OVERDUE_INTERVALS);
        let hangs = self.lost || self.running_since.is_some_and(|began| now.since(began) > allowed);
        let from = self.last_success.unwrap_or(self.since);
        let says = self.health(now).last_error.filter(|_| hangs)?;
        Some((Gap { from, to: now, cause: Cause::CollectorError }, says))
    }
}

/// The state of all collectors of one [`spawn`](super::spawn()), in the order in which they were added. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Registry(Arc<RwLock<Vec<Entry>>>);

impl Registry {
    /// Each collector's health at `now`, by name.
    #[must_use]
    pub fn health(&self, now: Timestamp) -> BTreeMap<String, CollectorHealth> {
        let entries = self.0.read();
        let statuses = entries.iter().map(|entry| entry.0.lock());
        statuses.map(|status| (status.name.to_string(), status.health(now))).collect()
    }

    /// All that is known of each collector.
    #[must_use]
    pub fn status(&self) -> Vec<CollectorStatus> {
        self.0.read().iter().map(|entry| entry.0.lock().clone()).collect()
    }

    pub(super) fn add(&self, collector: &Reader, interval: Duration, since: Timestamp) -> Entry {
        let entry = Entry(Arc::new(Mutex::new(CollectorStatus::new(collector, interval, since))));
        self.0.write().push(entry.clone());
        entry
    }

    pub(super) fn remove(&self, entry: &Entry) {
        self.0.write().retain(|other| !Arc::ptr_eq(&other.0, &entry.0));
    }
}

/// Where one collector's task says how it is.
#[derive(Debug, Clone)]
pub(super) struct Entry(Arc<Mutex<CollectorStatus>>);

impl Entry {
    pub(super) fn began(&self, at: Timestamp) {
        self.0.lock().running_since = Some(at);
    }

    /// The task of this collector has panicked where nothing contains it.
    pub(super) fn lost(&self) {
        let mut status = self.0.lock();
        status.lost = true;
        warn(&format!("the task of the collector `{}` broke off: it reads nothing more", status.name));
    }

    pub(super) fn ended(&self, run: Ended) {
        let mut status = self.0.lock();
        status.running_since = None;
        status.last_run = Some(run.began);
        status.last_duration = Some(run.took);
        status.samples = run.samples;
        status.runs += 1;
        let before = status.last_success.unwrap_or(status.since);
        status.note(run.began, run.missing, before);
        match run.error {
            None => status.last_success = Some(run.began),
            Some(_) => status.errors += 1,
        }
        status.last_error = run.error;
    }

    pub(super) fn missed(&self, ticks: u64) {
        self.0.lock().missed += ticks;
    }
}

/// A run that ended.
pub(super) struct Ended {
    pub(super) began: Timestamp,
    pub(super) took: Duration,
    pub(super) samples: usize,
    pub(super) error: Option<String>,
    /// Why samples are missing, if any are.
    pub(super) missing: Option<(Cause, String)>,
}

#[cfg(test)]
mod tests {
    use app::model::Sample;

    use super::*;
    use crate::collect::{CollectError, Collector};

    const SECOND: Duration = Duration::from_secs(1);

    struct Idle;

    impl Collector for Idle {
        fn name(&self) -> &str {
            "c"
        }

        fn collect(&mut self, _now: Timestamp, _out: &mut Vec<Sample>) -> Result<(), CollectError> {
            Ok(())
        }
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    /// `script`: what happens in each second from 0 on; `+` a good run, `-` a bad one, `(` a run begins
    /// and does not end, `x` its task breaks off, `.` nothing.
    #[track_caller]
    fn check(script: &str, healthy: bool, says: Option<&str>) {
        let registry = Registry::default();
        let entry = registry.add(&Reader::Blocks(Box::new(Idle)), SECOND, at(0));
        for (second, what) in script.chars().enumerate() {
            let began = at(i64::try_from(second).unwrap_or_default());
            if what == 'x' {
                entry.lost();
            } else if what != '.' {
                entry.began(began);
            }
            let error = (what == '-').then(|| "no disk".to_owned());
            if matches!(what, '+' | '-') {
                let missing = error.clone().map(|says| (Cause::CollectorError, says));
                entry.ended(Ended { began, took: Duration::ZERO, samples: 1, error, missing });
            }
        }
        let now = at(i64::try_from(script.len()).unwrap_or_default() - 1);
        let health = registry.health(now).remove("c");
        let got = health.as_ref().map(|h| (h.healthy, h.last_error.as_deref()));
        assert_eq!(got, Some((healthy, says)), "{script}");
    }

    /// `script`: in each second from 0 on, `+` a good run, `-` one that fails, `x` one whose target does not answer; what it has missed
    /// last: from, to, and why.
    #[track_caller]
    fn check_missed(script: &str, want: Option<(i64, i64, Cause)>) {
        let registry = Registry::default();
        let entry = registry.add(&Reader::Blocks(Box::new(Idle)), SECOND, at(0));
        for (second, what) in (0..).zip(script.chars()) {
            let cause = if what == '-' { Cause::CollectorError } else { Cause::Unreachable };
            let missing = (what != '+').then(|| (cause, "no disk".to_owned()));
            // That a target does not answer is no failure of ours.
            let error = (what == '-').then(|| "no disk".to_owned());
            entry.ended(Ended { began: at(second), took: Duration::ZERO, samples: 1, error, missing });
        }
        let status = registry.status().remove(0);
        let got = status.missed_last.map(|missed| missed.gap);
        assert_eq!(got, want.map(|(from, to, cause)| Gap { from: at(from), to: at(to), cause }), "{script}");
    }

    #[test]
    fn what_was_missed_reaches_from_one_good_run_to_the_next() {
        check_missed("+++", None);
        check_missed("++--", Some((1, 3, Cause::CollectorError)));
        check_missed("++--++", Some((1, 4, Cause::CollectorError)));
        check_missed("--+", Some((0, 2, Cause::CollectorError)));
        check_missed("+-+++-+", Some((4, 6, Cause::CollectorError)));
        check_missed("++xx+", Some((1, 4, Cause::Unreachable)));
        check_missed("++xx--+", Some((3, 6, Cause::CollectorError)));
    }

    #[test]
    fn health_is_a_good_last_run_that_is_not_overdue() {
        check(".", true, None);
        check("...", true, None);
        check(".....", false, Some("its last reading is more than 3 intervals old"));
        check("+...", true, None);
        check("+....", false, Some("its last reading is more than 3 intervals old"));
        check("+-", false, Some("no disk"));
        check("+-+", true, None);
        check("+(..", true, None);
        check("+(....", false, Some("its reading has been going on for 4 s"));
        check("-(....", false, Some("its reading has been going on for 4 s"));
        check("-(..", false, Some("no disk"));
        check("+x", false, Some("its task broke off; it reads nothing more until the next start"));
    }
}
