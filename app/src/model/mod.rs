//! The words that every part of Telltale speaks: samples, series, widgets, wire messages.
//!
//! Invariant: imports nothing else of ours, does no I/O and asks for no time.

mod aggregation;
mod dashboard;
mod gap;
mod health;
mod history;
mod live;
mod metric;
mod tags;
mod time;

pub use aggregation::{Aggregation, Percentile, UnknownAggregation};
pub use dashboard::{ChartType, Thresholds, Widget, shipped_widgets};
pub use gap::{Cause, Gap, KnownGap};
pub use health::{CollectorHealth, Health, HostFacts};
pub use history::{History, HistoryRequest, Overview, Span};
pub use live::{ClientMessage, DataPoint, MetricData, MetricSelector, ServerMessage};
pub use metric::{Batch, Kind, Metric, Point, Sample, Unit};
pub use tags::Tags;
pub use time::Timestamp;
