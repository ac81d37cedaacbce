//! What a table of tracks keeps, and what holds whatever comes in.

use proptest::prelude::*;

use super::*;
use crate::model::{ChartType, Unit, shipped_widgets};

const CPU: &str = "cpu_usage_percent_per_core";

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn tags(cpu: &str) -> Tags {
    Tags::new([("cpu", cpu)])
}

fn live(cpu: &str, ms: i64, value: f64) -> DataPoint {
    DataPoint { metric_name: CPU.into(), value, timestamp: at(ms), tags: tags(cpu), unit: Unit::PERCENT }
}

fn stored(cpu: &str, interval_ms: u32, points: &[(i64, Option<f64>)]) -> History {
    History {
        metric: Metric::gauge(CPU, Unit::PERCENT),
        tags: tags(cpu),
        interval_ms,
        points: points.iter().map(|&(ms, value)| (at(ms), value)).collect(),
    }
}

fn widget(filters: Tags) -> Widget {
    let shipped = shipped_widgets().into_iter().find(|w| w.id == "cpu_per_core").unwrap();
    Widget { filters, chart_type: ChartType::Line, ..shipped }
}

fn table(histories: Vec<History>) -> Tracks {
    let mut tracks = Tracks::new([CPU]);
    tracks.merge(histories);
    tracks
}

fn all(tracks: &Tracks) -> Vec<Track> {
    tracks.select(&widget(Tags::default()), Timestamp::MIN)
}

#[test]
fn a_new_series_has_the_interval_of_its_metric_s_others() {
    let mut tracks = table(vec![stored("0", 5000, &[(0, Some(1.0))])]);
    assert_eq!(tracks.push(&[live("1", 5000, 2.0)]), BTreeSet::from([CPU.to_owned()]));
    let seen = all(&tracks);
    assert_eq!(seen[1], stored("1", 5000, &[(5000, Some(2.0))]));
}

#[test]
fn a_counter_is_known_by_its_name() {
    let name = "network_bytes_sent_total";
    let mut tracks = Tracks::new([name]);
    tracks.push(&[DataPoint { metric_name: name.into(), unit: Unit::BYTES, ..live("0", 0, 1.0) }]);
    let track = tracks.all().next().unwrap();
    assert_eq!((track.metric.clone(), track.interval_ms), (Metric::counter(name, Unit::BYTES), 1000));
}

#[test]
fn other_metrics_are_not_let_in() {
    let mut tracks = table(Vec::new());
    let other = DataPoint { metric_name: "load_average".into(), ..live("0", 0, 1.0) };
    assert!(tracks.push(&[other]).is_empty());
    let other = History { metric: Metric::gauge("load_average", Unit::NONE), ..stored("0", 1000, &[(0, Some(1.0))]) };
    assert!(tracks.merge(vec![other]).is_empty());
    assert_eq!(tracks, Tracks::new([CPU]));
}

#[test]
fn the_stream_s_silence_is_a_hole_until_it_is_filled() {
    let mut tracks = table(vec![stored("0", 1000, &[(0, Some(0.0)), (1000, Some(1.0))])]);
    tracks.push(&[live("0", 4000, 4.0)]);
    let hole = [(0, Some(0.0)), (1000, Some(1.0)), (2000, None), (4000, Some(4.0))];
    assert_eq!(all(&tracks), [stored("0", 1000, &hole)]);
    tracks.merge(vec![stored("0", 1000, &[(2000, Some(2.0)), (3000, Some(3.0))])]);
    let filled = [0, 1, 2, 3, 4].map(|i| (i * 1000, Some(i as f64)));
    assert_eq!(all(&tracks), [stored("0", 1000, &filled)]);
}

#[test]
fn a_picture_begins_one_point_before_its_start_unless_a_hole_is_there() {
    let points = [(0, Some(0.0)), (1000, Some(1.0)), (2000, None), (9000, Some(9.0)), (10_000, Some(10.0))];
    let tracks = table(vec![stored("0", 1000, &points)]);
    let check = |since: i64, want: &[(i64, Option<f64>)]| {
        let seen = tracks.select(&widget(Tags::default()), at(since));
        assert_eq!(seen, [stored("0", 1000, want)], "since {since}");
    };
    check(0, &points);
    check(500, &points);
    check(1000, &points);
    check(1500, &points[1..]);
    check(2500, &points[3..]);
    check(9500, &points[3..]);
    assert!(tracks.select(&widget(Tags::default()), at(10_001)).is_empty());
}

#[test]
fn what_is_trimmed_is_not_shown_and_what_is_shown_is_not_trimmed() {
    let points = [(0, Some(0.0)), (1000, Some(1.0)), (2000, None), (9000, Some(9.0)), (10_000, Some(10.0))];
    for since in (0..10_000).step_by(250) {
        let mut tracks = table(vec![stored("0", 1000, &points)]);
        let before = tracks.select(&widget(Tags::default()), at(since));
        tracks.trim(|_| at(since));
        assert_eq!(tracks.select(&widget(Tags::default()), at(since)), before, "since {since}");
        assert_eq!(all(&tracks), before, "since {since}");
    }
    let mut tracks = table(vec![stored("0", 1000, &points)]);
    tracks.trim(|_| at(10_001));
    assert_eq!(tracks, Tracks::new([CPU]));
}

