//! The series of the comparison: names, labels and values like those of node_exporter, from a fixed seed.
//!
//! Of 500 series a host, 150 are processor seconds, 50 whole counters (a fifth of both stands still), 150 gauges that
//! move in half of the steps, 100 constants and 50 noise in every bit. May not know: how they are sent or to whom.

/// Series of one host.
pub(super) const PER_HOST: usize = 500;

/// The one name of every series of a set that is asked questions; the ordinary name is its label `family`.
pub(super) const ONE_NAME: &str = "node_sample_total";

// What decides how small the set can be stored is how much of a value nobody can know from those before it: noise takes
// six and a half bytes by its nature, and all else is the jitter below. It is such that VictoriaMetrics 1.79.5 comes to 1.35
// and 1.65 bytes a sample for 1,000 and 50,000 series and Prometheus 2.42 to 3.5 and 3.7, near the 1.33, 1.69, 3.55 and
// 3.68 of an earlier measurement of such a mix. Counters that grew by anything between nothing and their most at every
// step, as no processor's do, cost VictoriaMetrics 0.4 bytes a sample more and Prometheus next to nothing.

/// Below this is what the growth of processor seconds differs by, in hundredths.
const SECONDS_JITTER: u64 = 64;
/// As much for whole counters.
const WHOLE_JITTER: u64 = 1000;
/// The most that a gauge moves by, either way: hundredths, or pages of 4096.
const GAUGE_STEP: u64 = 20;

/// How many there are and when they were.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set {
    /// What the report calls it.
    pub(super) name: &'static str,
    /// How many: an even number, half for each connection.
    pub(super) series: usize,
    /// Samples of each series.
    pub(super) steps: usize,
    /// Seconds between two of them.
    pub(super) interval: i64,
    /// One of so many series of a host is in the set.
    pub(super) every: usize,
    /// Whether all series share [`ONE_NAME`].
    pub(super) one_name: bool,
    /// Samples that are sent in a second, where that is not as many as can be.
    pub(super) pace: Option<f64>,
}

impl Set {
    /// Samples in all.
    pub(super) fn samples(&self) -> usize {
        self.series * self.steps
    }

    /// Unix seconds of the first sample when the last is not after `now`; whole minutes, so that windows are full.
    pub(super) fn begin(&self, now: i64) -> i64 {
        let last = now - now.rem_euclid(60) - self.interval;
        last - (self.steps.cast_signed() as i64 - 1) * self.interval
    }
}

/// What a series' values are like.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// A counter in hundredths.
    Seconds,
    /// A counter of whole numbers.
    Whole,
    /// A counter that does not move.
    Still,
    /// A gauge in pages of 4096.
    Pages,
    /// A gauge with two decimals.
    Decimals,
    /// Never another value.
    Constant,
    /// All 52 bits differ.
    Noise,
}

/// One series: its labels, sorted by name, and where its values are.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// Names and values.
    pub(super) labels: Vec<(&'static str, String)>,
    shape: Shape,
    random: u64,
    state: u64,
    /// What a counter grows by in each step, without the jitter.
    pace: u64,
}

impl Series {
    /// Number `index` of a set.
    pub(super) fn new(index: usize, one_name: bool) -> Self {
        let (host, place) = (index / PER_HOST, index % PER_HOST);
        let (shape, name, detail) = kind(place);
        let mut labels = vec![("instance", format!("host-{host:04}.lan:9100")), ("job", "node".to_owned())];
        labels.extend(detail);
        let name = if one_name {
            labels.push(("family", name));
            ONE_NAME.to_owned()
        } else {
            name
        };
        labels.push(("__name__", name));
        labels.sort_unstable();
        let mut random = 0x7e11_7a1e ^ (index as u64) << 20;
        let state = next(&mut random) % 1_000_000;
        let pace = next(&mut random)
            % match shape {
                Shape::Seconds => 1000,
                _ => 100_000,
            };
        Self { labels, shape, random, state, pace }
    }

    /// The value of the next step.
    pub(super) fn value(&mut self) -> f64 {
        let random = next(&mut self.random);
        let moved = random & 1 == 1;
        match self.shape {
            Shape::Seconds => self.state += self.pace + (random >> 8) % SECONDS_JITTER,
            Shape::Whole => self.state += self.pace + (random >> 8) % WHOLE_JITTER,
            Shape::Pages | Shape::Decimals if moved => {
                self.state = (self.state + (random >> 8) % (2 * GAUGE_STEP + 1)).saturating_sub(GAUGE_STEP);
            }
            Shape::Pages | Shape::Decimals | Shape::Still | Shape::Constant => {}
            Shape::Noise => return (random >> 11) as f64 / (1_u64 << 53) as f64 * 100.0,
        }
        match self.shape {
            Shape::Seconds | Shape::Decimals => self.state as f64 / 100.0,
            Shape::Pages | Shape::Constant => (self.state * 4096) as f64,
            Shape::Whole | Shape::Still | Shape::Noise => self.state as f64,
        }
    }
}

