//! The scheduler on tokio's paused clock. It stands still while a blocking read goes on, so a read that
//! takes time moves it forward itself; nothing here depends on how fast the machine is.

use std::sync::atomic::{AtomicUsize, Ordering};

use app::model::{Metric, Tags, Unit};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::advance;

use super::*;
use crate::collect::{CollectorStatus, Pending};

const SECOND: Duration = Duration::from_secs(1);
static TICKS: Metric = Metric::counter("ticks_total", Unit::COUNT);

/// Zero where the test began.
struct TestClock(Instant);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0) + self.0.elapsed()
    }
}

/// Calls a closure with the number of the run; pushes one sample before it.
struct Scripted<F>(&'static str, u64, F);

impl<F: FnMut(u64) -> Result<(), CollectError> + Send> Collector for Scripted<F> {
    fn name(&self) -> &'static str {
        self.0
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        let run = self.1;
        self.1 += 1;
        out.push(TICKS.sample(Tags::new([("kind", "test")]), run as f64));
        (self.2)(run)
    }
}

fn job(name: &'static str, run: impl FnMut(u64) -> Result<(), CollectError> + Send + 'static) -> Job {
    Job { collector: Reader::Blocks(Box::new(Scripted(name, 0, run))), interval: SECOND, settings: String::new() }
}

/// The name of the machine and the timing of stages as everywhere here.
fn spawn(
    jobs: Vec<Job>,
    clock: &Arc<dyn Clock>,
    sink: &Sink,
    stop: &watch::Receiver<bool>,
    at_once: AtOnce,
) -> Scheduler {
    super::spawn(jobs, "web-1", clock, sink, stop, at_once, &Stages::timed())
}

/// Within a blocking read: time passes.
fn takes(time: Duration) {
    Handle::current().block_on(advance(time));
}

struct Running {
    scheduler: Scheduler,
    batches: UnboundedReceiver<Batch>,
    stop: watch::Sender<bool>,
    clock: Arc<dyn Clock>,
}

impl Running {
    fn start(jobs: Vec<Job>) -> Self {
        let (send, batches) = unbounded_channel();
        let sink: Sink = Arc::new(move |batch| drop(send.send(batch)));
        Self::start_with(jobs, &sink, batches)
    }

    fn start_with(jobs: Vec<Job>, sink: &Sink, batches: UnboundedReceiver<Batch>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
        let (stop, stopped) = watch::channel(false);
        Self { scheduler: spawn(jobs, &clock, sink, &stopped, AtOnce::Blocking(usize::MAX)), batches, stop, clock }
    }

    /// When each of the next `n` batches was read, in milliseconds.
    async fn times(&mut self, n: usize) -> Vec<i64> {
        let mut times = Vec::with_capacity(n);
        while times.len() < n {
            times.extend(self.batches.recv().await.map(|batch| batch.time.as_millis()));
        }
        times
    }

    fn health(&self, name: &str) -> (bool, Option<String>) {
        let health = self.scheduler.registry().health(self.clock.now()).remove(name);
        health.map_or((false, None), |h| (h.healthy, h.last_error))
    }

    fn status(&self, name: &str) -> Option<CollectorStatus> {
        self.scheduler.registry().status().into_iter().find(|s| *s.name == *name)
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_ticks_do_not_drift() {
    let mut running = Running::start(vec![job("varying", |run| {
        takes(Duration::from_micros(run * 7919 % 999_000));
        Ok(())
    })]);
    let want: Vec<i64> = (0..1000).map(|n| n * 1000).collect();
    assert_eq!(running.times(1000).await, want);
    let counts = running.status("varying").map(|s| (s.missed, s.errors));
    assert_eq!(counts, Some((0, 0)));
}

/// `took`: what each run takes in milliseconds, over and over; `want`: when the first runs begin.
#[track_caller]
fn check_grid(took: &'static [u64], want: &[i64], missed: u64) {
    // A runtime each: a read that outlives its case would move the next one's clock.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let got = runtime.map(|runtime| {
        runtime.block_on(async {
            let mut running = Running::start(vec![job("c", move |run| {
                let at = usize::try_from(run).unwrap_or_default() % took.len();
                takes(Duration::from_millis(took.get(at).copied().unwrap_or_default()));
                Ok(())
            })]);
            let times = running.times(want.len()).await;
            (times, running.status("c").map(|s| s.missed))
        })
    });
    assert_eq!(got.ok(), Some((want.to_vec(), Some(missed))), "{took:?}");
}

