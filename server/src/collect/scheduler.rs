//! Runs each collector on its own interval, apart from all others.
//!
//! Invariant: the n-th tick is at start + n · interval, whatever the runs before it took.
//! Invariant: a tick that passes while a run is going on is left out and counted, never made up for.
//! May not know: what is collected, where batches go.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use app::model::{Batch, Cause, Sample, Timestamp};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout};

use super::registry::{Ended, Entry};
use super::{CollectError, Collector, Registry, Scope, Waiting};
use crate::clock::Clock;
use crate::stages::{Stage, Stages};
use crate::supervise::message;

/// Timers are no finer than this.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
/// Longer ones would not fit the arithmetic of every platform's clock.
const LONGEST_INTERVAL: Duration = Duration::from_secs(366 * 24 * 3600);

/// What runs.
pub enum Reader {
    /// One that may block: it reads on a thread.
    Blocks(Box<dyn Collector>),
    /// One that waits for others.
    Waits(Box<dyn Waiting>),
}

impl Reader {
    /// That of the collector.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Blocks(collector) => collector.name(),
            Self::Waits(collector) => collector.name(),
        }
    }

    pub(super) fn tag(&self) -> &str {
        match self {
            Self::Blocks(collector) => collector.tag(),
            Self::Waits(collector) => collector.tag(),
        }
    }

    fn unreachable(&self) -> Option<&str> {
        match self {
            Self::Blocks(_) => None,
            Self::Waits(collector) => collector.unreachable(),
        }
    }

    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::Blocks(_) => Scope::default(),
            Self::Waits(collector) => collector.scope(),
        }
    }

    pub(super) fn description(&self) -> Option<&str> {
        match self {
            Self::Blocks(_) => None,
            Self::Waits(collector) => collector.description(),
        }
    }
}

/// How many collectors read at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtOnce {
    /// One after another, whatever they do.
    One,
    /// So many of those that block; those that wait take nobody's place.
    Blocking(usize),
}

/// A collector and how often it runs.
pub struct Job {
    /// What runs.
    pub collector: Reader,
    /// From one run to the next; below a millisecond and above a year it is clamped.
    pub interval: Duration,
    /// What it was told to do, in any words: where they differ, [`Scheduler::replace`] takes the new one. Never shown.
    pub settings: String,
}

impl Job {
    fn clamped(self) -> Self {
        Self { interval: self.interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL), ..self }
    }
}

/// Takes what a run read. It is called in the collector's task, so it must not wait for anything.
pub type Sink = Arc<dyn Fn(Batch) + Send + Sync>;

/// The running collectors. Dropped, it ends them.
pub struct Scheduler {
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
    running: Vec<Running>,
    /// Those that are never replaced.
    lasting: Vec<Running>,
    tasks: JoinSet<()>,
}

/// What all tasks have in common.
struct Shared {
    host: Box<str>,
    clock: Arc<dyn Clock>,
    sink: Sink,
    registry: Registry,
    stages: Stages,
    /// For those that read at a time.
    places: Arc<Semaphore>,
    /// Whether those that wait take a place, too.
    in_turn: bool,
}

/// A collector that has a task.
struct Running {
    name: String,
    interval: Duration,
    settings: String,
    entry: Entry,
    /// Gone, the task ends.
    _wanted: watch::Sender<()>,
}

/// Starts every job: the first run at once, the further ones on the job's own grid. No more than `at_once` says read at a
/// time; a read that hangs keeps its place until it ends. `stages` time the runs, those that are cut off too.
///
/// Every sample gets the tags `host` and `collector`. A batch bears the clock's time at the start of
/// its run. When `stop` becomes true, or its sender is gone, all tasks end: one that waits is cut off, one that
/// blocks is not waited for. The thread of such a read lives on: whoever owns the runtime has to leave it with
/// [`shutdown_timeout`](tokio::runtime::Runtime::shutdown_timeout), since dropping it waits for all threads.
///
/// Must be called within a tokio runtime.
#[must_use]
pub fn spawn(
    jobs: Vec<Job>,
    host: &str,
    clock: &Arc<dyn Clock>,
    sink: &Sink,
    stop: &watch::Receiver<bool>,
    at_once: AtOnce,
    stages: &Stages,
) -> Scheduler {
    let places = match at_once {
        AtOnce::One => 1,
        AtOnce::Blocking(most) => most.clamp(1, Semaphore::MAX_PERMITS),
    };
    let shared = Shared {
        host: host.into(),
        clock: Arc::clone(clock),
        sink: Arc::clone(sink),
        registry: Registry::default(),
        stages: stages.clone(),
        places: Arc::new(Semaphore::new(places)),
        in_turn: at_once == AtOnce::One,
    };
    let (shared, stop) = (Arc::new(shared), stop.clone());
    let mut scheduler = Scheduler { shared, stop, running: Vec::new(), lasting: Vec::new(), tasks: JoinSet::new() };
    scheduler.replace(jobs, Duration::ZERO);
    scheduler
}

