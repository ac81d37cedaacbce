//! Quantiles of points that have gone, within 1 %, of the series of which it is kept how they were spread.
//!
//! Invariant: where all points of a window are there, they are what counts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::model::{Kind, Metric, Percentile, Point, Tags, Timestamp};

use super::windows::Windows;
use super::{Plan, aggregate, unit};
use crate::store::catalog::Entry;
use crate::store::columns::Columns;
use crate::store::head::Bounds;
use crate::store::query::SeriesReader;
use crate::store::sketch::Sketch;
use crate::store::tier::{parts, spread, spread_tiers};
use crate::store::{Asker, Series, Store, StoreError};

/// What a window comes to, and its last moment with a point.
type Window = (Sketch, Timestamp);
/// Windows by their number, for each group.
type Groups = BTreeMap<Tags, BTreeMap<i64, Window>>;

impl Store {
    /// None where all points of the plan are there, or nothing is known of those that are not.
    pub(super) fn quantiles(
        &self,
        asker: &Asker,
        metric: &Metric,
        selected: &[(&Arc<Entry>, &Bounds)],
        (plan, percentile): (&Plan, Percentile),
    ) -> Result<Option<Vec<Series>>, StoreError> {
        // Points just before this are there still, but only for what takes all that is needed.
        let (told_from, windows) = (self.floor(), Windows::new(plan.step));
        if plan.start >= told_from {
            return Ok(None);
        }
        let tiers = spread_tiers(self, plan.step);
        let Some(narrowest) = tiers.last() else { return Ok(None) };
        let (start, end) = narrowest.widen(plan.start, plan.end);
        // The first window of which no point has gone; none where there is but one.
        let before = windows.index(told_from - Duration::from_millis(1));
        let exact = windows.end(before).map(Timestamp::from_millis);
        let until = exact.map_or(i64::MAX, Timestamp::as_millis).min(end.as_millis().saturating_add(1));

        let mut groups = Groups::new();
        let (mut reader, mut columns, mut found) =
            (SeriesReader::of_all_that_is_needed(self), Columns::default(), Vec::new());
        for (entry, bounds) in selected {
            asker.waits()?;
            let group = groups.entry(plan.group_of(&entry.tags)).or_default();
            let mut add = |time: i64, joins: &dyn Fn(&mut Sketch)| {
                let time = Timestamp::from_millis(time);
                let (sketch, last) = group.entry(windows.index(time)).or_insert_with(|| (Sketch::default(), time));
                joins(sketch);
                *last = time.max(*last);
            };
            found.clear();
            parts(&tiers, entry.number, bounds, start.as_millis()..until, &mut found);
            for part in &found {
                let Some(block) = &part.windows else {
                    let last = Timestamp::from_millis(part.range.end - 1);
                    reader.read(entry, Timestamp::from_millis(part.range.start), last, &mut columns);
                    columns.iter().for_each(|point| add(point.time.as_millis(), &|sketch| sketch.add(point.value)));
                    continue;
                };
                for (start, of_window) in spread(block, entry.number, &part.range) {
                    add(start, &|sketch| sketch.join(&of_window));
                }
            }
        }
        let mut all: BTreeMap<Tags, Vec<Point>> = BTreeMap::new();
        for (tags, group) in groups {
            let value =
                |(sketch, last): Window| Some(Point::new(windows.stamp(last), sketch.quantile(percentile.share())?));
            all.entry(tags).or_default().extend(group.into_values().filter_map(value));
        }
        if let Some(begin) = exact.filter(|begin| *begin <= plan.end) {
            let entries = selected.iter().map(|(entry, _)| &***entry);
            let later = self.read_all(asker, metric, entries, (begin, plan.end))?;
            for series in aggregate(later, &Plan { start: begin, ..plan.clone() }) {
                all.entry(series.tags).or_default().extend(series.points);
            }
        }
        let told = Metric { name: metric.name.clone(), unit: unit(metric, plan.aggregation), kind: Kind::Gauge };
        let series = |(tags, points): (Tags, Vec<Point>)| {
            (!points.is_empty()).then(|| Series { metric: told.clone(), tags, points })
        };
        Ok(Some(all.into_iter().filter_map(series).collect()))
    }
}
