//! Windows: what the points of each minute and each hour come to.
//!
//! Invariant: windows are aligned to the epoch, and one without a point is not there.
//! May not know: files, the series in memory, what is deleted when.

#[cfg(test)]
mod block_tests;
mod months;
pub(super) mod pack;
mod read;
mod roll;
#[cfg(test)]
mod roll_tests;
mod spread;

use app::model::Point;

pub(super) use read::{Days, Part, parts, spread, spread_tiers, tiers, windows};
pub(super) use roll::{MadeOf, Which, hour_of, newest, over};

use super::block::Tier;
use super::codec::Scale;
use super::summary::Summary;

/// When a window begins, in milliseconds since the epoch, and what its points come to.
pub(super) type Window = (i64, Summary);

/// Sums that differ by no more than this share of them are the same.
const NOISE: f64 = 1e-12;

/// Sums up points that ascend by time. Nothing comes out for raw points, which have no windows.
pub(super) fn windows_of(tier: Tier, points: impl Iterator<Item = Point>) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let Some(width) = tier.width_ms() else { return windows };
    for point in points {
        join(&mut windows, width, point.time.as_millis(), &Summary::of(point));
    }
    windows
}

/// Sums up shorter windows, ascending, whose width divides that of the tier.
pub(super) fn wider(tier: Tier, shorter: &[Window]) -> Vec<Window> {
    let mut windows = Vec::new();
    let Some(width) = tier.width_ms() else { return windows };
    for (start, summary) in shorter {
        join(&mut windows, width, *start, summary);
    }
    windows
}

fn join(windows: &mut Vec<Window>, width: i64, time: i64, later: &Summary) {
    let start = time.div_euclid(width) * width;
    match windows.last_mut().filter(|(last, _)| *last == start) {
        Some((_, summary)) => summary.join(later),
        None => windows.push((start, *later)),
    }
}

/// Sums of decimals as decimals: adding up leaves some noise beyond their last place, which is not what anybody has measured and
/// costs as many bytes as all the rest. What is further off than that noise stays as it is.
pub(super) fn tidy(windows: &mut [Window]) {
    let values = windows.iter().flat_map(|(_, of)| [of.min, of.max, of.first.value, of.last.value]);
    let (scale, _) = Scale::apply(&values.collect::<Vec<_>>());
    let tidied = |sum: f64| scale.round(sum).filter(|round| (round - sum).abs() <= NOISE * sum.abs()).unwrap_or(sum);
    for (_, of) in windows {
        (of.sum, of.increase) = (tidied(of.sum), tidied(of.increase));
    }
}

#[cfg(test)]
mod tests {
    use app::model::Timestamp;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn hours_of_minutes_are_hours_of_points(
            begin in -10_000_000..10_000_000_i64,
            steps in prop::collection::vec((1..400_000_i64, -50..50_i32), 0..300),
        ) {
            let mut time = begin;
            // Whole numbers add up without rounding.
            let points: Vec<_> = steps.into_iter().map(|(step, value)| {
                time += step;
                Point::new(Timestamp::from_millis(time), f64::from(value))
            }).collect();
            let minutes = windows_of(Tier::Minute, points.iter().copied());
            let hours = windows_of(Tier::Hour, points.iter().copied());
            prop_assert_eq!(wider(Tier::Hour, &minutes), hours);
            prop_assert_eq!(minutes.iter().map(|(_, s)| s.count).sum::<u64>(), points.len() as u64);
            for (start, summary) in minutes {
                let inside: Vec<_> = points.iter().filter(|p| (start..start + 60_000).contains(&p.time.as_millis())).collect();
                prop_assert_eq!(summary.count, inside.len() as u64);
                prop_assert_eq!(Some(&&summary.first), inside.first());
                prop_assert_eq!(Some(&&summary.last), inside.last());
                prop_assert_eq!(summary.sum, inside.iter().map(|p| p.value).sum::<f64>());
                prop_assert_eq!(start.rem_euclid(60_000), 0);
            }
        }
    }
}
