//! What the parts of the store cost, each by itself: `cargo bench -p telltale --bench store`.
//!
//! For changes to them, before and after. How the whole stands beside others, `cargo xtask bench store` tells.
#![expect(clippy::expect_used, reason = "a benchmark that fails is to end")]

// Columns are nobody's but the store's, a module of this name.
#[path = "store/columns.rs"]
mod store;

use std::cell::Cell;
use std::time::Duration;

use app::model::{Aggregation, Batch, Metric, Point, Tags, Timestamp, Unit};
use divan::Bencher;
use divan::counter::ItemsCount;
use telltale::store::{Disk, Limits, Plan, Selection, SeriesRef, Store};

const METRIC: Metric = Metric::gauge("bench", Unit::NONE);
const SERIES: u32 = 1000;
/// Milliseconds since the epoch of the first point, and between two.
const BEGIN: i64 = 1_790_000_000_000;
const EVERY: i64 = 15_000;
fn main() {
    divan::main();
}

/// A store, its series, and a folder where it has one.
struct Filled {
    store: Store,
    series: Vec<SeriesRef>,
    step: Cell<i64>,
    _folder: Option<tempfile::TempDir>,
}

fn limits() -> Limits {
    Limits { max_age: Duration::from_secs(100 * 86_400), ..Limits::NONE }
}

impl Filled {
    fn in_memory() -> Self {
        Self::of(Store::new(limits()), None)
    }

    /// On a disk, with the log written and synced every so often.
    fn on_disk(flush_every: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let disk = Disk { folder: folder.path().to_owned(), flush_every };
        let (store, _) = Store::open(&disk, limits()).expect("an empty folder");
        Self::of(store, Some(folder))
    }

    fn of(store: Store, folder: Option<tempfile::TempDir>) -> Self {
        let tags = |nth: u32| Tags::new([("host", format!("host-{}", nth / 100)), ("nth", nth.to_string())]);
        let series = (0..SERIES).map(|nth| store.series(&METRIC, &tags(nth))).collect();
        Self { store, series, step: Cell::new(0), _folder: folder }
    }

    /// One point of each series, a step later each time.
    fn points(&self) -> Vec<(u32, Point)> {
        let step = self.step.replace(self.step.get() + 1);
        let time = Timestamp::from_millis(BEGIN + step * EVERY);
        (0..SERIES).map(|nth| (nth, Point::new(time, (step * 97 % 1000) as f64 / 100.0 + f64::from(nth)))).collect()
    }

    fn append(&self, points: &[(u32, Point)]) {
        self.store.append_points(&self.series, points).expect("points in order");
    }

    /// A day of all series.
    fn with_a_day(self) -> Self {
        for _ in 0..86_400_000 / EVERY {
            self.append(&self.points());
        }
        self
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        self.store.close();
    }
}

mod append {
    use super::*;

    /// A thousand series that were looked up, as remote write does.
    fn points(bencher: Bencher<'_, '_>, store: &Filled) {
        let inputs = || store.points();
        bencher.counter(ItemsCount::new(SERIES)).with_inputs(inputs).bench_local_refs(|points| store.append(points));
    }

    #[divan::bench]
    fn to_memory(bencher: Bencher<'_, '_>) {
        points(bencher, &Filled::in_memory());
    }

    #[divan::bench]
    fn to_the_log(bencher: Bencher<'_, '_>) {
        points(bencher, &Filled::on_disk(Duration::from_secs(1)));
    }

    /// Every call waits until it is on the disk.
    #[divan::bench]
    fn to_the_disk(bencher: Bencher<'_, '_>) {
        points(bencher, &Filled::on_disk(Duration::ZERO));
    }

    /// As collectors do, by names and tags.
    #[divan::bench]
    fn batch(bencher: Bencher<'_, '_>) {
        let store = Store::new(limits());
        let tags: Vec<Tags> = (0..SERIES).map(|nth| Tags::new([("nth", nth.to_string())])).collect();
        let step = Cell::new(0);
        let inputs = || {
            let time = Timestamp::from_millis(BEGIN + step.replace(step.get() + 1) * EVERY);
            let samples = tags.iter().map(|tags| METRIC.sample(tags.clone(), 0.5)).collect();
            Batch { collector: "bench".into(), time, samples }
        };
        let append = |batch: &mut Batch| store.append(batch).expect("points in order");
        bencher.counter(ItemsCount::new(SERIES)).with_inputs(inputs).bench_local_refs(append);
    }
}

mod query {
    use super::*;

    /// An average by minutes over a day that lies in blocks.
    fn average(bencher: Bencher<'_, '_>, tags: &Tags, by: Option<Vec<String>>, points: u64) {
        let filled = Filled::on_disk(Duration::from_secs(1)).with_a_day();
        filled.store.settle_down().expect("room on the disk");
        let (start, end) = (Timestamp::from_millis(BEGIN), Timestamp::from_millis(BEGIN + 86_400_000));
        let what = Selection { metric: METRIC.name.to_string(), tags: tags.clone(), matchers: Vec::new(), start, end };
        let step = Some(Duration::from_secs(60));
        let plan = Plan { aggregation: Aggregation::Avg, step, by, start, end };
        bencher
            .counter(ItemsCount::new(points))
            .bench_local(|| filled.store.aggregate(&what, &plan).expect("a metric that there is"));
    }

    #[divan::bench]
    fn narrow(bencher: Bencher<'_, '_>) {
        average(bencher, &Tags::new([("nth", "500")]), None, 5760);
    }

    #[divan::bench(sample_count = 20)]
    fn wide(bencher: Bencher<'_, '_>) {
        average(bencher, &Tags::default(), Some(Vec::new()), 5760 * u64::from(SERIES));
    }
}
