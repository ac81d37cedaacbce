//! Points of one metric, as interfaces ask for them.

use std::time::Duration;

use app::model::{Aggregation, Tags};

use super::Monitor;
use crate::stages::Stage;
use crate::store::{Matcher, Plan, Selection, Series, StoreError, newest};

/// How far before the range a rate may find the point to grow from.
const RATE_LOOKBACK: Duration = Duration::from_secs(5 * 60);

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
    /// Where no series of that name is kept, and where the rate of what is no counter is asked for.
    pub fn points(&self, query: &PointsQuery) -> Result<Vec<Series>, StoreError> {
        let _querying = self.stages.begin(Stage::Query);
        let rate = query.plan.aggregation == Aggregation::Rate;
        let lookback = if rate { RATE_LOOKBACK } else { Duration::ZERO };
        let what = Selection {
            metric: query.metric.clone(),
            tags: query.tags.clone(),
            matchers: query.matchers.clone(),
            start: query.plan.start - lookback,
            end: query.plan.end,
        };
        Ok(newest(self.store.aggregate(&what, &query.plan)?, query.limit))
    }
}
