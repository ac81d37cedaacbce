//! The way of a batch: into the store, then on to whoever watches live.
//!
//! Invariant: called in a collector's task, it waits for nobody, but for the disk where `storage.flush_interval` is 0.
//! Invariant: a batch of which the store took nothing goes no further: what is shown is what is kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::model::Batch;
use parking_lot::Mutex;

use crate::live::Hub;
use crate::stages::{Stage, Stages};
use crate::store::{Store, StoreError};
use crate::telemetry::warn;

/// Where batches come in.
#[derive(Debug)]
pub struct Pipeline {
    store: Arc<Store>,
    hub: Arc<Hub>,
    /// What was refused of the last batch of each collector whose samples were.
    refused: Mutex<BTreeMap<String, String>>,
    counts: [AtomicU64; 2],
    stages: Stages,
}

/// Samples since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// That the store took.
    pub appended: u64,
    /// That it did not.
    pub refused: u64,
}

impl Pipeline {
    /// A pipeline that ends in these two.
    #[must_use]
    pub fn new(store: Arc<Store>, hub: Arc<Hub>) -> Self {
        Self { store, hub, refused: Mutex::default(), counts: Default::default(), stages: Stages::default() }
    }

    /// The same, with its stages timed.
    #[must_use]
    pub fn timed_by(self, stages: &Stages) -> Self {
        Self { stages: stages.clone(), ..self }
    }

    /// Takes one batch.
    pub fn push(&self, batch: &Batch) {
        let appending = self.stages.begin(Stage::Append);
        let kept = self.store.append(batch);
        drop(appending);
        let of = batch.samples.len();
        let refused = match &kept {
            Ok(()) => 0,
            Err(StoreError::Refused { refused, .. }) => *refused,
            Err(_) => of,
        };
        for (count, more) in self.counts.iter().zip([of - refused, refused]) {
            count.fetch_add(u64::try_from(more).unwrap_or_default(), Ordering::Relaxed);
        }
        self.note(&batch.collector, kept.err());
        if refused < of {
            let _publishing = self.stages.begin(Stage::Publish);
            self.hub.publish(batch);
        }
    }

    /// How many samples came in.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let [appended, refused] = self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        Counts { appended, refused }
    }

    /// Collectors of whose last batch something was refused, and what.
    #[must_use]
    pub fn refused(&self) -> BTreeMap<String, String> {
        self.refused.lock().clone()
    }

    /// These collectors are gone, or have become others, which are not blamed for what was refused before.
    pub fn forget(&self, collectors: &[String]) {
        self.refused.lock().retain(|name, _| !collectors.contains(name));
    }

    /// How many watch live, and how many could.
    #[must_use]
    pub fn live(&self) -> (usize, usize) {
        (self.hub.clients(), self.hub.most_clients())
    }

    /// Remembers what went wrong until a batch goes right; says it once, however long it lasts.
    fn note(&self, collector: &str, error: Option<StoreError>) {
        let mut refused = self.refused.lock();
        match error {
            None => drop(refused.remove(collector)),
            Some(error) => {
                let says = error.to_string();
                let before = refused.insert(collector.to_owned(), says.clone());
                drop(refused);
                if before.is_none() {
                    warn(&format!("collector `{collector}`: {says}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use app::model::{Metric, Tags, Timestamp, Unit};

    use super::*;
    use crate::live::Wanted;
    use crate::store::{Limits, Selection};

    fn batch(secs: i64, values: &[f64]) -> Batch {
        let metric = Metric::gauge("m", Unit::NONE);
        let sample = |(n, &value): (usize, &f64)| metric.sample(Tags::new([("n", n.to_string())]), value);
        Batch {
            collector: "c".into(),
            time: Timestamp::from_millis(secs * 1000),
            samples: values.iter().enumerate().map(sample).collect(),
        }
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_is_told_and_goes_on_from_there() {
        let store = Arc::new(Store::new(Limits::default()));
        let pipeline = Pipeline::new(Arc::clone(&store), Arc::new(Hub::new(1, 64)));
        let told = |secs| {
            pipeline.push(&batch(secs, &[1.0, 2.0]));
            pipeline.refused().remove("c").unwrap_or_default()
        };
        assert_eq!([7000, 7001, 7002].map(told), ["", "", ""]);
        assert!(told(6000).contains("1002s before the newest point of the series; if the clock was set back"));
        assert_eq!([6001, 6002, 6003].map(told), ["", "", ""]);
        let what = Selection {
            metric: "m".to_owned(),
            tags: Tags::new([("n", "1")]),
            matchers: Vec::new(),
            start: Timestamp::MIN,
            end: Timestamp::MAX,
        };
        let times: Vec<i64> = store.query(&what).unwrap()[0].points.iter().map(|p| p.time.as_millis() / 1000).collect();
        assert_eq!(times, [6001, 6002, 6003]);
    }

    #[tokio::test]
    async fn what_the_store_takes_goes_on_and_what_it_refuses_is_remembered_until_it_takes_again() {
        let hub = Arc::new(Hub::new(1, 64));
        let client = hub.connect().unwrap();
        client.change(|wanted: &mut Wanted| wanted.add(&["*".to_owned()], &Tags::default())).unwrap();
        let pipeline = Pipeline::new(Arc::new(Store::new(Limits::default())), Arc::clone(&hub));

        pipeline.push(&batch(5, &[1.0, f64::NAN]));
        assert!(pipeline.refused()["c"].contains("1 of 2 samples were refused"), "{:?}", pipeline.refused());
        pipeline.push(&batch(-6000, &[1.0]));
        assert!(pipeline.refused()["c"].contains("1 of 1 samples were refused"), "{:?}", pipeline.refused());
        pipeline.forget(&["another".to_owned()]);
        assert_eq!(pipeline.refused().len(), 1);
        pipeline.forget(&["c".to_owned()]);
        assert!(pipeline.refused().is_empty(), "the next one is blamed for the last one");
        pipeline.push(&batch(-6000, &[1.0]));
        pipeline.push(&batch(6, &[1.0]));
        assert!(pipeline.refused().is_empty());
        assert_eq!(pipeline.counts(), Counts { appended: 2, refused: 3 });

        let frames = [client.next().await, client.next().await].map(|next| next.frame.unwrap());
        assert!(frames[0].contains(r#""timestamp":5.0"#) && !frames[0].contains("null"), "{}", frames[0]);
        assert!(frames[1].contains(r#""timestamp":6.0"#), "what was refused whole went on: {}", frames[1]);
    }
}
