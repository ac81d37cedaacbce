use proptest::prelude::*;

use super::*;

/// A point a second from 0; `-` is a hole.
#[track_caller]
fn check(script: &str, columns: u32, want: &str) {
    let points: Vec<_> =
        (0..).zip(script.split_whitespace()).map(|(t, v)| (Timestamp::from_millis(t * 1000), v.parse().ok())).collect();
    let end = Timestamp::from_millis(1000 * i64::try_from(points.len()).unwrap());
    let got: Vec<String> = thin(&points, Timestamp::from_millis(0), end, columns)
        .iter()
        .map(|(_, v)| v.map_or("-".to_owned(), |v| v.to_string()))
        .collect();
    assert_eq!(got.join(" "), want, "of {script} in {columns}");
}

#[test]
fn least_and_greatest_in_their_order() {
    check("1 2 3 4", 1, "1 4");
    check("3 1 4 1 5", 1, "1 5");
    check("5 3 1 2", 1, "5 1");
    check("2 2 2 2", 1, "2");
    check("1 5 2 9 0 9", 3, "1 9 0 9");
    check("1 - 3 - 2", 1, "1 - 3 -");
    check("- 1 - 3 - 2 -", 1, "- 1 - 3 -");
    check("1 2 - 3 -", 4, "1 2 - 3 -");
    check("1 - 3", 1, "1 - 3");
    check("- - 3 -", 1, "- 3 -");
    check("NaN 1", 1, "- 1");
    check("", 5, "");
    check("1 2", 0, "1 2");
}

fn points() -> impl Strategy<Value = Vec<(Timestamp, Option<f64>)>> {
    let value = prop_oneof![8 => any::<f64>().prop_map(Some), 1 => Just(None)];
    prop::collection::vec((1..3000_i64, value), 0..300).prop_map(|steps| {
        let mut time = 1_700_000_000_000;
        let next = steps.into_iter().map(|(ms, value)| {
            time += ms;
            (Timestamp::from_millis(time), value)
        });
        next.collect()
    })
}

proptest! {
    #[test]
    fn what_is_kept_was_there_and_no_extreme_is_lost(points in points(), columns in 1..200_u32) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
        let thinned = thin(&points, first.0, last.0, columns);

        let values = |points: &[(Timestamp, Option<f64>)]| -> Vec<f64> {
            points.iter().filter_map(|point| point.1).filter(|v| !v.is_nan()).collect()
        };
        let (before, after) = (values(&points), values(&thinned));
        prop_assert!(after.len() <= 2 * columns as usize, "{} points in {columns} columns", after.len());
        let ends = |values: &[f64]| (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max));
        prop_assert_eq!(ends(&before), ends(&after));
        prop_assert!(thinned.windows(2).all(|pair| pair[0].0 <= pair[1].0), "not in order");
        prop_assert!(thinned.iter().all(|kept| kept.1.is_none() || points.contains(kept)));
    }

    #[test]
    fn no_hole_is_closed(points in points(), columns in 1..200_u32) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
        let thinned = thin(&points, first.0, last.0, columns);
        // Neighbours in the thinned series with a hole between them in the other one must have one too.
        for pair in thinned.windows(2).filter(|pair| pair.iter().all(|point| point.1.is_some())) {
            let hole = points.iter().find(|point| {
                pair[0].0 < point.0 && point.0 < pair[1].0 && point.1.is_none_or(f64::is_nan)
            });
            prop_assert!(hole.is_none(), "{hole:?} between {pair:?} is lost");
        }
    }
}
