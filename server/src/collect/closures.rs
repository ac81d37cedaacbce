//! Numbers of a program's own, each from a closure.

use app::model::{Metric, Sample, Tags, Timestamp, Unit};

use super::scheduler::contained;
use super::{CollectError, Collector};

/// A collector that asks closures. One that panics is a failure of its own number and of no other.
pub struct Closures {
    name: String,
    numbers: Vec<(Metric, Box<dyn FnMut() -> f64 + Send>)>,
}

impl Closures {
    /// One without numbers yet. `name` is its own among all collectors.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), numbers: Vec::new() }
    }

    /// A number that goes up and down.
    #[must_use]
    pub fn gauge(self, metric: &'static str, unit: Unit, read: impl FnMut() -> f64 + Send + 'static) -> Self {
        self.number(Metric::gauge(metric, unit), read)
    }

    /// A running total. Its name ends in `_total`.
    #[must_use]
    pub fn counter(self, metric: &'static str, unit: Unit, read: impl FnMut() -> f64 + Send + 'static) -> Self {
        self.number(Metric::counter(metric, unit), read)
    }

    fn number(mut self, metric: Metric, read: impl FnMut() -> f64 + Send + 'static) -> Self {
        self.numbers.push((metric, Box::new(read)));
        self
    }
}

impl Collector for Closures {
    fn name(&self) -> &str {
        &self.name
    }

    fn collect(&mut self, _now: Timestamp, out: &mut Vec<Sample>) -> Result<(), CollectError> {
        CollectError::join(self.numbers.iter_mut().map(|(metric, read)| match contained(read) {
            Ok(value) => {
                out.push(metric.sample(Tags::default(), value));
                Ok(())
            }
            Err(panic) => Err(CollectError::failed(&*metric.name, format!("the closure panicked: {panic}"))),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_that_panics_hurts_only_itself() {
        let mut seen = 0.0;
        let mut closures = Closures::new("shop")
            .gauge("active_users", Unit::COUNT, || 42.0)
            .gauge("broken", Unit::NONE, || panic!("no cache"))
            .counter("orders_total", Unit::COUNT, move || {
                seen += 1.0;
                seen
            });
        for run in [1.0, 2.0] {
            let mut out = Vec::new();
            let says = closures.collect(Timestamp::from_millis(0), &mut out).unwrap_err().to_string();
            assert_eq!(says, "broken: the closure panicked: no cache");
            let got: Vec<_> = out.iter().map(|sample| (&*sample.metric.name, sample.value)).collect();
            assert_eq!(got, [("active_users", 42.0), ("orders_total", run)]);
        }
    }
}
