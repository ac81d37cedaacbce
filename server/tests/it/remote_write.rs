//! What others write, over HTTP: how it is answered, and that it is there.

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::harness::{SOON, Server, client, config_file, telltale};

const PROTOBUF: &str = "application/x-protobuf";

/// One sample of one series, as in remote write 1.0.
fn request(name: &str, ms: u64, value: f64) -> Vec<u8> {
    let part = |key: u8, content: &[u8]| [&[key, u8::try_from(content.len()).unwrap()], content].concat();
    let label = [part(10, b"__name__"), part(18, name.as_bytes())].concat();
    let mut time = ms;
    let mut sample = [&[9][..], &value.to_le_bytes(), &[16]].concat();
    while time >= 128 {
        sample.push(u8::try_from(time % 128).unwrap() | 128);
        time /= 128;
    }
    sample.push(u8::try_from(time).unwrap());
    let series = [part(10, &label), part(18, &sample)].concat();
    snap::raw::Encoder::new().compress_vec(&part(10, &series)).unwrap()
}

fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

async fn send(server: &Server, body: Vec<u8>, kind: &str, encoding: &str, more: &[(&str, &str)]) -> (u16, String) {
    let mut request =
        client().post(server.url("/api/v1/write")).header(CONTENT_TYPE, kind).header(CONTENT_ENCODING, encoding);
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let answer = request.body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn what_is_written_is_there_and_what_is_not_is_said() {
    let server = Server::start();
    let now = now_ms();
    let check = async |body: Vec<u8>, kind: &str, encoding: &str, more: &[(&str, &str)], want: (u16, &str)| {
        let (status, says) = send(&server, body, kind, encoding, more).await;
        assert!(status == want.0 && says.contains(want.1), "{status} {says}, not {want:?}");
    };
    check(request("shop_total", now - 5000, 1.0), PROTOBUF, "snappy", &[], (204, "")).await;
    check(request("shop_total", now, 3.0), PROTOBUF, "snappy", &[], (204, "")).await;
    check(request("shop_total", now - 3_600_000, 3.0), PROTOBUF, "snappy", &[], (400, "ten minutes are the most"))
        .await;
    check(request("shop_total", now, f64::INFINITY), PROTOBUF, "snappy", &[], (400, "not a finite number")).await;
    check(request("shop_total", now, f64::NAN), PROTOBUF, "snappy", &[], (204, "")).await;
    check(b"nothing".to_vec(), PROTOBUF, "snappy", &[], (400, "snappy")).await;
    check(request("a", now, 1.0), "text/plain", "snappy", &[], (415, PROTOBUF)).await;
    check(request("a", now, 1.0), PROTOBUF, "gzip", &[], (415, "snappy")).await;
    let second = format!("{PROTOBUF};proto=io.prometheus.write.v2.Request");
    check(request("a", now, 1.0), &second, "snappy", &[], (415, "remote write 1.0")).await;
    check(vec![0; 33 << 20], PROTOBUF, "snappy", &[], (413, "")).await;
    // A page of somebody else, and a name that is none of ours.
    check(request("a", now, 1.0), PROTOBUF, "snappy", &[("origin", "http://evil.example")], (403, "")).await;
    check(request("a", now, 1.0), PROTOBUF, "snappy", &[("host", "evil.example")], (403, "not called")).await;
    assert_eq!(server.get("/api/v1/write").await.status, 405);

    // All but what was no request to this door.
    let told = server.data("/api/status").await["remote_write"].clone();
    let want = serde_json::json!({
        "requests": {"stored": 3, "partly": 2, "refused": 5, "later": 0}, "samples": 2,
        "refused": {"too_old": 0, "out_of_order": 1, "not_finite": 2}, "bytes": told["bytes"],
    });
    assert_eq!(told, want);
    assert!(told["bytes"].as_u64() > Some(100), "{told}");
    let own = async |query: &str| server.points(&format!("metric_name=telltale_remote_write_{query}")).await;
    let began = std::time::Instant::now();
    while own("requests_total&tags=outcome:refused").await.last().map(|point| point.value) != Some(5.0) {
        assert!(began.elapsed() < SOON, "it is not told");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    let points = server.points("metric_name=shop_total").await;
    assert_eq!(points.iter().map(|point| point.value).collect::<Vec<_>>(), [1.0, 3.0]);
    let rate = server.points("metric_name=shop_total&aggregation=rate").await;
    assert!((rate[0].value - 0.4).abs() < 0.001, "{}", rate[0].value);
}

#[tokio::test]
async fn what_is_written_is_seen_live() {
    let server = Server::start();
    let mut ws = server.ws().await;
    assert_eq!(ws.hear().await["type"], "connection");
    let subscribed = ws.ask(r#"{"type":"subscribe","metric_name":"shop_total"}"#).await;
    assert_eq!(subscribed["type"], "subscription_confirmed");
    let now = now_ms();
    // The second one comes late: it is kept, and nobody is told.
    for (name, ms, value) in [("shop_total", now, 1.0), ("shop_total", now - 1000, 5.0), ("shop_total", now + 1, 2.0)] {
        assert_eq!(send(&server, request(name, ms, value), PROTOBUF, "snappy", &[]).await.0, 204);
    }
    for want in [1.0, 2.0] {
        let update = ws.hear().await;
        let point = &update["data"][0];
        assert_eq!((&update["type"], &point["value"]), (&"metrics_update".into(), &want.into()), "{update}");
        assert_eq!((point["metric_name"].as_str(), point["unit"].as_str()), (Some("shop_total"), Some("")));
    }
    assert_eq!(server.points("metric_name=shop_total").await.len(), 3);
}

#[tokio::test]
async fn who_is_reached_by_others_takes_nothing_of_them_unless_told() {
    for (more, want) in [("", 403), (r#", "integration": {"prometheus": {"remote_write": true}}"#, 204)] {
        let file = config_file(&format!(
            r#"{{"performance_monitoring": {{"storage": {{"type": "memory"}}, "dashboard": {{"port": 0,
                "public_url": "http://127.0.0.1"}}{more}}}}}"#
        ));
        let server = Server::run(telltale().args(["start", "--config"]).arg(file.path()));
        let (status, says) = send(&server, request("a", now_ms(), 1.0), PROTOBUF, "snappy", &[]).await;
        assert_eq!(status, want, "{says}");
    }
}