impl Scheduler {
    /// Where to ask how the collectors are.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.shared.registry.clone()
    }

    /// From now on these run and no others; gives back the names of those that changed, came or went.
    ///
    /// One that runs already, at the same interval and with the same settings, goes on as if nothing had happened: it
    /// loses no sample and keeps its grid. All others end: one that blocks after the run that is going on, one that waits
    /// at once. New ones begin in `first_in`.
    ///
    /// Must be called within a tokio runtime.
    pub fn replace(&mut self, jobs: Vec<Job>, first_in: Duration) -> Vec<String> {
        // Those that have ended would be kept until somebody asks for them.
        while self.tasks.try_join_next().is_some() {}
        let mut before = std::mem::take(&mut self.running);
        let mut changed = Vec::new();
        let due = Instant::now() + first_in;
        for job in jobs {
            let job = job.clamped();
            let same = before.iter().position(|running| running.is(&job));
            let running = match same {
                Some(at) => before.swap_remove(at),
                None => {
                    changed.push(job.collector.name().to_owned());
                    self.start(job, due)
                }
            };
            self.running.push(running);
        }
        for gone in before {
            self.shared.registry.remove(&gone.entry);
            changed.push(gone.name);
        }
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// This one runs too, from now on and until the end: no [`Scheduler::replace`] concerns it.
    ///
    /// Must be called within a tokio runtime.
    pub fn add(&mut self, job: Job) {
        let running = self.start(job.clamped(), Instant::now());
        self.lasting.push(running);
    }

    fn start(&mut self, job: Job, due: Instant) -> Running {
        let Job { collector, interval, settings } = job;
        let entry = self.shared.registry.add(&collector, interval, self.shared.clock.now());
        let (wanted, unwanted) = watch::channel(());
        let name = collector.name().to_owned();
        let task = Task { interval, entry: entry.clone(), shared: Arc::clone(&self.shared) };
        self.tasks.spawn(task.run(collector, due, self.stop.clone(), unwanted));
        Running { name, interval, settings, entry, _wanted: wanted }
    }

    /// Waits until every task has ended after `stop`, at most for `within`; the rest is aborted.
    pub async fn join(mut self, within: Duration) {
        // A task that did not end in time is cut off by the drop of `self`; there is nothing else to do for it.
        let _ = timeout(within, async { while self.tasks.join_next().await.is_some() {} }).await;
    }
}

impl Running {
    fn is(&self, job: &Job) -> bool {
        *self.name == *job.collector.name() && self.interval == job.interval && self.settings == job.settings
    }
}

/// One collector's task.
struct Task {
    interval: Duration,
    entry: Entry,
    shared: Arc<Shared>,
}

