//! A series' points, cut to what is in sight, in pieces that no hole interrupts.

use super::bounds::tame;
use super::thin::thin;
use crate::model::Timestamp;

type Points = [(Timestamp, Option<f64>)];

/// Neighbours without a hole between them: one or more, ascending by time.
pub(super) type Run = Vec<(Timestamp, f64)>;

/// The pieces of `points` from `start` to `end`. Where the line leaves the range, it ends on its edge.
pub(super) fn runs(points: &Points, start: Timestamp, end: Timestamp) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut run: Run = Vec::new();
    let mut before: Option<(Timestamp, f64)> = None;
    for &(time, value) in points {
        let point = value.and_then(tame).map(|value| (time, value));
        match (before, point) {
            (_, None) => runs.extend(take(&mut run)),
            // What does not come after the point before it is not of this line.
            (Some(earlier), Some(point)) if point.0 < earlier.0 => continue,
            (Some(earlier), Some(point)) => {
                for edge in [start, end] {
                    if earlier.0 < edge && edge < point.0 {
                        run.push((edge, between(earlier, point, edge)));
                    }
                }
                if (start..=end).contains(&point.0) {
                    run.push(point);
                }
            }
            (None, Some(point)) => {
                if (start..=end).contains(&point.0) {
                    run.push(point);
                }
            }
        }
        before = point;
    }
    runs.extend(take(&mut run));
    runs
}

fn take(run: &mut Run) -> Option<Run> {
    (!run.is_empty()).then(|| std::mem::take(run))
}

fn between(from: (Timestamp, f64), to: (Timestamp, f64), at: Timestamp) -> f64 {
    let part = at.since(from.0).as_secs_f64() / to.0.since(from.0).as_secs_f64();
    from.1 + (to.1 - from.1) * part
}

/// A run with at most two points a column, and its last one whatever its column: a line must end at the
/// newest value.
pub(super) fn thinned(run: &Run, start: Timestamp, end: Timestamp, columns: u32) -> Run {
    let points: Vec<_> = run.iter().map(|&(time, value)| (time, Some(value))).collect();
    let mut thinned: Run =
        thin(&points, start, end, columns).into_iter().filter_map(|(time, value)| Some((time, value?))).collect();
    if let Some(last) = run.last().filter(|last| thinned.last() != Some(last)) {
        thinned.push(*last);
    }
    thinned
}

/// Where no series has anything, between the first and the last moment at which one has: pairs of moments.
pub(super) fn bands(runs: &[Run]) -> Vec<(Timestamp, Timestamp)> {
    let mut covered: Vec<(Timestamp, Timestamp)> =
        runs.iter().filter_map(|run| Some((run.first()?.0, run.last()?.0))).collect();
    covered.sort_unstable();
    let mut bands = Vec::new();
    let mut reached: Option<Timestamp> = None;
    for (first, last) in covered {
        if let Some(reached) = reached.filter(|&reached| reached < first) {
            bands.push((reached, first));
        }
        reached = Some(reached.map_or(last, |reached| reached.max(last)));
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points as `second:value`, `-` for a hole.
    #[track_caller]
    fn check(script: &str, range: (i64, i64), want: &str) {
        let points: Vec<_> = script
            .split_whitespace()
            .filter_map(|point| point.split_once(':'))
            .map(|(t, v)| (Timestamp::from_millis(t.parse::<i64>().unwrap() * 1000), v.parse().ok()))
            .collect();
        let (start, end) = (Timestamp::from_millis(range.0 * 1000), Timestamp::from_millis(range.1 * 1000));
        let got: Vec<String> = runs(&points, start, end)
            .iter()
            .map(|run| {
                let points = run.iter().map(|(t, v)| format!("{}:{v}", t.as_millis() / 1000));
                points.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(got.join(" | "), want, "of {script} in {range:?}");
    }

    #[test]
    fn cut_at_holes_and_edges() {
        check("1:1 2:2 3:- 4:4", (0, 9), "1:1 2:2 | 4:4");
        check("0:0 10:10", (2, 5), "2:2 5:5");
        check("0:0 4:4 10:10", (2, 5), "2:2 4:4 5:5");
        check("0:0 1:- 10:10", (2, 5), "");
        check("1:1 2:NaN 3:inf 4:4 3:9 5:5", (0, 9), "1:1 | 4:4 5:5");
    }
}
