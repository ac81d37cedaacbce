//! What a client says, and what is answered. It knows texts, and no socket.

use app::model::{
    Aggregation, ClientMessage, DataPoint, MetricData, MetricSelector, Point, ServerMessage, Tags, Timestamp,
};

use crate::live::{Client, Unwanted, Wanted};
use crate::monitor::{Monitor, PointsQuery};
use crate::store::{Asker, Plan, Series};
use crate::web::api::{DEFAULT_RANGE, MOST_POINTS, meant};

/// Longer messages are not understood.
pub(super) const LONGEST: usize = 64 * 1024;
/// A complaint repeats what it complains about, but not all of it.
const LONGEST_COMPLAINT: usize = 300;

/// Whether its answer is looked for among everything that is kept.
pub(super) fn takes_long(message: &ClientMessage) -> bool {
    matches!(message, ClientMessage::GetMetrics { .. })
}

/// The answer to one message.
pub(super) fn answer(message: ClientMessage, asker: &Asker, client: &Client, monitor: &Monitor) -> ServerMessage {
    match message {
        ClientMessage::Ping => ServerMessage::Pong,
        ClientMessage::Subscribe(what) => {
            change(client, what, Wanted::add).map_or_else(error, ServerMessage::SubscriptionConfirmed)
        }
        ClientMessage::Unsubscribe(what) => {
            change(client, what, Wanted::remove).map_or_else(error, ServerMessage::SubscriptionRemoved)
        }
        ClientMessage::GetMetrics { metric_name, start_time, end_time } => {
            points(monitor, asker, metric_name, start_time, end_time).unwrap_or_else(error)
        }
    }
}

/// That a message was not understood, or cannot be answered.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_or_else` hands over")]
pub(super) fn error(message: impl ToString) -> ServerMessage {
    let mut message = message.to_string();
    if let Some((end, _)) = message.char_indices().nth(LONGEST_COMPLAINT) {
        message.truncate(end);
        message.push('…');
    }
    ServerMessage::Error { message }
}

/// What a text message says.
pub(super) fn understand(text: &str) -> Result<ClientMessage, String> {
    if text.len() > LONGEST {
        return Err("the message is longer than 64 KiB".to_owned());
    }
    // Left to itself, serde would take a list of fields for an object.
    if !text.trim_start().starts_with('{') {
        return Err("a message is a JSON object with a `type`".to_owned());
    }
    serde_json::from_str(text).map_err(|why| format!("the message is not understood: {why}"))
}

type Change = fn(&mut Wanted, &[String], &Tags) -> Result<(), Unwanted>;

fn change(client: &Client, what: MetricSelector, how: Change) -> Result<MetricSelector, Unwanted> {
    let names: Vec<String> = what.names().map(str::to_owned).collect();
    client.change(|wanted| how(wanted, &names, &what.tags))?;
    Ok(what)
}

fn points(
    monitor: &Monitor,
    asker: &Asker,
    metric: String,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Result<ServerMessage, String> {
    let now = monitor.now();
    let moment = |field: &str, given: Option<Timestamp>, or: Timestamp| {
        given.map_or(Ok(or), meant).map_err(|why| format!("`{field}` {why}"))
    };
    let from = moment("start_time", start, now - DEFAULT_RANGE)?;
    let to = moment("end_time", end, now)?;
    if from > to && end.is_some() {
        return Err("`start_time`, which is one hour ago unless given, is after `end_time`".to_owned());
    }
    let plan = Plan { aggregation: Aggregation::Raw, step: None, by: None, start: from, end: to };
    let query = PointsQuery { metric, tags: Tags::default(), matchers: Vec::new(), plan, limit: MOST_POINTS };
    let series = monitor.points(asker, &query).map_err(|error| error.to_string())?;
    let mut data_points: Vec<DataPoint> =
        series.iter().flat_map(|one| one.points.iter().map(|p| point(one, p))).collect();
    data_points.sort_by_key(|point| point.timestamp);
    Ok(ServerMessage::MetricsData { data: MetricData { metric_name: query.metric, data_points } })
}

fn point(of: &Series, point: &Point) -> DataPoint {
    DataPoint {
        metric_name: of.metric.name.clone().into_owned(),
        value: point.value,
        timestamp: point.time,
        tags: of.tags.clone(),
        unit: of.metric.unit.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `says`: what the complaint contains.
    #[track_caller]
    fn check(text: &str, says: &str) {
        let why = understand(text).err().unwrap_or_else(|| panic!("{text} is understood"));
        assert!(why.contains(says), "{text}: {why}");
    }

    #[test]
    fn complaints_say_what_is_wrong() {
        check("{", "EOF");
        check("{garbage}", "key must be a string");
        for no_object in ["", "garbage", "null", "[]", r#"["ping"]"#, r#""ping""#] {
            check(no_object, "a JSON object");
        }
        check("{}", "missing field `type`");
        check(r#"{"type":"dance"}"#, "unknown variant `dance`");
        check(r#"{"type":7}"#, "type");
        check(r#"{"type":"get_metrics"}"#, "missing field `metric_name`");
        check(r#"{"type":"get_metrics","metric_name":"m","start_time":"now"}"#, "invalid type: string \"now\"");
        check(r#"{"type":"subscribe","metric_name":["a"]}"#, "invalid type: sequence");
        check(r#"{"type":"subscribe","metric_name":"a","tags":{"cpu":0}}"#, "invalid type: integer `0`");
        check(&format!(r#"{{"type":"ping","x":"{}"}}"#, "y".repeat(LONGEST)), "longer than 64 KiB");
        check(&format!(r#"{{"type":"ping","x":{}"#, "[".repeat(1000)), "not understood");
    }

    #[test]
    fn complaints_are_short() {
        let ServerMessage::Error { message } = error("ä".repeat(1000)) else { panic!("no error") };
        assert_eq!(message.chars().count(), LONGEST_COMPLAINT + 1);
    }

    #[test]
    fn exactly_64_kib_is_understood() {
        let (start, end) = (r#"{"type":"ping","x":""#, r#""}"#);
        let text = format!("{start}{}{end}", "y".repeat(LONGEST - start.len() - end.len()));
        assert_eq!((text.len(), understand(&text)), (LONGEST, Ok(ClientMessage::Ping)));
    }

    fn selector() -> impl Strategy<Value = MetricSelector> {
        let tags = prop::collection::vec(("[a-z]{1,3}", "\\PC{0,4}"), 0..3).prop_map(Tags::new);
        (prop::option::of("\\PC{0,6}"), prop::collection::vec("\\PC{0,6}", 0..3), tags)
            .prop_map(|(metric_name, metric_names, tags)| MetricSelector { metric_name, metric_names, tags })
    }

    proptest! {
        #[test]
        fn what_a_client_can_say_is_understood(what in selector(), ms in prop::option::of(-9_i64..9_999_999_999_999)) {
            let moment = ms.map(Timestamp::from_millis);
            let metric_name = what.metric_name.clone().unwrap_or_default();
            for said in [
                ClientMessage::Subscribe(what.clone()),
                ClientMessage::Unsubscribe(what),
                ClientMessage::GetMetrics { metric_name, start_time: moment, end_time: moment },
                ClientMessage::Ping,
            ] {
                prop_assert_eq!(understand(&serde_json::to_string(&said).unwrap()), Ok(said));
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in r#"[{}\[\]":,a-z0-9]{0,40}"#) {
            let _ = understand(&text);
        }
    }
}
