//! A monitor that runs.

use std::net::SocketAddr;
use std::time::Duration;

use app::model::{Aggregation, Health, Point, Tags, Timestamp};

use crate::monitor::PointsQuery;
use crate::run::{Launched, StartError};
use crate::store::{Asker, Plan, Selection, Series, StoreError};

/// A monitor that runs. Dropped, it ends in good order behind the scenes; [`Running::stop`] waits for that.
#[must_use = "dropped, it ends"]
pub struct Running(Launched);

impl Running {
    pub(super) fn new(launched: Launched) -> Self {
        Self(launched)
    }

    /// Where the page is, if it is served.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.address
    }

    /// The names of all metrics of which something was collected, in their order.
    #[must_use]
    pub fn metrics(&self) -> Vec<String> {
        self.0.monitor.store.metrics().into_iter().map(|info| info.metric.name.into_owned()).collect()
    }

    /// All series of a metric that have points of the last `span`, each ascending by time; the last point of each is its
    /// newest.
    ///
    /// # Errors
    /// Where nothing of that name was collected.
    pub fn series(&self, metric: &str, span: Duration) -> Result<Vec<Series>, StoreError> {
        let (start, end) = self.range(span);
        self.0.monitor.store.query(&Selection {
            metric: metric.to_owned(),
            tags: Tags::default(),
            matchers: Vec::new(),
            start,
            end,
        })
    }

    /// The newest point over all series of a metric; none where there is none.
    #[must_use]
    pub fn last(&self, metric: &str) -> Option<Point> {
        let found = self.series(metric, Duration::from_secs(3600)).ok()?;
        found.iter().filter_map(|series| series.points.last()).max_by_key(|point| point.time).copied()
    }

    /// One value for each series of a metric, over the last `span`, with the series' tags.
    ///
    /// # Errors
    /// Where nothing of that name was collected, or a rate is asked of what is no counter.
    pub fn aggregate(
        &self,
        metric: &str,
        aggregation: Aggregation,
        span: Duration,
    ) -> Result<Vec<(Tags, f64)>, StoreError> {
        let (start, end) = self.range(span);
        let plan = Plan { aggregation, step: None, by: None, start, end };
        let query = PointsQuery {
            metric: metric.to_owned(),
            tags: Tags::default(),
            matchers: Vec::new(),
            plan,
            limit: usize::MAX,
        };
        let found = self.0.monitor.points(&Asker::default(), &query)?;
        Ok(found.into_iter().filter_map(|series| Some((series.tags, series.points.last()?.value))).collect())
    }

    /// How it is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.monitor.condition().health
    }

    /// Reads the file again that it was [configured](super::Telltale::configured) by. What comes of it is in
    /// [`Running::health`].
    pub fn reload(&self) {
        self.0.orders.reload();
    }

    /// Ends it in good order, within a few seconds.
    ///
    /// # Errors
    /// Where it had broken off before.
    pub async fn stop(self) -> Result<(), StartError> {
        self.0.stop().await
    }

    fn range(&self, span: Duration) -> (Timestamp, Timestamp) {
        let now = self.0.monitor.now();
        (now - span, now)
    }
}
