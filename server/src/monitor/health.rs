//! How the monitor itself is.

use app::model::{CollectorHealth, Health};

use super::Monitor;

/// Its health, and whether it does its work at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As interfaces and pages tell it.
    pub health: Health,
    /// Parts without which nothing works and that are down, each in a sentence.
    pub down: Vec<String>,
}

impl Monitor {
    /// Looks at every part.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let now = self.now();
        let mut collectors = self.registry.health(now);
        for (name, says) in self.pipeline.refused() {
            if let Some(health) = collectors.get_mut(&name) {
                refuse(health, says);
            }
        }
        let ended = self.vitals.ended().into_iter().map(|task| format!("the task `{task}` has ended"));
        let down: Vec<String> = ended.collect();
        let troubles = self.vitals.troubles();
        let well = down.is_empty() && troubles.is_empty() && collectors.values().all(|collector| collector.healthy);
        let health = Health {
            running: down.is_empty(),
            collectors_count: collectors.len(),
            active_alerts: 0,
            uptime: now.since(self.started).as_secs_f64(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            degraded: !well,
            collectors,
            troubles,
        };
        Condition { health, down }
    }
}

/// A collector whose samples are not kept is of no use, however well it reads.
fn refuse(health: &mut CollectorHealth, says: String) {
    health.healthy = false;
    health.last_error.get_or_insert(says);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use app::model::{Batch, Metric, Sample, Tags, Timestamp, Unit};
    use tokio::sync::watch;

    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::collect::{AtOnce, CollectError, Collector, Job, Reader, Scheduler, Sink, spawn};
    use crate::ingest::RemoteWrite;
    use crate::live::Hub;
    use crate::monitor::{Host, Layout, Setup, Told, Turns};
    use crate::pipeline::Pipeline;
    use crate::stages::Stages;
    use crate::store::{Limits, Store};
    use crate::vitals::Vitals;

    struct One {
        value: f64,
        fails: bool,
    }

    impl Collector for One {
        fn name(&self) -> &'static str {
            "one"
        }
        fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
            out.push(Metric::gauge("m", Unit::NONE).sample(Tags::default(), self.value));
            if self.fails { Err(CollectError::NoAnswer { what: "it".into() }) } else { Ok(()) }
        }
    }

    /// A monitor whose one collector has run once.
    async fn monitor(collector: One, stop: &watch::Receiver<bool>) -> (Monitor, Scheduler) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(Store::new(Limits::default()));
        let hub = Arc::new(Hub::new(1, 64));
        let written = Arc::new(RemoteWrite::new(Arc::clone(&store), Arc::clone(&hub)));
        let pipeline = Arc::new(Pipeline::new(Arc::clone(&store), hub));
        let into = Arc::clone(&pipeline);
        let sink: Sink = Arc::new(move |batch: Batch| into.push(&batch));
        let collector = Reader::Blocks(Box::new(collector));
        let jobs = vec![Job { collector, interval: Duration::from_secs(60), settings: String::new() }];
        let scheduler = spawn(jobs, "host", &clock, &sink, stop, AtOnce::Blocking(4), &Stages::default());
        let registry = scheduler.registry();
        while registry.status().iter().any(|one| one.runs == 0) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let started = clock.now();
        let host = Host::look("host".to_owned());
        let layout = Layout { widgets: Vec::new(), paused: false, poll: None };
        let told = watch::channel(Arc::new(Told { layout, setup: Setup::default() })).1;
        let (vitals, stages, turns) = (Vitals::default(), Stages::default(), Turns::default());
        (Monitor { clock, store, registry, pipeline, written, vitals, stages, host, started, told, turns }, scheduler)
    }

    /// `want`: running, degraded, the collector's error, number of parts that are down.
    async fn check(collector: One, task_ends: bool, want: (bool, bool, Option<&str>, usize)) {
        let (_stop, stopped) = watch::channel(false);
        let (monitor, _scheduler) = monitor(collector, &stopped).await;
        let alive = monitor.vitals.guard("task");
        let _kept = if task_ends {
            drop(alive);
            None
        } else {
            Some(alive)
        };
        let Condition { health, down } = monitor.condition();
        let error = health.collectors["one"].last_error.as_deref();
        assert_eq!((health.running, health.degraded, error, down.len()), want);
    }

    #[tokio::test]
    async fn trouble_is_told_by_its_weight() {
        check(One { value: 1.0, fails: false }, false, (true, false, None, 0)).await;
        check(One { value: 1.0, fails: true }, false, (true, true, Some("it does not answer"), 0)).await;
        let refused = "1 of 1 samples were refused, the others are stored; the first was \
                       `m` {collector=\"one\", host=\"host\"}: the value is not a finite number";
        check(One { value: f64::NAN, fails: false }, false, (true, true, Some(refused), 0)).await;
        check(One { value: 1.0, fails: false }, true, (false, true, None, 1)).await;
    }
}
