//! What is said on `/ws`.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Server, Ws};
use futures::SinkExt;

async fn update(ws: &mut Ws) -> Vec<Value> {
    loop {
        let message = ws.hear().await;
        if message["type"] == "metrics_update" {
            return message["data"].as_array().unwrap().clone();
        }
    }
}

async fn connected(server: &Server) -> Ws {
    let mut ws = server.ws().await;
    let hello = ws.hear().await;
    assert_eq!(hello["type"], "connection", "{hello}");
    assert!(hello["connection_id"].as_str().is_some_and(|id| !id.is_empty()), "{hello}");
    ws
}

#[tokio::test]
async fn who_subscribes_gets_one_frame_a_collection() {
    let server = Server::start();
    let mut ws = connected(&server).await;
    // Each collector has frames of its own.
    let system = serde_json::json!({"collector": "system"});
    let confirmed = ws.ask(r#"{"type":"subscribe","metric_name":"*","tags":{"collector":"system"}}"#).await;
    assert_eq!(confirmed, serde_json::json!({"type": "subscription_confirmed", "metric_name": "*", "tags": system}));
    let began = Instant::now();
    let mut times = Vec::new();
    while times.len() < 3 {
        let data = update(&mut ws).await;
        let time = data[0]["timestamp"].as_f64().unwrap();
        assert!(data.iter().all(|point| point["timestamp"].as_f64() == Some(time)), "of more than one collection");
        assert!(data.iter().any(|point| point["metric_name"] == "cpu_usage_percent"));
        assert!(data.iter().all(|p| p["value"].is_f64() && p["unit"].is_string() && p["tags"]["host"].is_string()));
        times.push(time);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "three updates took {:?}", began.elapsed());
    assert!(times.is_sorted_by(|a, b| a < b), "one collection came twice: {times:?}");

    let stored = server.points("metric_name=cpu_usage_percent").await;
    for time in times {
        assert!(stored.iter().any(|point| point.time == time), "what is told live at {time} is not kept");
    }
}

#[tokio::test]
async fn names_and_tags_narrow_and_leaving_silences() {
    let server = Server::start();
    let mut ws = connected(&server).await;
    let five = r#""metric_names":["load_average","memory_usage_percent"],"tags":{"period":"5m"}}"#;
    assert_eq!(ws.ask(&format!(r#"{{"type":"subscribe",{five}"#)).await["type"], "subscription_confirmed");
    let again = ws.ask(&format!(r#"{{"type":"subscribe",{five}"#)).await;
    assert_eq!((&again["type"], &again["tags"]["period"]), (&"subscription_confirmed".into(), &"5m".into()));
    for _ in 0..2 {
        let data = update(&mut ws).await;
        assert_eq!((data.len(), &data[0]["tags"]["period"]), (1, &"5m".into()), "{data:?}");
    }

    let wrong = ws.ask(r#"{"type":"unsubscribe","metric_name":"load_average"}"#).await;
    assert_eq!(wrong["type"], "error", "these tags are not subscribed to: {wrong}");
    update(&mut ws).await;
    assert_eq!(ws.ask(&format!(r#"{{"type":"unsubscribe",{five}"#)).await["type"], "subscription_removed");
    let silence = tokio::time::timeout(Duration::from_millis(2500), ws.next()).await;
    assert!(silence.is_err(), "{silence:?}");
    assert_eq!(ws.ask(r#"{"type":"ping"}"#).await["type"], "pong");
}

#[tokio::test]
async fn what_is_stored_can_be_asked_for() {
    let server = Server::start();
    server.collected(2).await;
    let mut ws = connected(&server).await;
    let answer = ws.ask(r#"{"type":"get_metrics","metric_name":"load_average"}"#).await;
    assert_eq!((&answer["type"], &answer["data"]["metric_name"]), (&"metrics_data".into(), &"load_average".into()));
    let points = answer["data"]["data_points"].as_array().unwrap();
    assert!(points.len() >= 6, "{answer}");
    let times: Vec<f64> = points.iter().map(|point| point["timestamp"].as_f64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");

    let second = times[times.len() - 1];
    let narrow =
        format!(r#"{{"type":"get_metrics","metric_name":"load_average","start_time":{second},"end_time":{second}}}"#);
    assert_eq!(ws.ask(&narrow).await["data"]["data_points"].as_array().unwrap().len(), 3);
    let future = r#"{"type":"get_metrics","metric_name":"load_average","start_time":99999999999}"#;
    assert_eq!(ws.ask(future).await["data"]["data_points"], serde_json::json!([]));
    for wrong in [
        r#"{"type":"get_metrics","metric_name":"nonsense"}"#,
        r#"{"type":"get_metrics","metric_name":"load_average","start_time":2,"end_time":1}"#,
    ] {
        assert_eq!(ws.ask(wrong).await["type"], "error", "{wrong}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_told_and_the_connection_stays() {
    let server = Server::start();
    let mut ws = connected(&server).await;
    for (garbage, says) in [
        ("", "JSON object"),
        ("garbage", "JSON object"),
        (r#"["ping"]"#, "JSON object"),
        ("{", "EOF"),
        ("{}", "missing field `type`"),
        (r#"{"type":"dance"}"#, "unknown variant `dance`"),
        (r#"{"type":"subscribe"}"#, "metric_name"),
        (r#"{"type":"subscribe","metric_names":[]}"#, "metric_name"),
        (r#"{"type":"subscribe","metric_name":""}"#, "metric_name"),
        (r#"{"type":"subscribe","metric_name":7}"#, "invalid type"),
        (
            r#"{"type":"get_metrics","metric_name":"load_average","start_time":1e300}"#,
            "`start_time` is not in this age",
        ),
        (
            r#"{"type":"get_metrics","metric_name":"load_average","end_time":1732424000123}"#,
            "`end_time` is not in this age",
        ),
        (r#"{"type":"unsubscribe","metric_name":"never"}"#, "no subscription to `never`"),
        (r#"{"type":"get_metrics"}"#, "missing field `metric_name`"),
        (r#"{"type":"get_metrics","metric_name":"x","start_time":"now"}"#, "invalid type"),
    ] {
        let answer = ws.ask(garbage).await;
        let told = answer["message"].as_str().unwrap_or_default();
        assert!(answer["type"] == "error" && told.contains(says), "{garbage}: {answer}");
    }
    ws.0.send(Message::binary(vec![0, 1, 2])).await.unwrap();
    assert_eq!(ws.answer().await["type"], "error");
    ws.0.send(Message::Ping(vec![7].into())).await.unwrap();
    assert_eq!(ws.ask(r#"{"type":"ping"}"#).await["type"], "pong");
}