#[test]
fn ticks_that_pass_while_busy_are_left_out_and_counted() {
    check_grid(&[0], &[0, 1000, 2000, 3000], 0);
    check_grid(&[1000], &[0, 1000, 2000, 3000], 0);
    check_grid(&[1001], &[0, 2000, 4000, 6000], 4);
    check_grid(&[2500, 0, 0], &[0, 3000, 4000, 5000], 4);
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_holds_up_neither_the_others_nor_the_end() {
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let hang = move |_| {
        let _ = held.recv();
        Ok(())
    };
    let mut running = Running::start(vec![job("stuck", hang), job("lively", |_| Ok(()))]);
    assert_eq!(running.times(1).await, [0]);
    for n in 1..=10 {
        assert_eq!(running.health("stuck").0, n <= 4, "in second {}", n - 1);
        advance(SECOND).await;
        assert_eq!(running.times(1).await, [n * 1000]);
    }
    assert_eq!(running.health("stuck"), (false, Some("its reading has been going on for 10 s".to_owned())));
    assert_eq!(running.health("lively"), (true, None));
    assert_eq!(running.status("stuck").map(|s| (s.runs, s.running_since)), Some((0, Some(Timestamp::from_millis(0)))));

    assert!(running.stop.send(true).is_ok());
    let before = running.clock.now();
    running.scheduler.join(SECOND).await;
    assert_eq!(running.clock.now(), before, "the end came without waiting");
    assert!(running.batches.recv().await.is_none(), "no task is left that could send");
    drop(let_go);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_until_the_next_good_run_and_what_was_read_counts() {
    let mut running = Running::start(vec![job("failing", |run| match run {
        1 => Err(CollectError::NoAnswer { what: "/mnt/nas".to_owned() }),
        _ => Ok(()),
    })]);
    for (n, want) in [(true, None), (false, Some("/mnt/nas does not answer")), (true, None)].into_iter().enumerate() {
        assert_eq!(running.times(1).await.len(), 1, "run {n} has a batch");
        assert_eq!(running.health("failing"), (want.0, want.1.map(str::to_owned)), "after run {n}");
    }
    let counts = running.status("failing").map(|s| (s.runs, s.errors, s.samples));
    assert_eq!(counts, Some((3, 1, 1)));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_contained_and_the_collector_tried_again() {
    let mut running = Running::start(vec![
        job("panicking", |run| if run == 1 { panic!("run {run}") } else { Ok(()) }),
        job("calm", |_| Ok(())),
    ]);
    assert_eq!(running.times(4).await, [0, 0, 1000, 1000]);
    assert_eq!(running.health("panicking"), (false, Some("the collector panicked: run 1".to_owned())));
    assert_eq!(running.times(2).await, [2000, 2000]);
    assert_eq!(running.health("panicking"), (true, None));
    assert_eq!(running.status("calm").map(|s| (s.runs, s.errors)), Some((3, 0)));
}

/// Panics when it is asked for its tag a second time.
#[derive(Default)]
struct Nameless(AtomicUsize);

impl Collector for Nameless {
    fn name(&self) -> &'static str {
        "nameless"
    }

    fn tag(&self) -> &str {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 { "tag" } else { panic!("no tag") }
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        out.push(TICKS.sample(Tags::default(), 0.0));
        Ok(())
    }
}

/// Panics from the n-th question on.
struct Stopped(AtomicUsize);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        assert!(self.0.fetch_sub(1, Ordering::SeqCst) > 0, "the clock has stopped");
        Timestamp::from_millis(0)
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_panics_is_the_run_s_failure() {
    let job = Job { collector: Reader::Blocks(Box::<Nameless>::default()), interval: SECOND, settings: String::new() };
    let running = Running::start(vec![job]);
    while running.status("nameless").is_none_or(|status| status.runs < 2) {
        tokio::time::sleep(SECOND).await;
    }
    let says = "its samples could not be handed on: no tag".to_owned();
    assert_eq!(running.health("nameless"), (false, Some(says)));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_breaks_off_is_noticed() {
    // One question for the registry, one for the first run.
    let clock: Arc<dyn Clock> = Arc::new(Stopped(AtomicUsize::new(2)));
    let (_stop, stopped) = watch::channel(false);
    let (send, mut batches) = unbounded_channel();
    let sink: Sink = Arc::new(move |batch| drop(send.send(batch)));
    let scheduler = spawn(vec![job("c", |_| Ok(()))], &clock, &sink, &stopped, AtOnce::Blocking(1));
    assert!(batches.recv().await.is_some(), "one run");
    while scheduler.registry().status().iter().all(|status| !status.lost) {
        tokio::time::sleep(SECOND).await;
    }
    assert!(batches.try_recv().is_err(), "and no second one");
    let health = scheduler.registry().health(Timestamp::from_millis(0)).remove("c").unwrap();
    let says = "its task broke off; it reads nothing more until the next start".to_owned();
    assert_eq!((health.healthy, health.last_error), (false, Some(says)));
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_panics_is_the_run_s_failure() {
    let (told, mut runs) = unbounded_channel();
    let sink: Sink = Arc::new(|_| panic!("no store"));
    let tell = move |run| {
        let _ = told.send(run);
        Ok(())
    };
    let running = Running::start_with(vec![job("c", tell)], &sink, unbounded_channel().1);
    // The second run begins after the first has been counted.
    assert_eq!((runs.recv().await, runs.recv().await), (Some(0), Some(1)));
    let says = "its samples could not be handed on: no store".to_owned();
    assert_eq!(running.health("c"), (false, Some(says)));
}

#[tokio::test(start_paused = true)]
async fn every_sample_says_who_read_it_and_where() {
    let mut running = Running::start(vec![job("c", |_| Ok(()))]);
    let batch = running.batches.recv().await;
    let got = batch.map(|b| (b.collector, b.samples.into_iter().map(|s| s.tags).collect::<Vec<_>>()));
    let tags = Tags::new([("collector", "c"), ("host", "web-1"), ("kind", "test")]);
    assert_eq!(got, Some(("c".into(), vec![tags])));
}

#[tokio::test(start_paused = true)]
async fn without_a_sender_of_stop_the_tasks_end() {
    let mut running = Running::start(vec![job("c", |_| Ok(()))]);
    drop(running.stop);
    running.scheduler.join(SECOND).await;
    while running.batches.recv().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn intervals_without_sense_are_clamped() {
    let odd = |name, interval| Job { interval, ..job(name, |_| Ok(())) };
    let mut running = Running::start(vec![odd("never", Duration::ZERO), odd("ever", Duration::MAX)]);
    let times = running.times(5).await;
    assert_eq!(times, [0, 0, 1, 2, 3]);
}

#[tokio::test]
async fn no_more_read_at_a_time_than_may() {
    let (reading, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let one = |name| {
        let (reading, most) = (Arc::clone(&reading), Arc::clone(&most));
        job(name, move |_| {
            most.fetch_max(reading.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            reading.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        })
    };
    for (at_once, want) in
        [(AtOnce::One, 1), (AtOnce::Blocking(1), 1), (AtOnce::Blocking(2), 2), (AtOnce::Blocking(0), 1)]
    {
        most.store(0, Ordering::SeqCst);
        let (send, mut batches) = unbounded_channel();
        let sink: Sink = Arc::new(move |batch| drop(send.send(batch)));
        let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
        let (_stop, stopped) = watch::channel(false);
        let _scheduler = spawn(vec![one("a"), one("b"), one("c"), one("d")], &clock, &sink, &stopped, at_once);
        for _ in 0..4 {
            batches.recv().await.unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), want, "of four, {at_once:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_the_same_goes_on_and_the_rest_is_replaced() {
    let told = |name, settings: &str| Job { settings: settings.to_owned(), ..job(name, |_| Ok(())) };
    let slower = Job { interval: SECOND * 2, ..job("slower", |_| Ok(())) };
    let mut running =
        Running::start(vec![told("same", "a"), told("other", "a"), told("gone", "a"), told("slower", "")]);
    assert_eq!(running.times(4).await, [0; 4]);
    advance(Duration::from_millis(300)).await;

    let jobs = vec![told("new", ""), told("same", "a"), told("other", "b"), slower];
    let changed = running.scheduler.replace(jobs, Duration::from_millis(150));
    assert_eq!(changed, ["gone", "new", "other", "slower"]);
    let mut seen = Vec::new();
    while seen.len() < 9 {
        let batch = running.batches.recv().await.unwrap();
        let value = batch.samples.first().map(|sample| sample.value);
        seen.push((batch.time.as_millis(), batch.collector.into_owned(), value));
    }
    seen.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let want = [
        (450, "new", 0.0),
        (450, "other", 0.0),
        (450, "slower", 0.0),
        // The second run of the one that goes on.
        (1000, "same", 1.0),
        (1450, "new", 1.0),
        (1450, "other", 1.0),
        (2000, "same", 2.0),
        (2450, "new", 2.0),
        (2450, "other", 2.0),
    ];
    let want: Vec<_> = want.into_iter().map(|(at, name, value)| (at, name.to_owned(), Some(value))).collect();
    // Two of one moment come in either order; `slower` of 2450 may be before the last of the others.
    let without_slower = |seen: &[(i64, String, Option<f64>)]| -> Vec<(i64, String, Option<f64>)> {
        seen.iter().filter(|(at, name, _)| *at < 2450 || name != "slower").cloned().collect()
    };
    let (seen, want) = (without_slower(&seen), without_slower(&want));
    assert!(seen.len() >= 8 && seen.iter().all(|one| want.contains(one)), "{seen:?}");
    assert_eq!(running.scheduler.registry().status().len(), 4);
    assert_eq!(running.status("gone"), None);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_going_on_is_handed_on_before_its_collector_goes() {
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let mut running = Running::start(vec![job("c", move |_| {
        let _ = held.recv();
        Ok(())
    })]);
    while running.status("c").is_none_or(|status| status.running_since.is_none()) {
        tokio::task::yield_now().await;
    }
    assert_eq!(running.scheduler.replace(Vec::new(), SECOND), ["c"]);
    let_go.send(()).unwrap();
    assert_eq!(running.times(1).await, [0]);
    assert!(running.scheduler.registry().status().is_empty());
}

/// Waits for what a closure makes of the number of the run; pushes one sample before it.
struct Waits<F>(&'static str, u64, F);

impl<F, W> Waiting for Waits<F>
where
    F: FnMut(u64) -> W + Send,
    W: Future<Output = Result<(), CollectError>> + Send + 'static,
{
    fn name(&self) -> &str {
        self.0
    }

    fn tag(&self) -> &'static str {
        "family"
    }

    fn scope(&self) -> Scope {
        Scope::default()
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn collect<'a>(&'a mut self, _now: Timestamp, out: &'a mut Vec<Sample>) -> Pending<'a> {
        let run = self.1;
        self.1 += 1;
        out.push(TICKS.sample(Tags::default(), run as f64));
        Box::pin((self.2)(run))
    }
}

fn waits<F, W>(name: &'static str, run: F) -> Job
where
    F: FnMut(u64) -> W + Send + 'static,
    W: Future<Output = Result<(), CollectError>> + Send + 'static,
{
    Job { collector: Reader::Waits(Box::new(Waits(name, 0, run))), interval: SECOND, settings: String::new() }
}

/// Notes its own end.
struct Noted(Arc<AtomicUsize>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_keeps_its_grid_and_what_it_misses_is_counted() {
    let mut running = Running::start(vec![waits("w", |run| async move {
        tokio::time::sleep(Duration::from_millis(if run == 1 { 2500 } else { 300 })).await;
        if run == 3 { Err(CollectError::NoAnswer { what: "it".to_owned() }) } else { Ok(()) }
    })]);
    assert_eq!(running.times(4).await, [0, 1000, 4000, 5000]);
    let status = running.status("w").unwrap();
    assert_eq!((status.missed, status.errors, status.runs), (2, 1, 4));
    assert_eq!((&*status.tag, status.waits), ("family", true));
    assert_eq!(running.health("w"), (false, Some("it does not answer".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn any_number_that_wait_hold_up_nobody_and_are_cut_off_at_the_end() {
    let ended = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&ended);
    let hang = move |_| {
        let noted = Noted(Arc::clone(&noted));
        async move {
            let _noted = noted;
            std::future::pending().await
        }
    };
    let mut jobs: Vec<Job> = (0..1000).map(|_| waits("stuck", hang.clone())).collect();
    jobs.push(waits("quick", |_| std::future::ready(Ok(()))));
    jobs.push(job("blocking", |_| Ok(())));
    let (send, batches) = unbounded_channel();
    let sink: Sink = Arc::new(move |batch| drop(send.send(batch)));
    let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
    let (stop, stopped) = watch::channel(false);
    let scheduler = spawn(jobs, &clock, &sink, &stopped, AtOnce::Blocking(1));
    let mut running = Running { scheduler, batches, stop, clock };
    for n in 0..=4 {
        assert_eq!(running.times(2).await, [n * 1000; 2]);
    }
    assert_eq!(running.health("stuck"), (false, Some("its reading has been going on for 4 s".to_owned())));
    assert!(running.stop.send(true).is_ok());
    let before = running.clock.now();
    running.scheduler.join(SECOND).await;
    assert_eq!((running.clock.now(), ended.load(Ordering::SeqCst)), (before, 1000));
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_is_cut_off_when_nobody_asks_for_it_any_more() {
    let ended = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&ended);
    let mut running = Running::start(vec![waits("stuck", move |_| {
        let noted = Noted(Arc::clone(&noted));
        async move {
            let _noted = noted;
            std::future::pending().await
        }
    })]);
    while running.status("stuck").is_none_or(|status| status.running_since.is_none()) {
        tokio::task::yield_now().await;
    }
    assert_eq!(running.scheduler.replace(Vec::new(), SECOND), ["stuck"]);
    let before = running.clock.now();
    while ended.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(running.clock.now(), before);
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_one_that_waits_is_contained_wherever_it_comes() {
    let early = |run: u64| {
        assert_ne!(run, 1, "early");
        std::future::ready(Ok(()))
    };
    let late = |run: u64| async move {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_ne!(run, 1, "late");
        Ok(())
    };
    let mut running = Running::start(vec![waits("early", early), waits("late", late)]);
    assert_eq!(running.times(4).await, [0, 0, 1000, 1000]);
    for name in ["early", "late"] {
        let (healthy, says) = running.health(name);
        assert!(!healthy && says.is_some_and(|says| says.contains("the collector panicked: ") && says.contains(name)));
    }
    assert_eq!(running.times(2).await, [2000, 2000]);
    for name in ["early", "late"] {
        assert_eq!(running.health(name), (true, None));
    }
}

#[tokio::test(start_paused = true)]
async fn one_after_another_holds_for_those_that_wait_too() {
    let going = Arc::new(AtomicUsize::new(0));
    let one = |name| {
        let going = Arc::clone(&going);
        waits(name, move |_| {
            let going = Arc::clone(&going);
            async move {
                assert_eq!(going.fetch_add(1, Ordering::SeqCst), 0, "two at a time");
                tokio::time::sleep(Duration::from_millis(100)).await;
                going.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        })
    };
    let (send, batches) = unbounded_channel();
    let sink: Sink = Arc::new(move |batch| drop(send.send(batch)));
    let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
    let (stop, stopped) = watch::channel(false);
    let scheduler = spawn(vec![one("a"), one("b"), one("c")], &clock, &sink, &stopped, AtOnce::One);
    let mut running = Running { scheduler, batches, stop, clock };
    assert_eq!(running.times(3).await, [0, 100, 200]);
    for name in ["a", "b", "c"] {
        assert_eq!(running.health(name), (true, None));
    }
}

#[tokio::test(start_paused = true)]
async fn collectors_that_were_replaced_leave_nothing_behind() {
    let mut running = Running::start(Vec::new());
    for turn in 0..50 {
        let job = Job { settings: turn.to_string(), ..job("c", |_| Ok(())) };
        assert_eq!(running.scheduler.replace(vec![job], SECOND), ["c"]);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(running.scheduler.tasks.len() <= 3, "{} tasks", running.scheduler.tasks.len());
    assert_eq!(running.scheduler.registry().status().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_runs_of_collectors_that_are_gone_still_count() {
    let mut running = Running::start(vec![job("a", |_| Ok(())), waits("b", |_| std::future::ready(Ok(())))]);
    assert_eq!(running.times(6).await, [0, 0, 1000, 1000, 2000, 2000]);
    let stages = running.scheduler.shared.stages.clone();
    let runs = || stages.taken().find(|(stage, ..)| *stage == Stage::Collect).map(|(_, count, _)| count);
    running.scheduler.replace(Vec::new(), SECOND);
    assert_eq!((running.scheduler.registry().status().len(), runs()), (0, Some(6)));
}

#[tokio::test]
async fn one_that_hangs_and_is_replaced_leaves_its_place_to_the_next() {
    let (send, mut batches) = unbounded_channel();
    let sink: Sink = Arc::new(move |batch| drop(send.send(batch)));
    let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
    let (_stop, stopped) = watch::channel(false);
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let hang = job("c", move |_| {
        let _ = held.recv();
        Ok(())
    });
    let mut scheduler = spawn(vec![hang], &clock, &sink, &stopped, AtOnce::Blocking(1));
    let busy =
        |scheduler: &Scheduler| scheduler.registry().status().iter().any(|status| status.running_since.is_some());
    while !busy(&scheduler) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // This one waits for the place, and is replaced before it gets it: it must not read.
    let never = Job { settings: "never".to_owned(), ..job("d", |_| Ok(())) };
    let hang = job("c", |_| panic!("it is there already"));
    scheduler.replace(vec![hang, never], Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let after = Job { settings: "after".to_owned(), ..job("e", |_| Ok(())) };
    scheduler.replace(vec![after], Duration::ZERO);
    let next = timeout(SECOND * 5, batches.recv()).await.expect("the place was never free").unwrap();
    assert_eq!(next.collector, "e");
    let_go.send(()).unwrap();
    let late = timeout(SECOND * 5, async {
        loop {
            let batch = batches.recv().await.unwrap();
            assert_ne!(batch.collector, "d", "what nobody wanted was read");
            if batch.collector == "c" {
                return batch.samples.len();
            }
        }
    });
    assert_eq!(late.await.expect("what it had read was lost"), 1);
}