impl Task {
    async fn run(
        self,
        mut collector: Reader,
        mut due: Instant,
        mut stop: watch::Receiver<bool>,
        mut unwanted: watch::Receiver<()>,
    ) {
        let _noticed = Noticed(&self.entry);
        loop {
            // A sender that is gone can never say stop, so that too is the end.
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                // Nothing is ever sent: it is gone.
                _ = unwanted.changed() => return,
                () = sleep_until(due) => {}
            }
            let waits = matches!(collector, Reader::Waits(_));
            let place = Place::default();
            let mut tick = std::pin::pin!(self.tick(collector, &place));
            let mut given_up = false;
            let back = loop {
                tokio::select! {
                    biased;
                    _ = stop.wait_for(|stop| *stop) => return,
                    _ = unwanted.changed(), if !given_up => {
                        // What nobody asks for any more is not waited for; one that blocks hands on what it reads, but
                        // it may hang, and whoever takes over from it needs the place.
                        if waits {
                            return;
                        }
                        given_up = true;
                        place.give_up();
                    }
                    back = &mut tick => break back,
                }
            };
            // None: the runtime is shutting down and took the thread away.
            let Some(back) = back else { return };
            collector = back;

            let missed;
            (due, missed) = next_due(due, self.interval, Instant::now());
            self.entry.missed(missed);
        }
    }

    /// One run; gives the collector back.
    async fn tick(&self, collector: Reader, place: &Place) -> Option<Reader> {
        let started = Instant::now();
        let _collecting = self.shared.stages.begin(Stage::Collect);
        if self.shared.in_turn || matches!(collector, Reader::Blocks(_)) {
            // Nobody closes it, so there is always a place in the end.
            let permit = Arc::clone(&self.shared.places).acquire_owned().await.ok()?;
            if !place.take(permit) {
                return None;
            }
        }
        let began = self.shared.clock.now();
        self.entry.began(began);
        let mut samples = Vec::new();
        let (collector, samples, outcome) = match collector {
            Reader::Blocks(mut collector) => {
                let place = place.clone();
                spawn_blocking(move || {
                    let outcome = contained(|| collector.collect(began, &mut samples));
                    place.give_up();
                    (Reader::Blocks(collector), samples, outcome)
                })
                .await
                .ok()?
            }
            Reader::Waits(mut collector) => {
                let outcome = waited_for(&mut *collector, began, &mut samples).await;
                place.give_up();
                (Reader::Waits(collector), samples, outcome)
            }
        };
        let (error, cause) = match outcome {
            Ok(Ok(())) => (None, Cause::Unreachable),
            Ok(Err(error)) => (Some(error.to_string()), error.cause()),
            Err(panic) => (Some(format!("the collector panicked: {panic}")), Cause::CollectorError),
        };
        let took = started.elapsed();
        let count = samples.len();
        let unreachable = || contained(|| collector.unreachable().map(str::to_owned)).ok().flatten();
        let missing = error.clone().or_else(unreachable).map(|says| (cause, says));
        let unheard = self.hand_on(&collector, began, samples);
        let missing = missing.or_else(|| Some((Cause::CollectorError, unheard.clone()?)));
        self.entry.ended(Ended { began, took, samples: count, error: error.or(unheard), missing });
        Some(collector)
    }

    /// Tags what was read and gives it to the sink; says what went wrong there.
    fn hand_on(&self, collector: &Reader, time: Timestamp, mut samples: Vec<Sample>) -> Option<String> {
        if samples.is_empty() {
            return None;
        }
        // The names are the collector's own code too.
        let handed_on = contained(|| {
            for sample in &mut samples {
                sample.tags = sample.tags.with([("collector", collector.tag()), ("host", &self.shared.host)]);
            }
            (self.shared.sink)(Batch { collector: collector.name().to_owned().into(), time, samples });
        });
        handed_on.err().map(|panic| format!("its samples could not be handed on: {panic}"))
    }
}

/// Everything of a collector's that can panic is contained, so nothing ends its task but `stop`. Should it happen
/// nevertheless, it does not go unseen.
struct Noticed<'a>(&'a Entry);

impl Drop for Noticed<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lost();
        }
    }
}

/// A run's place among those that read at a time.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Taken>>);

#[derive(Default)]
enum Taken {
    #[default]
    NotYet,
    Held(#[expect(dead_code, reason = "held, it keeps the place")] OwnedSemaphorePermit),
    GivenUp,
}

impl Place {
    /// False where it was given up before it was there: then nothing is to be read.
    fn take(&self, permit: OwnedSemaphorePermit) -> bool {
        let mut held = self.0.lock();
        let wanted = matches!(*held, Taken::NotYet);
        if wanted {
            *held = Taken::Held(permit);
        }
        wanted
    }

    /// For the next one.
    fn give_up(&self) {
        *self.0.lock() = Taken::GivenUp;
    }
}

/// The first tick after `due` that is not before `now`, and how many ticks were left out for it.
fn next_due(due: Instant, interval: Duration, now: Instant) -> (Instant, u64) {
    let next = due + interval;
    let late = now.saturating_duration_since(next);
    let missed = u32::try_from(late.as_nanos().div_ceil(interval.as_nanos())).unwrap_or(u32::MAX);
    (next + interval * missed, u64::from(missed))
}

/// Runs `what`; a panic becomes its message. What `what` holds may be half changed after it, which a
/// collector survives at worst with a wrong difference in its next run.
pub(super) fn contained<T>(what: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(what)).map_err(|panic| message(&*panic))
}

/// The same for one that waits.
async fn waited_for(
    collector: &mut dyn Waiting,
    now: Timestamp,
    out: &mut Vec<Sample>,
) -> Result<Result<(), CollectError>, String> {
    let mut pending = contained(|| collector.collect(now, out))?;
    poll_fn(|context| match contained(|| pending.as_mut().poll(context)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
