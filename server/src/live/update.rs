//! Points on their way to clients: each is written down once, however many want it.

use std::sync::OnceLock;

use app::model::{Batch, DataPoint, Sample};

use super::Wanted;

/// What a collection read, or what others brought, for clients.
#[derive(Debug)]
pub(super) struct Update {
    points: Vec<DataPoint>,
    /// Each point as JSON, made when the first client asks.
    written: OnceLock<Vec<String>>,
}

impl Update {
    /// JSON has no word for a value that is no finite number, so such samples are left out.
    pub(super) fn new(batch: &Batch) -> Self {
        let samples = batch.samples.iter().filter(|sample| sample.value.is_finite());
        let point = |sample: &Sample| DataPoint {
            metric_name: sample.metric.name.clone().into_owned(),
            value: sample.value,
            timestamp: batch.time,
            tags: sample.tags.clone(),
            unit: sample.metric.unit.clone(),
        };
        Self::of(samples.map(point).collect())
    }

    /// Of points whose values are finite numbers.
    pub(super) fn of(points: Vec<DataPoint>) -> Self {
        Self { points, written: OnceLock::new() }
    }

    /// Whether there is anything in it for `wanted`.
    pub(super) fn concerns(&self, wanted: &Wanted) -> bool {
        self.points.iter().any(|point| wanted.has(&point.metric_name, &point.tags))
    }

    /// The `metrics_update` frame with what is wanted; none where nothing is.
    pub(super) fn frame(&self, wanted: &Wanted) -> Option<String> {
        // It cannot fail: there is nothing in a point but strings and finite numbers.
        let json = |point: &DataPoint| serde_json::to_string(point).unwrap_or_default();
        let written = self.written.get_or_init(|| self.points.iter().map(json).collect());
        let mut frame = String::new();
        for (point, json) in self.points.iter().zip(written) {
            if wanted.has(&point.metric_name, &point.tags) {
                frame.push_str(if frame.is_empty() { r#"{"type":"metrics_update","data":["# } else { "," });
                frame.push_str(json);
            }
        }
        (!frame.is_empty()).then(|| frame + "]}")
    }
}

#[cfg(test)]
mod tests {
    use app::model::{Metric, ServerMessage, Tags, Timestamp, Unit};

    use super::*;

    #[test]
    fn a_frame_is_the_message_of_the_protocol_with_what_is_wanted_and_no_more() {
        let cpu = Metric::gauge("cpu", Unit::PERCENT);
        let tags = |core: &str| Tags::new([("cpu", core), ("odd", "\"\n")]);
        let batch = Batch {
            collector: "c".into(),
            time: Timestamp::from_millis(1500),
            samples: vec![
                cpu.sample(tags("0"), 1.0),
                cpu.sample(tags("1"), f64::NAN),
                Metric::gauge("load", Unit::NONE).sample(Tags::default(), 0.5),
                cpu.sample(tags("2"), 2.0),
            ],
        };
        let update = Update::new(&batch);
        let mut wanted = Wanted::default();
        assert_eq!(update.frame(&wanted), None);
        assert!(!update.concerns(&wanted));

        wanted.add(&["cpu".to_owned()], &Tags::default()).unwrap();
        assert!(update.concerns(&wanted));
        let point = |core, value| DataPoint {
            metric_name: "cpu".into(),
            value,
            timestamp: batch.time,
            tags: tags(core),
            unit: Unit::PERCENT,
        };
        let want = ServerMessage::MetricsUpdate { data: vec![point("0", 1.0), point("2", 2.0)] };
        assert_eq!(update.frame(&wanted), Some(serde_json::to_string(&want).unwrap()));
    }
}
