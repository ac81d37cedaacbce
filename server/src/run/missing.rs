//! Finds out why samples are missing, and notes it: what collectors could not read, what clocks tell of sleep and of being set, and
//! that nobody was there before the start.
//!
//! Invariant: it looks at what others wrote down, every second, so that no sample waits for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::model::{Cause, Gap, KnownGap, Timestamp};
use tokio::sync::watch;

use super::pace::again;
use crate::clock::{Clock, Clocks};
use crate::collect::{CollectorStatus, Missed, Registry};
use crate::store::{Gaps, Store};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(1);
/// Clocks that differ by less between two looks are as good as together: they are slewed, and read one after the other.
const SLACK_MS: i64 = 1000;

/// Until `stop`.
pub(super) async fn watch(registry: Registry, store: Arc<Store>, clock: Arc<dyn Clock>, stop: watch::Receiver<bool>) {
    let (mut seen, mut before) = (Seen::default(), Clocks::read());
    again(EVERY, stop, || {
        if let Some(now) = Clocks::read() {
            before.iter().flat_map(|before| judge(*before, now)).for_each(|gap| store.gaps().note(gap));
            before = Some(now);
        }
        seen.look(&registry.status(), clock.now(), store.gaps());
    })
    .await;
}

/// Nobody was there from the newest sample until now, where there is one.
pub(super) fn note_absence(store: &Store, now: Timestamp) {
    if let Some(from) = store.newest_until(now) {
        store.gaps().note(of_all(Gap { from, to: now, cause: Cause::ProcessDown }, None));
    }
}

const fn of_all(gap: Gap, detail: Option<String>) -> KnownGap {
    KnownGap { gap, collector: None, detail }
}

/// What two readings of the clocks tell of the time between them.
fn judge(before: Clocks, after: Clocks) -> Vec<KnownGap> {
    let since =
        |before: Duration, after: Duration| i64::try_from(after.saturating_sub(before).as_millis()).unwrap_or(i64::MAX);
    let awake = since(before.awake, after.awake);
    let passed = since(before.always, after.always);
    let shown = after.wall.as_millis().saturating_sub(before.wall.as_millis());
    let (slept, set) = (passed.saturating_sub(awake), shown.saturating_sub(passed));
    let mut gaps = Vec::new();
    if slept > SLACK_MS {
        let from = before.wall;
        let detail = format!("the machine slept for {} s", slept / 1000);
        let to = from + Duration::from_millis(passed.unsigned_abs());
        gaps.push(of_all(Gap { from, to, cause: Cause::Suspended }, Some(detail)));
    }
    if set.abs() > SLACK_MS {
        let way = if set > 0 { "forward" } else { "back" };
        let detail = format!("the clock was set {way} by {} s", set.abs() / 1000);
        // Set forward, no sample can be of the time that was left out; set back, some time comes twice.
        let by = Duration::from_millis(set.unsigned_abs());
        let (from, to) = if set > 0 { (after.wall - by, after.wall) } else { (after.wall, after.wall + by) };
        gaps.push(of_all(Gap { from, to, cause: Cause::ClockJump }, Some(detail)));
    }
    gaps
}

/// What was noted of each collector.
#[derive(Default)]
struct Seen(BTreeMap<Arc<str>, Missed>);

impl Seen {
    fn look(&mut self, collectors: &[CollectorStatus], now: Timestamp, gaps: &Gaps) {
        self.0.retain(|name, _| collectors.iter().any(|collector| collector.name == *name));
        for collector in collectors {
            let note = |gap: Gap, says: String| {
                let (collector, detail) = (Some(collector.name.to_string()), Some(says));
                gaps.note(KnownGap { gap, collector, detail });
            };
            if let Some(missed) = &collector.missed_last
                && self.0.get(&collector.name) != Some(missed)
            {
                self.0.insert(Arc::clone(&collector.name), missed.clone());
                note(missed.gap, missed.says.clone());
            }
            if let Some((gap, says)) = collector.hangs(now) {
                note(gap, says);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds.
    fn clocks(wall: i64, awake: u64, always: u64) -> Clocks {
        let of = Duration::from_millis;
        Clocks { wall: Timestamp::from_millis(wall), awake: of(awake), always: of(always) }
    }

    /// `passed`: by how much wall clock, clock of the awake machine, and clock that goes on in sleep went on.
    #[track_caller]
    fn check(passed: (i64, u64, u64), want: &[(i64, i64, Cause, &str)]) {
        let before = clocks(1_000_000, 5000, 7000);
        let after = clocks(1_000_000 + passed.0, 5000 + passed.1, 7000 + passed.2);
        let got = judge(before, after);
        let told = |known: &KnownGap| {
            let Gap { from, to, cause } = known.gap;
            (from.as_millis() - 1_000_000, to.as_millis() - 1_000_000, cause, known.detail.clone().unwrap_or_default())
        };
        let want: Vec<_> = want.iter().map(|&(from, to, cause, says)| (from, to, cause, says.to_owned())).collect();
        assert_eq!(got.iter().map(told).collect::<Vec<_>>(), want, "{passed:?}");
        assert!(got.iter().all(|known| known.collector.is_none()));
    }

    #[test]
    fn sleep_and_a_clock_that_is_set_are_told_apart() {
        check((1000, 1000, 1000), &[]);
        check((1900, 1000, 1000), &[]);
        check((200, 1000, 1000), &[]);
        // A machine that was too busy to look for a minute.
        check((60_000, 60_000, 60_000), &[]);
        check((61_000, 1000, 61_000), &[(0, 61_000, Cause::Suspended, "the machine slept for 60 s")]);
        check((31_000, 1000, 1000), &[(1000, 31_000, Cause::ClockJump, "the clock was set forward by 30 s")]);
        check((-29_000, 1000, 1000), &[(-29_000, 1000, Cause::ClockJump, "the clock was set back by 30 s")]);
        check(
            (91_000, 1000, 61_000),
            &[
                (0, 61_000, Cause::Suspended, "the machine slept for 60 s"),
                (61_000, 91_000, Cause::ClockJump, "the clock was set forward by 30 s"),
            ],
        );
    }

    #[test]
    fn nobody_was_there_between_the_newest_sample_and_the_start() {
        use app::model::{Batch, Metric, Tags, Unit};
        let at = |secs: i64| Timestamp::from_millis(secs * 1000);
        let store = Store::new(crate::store::Limits::default());
        note_absence(&store, at(100));
        assert_eq!(store.gaps().within(Timestamp::MIN, Timestamp::MAX), []);
        // One of another machine, whose clock is ahead, hides nothing.
        for (n, secs) in [("a", 50), ("b", 70), ("c", 130)] {
            let samples = vec![Metric::gauge("m", Unit::NONE).sample(Tags::new([("n", n)]), 1.0)];
            store.append(&Batch { collector: "c".into(), time: at(secs), samples }).unwrap();
        }
        note_absence(&store, at(100));
        let gap = Gap { from: at(70), to: at(100), cause: Cause::ProcessDown };
        assert_eq!(store.gaps().within(Timestamp::MIN, Timestamp::MAX), [of_all(gap, None)]);
    }
}
