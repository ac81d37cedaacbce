//! What pages ask: the first picture, and series as charts want them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::backend::{Answer, Backend, BackendError};
use app::chart::{thin, with_holes};
use app::model::{Aggregation, ChartType, History, HistoryRequest, Overview, Span, Tags, Timestamp, Widget};

use super::{Layout, Monitor};
use crate::collect::CollectorStatus;
use crate::stages::Stage;
use crate::store::{Asker, Selection, Series, StoreError};

/// No request names more metrics, unless the page itself shows more.
const MOST_METRICS: usize = 64;
/// No picture is wider.
const MOST_COLUMNS: u32 = 4000;
/// The interval of a series that no collector of this machine reads.
const UNKNOWN_INTERVAL: Duration = Duration::from_secs(1);

/// A monitor as pages see it.
pub struct Pages(pub Arc<Monitor>);

impl Backend for Pages {
    fn overview(&self, span: Span, columns: u32) -> Answer<'_, Overview> {
        let monitor = Arc::clone(&self.0);
        Box::pin(self.in_turn(move |asker| monitor.overview(asker, span, columns)))
    }

    fn histories(&self, request: HistoryRequest) -> Answer<'_, Vec<History>> {
        let monitor = Arc::clone(&self.0);
        Box::pin(self.in_turn(move |asker| monitor.histories(asker, &request)))
    }
}

impl Pages {
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Asker) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, BackendError> {
        let done = self.0.turns.take_for(work).await;
        done.unwrap_or_else(|error| Err(BackendError::Unavailable(error.to_string())))
    }
}

/// What the widgets need of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Need {
    start: Timestamp,
    /// Bars and gauges show the newest value and nothing of the past.
    newest_only: bool,
}

impl Monitor {
    fn overview(&self, asker: &Asker, span: Span, columns: u32) -> Result<Overview, BackendError> {
        let (now, Layout { widgets, paused, poll }) = (self.now(), self.told().layout.clone());
        let poll_ms = poll.map(whole_ms);
        let problems = self.condition().health.problems();
        let (collectors, mut histories) = (self.registry.status(), Vec::new());
        for (metric, need) in needs(&widgets, span, now) {
            let mut found =
                self.history(asker, &collectors, metric, (need.start, now), columns.clamp(1, MOST_COLUMNS))?;
            if need.newest_only {
                found.iter_mut().for_each(keep_newest);
            }
            histories.extend(found);
        }
        Ok(Overview { now, host: self.host.facts(), problems, widgets, paused, poll_ms, histories })
    }

    fn histories(&self, asker: &Asker, request: &HistoryRequest) -> Result<Vec<History>, BackendError> {
        let refuse = |says: String| Err(BackendError::Refused(says));
        let most = MOST_METRICS.max(self.told().layout.widgets.iter().flat_map(Widget::metrics).count());
        if request.metrics.len() > most {
            return refuse(format!("a request names at most {most} metrics"));
        }
        if !(1..=MOST_COLUMNS).contains(&request.columns) {
            return refuse(format!("a picture has from 1 to {MOST_COLUMNS} columns"));
        }
        if request.start > request.end {
            return refuse("the start is after the end".to_owned());
        }
        let (collectors, mut histories) = (self.registry.status(), Vec::new());
        for metric in &request.metrics {
            histories.extend(self.history(
                asker,
                &collectors,
                metric,
                (request.start, request.end),
                request.columns,
            )?);
        }
        Ok(histories)
    }

    /// Every series of one metric. One that nobody collects has none.
    fn history(
        &self,
        asker: &Asker,
        collectors: &[CollectorStatus],
        metric: &str,
        (start, end): (Timestamp, Timestamp),
        columns: u32,
    ) -> Result<Vec<History>, BackendError> {
        let _querying = self.stages.begin(Stage::Query);
        let selection =
            Selection { metric: metric.to_owned(), tags: Tags::default(), matchers: Vec::new(), start, end };
        let found = match self.store.query_for(asker, &selection) {
            Err(StoreError::UnknownMetric(_)) => return Ok(Vec::new()),
            found => found.map_err(|error| BackendError::Unavailable(error.to_string()))?,
        };
        let poll = self.told().layout.poll.unwrap_or_default();
        let picture = |series: Series| {
            let interval = interval(collectors, &series.metric.name, &series.tags);
            let points = thin(&with_holes(&series.points, interval), start, end, columns);
            // Who asks now and then has a sample now and then: that none comes meanwhile is no hole to them.
            let interval_ms = whole_ms(interval.max(poll));
            History { metric: series.metric, tags: series.tags, interval_ms, points }
        };
        Ok(found.into_iter().map(picture).collect())
    }
}

/// From one sample of a series to the next, as its collector has it; of several that may make it, the slowest.
fn interval(collectors: &[CollectorStatus], metric: &str, tags: &Tags) -> Duration {
    let tag = tags.get("collector");
    let may = |status: &&CollectorStatus| Some(&*status.tag) == tag && status.scope.covers(metric, tags);
    collectors.iter().filter(may).map(|status| status.interval).max().unwrap_or(UNKNOWN_INTERVAL)
}

fn whole_ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// What all widgets together need of each metric: as far back as one of them reaches.
fn needs(widgets: &[Widget], span: Span, now: Timestamp) -> BTreeMap<&str, Need> {
    let mut needs: BTreeMap<&str, Need> = BTreeMap::new();
    for widget in widgets {
        let start = now - span.of(widget);
        let instant = matches!(widget.chart_type, ChartType::Bar | ChartType::Gauge);
        let newest_only = instant && widget.aggregation == Aggregation::Raw;
        for metric in widget.metrics() {
            let need = needs.entry(metric).or_insert(Need { start, newest_only });
            need.start = need.start.min(start);
            need.newest_only &= newest_only;
        }
    }
    needs
}

fn keep_newest(history: &mut History) {
    let older = history.points.len().saturating_sub(1);
    history.points.drain(..older);
}

#[cfg(test)]
mod tests {
    use app::model::shipped_widgets;

    use super::*;

    fn widget(chart_type: ChartType, aggregation: Aggregation, time_range: u32) -> Widget {
        let mut widget = shipped_widgets().swap_remove(0);
        (widget.chart_type, widget.aggregation, widget.time_range) = (chart_type, aggregation, time_range);
        widget
    }

    /// `want`: seconds back, and whether the newest value is enough.
    #[track_caller]
    fn check(widgets: &[Widget], span: Span, want: (u64, bool)) {
        let now = Timestamp::from_millis(10_000_000);
        let need = Need { start: now - Duration::from_secs(want.0), newest_only: want.1 };
        assert_eq!(needs(widgets, span, now).into_values().collect::<Vec<_>>(), [need]);
    }

    #[test]
    fn a_metric_is_read_once_for_all_its_widgets() {
        let gauge = widget(ChartType::Gauge, Aggregation::Raw, 900);
        let bars = widget(ChartType::Bar, Aggregation::Rate, 300);
        let line = widget(ChartType::Line, Aggregation::Raw, 600);
        check(std::slice::from_ref(&gauge), Span::Own, (900, true));
        check(&[bars], Span::Own, (300, false));
        check(&[gauge.clone(), line.clone()], Span::Own, (900, false));
        check(&[line, gauge], Span::Last(60), (60, false));
    }
}
