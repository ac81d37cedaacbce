//! What is not answered, and how: always in the envelope, always with the parameter that is at fault.

use reqwest::Method;

use crate::harness::{Answer, Server};

#[track_caller]
fn check(answer: &Answer, what: &str, want: (u16, &str, Option<&str>)) {
    let json = answer.json();
    let error = &json["error"];
    let got = (answer.status, error["code"].as_str().unwrap_or_default(), error["field"].as_str());
    assert_eq!(got, want, "{what}: {json}");
    assert_eq!((json["status"].as_str(), json["timestamp"].is_f64()), (Some("error"), true), "{what}: {json}");
    assert!(error["message"].as_str().is_some_and(|says| says.len() > 10), "{what}: {json}");
    assert!(error.as_object().unwrap().contains_key("field"), "{what}: {json}");
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
}

#[tokio::test]
async fn bad_questions_name_what_is_bad() {
    let server = Server::start();
    let of_cpu = |rest: &str| format!("/api/metrics?metric_name=cpu_usage_percent&{rest}");
    let invalid = "invalid_parameter";
    let table = [
        ("/api/metrics?metric_name=nonsense".to_owned(), (404, "unknown_metric", Some("metric_name"))),
        ("/api/metrics?metric_name=%F0%9F%A6%80".to_owned(), (404, "unknown_metric", Some("metric_name"))),
        ("/api/metrics?metric_name=".to_owned(), (400, invalid, Some("metric_name"))),
        ("/api/metrics?metric_name=a&metric_name=b".to_owned(), (400, invalid, Some("metric_name"))),
        ("/api/metrics?limit=10".to_owned(), (400, invalid, Some("limit"))),
        ("/api/metrics?nonsense=1".to_owned(), (400, "unknown_parameter", Some("nonsense"))),
        ("/api/health?verbose=1".to_owned(), (400, "unknown_parameter", Some("verbose"))),
        ("/api/health?%".to_owned(), (400, "invalid_query", None)),
        (of_cpu("start_time=yesterday"), (400, invalid, Some("start_time"))),
        (of_cpu("start_time=NaN"), (400, invalid, Some("start_time"))),
        (of_cpu("start_time=1732424000123"), (400, invalid, Some("start_time"))),
        (of_cpu("start_time=2026-01-01T00:00:00+01:00"), (400, invalid, Some("start_time"))),
        (of_cpu("end_time=now-1y"), (400, invalid, Some("end_time"))),
        (of_cpu("start_time=now&end_time=now-1s"), (400, invalid, Some("start_time"))),
        (of_cpu("start_time=now%2B1h&end_time=now"), (400, invalid, Some("start_time"))),
        (of_cpu("aggregation=mean"), (400, invalid, Some("aggregation"))),
        (of_cpu("aggregation=rate"), (400, invalid, Some("aggregation"))),
        (of_cpu("aggregation=rate&by=&step=5"), (400, invalid, Some("aggregation"))),
        (of_cpu("aggregation=AVG"), (400, invalid, Some("aggregation"))),
        (of_cpu("aggregation=avg&step=0"), (400, invalid, Some("step"))),
        (of_cpu("aggregation=avg&step=-5"), (400, invalid, Some("step"))),
        (of_cpu("aggregation=avg&step=inf"), (400, invalid, Some("step"))),
        (of_cpu("aggregation=avg&step=1&start_time=0"), (400, invalid, Some("step"))),
        (of_cpu("step=60"), (400, invalid, Some("step"))),
        (of_cpu("by=host"), (400, invalid, Some("by"))),
        (of_cpu("aggregation=avg&by=host,"), (400, invalid, Some("by"))),
        (of_cpu("tags=host"), (400, invalid, Some("tags"))),
        (of_cpu("tags=host:a&tags=host:b"), (400, invalid, Some("tags"))),
        (of_cpu("limit=0"), (400, invalid, Some("limit"))),
        (of_cpu("limit=100001"), (400, invalid, Some("limit"))),
        (of_cpu("limit=ten"), (400, invalid, Some("limit"))),
        (of_cpu("limit=1&limit=2"), (400, invalid, Some("limit"))),
        (of_cpu("limit"), (400, "invalid_query", Some("limit"))),
        (of_cpu("tags=%ff"), (400, "invalid_query", Some("tags"))),
        (of_cpu("tags=%2"), (400, "invalid_query", Some("tags"))),
    ];
    for (path, want) in table {
        check(&server.get(&path).await, &path, want);
    }
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_in_the_envelope_too() {
    let server = Server::start();
    for path in ["/api", "/api/", "/api/nothing", "/api/metrics/", "/api/metrics/cpu", "/api/health/x", "/api/../api/x"]
    {
        check(&server.get(path).await, path, (404, "not_found", None));
    }
    for path in ["/api", "/api/nothing"] {
        let says = server.get(path).await.json()["error"]["message"].clone();
        assert_eq!(says, format!("there is nothing at {path}"));
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        for path in ["/api/metrics", "/api/health"] {
            let answer = server.ask(method.clone(), path, &[]).await;
            check(&answer, path, (405, "method_not_allowed", None));
            assert_eq!(answer.header("allow"), "GET,HEAD");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = Server::start();
    for (path, status) in [("/api/health", 200), ("/api/metrics", 200), ("/api/nothing", 404), ("/", 200)] {
        let (head, get) = (server.ask(Method::HEAD, path, &[]).await, server.get(path).await);
        assert_eq!((head.status, head.body.len()), (status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn strangers_are_kept_out() {
    let server = Server::start();
    let own = format!("http://{}", server.address);
    let forbidden = (403, "forbidden", None);
    for host in ["example.org", "telltale.attacker.test:8080", "10.0.0.1", "localhost.attacker.test"] {
        for path in ["/", "/api/health", "/favicon.svg", "/nothing"] {
            let answer = server.ask(Method::GET, path, &[("host", host)]).await;
            assert_eq!(
                (answer.status, answer.json()["error"]["code"].as_str()),
                (403, Some("forbidden")),
                "{host}{path}"
            );
        }
    }
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8080"] {
        assert_eq!(server.ask(Method::GET, "/api/health", &[("host", host)]).await.status, 200, "{host}");
    }
    for origin in ["http://example.org", "null", "http://127.0.0.1:1"] {
        assert_eq!(server.handshake(&[("origin", origin)]).await.0, 403, "{origin}");
        let post = server.ask(Method::POST, "/sfn/histories", &[("origin", origin)]).await;
        let json = post.json();
        let got = (post.status, json["error"]["code"].as_str().unwrap_or_default(), json["error"]["field"].as_str());
        assert_eq!(got, forbidden, "{origin}");
    }
    assert_eq!(server.handshake(&[("origin", &own)]).await.0, 101);
    assert_eq!(server.handshake(&[]).await.0, 101);
    assert_eq!(server.handshake(&[("host", "example.org")]).await.0, 403);
}

#[tokio::test]
async fn a_server_on_the_loopback_answers_to_its_own_names() {
    let server = Server::configured(
        r#""dashboard": {"host": "watch.example.org"}, "security": {"authentication": {"enabled": false}}"#,
    );
    let own = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for (host, want) in
        [("watch.example.org", 200), ("WATCH.example.org:8080", 200), (&*own, 200), ("example.org", 403)]
    {
        assert_eq!(server.ask(Method::GET, "/api/health", &[("host", host)]).await.status, want, "{host}");
    }
}

#[tokio::test]
async fn every_answer_bears_the_headers_that_bind_browsers() {
    let server = Server::start();
    for path in ["/", "/nothing", "/api/health", "/api/nothing", "/ws", "/sfn/nothing"] {
        let answer = server.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
    }
}
