//! The core tasks: what runs beside the collectors for as long as the server does, each kept alive.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use super::{StartError, collector_log, missing, settings};
use crate::clock::Clock;
use crate::collect::Registry;
use crate::config::{Config, Storage, StorageType};
use crate::data_folder::{self, DataFolder, FolderError};
use crate::monitor::{Condition, Monitor};
use crate::service::{Life, Notifier};
use crate::store::{Disk, Gaps, OpenError, Store};
use crate::supervise::keep;
use crate::telemetry::warn;
use crate::vitals::Vitals;
use crate::web;

/// What it is called in `/api/health`.
const STORAGE: &str = "storage";
const GAPS: &str = "record of gaps";
/// How often the store is looked after.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// How often a start that takes long says how far it has come.
const TELL_START_EVERY: Duration = Duration::from_secs(2);

type Stop = watch::Receiver<bool>;
/// How often something is done, which a reload changes.
type Every = watch::Receiver<Duration>;

/// Takes the folder that the configuration names. With `memory` nothing on any disk is touched.
pub(super) async fn data_folder(config: &Storage) -> Result<Option<Arc<DataFolder>>, FolderError> {
    if config.kind == StorageType::Memory {
        return Ok(None);
    }
    let path = config.path.clone().ok_or(FolderError::Nowhere)?;
    DataFolder::open(path).await.map(|folder| Some(Arc::new(folder)))
}

/// The core tasks of one server.
pub(super) struct Core {
    tasks: JoinSet<()>,
    vitals: Vitals,
    stop: Stop,
}

impl Core {
    /// None yet. All of them end with `stop`.
    pub(super) fn new(vitals: &Vitals, stop: &Stop) -> Self {
        Self { tasks: JoinSet::new(), vitals: vitals.clone(), stop: stop.clone() }
    }

    fn keep<F>(&mut self, name: &'static str, begin: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(keep(name, self.vitals.clone(), self.stop.clone(), begin));
    }

    /// The folder is ours until the end, and somebody says what is wrong with it.
    pub(super) fn watch_folder(&mut self, folder: Arc<DataFolder>) {
        let (told, stopped) = (self.vitals.clone(), self.stop.clone());
        self.keep("data folder", move || data_folder::watch(Arc::clone(&folder), told.clone(), stopped.clone()));
    }

    /// Tells the log which collectors fail, and which work again.
    pub(super) fn log_collectors(&mut self, registry: &Registry, clock: &Arc<dyn Clock>) {
        let (registry, clock, stopped) = (registry.clone(), Arc::clone(clock), self.stop.clone());
        self.keep("collector log", move || collector_log::watch(registry.clone(), Arc::clone(&clock), stopped.clone()));
    }

    /// Notes why samples are missing.
    pub(super) fn note_missing(&mut self, registry: &Registry, store: &Arc<Store>, clock: &Arc<dyn Clock>) {
        let (registry, store, clock) = (registry.clone(), Arc::clone(store), Arc::clone(clock));
        let stopped = self.stop.clone();
        self.keep("gaps", move || {
            missing::watch(registry.clone(), Arc::clone(&store), Arc::clone(&clock), stopped.clone())
        });
    }

    /// Tends the store every second, and drops what is too old, at the start and then as often as `every` says.
    pub(super) fn tend(&mut self, store: &Arc<Store>, clock: &Arc<dyn Clock>, every: Every) {
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        let (stopped, told) = (self.stop.clone(), self.vitals.clone());
        self.keep("storage", move || {
            tend_on(Arc::clone(&store), Arc::clone(&clock), every.clone(), told.clone(), stopped.clone())
        });
    }

    /// Keeps the service manager up to date, where there is one.
    pub(super) fn attend(&mut self, notifier: &Notifier, monitor: &Arc<Monitor>) {
        if !notifier.is_heard() {
            return;
        }
        let (notifier, monitor, stopped) = (notifier.clone(), Arc::clone(monitor), self.stop.clone());
        self.keep("service manager", move || {
            let monitor = Arc::clone(&monitor);
            notifier.clone().attend(move || life(&monitor.condition()), stopped.clone())
        });
    }