/// Shape, name and further labels of one place on a host.
fn kind(place: usize) -> (Shape, String, Vec<(&'static str, String)>) {
    let shape = match place {
        0..200 if place.is_multiple_of(5) => Shape::Still,
        0..150 => Shape::Seconds,
        150..200 => Shape::Whole,
        200..275 => Shape::Pages,
        275..350 => Shape::Decimals,
        350..450 => Shape::Constant,
        _ => Shape::Noise,
    };
    let modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
    let verbs = ["receive_bytes", "receive_packets", "transmit_bytes", "transmit_packets", "receive_drop"];
    let disk = |name: &str, nth: usize| {
        let labels = vec![("device", format!("/dev/sd{nth}")), ("mountpoint", format!("/srv/volume-{nth}"))];
        (shape, name.to_owned(), labels)
    };
    match place {
        0..150 => {
            let mode = modes.get(place % modes.len()).copied().unwrap_or("idle").to_owned();
            let labels = vec![("cpu", (place / modes.len()).to_string()), ("mode", mode)];
            (shape, "node_cpu_seconds_total".to_owned(), labels)
        }
        150..200 => {
            let verb = verbs.get(place % verbs.len()).copied().unwrap_or("receive_bytes");
            let device = format!("eth{}", place / verbs.len());
            (shape, format!("node_network_{verb}_total"), vec![("device", device)])
        }
        200..275 => disk("node_filesystem_avail_bytes", place - 200),
        275..350 => {
            let labels = vec![("chip", format!("platform_coretemp_{}", place % 4)), ("sensor", format!("temp{place}"))];
            (shape, "node_hwmon_temp_celsius".to_owned(), labels)
        }
        350..450 => disk("node_filesystem_size_bytes", place - 350),
        _ => disk("node_disk_io_time_weighted_ratio", place - 450),
    }
}

/// The next number of splitmix64, a generator that is the same everywhere.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_mix_is_the_recipes() {
        let check = |shapes: &[Shape], count| {
            let found = (0..PER_HOST).filter(|place| shapes.contains(&kind(*place).0)).count();
            assert_eq!(found, count, "{shapes:?}");
        };
        check(&[Shape::Seconds, Shape::Whole, Shape::Still], 200);
        check(&[Shape::Still], 40);
        check(&[Shape::Pages], 75);
        check(&[Shape::Decimals], 75);
        check(&[Shape::Constant], 100);
        check(&[Shape::Noise], 50);
    }

    #[test]
    fn no_two_series_have_the_same_labels() {
        for one_name in [false, true] {
            let all: BTreeSet<_> = (0..1500).map(|index| Series::new(index, one_name).labels).collect();
            assert_eq!(all.len(), 1500);
        }
    }

    #[test]
    fn values_are_the_same_each_time_and_behave_as_their_shape_says() {
        for index in 0..PER_HOST {
            let (mut one, mut again) = (Series::new(index, false), Series::new(index, true));
            let values: Vec<f64> = (0..400).map(|_| one.value()).collect();
            assert!(values.iter().all(|value| again.value() == *value), "{index}");
            let moves = values.windows(2).filter(|pair| pair[0] != pair[1]).count();
            match one.shape {
                Shape::Still | Shape::Constant => assert_eq!(moves, 0),
                Shape::Seconds | Shape::Whole => assert!(values.is_sorted() && moves > 390, "{index}: {moves}"),
                Shape::Pages => assert!(values.iter().all(|value| value % 4096.0 == 0.0)),
                Shape::Decimals => assert!((140..260).contains(&moves), "{index}: {moves}"),
                Shape::Noise => assert_eq!(moves, 399),
            }
        }
    }

    #[test]
    fn the_last_sample_is_near_now() {
        let set = Set { name: "x", series: 1000, steps: 5760, interval: 15, every: 1, one_name: true, pace: None };
        let now = 1_800_000_059;
        let last = set.begin(now) + 5759 * 15;
        assert_eq!((set.begin(now) % 60, now - last), (0, 74));
    }
}
