//! A bound on how many series a collector makes, whatever it reads.
//!
//! A series that the store has once seen stays there until its age takes it, so what counts is not how many
//! there are at a time but how many there were lately.
//! Invariant: at most `most` series of a collector have a sample within an hour; those that were there keep
//! their place before new ones.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::{CollectError, Collector};

/// Samples that were left out because their series would have been one too many.
static REFUSED: Metric = Metric::counter("telltale_collector_samples_refused_total", Unit::COUNT);

/// A series without a sample for so long gives its place to others.
const FORGET: Duration = Duration::from_secs(3600);

/// Is told, once, that a collector makes too many series.
pub type Tell = Box<dyn Fn(&str) + Send>;

/// A collector that is held to a number of series.
pub struct Limited {
    inner: Box<dyn Collector>,
    most: usize,
    tell: Tell,
    hasher: RandomState,
    /// When each series had its last sample. By its hash: two with the same would be one place too few.
    known: HashMap<u64, Timestamp>,
    refused: u64,
}

impl Limited {
    /// `inner` with at most `most` series.
    #[must_use]
    pub fn new(inner: Box<dyn Collector>, most: usize, tell: Tell) -> Self {
        Self { inner, most, tell, hasher: RandomState::new(), known: HashMap::new(), refused: 0 }
    }

    fn admit(&mut self, now: Timestamp, samples: &mut Vec<Sample>, from: usize) {
        let mut may_forget = true;
        let mut at = 0;
        let mut refused = 0_u64;
        samples.retain(|sample| {
            at += 1;
            if at <= from {
                return true;
            }
            let series = self.hasher.hash_one((&sample.metric.name, &sample.tags));
            if let Some(seen) = self.known.get_mut(&series) {
                *seen = now;
                return true;
            }
            // At most once a reading: it walks through all of them.
            if self.known.len() >= self.most && std::mem::take(&mut may_forget) {
                // One seen after `now` is from before the clock was set back.
                self.known.retain(|_, seen| *seen <= now && now.since(*seen) < FORGET);
            }
            let has_place = self.known.len() < self.most;
            if has_place {
                self.known.insert(series, now);
            } else {
                refused += 1;
            }
            has_place
        });
        self.count(refused);
    }

    fn count(&mut self, refused: u64) {
        if refused > 0 && self.refused == 0 {
            let (name, most) = (self.inner.name(), self.most);
            (self.tell)(&format!("the collector {name} makes more than {most} series; the further ones are left out"));
        }
        self.refused = self.refused.saturating_add(refused);
    }
}

impl Collector for Limited {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn tag(&self) -> &str {
        self.inner.tag()
    }

    /// After the first refusal a sample more: how many were refused.
    fn collect(&mut self, now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let from = out.len();
        let read = self.inner.collect(now, out);
        self.admit(now, out, from);
        if self.refused > 0 {
            out.push(REFUSED.sample(Tags::default(), super::number::value(self.refused)));
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    static VALUE: Metric = Metric::gauge("value", Unit::NONE);

    /// Reads what the script has for each run: names of series.
    struct Scripted(std::vec::IntoIter<&'static str>);

    impl Collector for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }

        fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
            let names = self.0.next().unwrap_or_default().split_whitespace();
            out.extend(names.map(|name| VALUE.sample(Tags::new([("name", name)]), 1.0)));
            Ok(())
        }
    }

    /// `runs`: when, what is read, and what is left of it, `+n` for n refused so far. At most two series.
    #[track_caller]
    fn check(runs: &[(i64, &'static str, &str)], told: usize) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let tell = {
            let said = Arc::clone(&said);
            Box::new(move |what: &str| said.lock().unwrap().push(what.to_owned()))
        };
        let script: Vec<&str> = runs.iter().map(|(_, read, _)| *read).collect();
        let mut limited = Limited::new(Box::new(Scripted(script.into_iter())), 2, tell);
        for (minute, read, want) in runs {
            // What was there before is none of its business.
            let mut out = vec![VALUE.sample(Tags::default(), 0.0)];
            let now = Timestamp::from_millis(minute * 60_000);
            limited.collect(now, &mut out).unwrap();
            let shown = |s: &Sample| match s.tags.get("name") {
                Some(name) => name.to_owned(),
                None => format!("+{}", s.value),
            };
            assert_eq!(out.iter().skip(1).map(shown).collect::<Vec<_>>().join(" "), *want, "{read} at {minute}");
        }
        let said = said.lock().unwrap();
        assert_eq!(said.len(), told, "{said:?}");
        assert!(said.iter().all(|s| s.contains("scripted makes more than 2 series")));
    }

    #[test]
    fn those_that_were_there_stay_and_further_ones_are_refused() {
        check(&[(0, "a b", "a b"), (1, "b a", "b a"), (2, "", "")], 0);
        check(&[(0, "a b c", "a b +1"), (1, "c b d a", "b a +3"), (2, "a", "a +3")], 1);
    }

    #[test]
    fn a_series_that_stopped_keeps_its_place_for_an_hour() {
        check(&[(0, "a b", "a b"), (30, "a c", "a +1"), (60, "a c", "a c +1"), (61, "b", "+2")], 1);
    }

    #[test]
    fn a_clock_that_is_set_back_frees_the_places() {
        check(&[(1000, "a b", "a b"), (5, "c", "c")], 0);
    }
}
