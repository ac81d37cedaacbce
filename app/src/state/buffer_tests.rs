//! A paused picture stands still; everything else goes on.

use proptest::prelude::*;

use super::*;
use crate::model::{Metric, Tags, Unit, Widget, shipped_widgets};

const CPU: &str = "cpu_usage_percent";

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

fn live(secs: i64) -> DataPoint {
    let (metric_name, tags) = (CPU.to_owned(), Tags::default());
    DataPoint { metric_name, value: secs as f64, timestamp: at(secs), tags, unit: Unit::PERCENT }
}

fn stored(secs: impl IntoIterator<Item = i64>) -> History {
    let points = secs.into_iter().map(|s| (at(s), Some(s as f64))).collect();
    History { metric: Metric::gauge(CPU, Unit::PERCENT), tags: Tags::default(), interval_ms: 1000, points }
}

fn seen(buffer: &Buffer, paused: Option<i64>) -> Vec<i64> {
    let widget: Widget = shipped_widgets().remove(0);
    let tracks = buffer.shown(paused.map(at)).select(&widget, Timestamp::MIN);
    tracks.iter().flat_map(|t| &t.points).filter(|p| p.1.is_some()).map(|p| p.0.as_millis() / 1000).collect()
}

#[test]
fn a_pause_shows_its_first_moment_until_it_ends() {
    let mut buffer = Buffer::new(Tracks::new([CPU]));
    buffer.push(&[live(1), live(2)], None);
    assert_eq!(seen(&buffer, Some(2)), [1, 2]);
    buffer.push(&[live(3)], Some(at(2)));
    buffer.push(&[live(4)], Some(at(2)));
    assert_eq!(seen(&buffer, Some(2)), [1, 2]);
    assert_eq!(seen(&buffer, None), [1, 2, 3, 4]);
    buffer.push(&[live(5)], None);
    // A second pause is one of its own, even if nothing happened before it.
    assert_eq!(seen(&buffer, Some(5)), [1, 2, 3, 4, 5]);
    buffer.push(&[live(6)], Some(at(5)));
    assert_eq!(seen(&buffer, Some(5)), [1, 2, 3, 4, 5]);
    assert_eq!(seen(&buffer, Some(6)), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_longer_range_reaches_a_paused_picture_too() {
    let mut buffer = Buffer::new(Tracks::new([CPU]));
    buffer.push(&[live(10)], None);
    buffer.push(&[live(11)], Some(at(10)));
    buffer.merge(vec![stored(7..13)], Some(at(10)));
    assert_eq!(seen(&buffer, Some(10)), [7, 8, 9, 10]);
    assert_eq!(seen(&buffer, None), [7, 8, 9, 10, 11, 12]);
}

#[test]
fn what_is_forgotten_meanwhile_stays_in_a_paused_picture() {
    let mut buffer = Buffer::new(Tracks::new([CPU]));
    buffer.push(&[live(1), live(2), live(3)], None);
    buffer.trim(|_| at(3), Some(at(3)));
    assert_eq!(seen(&buffer, Some(3)), [1, 2, 3]);
    assert_eq!(seen(&buffer, None), [2, 3]);
}

proptest! {
    #[test]
    fn nothing_newer_moves_a_paused_picture(pushed in proptest::collection::vec(0..60_i64, 0..40), pause in 0..40_usize) {
        let mut buffer = Buffer::new(Tracks::new([CPU]));
        let pause = pause.min(pushed.len());
        for &secs in &pushed[..pause] {
            buffer.push(&[live(secs)], None);
        }
        let moment = buffer.newest().newest_of_all().unwrap_or(at(0));
        let picture = seen(&buffer, Some(moment.as_millis() / 1000));
        for &secs in &pushed[pause..] {
            buffer.push(&[live(secs)], Some(moment));
            buffer.trim(|_| at(secs - 10), Some(moment));
            prop_assert_eq!(&seen(&buffer, Some(moment.as_millis() / 1000)), &picture);
        }
    }
}