    /// Waits until all of them have ended.
    pub(super) async fn ended(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Accepts connections, as many as there is `room` for.
pub(super) fn web(
    listener: Arc<TcpListener>,
    router: watch::Receiver<Router>,
    room: Arc<Semaphore>,
    vitals: &Vitals,
    stop: &Stop,
) -> JoinHandle<()> {
    let stopped = stop.clone();
    let begin = move || web::serve(Arc::clone(&listener), router.clone(), Arc::clone(&room), stopped.clone());
    tokio::spawn(keep("web", vitals.clone(), stop.clone(), begin))
}

/// Opens the store, which takes as long as there is log to be read, and drops what has become too old meanwhile.
pub(super) async fn store(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<Store>, StartError> {
    let (limits, spread) = (settings::limits(config), settings::spread(&config.collectors));
    let folder = config.storage.path.as_ref().filter(|_| config.storage.kind == StorageType::Disk);
    let Some(folder) = folder.map(|path| path.as_path().to_owned()) else {
        let store = Store::new(limits);
        store.keep_spread_of(spread);
        return Ok(Arc::new(store));
    };
    let disk = Disk { folder, flush_every: config.storage.flush_interval };
    let clock = Arc::clone(clock);
    let open = move || {
        let mut told = told_every(TELL_START_EVERY, |percent| {
            tracing::info!("reading what is kept, before anything is answered: {percent} %");
        });
        let (store, notes) = Store::open_told(&disk, limits, &mut told)?;
        // Before what is too old goes: it may be all there is.
        let now = clock.now();
        missing::note_absence(&store, now);
        // What goes may be asked for.
        store.keep_spread_of(spread);
        store.enforce(now);
        Ok((store, notes))
    };
    let opened: Result<_, OpenError> = unwound(spawn_blocking(open).await).ok_or(StartError::Broken)?;
    let (store, notes) = opened?;
    notes.iter().for_each(warn);
    Ok(Arc::new(store))
}

/// Says how many hundredths are done, each time that so long has passed and it is not over.
fn told_every(every: Duration, say: impl Fn(u64)) -> impl FnMut(u64, u64) {
    let mut told = Instant::now();
    move |done, total| {
        if done < total && told.elapsed() >= every {
            told = Instant::now();
            say(done.saturating_mul(100) / total);
        }
    }
}

async fn tend_on(store: Arc<Store>, clock: Arc<dyn Clock>, mut every: Every, vitals: Vitals, mut stop: Stop) {
    let begin = |every: Duration| {
        let mut due = interval(every);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        due
    };
    let (mut due, mut tending) = (begin(*every.borrow_and_update()), begin(TEND_EVERY));
    loop {
        let enforce = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            Ok(()) = every.changed() => {
                due = begin(*every.borrow_and_update());
                continue;
            }
            _ = due.tick() => true,
            _ = tending.tick() => false,
        };
        let now = clock.now();
        let tended = Arc::clone(&store);
        let work = move || {
            if enforce {
                tended.enforce(now);
            } else {
                tended.tend(now);
            }
            tended.tend_gaps(now);
        };
        if unwound(spawn_blocking(work).await).is_none() {
            return;
        }
        tell_trouble(&store, &vitals);
        tell_gaps(store.gaps(), &vitals);
    }
}

fn tell_trouble(store: &Store, vitals: &Vitals) {
    match store.trouble() {
        Some(says) => {
            let says = format!("new samples are kept in memory alone: {says}");
            if vitals.trouble(STORAGE, says.clone()) {
                warn(&says);
            }
        }
        None if vitals.well(STORAGE) => tracing::info!("samples are written to the disk again"),
        None => {}
    }
}

fn tell_gaps(gaps: &Gaps, vitals: &Vitals) {
    match gaps.trouble() {
        Some(because) => {
            let says = format!("why samples are missing is kept in memory alone: {because}");
            if vitals.trouble(GAPS, says.clone()) {
                warn(&says);
            }
        }
        None if vitals.well(GAPS) => tracing::info!("why samples are missing is written to the disk again"),
        None => {}
    }
}

/// What a blocking task gave; where it panicked, this does. None where the runtime ends.
fn unwound<T>(joined: Result<T, JoinError>) -> Option<T> {
    match joined.map_err(JoinError::try_into_panic) {
        Ok(done) => Some(done),
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => None,
    }
}

/// It lives where everything does without which nothing works.
fn life(Condition { health, down }: &Condition) -> Life {
    let troubles = health.problems().into_iter().map(|(who, says)| format!("{who}: {says}"));
    let wrong: Vec<String> = down.iter().cloned().chain(troubles).collect();
    let status = if wrong.is_empty() {
        format!("{} collectors, all is well", health.collectors_count)
    } else {
        wrong.join("; ")
    };
    Life { alive: down.is_empty(), status }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

    use app::model::{Batch, Metric, Tags, Timestamp, Unit};
    use tokio::time::sleep;

    use super::*;
    use crate::store::Limits;

    #[tokio::test]
    async fn the_port_is_ours_until_the_end_and_nobody_s_after_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (vitals, (stop, stopped)) = (Vitals::default(), watch::channel(false));
        let router = watch::channel(Router::new()).1;
        let serving = web(Arc::new(listener), router, Arc::new(Semaphore::new(8)), &vitals, &stopped);
        drop(tokio::net::TcpStream::connect(address).await.unwrap());
        assert_eq!((vitals.ended(), vitals.restarts()), (vec![], vec![("web", 0)]));
        stop.send_replace(true);
        serving.await.unwrap();
        assert!(tokio::net::TcpStream::connect(address).await.is_err(), "somebody still listens");
    }

    #[test]
    fn what_takes_long_says_how_far_it_is() {
        let said = |every: Duration| {
            let all = std::cell::RefCell::new(Vec::new());
            let mut told = told_every(every, |percent| all.borrow_mut().push(percent));
            [(1, 8), (2, 8), (7, 8), (8, 8), (0, 0)].into_iter().for_each(|(done, total)| told(done, total));
            drop(told);
            all.into_inner()
        };
        assert_eq!(said(Duration::ZERO), [12, 25, 87]);
        assert_eq!(said(Duration::from_secs(60)), [0_u64; 0]);
    }

    /// Falls down once when it is pushed.
    #[derive(Default)]
    struct Fragile {
        ms: AtomicI64,
        pushed: AtomicBool,
    }

    impl Clock for Fragile {
        fn now(&self) -> Timestamp {
            assert!(!self.pushed.swap(false, Ordering::SeqCst), "the clock fell down");
            Timestamp::from_millis(self.ms.load(Ordering::SeqCst))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_care_for_the_store_survives_a_panic_and_goes_on() {
        let store = Arc::new(Store::new(Limits::default()));
        let clock = Arc::new(Fragile::default());
        let (vitals, (stop, stopped)) = (Vitals::default(), watch::channel(false));
        let every = watch::channel(Duration::from_secs(60)).1;
        let mut core = Core::new(&vitals, &stopped);
        core.tend(&store, &(Arc::clone(&clock) as Arc<dyn Clock>), every);
        let until = async |what: &dyn Fn() -> bool| {
            let mut patience = 60_000;
            while !what() && patience > 0 {
                patience -= 1;
                sleep(Duration::from_millis(2)).await;
            }
        };
        for round in 1..=3 {
            let time = Timestamp::from_millis(clock.ms.load(Ordering::SeqCst));
            let samples = vec![Metric::gauge("m", Unit::NONE).sample(Tags::default(), 1.0)];
            store.append(&Batch { collector: "c".into(), time, samples }).unwrap();
            clock.pushed.store(true, Ordering::SeqCst);
            until(&|| !vitals.ended().is_empty()).await;
            assert_eq!((vitals.ended(), store.size().series), (vec!["storage"], 1), "round {round}: it is down");
            clock.ms.fetch_add(86_400_000, Ordering::SeqCst);
            until(&|| vitals.ended().is_empty() && store.size().series == 0).await;
            assert_eq!((vitals.ended(), store.size().series), (vec![], 0), "round {round}: it is back and at work");
            assert_eq!(vitals.restarts(), [("storage", round)]);
        }
        stop.send_replace(true);
        core.ended().await;
        assert_eq!(vitals.ended(), ["storage"]);
    }
}
