//! Numbers of the user's own: each a collector by itself, from a command, a file, an address or a function.
//!
//! Invariant: whatever the source does, it ends at its timeout and leaves no process and at most one thread behind.
//! Invariant: what a source says is repeated in an error only where nothing secret is in what was asked.

mod aside;
mod command;
mod file;
mod function;
mod http;
mod number;

use std::time::Duration;

use app::model::{Kind, Metric, Sample, Tags, Timestamp, Unit};
use tokio::time::timeout;

use super::remote::Trust;
use super::{CollectError, Pending, Scope, Waiting};
use crate::secret::Text;
use command::Command;
use file::File;
pub use function::Function;
use function::Named;
use http::Http;

/// One number: what it is called, and where it comes from.
pub struct CustomSettings {
    /// The name of the metric. One that ends in `_total` is a counter.
    pub metric: String,
    /// Of its values.
    pub unit: String,
    /// What it means, where somebody has said so.
    pub description: Option<Text>,
    /// How long a reading may take.
    pub timeout: Duration,
    /// Where it comes from.
    pub source: CustomSource,
}

/// Where a number comes from.
pub enum CustomSource {
    /// The standard output of a program; the program and its arguments.
    Command(Vec<Text>),
    /// The content of a file.
    File(Text),
    /// A part of a JSON document.
    Http {
        /// Where the document is.
        url: Text,
        /// The part, as a JSON pointer.
        pointer: Text,
    },
    /// A function by its name; none where nobody has registered it.
    Function(String, Option<Function>),
}

/// The collector of one such number.
pub struct Custom {
    name: String,
    metric: Metric,
    description: Option<String>,
    timeout: Duration,
    source: Source,
}

enum Source {
    Command(Command),
    File(File),
    Http(Http),
    Function(Named),
}

impl Custom {
    /// Reads nothing yet.
    #[must_use]
    pub fn new(settings: CustomSettings, trust: &Trust) -> Self {
        let CustomSettings { metric, unit, description, timeout, source } = settings;
        let kind = if metric.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
        let source = match source {
            CustomSource::Command(words) => Source::Command(Command::new(words)),
            CustomSource::File(path) => Source::File(File::new(path)),
            CustomSource::Http { url, pointer } => Source::Http(Http::new(url, pointer, timeout, trust.clone())),
            CustomSource::Function(name, function) => Source::Function(Named::new(name, function)),
        };
        Self {
            name: format!("custom.{metric}"),
            metric: Metric { name: metric.into(), unit: Unit::new(unit), kind },
            description: description.map(|text| text.to_string()),
            timeout,
            source,
        }
    }

    async fn read(&mut self) -> Result<f64, CollectError> {
        let read = async {
            match &mut self.source {
                Source::Command(command) => command.read().await,
                Source::File(file) => file.read().await,
                Source::Http(http) => http.read().await,
                Source::Function(function) => function.read().await,
            }
        };
        if let Ok(read) = timeout(self.timeout, read).await {
            return read;
        }
        let (what, why) = match &self.source {
            Source::Command(command) => (command.what(), "did not end in time, and was ended with all that it started"),
            Source::File(file) => (file.what(), "does not answer"),
            Source::Http(http) => (http.what(), "gives no answer in time"),
            Source::Function(function) => (function.what(), "has not returned in time"),
        };
        let why = format!("{why} ({} s)", self.timeout.as_secs_f64());
        Err(match &self.source {
            Source::Http(_) | Source::File(_) => CollectError::Unreachable { what, why },
            Source::Command(_) | Source::Function(_) => CollectError::failed(what, why),
        })
    }
}

impl Waiting for Custom {
    fn name(&self) -> &str {
        &self.name
    }

    fn tag(&self) -> &'static str {
        "custom"
    }

    fn scope(&self) -> Scope {
        Scope { metric: Some((*self.metric.name).into()), tags: Tags::default() }
    }

    fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    fn collect<'a>(&'a mut self, _now: Timestamp, out: &'a mut Vec<Sample>) -> Pending<'a> {
        Box::pin(async move {
            let value = self.read().await?;
            out.push(self.metric.sample(Tags::default(), value));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