#[test]
fn a_widget_sees_its_filter_s_series_in_the_order_of_counting() {
    let series = |cpu: &str| stored(cpu, 1000, &[(0, Some(1.0))]);
    let mut tracks = table(["10", "2", "1"].map(series).to_vec());
    tracks.push(&[live("3", 5, 1.0)]);
    let names = |filters| -> Vec<_> {
        let seen = tracks.select(&widget(filters), Timestamp::MIN);
        seen.into_iter().map(|track| track.tags).collect()
    };
    assert_eq!(names(Tags::default()), ["1", "2", "3", "10"].map(tags));
    assert_eq!(names(tags("2")), [tags("2")]);
    assert_eq!(tracks.newest(&widget(tags("2"))), Some(at(0)));
    assert_eq!(tracks.newest(&widget(Tags::default())), Some(at(5)));
    assert_eq!(tracks.newest(&widget(tags("7"))), None);
}

#[test]
fn the_oldest_of_too_many_points_go() {
    let mut tracks = table(Vec::new());
    let many = i64::try_from(MAX_POINTS).unwrap() + 100;
    for i in 0..many {
        tracks.push(&[live("0", i * 1000, 1.0)]);
    }
    let points = &all(&tracks)[0].points;
    assert_eq!((points.len(), points[0].0), (MAX_POINTS, at(100_000)));
    let twice = (0..many).map(|i| (i * 1000 + 500, Some(2.0))).collect::<Vec<_>>();
    tracks.merge(vec![stored("0", 1000, &twice)]);
    assert_eq!(all(&tracks)[0].points.len(), MAX_POINTS);
}

/// A step of what a page goes through.
#[derive(Debug, Clone)]
enum Step {
    Push(Vec<DataPoint>),
    Merge(Vec<History>),
    Trim(i64),
}

fn cpu() -> impl Strategy<Value = String> {
    (0..3_u8).prop_map(|cpu| cpu.to_string())
}

/// A stretch of stored points, ascending, with holes, here and there thinned out.
fn history() -> impl Strategy<Value = History> {
    let points = proptest::collection::vec((1..6_i64, proptest::option::weighted(0.8, 0..100_u8)), 0..20);
    (cpu(), 0..60_i64, points).prop_map(|(cpu, start, steps)| {
        let mut ms = start * 1000;
        let points = steps.into_iter().map(|(step, value)| {
            ms += step * 1000;
            (ms, value.map(f64::from))
        });
        stored(&cpu, 1000, &points.collect::<Vec<_>>())
    })
}

fn step() -> impl Strategy<Value = Step> {
    let point = (cpu(), 0..100_i64, 0..100_u8).prop_map(|(cpu, s, value)| live(&cpu, s * 1000, f64::from(value)));
    prop_oneof![
        4 => proptest::collection::vec(point, 0..6).prop_map(Step::Push),
        2 => proptest::collection::vec(history(), 0..3).prop_map(Step::Merge),
        1 => (0..80_i64).prop_map(|s| Step::Trim(s * 1000)),
    ]
}

fn run(tracks: &mut Tracks, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Push(data) => {
                tracks.push(data);
            }
            Step::Merge(histories) => {
                tracks.merge(histories.clone());
            }
            Step::Trim(since) => tracks.trim(|_| at(*since)),
        }
    }
}

proptest! {
    #[test]
    fn points_ascend_and_holes_lie_between_values(steps in proptest::collection::vec(step(), 0..30)) {
        let mut tracks = table(Vec::new());
        run(&mut tracks, &steps);
        for track in all(&tracks) {
            prop_assert!(track.points.is_sorted_by(|a, b| a.0 < b.0), "{:?}", track.points);
            prop_assert!(track.points.first().is_some_and(|p| p.1.is_some()), "{:?}", track.points);
            prop_assert!(track.points.last().is_some_and(|p| p.1.is_some()), "{:?}", track.points);
            prop_assert!(!track.points.windows(2).any(|w| w[0].1.is_none() && w[1].1.is_none()), "{:?}", track.points);
            prop_assert!(track.points.len() <= MAX_POINTS);
        }
    }

    #[test]
    fn merging_twice_is_merging_once(steps in proptest::collection::vec(step(), 0..20), history in history()) {
        let mut once = table(Vec::new());
        run(&mut once, &steps);
        once.merge(vec![history.clone()]);
        let mut twice = once.clone();
        twice.merge(vec![history]);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn it_does_not_matter_whether_the_stream_or_the_history_comes_first(
        before in proptest::collection::vec(step(), 0..20), history in history(), later in 1..8_i64,
    ) {
        let mut tracks = table(Vec::new());
        run(&mut tracks, &before);
        // A live point that is newer than everything stored: there both orders know the same.
        let newest = tracks.newest_of_all().max(history.points.last().map(|p| p.0)).unwrap_or(at(0));
        let cpu = history.tags.get("cpu").unwrap().to_owned();
        let point = live(&cpu, newest.as_millis() + later * 1000, 7.0);
        let (mut push_first, mut merge_first) = (tracks.clone(), tracks);
        push_first.push(std::slice::from_ref(&point));
        push_first.merge(vec![history.clone()]);
        merge_first.merge(vec![history]);
        merge_first.push(&[point]);
        prop_assert_eq!(push_first, merge_first);
    }

    #[test]
    fn nothing_that_was_told_is_lost(
        before in proptest::collection::vec(step(), 0..20), history in history(),
    ) {
        let mut tracks = table(Vec::new());
        run(&mut tracks, &before);
        let had = all(&tracks);
        tracks.merge(vec![history.clone()]);
        for track in had.iter().chain([&history]) {
            let has = all(&tracks).into_iter().find(|t| t.tags == track.tags);
            for point in track.points.iter().filter(|p| p.1.is_some()) {
                let times: Vec<_> = has.iter().flat_map(|t| &t.points).map(|p| p.0).collect();
                prop_assert!(times.contains(&point.0), "{point:?} of {track:?}");
            }
        }
    }
}
