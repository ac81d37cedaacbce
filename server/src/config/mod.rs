//! The configuration: text → tree → values with variables in place → [`Config`], and never raw again.
//!
//! Invariant: no setting is read and ignored: each key changes a field of [`Config`], and what no part of this version
//! acts on is in [`not_active`]. Every problem of a file is told at once.
//! May not know: any other part of the server; it has types of its own, and `run` joins them.
//! Start reading at [`load()`]; what can be set is in `keys`, a file a section.

mod example;
mod expand;
mod file;
mod keys;
mod known;
mod load;
mod not_active;
mod problem;
mod read;
mod schema;

#[cfg(test)]
mod tests;

pub use app::alert::{Condition, Severity};
pub use example::example;
pub use expand::Env;
pub use file::{FileError, load_file, whereabouts_in_file};
pub use keys::alerting::Alerting;
pub use keys::channel::{Channel, Destination, Discord, Email, Method, PagerDuty, Slack, Webhook};
pub use keys::collectors::{
    ApplicationMetrics, Collectors, NetworkMetrics, Pace, Processes, Registered, SystemMetrics, Units,
};
pub use keys::custom::{CustomMetric, CustomMetrics, Source};
pub use keys::dashboard::{Dashboard, Theme};
pub use keys::development::Development;
pub use keys::integration::{Elasticsearch, Grafana, Integration, Prometheus};
pub use keys::logging::{Format, Level, Logging};
pub use keys::performance::Performance;
pub use keys::probes::{Probes, RecordType, Target, TargetKind};
pub use keys::processes::NamedProcess;
pub use keys::root::Config;
pub use keys::rule::Rule;
pub use keys::security::{Authentication, Cors, Login, RateLimiting, Security};
pub use keys::storage::{Algorithm, Compression, RetentionPolicy, Storage, StorageType};
pub use keys::widget::{ChartType, Widget};
pub use known::Known;
pub use load::{Loaded, defaults, load, whereabouts};
pub use not_active::NotActive;
pub use problem::{Place, Problem, Warning};
pub use schema::schema;
