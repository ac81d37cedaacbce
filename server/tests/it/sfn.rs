//! Server functions.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{SOON, Server, client};

pub(crate) async fn histories(server: &Server, request: Value) -> (u16, String) {
    let asked = client().post(server.url("/sfn/histories")).json(&json!({ "request": request }));
    let answer = asked.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn histories_are_what_the_interface_tells() {
    let server = Server::start();
    server.collected(3).await;
    let points = server.points("metric_name=load_average&tags=period:5m").await;
    let (start, end) = (points[0].time, points[points.len() - 1].time);
    let request = json!({"metrics": ["load_average", "nonsense"], "start": start, "end": end, "columns": 4000});
    let (status, text) = histories(&server, request).await;
    assert_eq!(status, 200, "{text}");
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(all.len(), 3, "one for each period, and none of a metric that there is not: {text}");
    let of_5m = all.iter().find(|history| history["tags"]["period"] == "5m").unwrap();
    assert_eq!((&of_5m["interval_ms"], &of_5m["metric"]["name"]), (&json!(1000), &json!("load_average")));
    let got: Vec<Value> =
        of_5m["points"].as_array().unwrap().iter().filter(|point| !point[1].is_null()).cloned().collect();
    let want: Vec<Value> = points.iter().map(|point| json!([point.time, point.value])).collect();
    assert_eq!(got, want);
}

#[tokio::test]
async fn a_question_has_bounds() {
    let server = Server::start();
    let many: Vec<String> = (0..65).map(|n| format!("m{n}")).collect();
    for request in [
        json!({"metrics": many, "start": 0, "end": 1, "columns": 10}),
        json!({"metrics": ["load_average"], "start": 2, "end": 1, "columns": 10}),
        json!({"metrics": ["load_average"], "start": 0, "end": 1, "columns": 0}),
        json!({"metrics": ["load_average"], "start": 0, "end": 1, "columns": 4001}),
        json!({"metrics": "load_average"}),
    ] {
        let (status, text) = histories(&server, request.clone()).await;
        assert!(status == 400 && text.contains("Refused"), "{request}: {status} {text}");
    }
    let long = json!({"metrics": ["x".repeat(70_000)], "start": 0, "end": 1, "columns": 1});
    assert_eq!(histories(&server, long).await.0, 413);
    assert_eq!(server.get("/sfn/histories").await.status, 405);
    assert_eq!(server.get("/api/health").await.status, 200);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_no_error_of_ours() {
    let server = Server::start();
    for body in ["{}", "[]", "garbage", "", r#"{"request":{}}"#] {
        let asked = client().post(server.url("/sfn/histories")).header("content-type", "application/json");
        let status = asked.body(body).send().await.unwrap().status();
        assert_eq!(status.as_u16(), 400, "{body}");
    }
    let wide = json!({"metrics": ["load_average"], "start": 0, "end": 1, "columns": 99_999_999});
    assert_eq!(histories(&server, wide).await.0, 400);
    let began = Instant::now();
    while server.points("metric_name=app_requests_total").await.last().is_none_or(|last| last.value < 6.0) {
        assert!(began.elapsed() < SOON, "the requests are not counted");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let errors = server.points("metric_name=app_errors_total").await;
    assert_eq!(errors.last().map(|last| last.value), Some(0.0), "{errors:?}");
}
