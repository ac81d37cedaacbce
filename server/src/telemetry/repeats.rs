//! The same line again and again: told once, then counted, and the count told every minute for as long as it goes on.
//!
//! Two lines are the same where level, module and text are, or, in place of the text, what they are `about`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use app::model::Timestamp;

use super::Level;
use super::record::Record;

/// How long a line is counted before its count is told.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// So many different lines are watched at a time; further ones are told each time.
const MOST: usize = 512;

type Key = (Level, String, String);

/// What was told in the last minute.
#[derive(Default)]
pub(super) struct Repeats(HashMap<Key, Seen>);

struct Seen {
    since: Instant,
    times: u64,
    /// The last of those that were counted.
    last: Option<Record>,
}

impl Repeats {
    /// What is to be told where `record` is: a count that is due, the record itself, both or neither.
    pub(super) fn take(&mut self, record: Record, now: Instant) -> [Option<Record>; 2] {
        // Who looks at these wants to see each.
        if record.level == Level::Debug {
            return [None, Some(record)];
        }
        let key = key(&record);
        if !self.0.contains_key(&key) {
            if self.0.len() >= MOST {
                self.0.retain(|_, seen| seen.times > 0 || now.duration_since(seen.since) < WINDOW);
            }
            if self.0.len() < MOST {
                self.0.insert(key, Seen { since: now, times: 0, last: None });
            }
            return [None, Some(record)];
        }
        let Some(seen) = self.0.get_mut(&key) else { return [None, Some(record)] };
        if now.duration_since(seen.since) < WINDOW {
            seen.times += 1;
            seen.last = Some(record);
            return [None, None];
        }
        // Nobody has asked for what is due yet.
        let (time, due) = (record.time, seen.count(now, record.time));
        if due.is_some() {
            seen.times = 1;
            seen.last = Some(record);
            return [due.map(|due| Record { time, ..due }), None];
        }
        [None, Some(record)]
    }

    /// The counts that are due; what was not repeated for a whole minute is forgotten.
    pub(super) fn due(&mut self, now: Instant, time: Timestamp) -> Vec<Record> {
        let mut due = Vec::new();
        self.0.retain(|_, seen| {
            if now.duration_since(seen.since) < WINDOW {
                return true;
            }
            let count = seen.count(now, time);
            let goes_on = count.is_some();
            due.extend(count);
            goes_on
        });
        due
    }

    /// All counts, due or not, at the end.
    pub(super) fn all(&mut self, now: Instant, time: Timestamp) -> Vec<Record> {
        let all = self.0.values_mut().filter_map(|seen| seen.count(now, time)).collect();
        self.0.clear();
        all
    }
}

fn key(record: &Record) -> Key {
    let what = record.about.as_ref().map_or_else(|| format!("={}", record.message), |about| format!("@{about}"));
    (record.level, record.target.clone(), what)
}

impl Seen {
    /// The count so far, as a record; begins anew.
    fn count(&mut self, now: Instant, time: Timestamp) -> Option<Record> {
        let seconds = now.duration_since(self.since).as_secs();
        let (times, last) = (std::mem::take(&mut self.times), self.last.take());
        self.since = now;
        let last = last?;
        let more = if times == 1 { "once more".to_owned() } else { format!("{times} more times") };
        Some(Record { time, message: format!("{} … {more} in {seconds} s", last.message), ..last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(level: Level, message: &str, about: Option<&str>) -> Record {
        Record { about: about.map(str::to_owned), ..Record::new(Timestamp::MIN, level, message) }
    }

    /// `told`: at which second, what. Each second: the counts that are due, then the line, if it fails in that second.
    #[track_caller]
    fn check(seconds: u64, fails: impl Fn(u64) -> Option<Record>, told: &[(u64, &str)]) {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        let mut got = Vec::new();
        for second in 0..seconds {
            let now = start + Duration::from_secs(second);
            got.extend(repeats.due(now, Timestamp::MIN).into_iter().map(|record| (second, record.message)));
            let lines = fails(second).map(|record| repeats.take(record, now)).into_iter().flatten().flatten();
            got.extend(lines.map(|record| (second, record.message)));
        }
        let got: Vec<_> = got.iter().map(|(second, message)| (*second, message.as_str())).collect();
        assert_eq!(got, told);
    }

    #[test]
    fn what_fails_every_second_is_a_line_a_minute_with_its_count() {
        let each = |_| Some(record(Level::Warning, "no disk", None));
        check(
            150,
            each,
            &[(0, "no disk"), (60, "no disk … 59 more times in 60 s"), (120, "no disk … 60 more times in 60 s")],
        );
    }

    #[test]
    fn what_stops_gets_its_count_and_is_new_afterwards() {
        let some = |second| [0, 1, 130].contains(&second).then(|| record(Level::Error, "x", None));
        check(140, some, &[(0, "x"), (60, "x … once more in 60 s"), (130, "x")]);
    }

    #[test]
    fn what_a_line_is_about_counts_before_what_it_says() {
        let changing = |second| Some(record(Level::Info, &format!("process {second} is gone"), Some("processes")));
        check(62, changing, &[(0, "process 0 is gone"), (60, "process 59 is gone … 59 more times in 60 s")]);
        let other = |second| Some(record(Level::Info, "x", Some(if second == 1 { "a" } else { "b" })));
        check(3, other, &[(0, "x"), (1, "x")]);
    }

    #[test]
    fn levels_are_apart_and_debug_is_never_counted() {
        let level = |second| if second == 0 { Level::Warning } else { Level::Debug };
        check(3, |second| Some(record(level(second), "x", None)), &[(0, "x"), (1, "x"), (2, "x")]);
    }

    #[test]
    fn a_count_that_nobody_asked_for_comes_with_the_next_line() {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        let told = [0, 1, 2, 100, 101, 300].map(|second| {
            let lines = repeats.take(record(Level::Warning, "x", None), start + Duration::from_secs(second));
            lines.into_iter().flatten().map(|record| record.message).collect::<Vec<_>>().join("|")
        });
        assert_eq!(told, ["x", "", "", "x … 2 more times in 100 s", "", "x … 2 more times in 200 s"]);
        let all = repeats.all(start + Duration::from_secs(310), Timestamp::MIN);
        assert_eq!(all.iter().map(|record| record.message.as_str()).collect::<Vec<_>>(), ["x … once more in 10 s"]);
    }

    #[test]
    fn a_flood_of_different_lines_takes_no_more_than_a_bounded_memory() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        for n in 0..10 * MOST {
            let told = repeats.take(record(Level::Warning, &n.to_string(), None), now);
            assert!(told[1].is_some(), "{n} is new and is told");
        }
        assert_eq!(repeats.0.len(), MOST);
        repeats.take(record(Level::Warning, "later", None), now + WINDOW);
        assert_eq!(repeats.0.len(), 1, "what is over a minute old gives its place to what is new");
    }
}
