//! From when on each metric is held, and what must be asked for so that a range can be shown.
//!
//! May not know: how it is asked for, what a point is.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{HistoryRequest, Span, Timestamp, Widget};

/// The least columns that a request asks for.
const LEAST_COLUMNS: u32 = 8;

/// The earliest moment from which each metric is held without a gap of our making.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    since: BTreeMap<String, Timestamp>,
}

/// How far back each metric is shown: the longest range among the widgets that show it.
#[must_use]
pub fn reach(widgets: &[Widget], span: Span) -> BTreeMap<String, Duration> {
    let mut reach: BTreeMap<String, Duration> = BTreeMap::new();
    for widget in widgets {
        for metric in widget.metrics() {
            let longest = reach.entry(metric.to_owned()).or_default();
            *longest = span.of(widget).max(*longest);
        }
    }
    reach
}

impl Coverage {
    /// Of a first answer that held at `now` everything within `reach`.
    #[must_use]
    pub fn new(reach: &BTreeMap<String, Duration>, now: Timestamp) -> Self {
        Self { since: reach.iter().map(|(name, &back)| (name.clone(), now - back)).collect() }
    }

    /// What to ask for so that everything within `reach` of `now` is held, a picture of it `columns` wide.
    ///
    /// What comes back overlaps with what is held by three columns: so one telling runs across the seam.
    #[must_use]
    pub fn missing(&self, reach: &BTreeMap<String, Duration>, now: Timestamp, columns: u32) -> Vec<HistoryRequest> {
        let mut asked: BTreeMap<(Timestamp, Timestamp), HistoryRequest> = BTreeMap::new();
        for (metric, &back) in reach {
            let start = now - back;
            let held = self.since.get(metric).copied().unwrap_or(now).min(now);
            if start >= held {
                continue;
            }
            let column = back / columns.max(1);
            let end = (held + column * 3).min(now);
            let share = (end.since(start).as_secs_f64() / back.as_secs_f64() * f64::from(columns)).ceil();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of `columns`")]
            let columns = (share as u32).clamp(LEAST_COLUMNS, columns.max(LEAST_COLUMNS));
            let request = asked.entry((start, end)).or_insert_with(|| HistoryRequest {
                metrics: Vec::new(),
                start,
                end,
                columns,
            });
            request.metrics.push(metric.clone());
        }
        asked.into_values().collect()
    }

    /// An answer to this has come.
    pub fn filled(&mut self, request: &HistoryRequest) {
        for metric in &request.metrics {
            let since = self.since.entry(metric.clone()).or_insert(request.start);
            if request.end >= *since {
                *since = request.start.min(*since);
            }
        }
    }

    /// What is older than `reach` was forgotten.
    pub fn trimmed(&mut self, reach: &BTreeMap<String, Duration>, now: Timestamp) {
        for (metric, since) in &mut self.since {
            if let Some(&back) = reach.get(metric) {
                *since = (*since).max(now - back);
            }
        }
    }
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
