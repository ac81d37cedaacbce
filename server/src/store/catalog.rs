//! Which series there are: by the metric's name, then by tags.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use app::model::{Metric, Tags};
use parking_lot::Mutex;

use super::points::Points;
use super::tag_sets::TagSets;

/// The points of one series behind their own lock, held for a push or a slice and nothing longer.
pub(super) type SharedPoints = Arc<Mutex<Points>>;

type Name = Cow<'static, str>;

/// Every series that is kept. What it gives are shared handles, to be used after its lock is released.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    families: BTreeMap<Name, Family>,
    tag_sets: TagSets,
}

/// All series of one metric.
#[derive(Debug)]
struct Family {
    metric: Metric,
    series: HashMap<Tags, SharedPoints>,
}

/// How much a store keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Series of all metrics.
    pub series: usize,
    /// Points of all series.
    pub points: usize,
}

impl Catalog {
    pub(super) fn size(&self) -> Size {
        let all = self.families.values().flat_map(|family| family.series.values());
        all.fold(Size::default(), |size, points| Size {
            series: size.series + 1,
            points: size.points + points.lock().len(),
        })
    }

    /// The series of these tags, if there is one and its metric is defined as given.
    pub(super) fn get(&self, metric: &Metric, tags: &Tags) -> Option<&SharedPoints> {
        let family = self.families.get(&*metric.name)?;
        family.series.get(tags).filter(|_| family.metric == *metric)
    }

    /// The series of these tags, made if there is none. An existing metric keeps its definition.
    pub(super) fn admit(&mut self, metric: &Metric, tags: &Tags) -> SharedPoints {
        let family = self
            .families
            .entry(metric.name.clone())
            .or_insert_with(|| Family { metric: metric.clone(), series: HashMap::new() });
        if let Some(points) = family.series.get(tags) {
            return points.clone();
        }
        let points = SharedPoints::default();
        family.series.insert(self.tag_sets.take(tags), points.clone());
        points
    }

    /// From now on the metric of this name is what is given.
    pub(super) fn define(&mut self, metric: &Metric) {
        if let Some(family) = self.families.get_mut(&*metric.name) {
            family.metric = metric.clone();
        }
    }

    /// The metric of a name and its series that match `filter`, in no order.
    pub(super) fn select(&self, name: &str, filter: &Tags) -> Option<(Metric, Vec<(Tags, SharedPoints)>)> {
        let family = self.families.get(name)?;
        let matching = family.series.iter().filter(|(tags, _)| tags.matches(filter));
        Some((family.metric.clone(), matching.map(|(tags, points)| (tags.clone(), points.clone())).collect()))
    }

    /// Every metric with the tags of its series, ordered by name.
    pub(super) fn families(&self) -> Vec<(Metric, Vec<Tags>)> {
        self.families.values().map(|f| (f.metric.clone(), f.series.keys().cloned().collect())).collect()
    }

    /// Every series there is.
    pub(super) fn everything(&self) -> Vec<(Name, Tags, SharedPoints)> {
        let series_of = |(name, family): (&Name, &Family)| {
            let name = name.clone();
            let series = family.series.iter();
            series.map(move |(tags, points)| (name.clone(), tags.clone(), points.clone())).collect::<Vec<_>>()
        };
        self.families.iter().flat_map(series_of).collect()
    }

    /// Removes a series unless it has points again, and its metric with the last series.
    pub(super) fn remove_if_empty(&mut self, name: &str, tags: &Tags) {
        let Some(family) = self.families.get_mut(name) else { return };
        if family.series.get(tags).is_some_and(|points| points.lock().is_empty()) {
            family.series.remove(tags);
            self.tag_sets.release(tags);
        }
        if family.series.is_empty() {
            self.families.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use app::model::{Point, Timestamp, Unit};

    use super::*;

    #[test]
    fn a_series_that_has_points_again_is_not_removed() {
        let metric = Metric::gauge("m", Unit::NONE);
        let tags = Tags::default();
        let mut catalog = Catalog::default();
        let points = catalog.admit(&metric, &tags);
        assert_eq!(points.lock().push(Point::new(Timestamp::default(), 1.0), 1), Ok(()));
        catalog.remove_if_empty("m", &tags);
        assert!(catalog.get(&metric, &tags).is_some());

        points.lock().drop_before(Timestamp::MAX);
        catalog.remove_if_empty("m", &tags);
        assert!(catalog.select("m", &tags).is_none(), "the metric goes with its last series");
        catalog.remove_if_empty("m", &tags);
    }
}
