//! Points of one metric, as interfaces ask for them.

use std::collections::BTreeMap;

use app::model::{Aggregation, KnownGap, Tags};

use super::Monitor;
use crate::stages::Stage;
use crate::store::{Asker, Matcher, Plan, Selection, Series, StoreError, newest};

/// Which points, and what to make of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsQuery {
    /// The metric's name.
    pub metric: String,
    /// Only series with all of these.
    pub tags: Tags,
    /// Only series that all of these match.
    pub matchers: Vec<Matcher>,
    /// The range and the aggregation.
    pub plan: Plan,
    /// The newest so many over all series together.
    pub limit: usize,
}

impl Monitor {
    /// The series that are asked for, each ascending by time. It may take a while where there is much.
    ///
    /// # Errors
    /// Where no series of that name is kept, where the growth of what is no counter is asked for, where too much would have to be
    /// read, and where the asker has left.
    pub fn points(&self, asker: &Asker, query: &PointsQuery) -> Result<Vec<Series>, StoreError> {
        let _querying = self.stages.begin(Stage::Query);
        let what = selection(query);
        if query.plan.aggregation == Aggregation::Raw {
            return self.store.newest_for(asker, &what, query.limit);
        }
        Ok(newest(self.store.aggregate_for(asker, &what, &query.plan)?, query.limit))
    }

    /// Why samples of the series that are asked for may be missing, ascending by when that began: what concerns all, and what
    /// concerns the collectors that read these series.
    ///
    /// # Errors
    /// Where no series of that name is kept.
    pub fn gaps(&self, query: &PointsQuery) -> Result<Vec<KnownGap>, StoreError> {
        let mut gaps = self.store.gaps().within(query.plan.start, query.plan.end);
        if gaps.iter().all(|known| known.collector.is_none()) {
            return Ok(gaps);
        }
        let (collectors, series) = (self.registry.status(), self.store.tags_of(&selection(query))?);
        let reads = |name: &str| {
            let status = collectors.iter().find(|status| *status.name == *name);
            // One that is gone is known by its tag alone, which for most is their name.
            let tag = status.map_or(name, |status| &*status.tag);
            series.iter().any(|tags| {
                tags.get("collector") == Some(tag)
                    && status.is_none_or(|status| status.scope.covers(&query.metric, tags))
            })
        };
        let mut known: BTreeMap<String, bool> = BTreeMap::new();
        gaps.retain(|gap| {
            let Some(name) = &gap.collector else { return true };
            *known.entry(name.clone()).or_insert_with(|| reads(name))
        });
        Ok(gaps)
    }
}

fn selection(query: &PointsQuery) -> Selection {
    Selection {
        metric: query.metric.clone(),
        tags: query.tags.clone(),
        matchers: query.matchers.clone(),
        start: query.plan.start,
        end: query.plan.end,
    }
}
