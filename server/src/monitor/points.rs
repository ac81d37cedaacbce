//! Points of one metric, as interfaces ask for them.

use app::model::{Aggregation, Tags};

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
        let what = Selection {
            metric: query.metric.clone(),
            tags: query.tags.clone(),
            matchers: query.matchers.clone(),
            start: query.plan.start,
            end: query.plan.end,
        };
        if query.plan.aggregation == Aggregation::Raw {
            return self.store.newest_for(asker, &what, query.limit);
        }
        Ok(newest(self.store.aggregate_for(asker, &what, &query.plan)?, query.limit))
    }
}
