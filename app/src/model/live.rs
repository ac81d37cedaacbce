//! The messages of `/ws`, both ways: JSON text frames, each with its `type`.

use serde::{Deserialize, Serialize};

use super::{Tags, Timestamp, Unit};

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Send updates of these from now on.
    Subscribe(MetricSelector),
    /// Send no more updates of these.
    Unsubscribe(MetricSelector),
    /// Send what is stored of one metric, the last hour where no start is given.
    GetMetrics {
        /// Its name.
        metric_name: String,
        /// From.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_time: Option<Timestamp>,
        /// To.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end_time: Option<Timestamp>,
    },
    /// Answer with a pong.
    Ping,
}

/// One metric, several, or `*` for all, narrowed by tags.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MetricSelector {
    /// A name or `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    /// Further names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metric_names: Vec<String>,
    /// Only series with all of these.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl MetricSelector {
    /// All names it gives.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.metric_name.iter().chain(&self.metric_names).map(String::as_str)
    }
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message of every connection.
    Connection {
        /// Names this connection in the server's log.
        connection_id: String,
    },
    /// Updates will come.
    SubscriptionConfirmed(MetricSelector),
    /// No more updates will come.
    SubscriptionRemoved(MetricSelector),
    /// One frame a collection: what it read of what is subscribed.
    MetricsUpdate {
        /// One point a series.
        data: Vec<DataPoint>,
    },
    /// The answer to `get_metrics`.
    MetricsData {
        /// The metric and its points.
        data: MetricData,
    },
    /// The answer to `ping`.
    Pong,
    /// The client did not follow: this many updates were left out.
    Lagged {
        /// Whole updates, not samples.
        dropped: u64,
    },
    /// Something was not understood; the connection stays.
    Error {
        /// What, in a sentence.
        message: String,
    },
}

/// One value of one series, with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataPoint {
    /// The metric's name.
    pub metric_name: String,
    /// The value.
    pub value: f64,
    /// When it was read.
    pub timestamp: Timestamp,
    /// Which series.
    pub tags: Tags,
    /// The unit of the value.
    pub unit: Unit,
}

/// The points of one metric, ascending by time over all its series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricData {
    /// The metric's name.
    pub metric_name: String,
    /// Its points.
    pub data_points: Vec<DataPoint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn understood(text: &str) -> ClientMessage {
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn clients_of_the_contract_are_understood() {
        let one = MetricSelector { metric_name: Some("cpu_usage_percent".into()), ..MetricSelector::default() };
        assert_eq!(
            understood(r#"{"type":"subscribe","metric_name":"cpu_usage_percent"}"#),
            ClientMessage::Subscribe(one.clone())
        );
        assert_eq!(
            understood(r#"{"type":"unsubscribe","metric_name":"cpu_usage_percent","tags":{}}"#),
            ClientMessage::Unsubscribe(one)
        );
        assert_eq!(understood(r#"{"type":"ping","extra":1}"#), ClientMessage::Ping);
        let asked = understood(r#"{"type":"get_metrics","metric_name":"m","start_time":1.5}"#);
        assert_eq!(
            asked,
            ClientMessage::GetMetrics {
                metric_name: "m".into(),
                start_time: Some(Timestamp::from_millis(1500)),
                end_time: None
            }
        );
    }

    #[test]
    fn answers_have_the_contract_s_shape() {
        let update = ServerMessage::MetricsUpdate {
            data: vec![DataPoint {
                metric_name: "m".into(),
                value: 1.5,
                timestamp: Timestamp::from_millis(2500),
                tags: Tags::new([("host", "a")]),
                unit: Unit::PERCENT,
            }],
        };
        assert_eq!(
            serde_json::to_string(&update).unwrap_or_default(),
            r#"{"type":"metrics_update","data":[{"metric_name":"m","value":1.5,"timestamp":2.5,"tags":{"host":"a"},"unit":"percent"}]}"#
        );
        assert_eq!(serde_json::to_string(&ServerMessage::Pong).unwrap_or_default(), r#"{"type":"pong"}"#);
    }
}
