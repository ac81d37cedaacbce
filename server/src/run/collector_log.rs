//! Tells the log which collectors fail, and which work again: what `/api/health` says, as it changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::model::Timestamp;
use tokio::sync::watch;
use tracing::{info, warn};

use super::pace::again;
use crate::clock::Clock;
use crate::collect::{CollectorStatus, Registry};

/// How often they are looked at. A collector that fails and works again in between is noticed by its count; one that fails
/// more often than this is told as often as this.
const EVERY: Duration = Duration::from_secs(1);

/// Until `stop`.
pub(super) async fn watch(registry: Registry, clock: Arc<dyn Clock>, stop: watch::Receiver<bool>) {
    let mut known = Known::default();
    again(EVERY, stop, || {
        let now = clock.now();
        let collectors = registry.status();
        known.0.retain(|name, _| collectors.iter().any(|collector| collector.name == *name));
        for collector in collectors {
            known.look(&collector, now).into_iter().for_each(|change| change.tell(&collector.name));
        }
    })
    .await;
}

/// How each collector was when it was looked at last.
#[derive(Default)]
struct Known(BTreeMap<Arc<str>, Last>);

#[derive(Default)]
struct Last {
    errors: u64,
    /// Since when it fails.
    failing: Option<Timestamp>,
}

/// What has changed.
#[derive(Debug, PartialEq)]
enum Change {
    /// It fails, or has failed again.
    Fails(String),
    /// It failed so often since it was looked at last, and works.
    Failed(u64),
    /// It failed for so long, and works.
    Works(Duration),
}

impl Change {
    /// Repeats are folded by what they are about: a collector is two lines a minute, however it fails.
    fn tell(self, name: &str) {
        match self {
            Self::Fails(says) => warn!(about = format!("collector {name}"), "collector `{name}` fails: {says}"),
            Self::Failed(times) => warn!(
                about = format!("collector {name}"),
                "collector `{name}` works, and failed in between; readings that failed: {times}"
            ),
            Self::Works(after) => info!(
                about = format!("collector {name}"),
                "collector `{name}` works again, after {} s",
                after.as_secs()
            ),
        }
    }
}

impl Known {
    fn look(&mut self, collector: &CollectorStatus, now: Timestamp) -> Option<Change> {
        let last = self.0.entry(Arc::clone(&collector.name)).or_default();
        // One that was replaced counts from the beginning.
        let failed = collector.errors.checked_sub(last.errors).unwrap_or(collector.errors);
        last.errors = collector.errors;
        match (last.failing, collector.health(now).last_error) {
            (None, Some(says)) => {
                last.failing = Some(now);
                Some(Change::Fails(says))
            }
            // One that hangs does not fail again and again; it is as it was.
            (Some(_), Some(says)) => (failed > 0).then_some(Change::Fails(says)),
            (Some(since), None) => {
                last.failing = None;
                Some(Change::Works(now.since(since)))
            }
            (None, None) => (failed > 0).then_some(Change::Failed(failed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::Scope;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(second: usize) -> Timestamp {
        Timestamp::from_millis(i64::try_from(second).unwrap() * 1000)
    }

    /// `script`: what happened in each second before it is looked at; `+` a good run, `-` a bad one, `~` a bad and then
    /// a good one, `(` one that began and goes on. `told`: the changes, each with its second.
    #[track_caller]
    fn check(script: &str, told: &[(usize, Change)]) {
        let mut known = Known::default();
        let mut status = status();
        let mut got = Vec::new();
        for (second, what) in script.chars().enumerate() {
            if "-~".contains(what) {
                status.errors += 1;
                status.last_error = Some("no disk".to_owned());
            }
            if "+~".contains(what) {
                (status.last_error, status.last_success) = (None, Some(at(second)));
            }
            if what == '(' {
                status.running_since.get_or_insert(at(second));
            } else {
                status.running_since = None;
            }
            got.extend(known.look(&status, at(second)).map(|change| (second, change)));
        }
        assert_eq!(got, told, "{script}");
    }

    fn status() -> CollectorStatus {
        CollectorStatus {
            name: "c".into(),
            tag: "c".into(),
            scope: Scope::default(),
            description: None,
            waits: false,
            interval: SECOND,
            since: at(0),
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

    fn fails() -> Change {
        Change::Fails("no disk".to_owned())
    }

    #[test]
    fn what_is_well_is_not_told() {
        check("++++", &[]);
    }

    #[test]
    fn each_failure_is_told_and_the_end_of_them() {
        check("+-+", &[(1, fails()), (2, Change::Works(SECOND))]);
        check("---+", &[(0, fails()), (1, fails()), (2, fails()), (3, Change::Works(3 * SECOND))]);
    }

    #[test]
    fn a_failure_between_two_looks_is_told_too() {
        check("+~+", &[(1, Change::Failed(1))]);
    }

    #[test]
    fn one_that_hangs_is_told_once_until_it_works() {
        let overdue = Change::Fails("its last reading is more than 3 intervals old".to_owned());
        check("+(((((((+", &[(4, overdue), (8, Change::Works(4 * SECOND))]);
    }
}
