//! What a client of `/ws` cannot do to others.

use futures::SinkExt;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::harness::Server;

fn ping_of(length: usize) -> String {
    let (start, end) = (r#"{"type":"ping","x":""#, r#""}"#);
    format!("{start}{}{end}", "y".repeat(length - start.len() - end.len()))
}

#[tokio::test]
async fn messages_up_to_64_kib_are_read_and_longer_ones_refused() {
    let server = Server::start();
    let mut ws = server.ws().await;
    ws.answer().await;
    assert_eq!(ws.ask(&ping_of(64 * 1024)).await["type"], "pong");
    for longer in [64 * 1024 + 1, 500_000] {
        let answer = ws.ask(&ping_of(longer)).await;
        assert_eq!(answer["type"], "error", "{longer}: {answer}");
    }
    assert_eq!(ws.ask(r#"{"type":"ping"}"#).await["type"], "pong");

    // It may already be refused while it is sent.
    let _ = ws.0.send(Message::text(ping_of(5_000_000))).await;
    let Some(Message::Close(Some(goodbye))) = ws.next().await else { panic!("no close") };
    assert_eq!(goodbye.code, CloseCode::Size);
    assert_eq!(server.get("/api/health").await.status, 200);
}

#[tokio::test]
async fn the_hundred_and_first_is_refused_at_the_handshake_until_one_leaves() {
    let server = Server::start();
    let mut all = Vec::new();
    for _ in 0..100 {
        let (status, ws) = server.handshake(&[]).await;
        assert_eq!(status, 101);
        all.push(ws.unwrap());
    }
    assert_eq!(server.handshake(&[]).await.0, 503);
    let mut last = all.pop().unwrap();
    last.0.close(None).await.unwrap();
    drop(last);
    let mut status = 503;
    for _ in 0..100 {
        status = server.handshake(&[]).await.0;
        if status == 101 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(status, 101, "the place is not free again");
}

/// Fills every buffer between here and there with answers that are not read.
pub(crate) async fn stuff(ws: &mut crate::harness::Ws) {
    let name = "x".repeat(60_000);
    let subscribe = format!(r#"{{"type":"subscribe","metric_name":"{name}"}}"#);
    let stuffing = async {
        loop {
            ws.say(&subscribe).await;
        }
    };
    let stuck = tokio::time::timeout(std::time::Duration::from_secs(3), stuffing).await;
    assert!(stuck.is_err());
}

#[tokio::test]
async fn a_client_that_does_not_read_slows_nobody_and_is_answered_when_it_does() {
    let server = Server::start();
    let (mut stuck, mut fast) = (server.ws().await, server.ws().await);
    stuck.say(r#"{"type":"subscribe","metric_name":"*"}"#).await;
    fast.say(r#"{"type":"subscribe","metric_name":"cpu_usage_percent"}"#).await;
    stuff(&mut stuck).await;
    let mut times: Vec<f64> = Vec::new();
    while times.len() < 6 {
        let message: Value = fast.hear().await;
        if message["type"] == "metrics_update" {
            times.push(message["data"][0]["timestamp"].as_f64().unwrap());
        }
    }
    let stored = server.points("metric_name=cpu_usage_percent").await;
    let (first, last) = (times[0], times[times.len() - 1]);
    let between: Vec<f64> = stored.iter().map(|p| p.time).filter(|time| (first..=last).contains(time)).collect();
    assert_eq!(times, between, "the fast one has lost something");
    loop {
        // Everything that waited comes, updates among it.
        if stuck.hear().await["type"] == "metrics_update" {
            break;
        }
    }
}

#[tokio::test]
async fn a_goodbye_is_answered_with_a_goodbye() {
    let server = Server::start();
    let mut ws = server.ws().await;
    ws.say(r#"{"type":"subscribe","metric_name":"*"}"#).await;
    assert_eq!(ws.answer().await["type"], "connection");
    let normal = CloseFrame { code: CloseCode::Normal, reason: "done".into() };
    ws.0.close(Some(normal)).await.unwrap();
    let answer = loop {
        match ws.next().await {
            Some(Message::Text(_)) => {}
            other => break other,
        }
    };
    let Some(Message::Close(Some(goodbye))) = answer else { panic!("no goodbye: {answer:?}") };
    assert_eq!(goodbye.code, CloseCode::Normal);
    assert_eq!(ws.next().await, None);
}

#[tokio::test]
async fn who_does_not_speak_the_protocol_is_told() {
    let server = Server::start();
    let mut ws = server.ws().await;
    ws.answer().await;
    // A masked, empty frame of a kind that there is not.
    ws.0.get_mut().write_all(&[0x83, 0x80, 0, 0, 0, 0]).await.unwrap();
    let answer = ws.next().await;
    let Some(Message::Close(Some(goodbye))) = answer else { panic!("no goodbye: {answer:?}") };
    assert_eq!(goodbye.code, CloseCode::Protocol);
    assert_eq!(server.get("/api/health").await.status, 200);
}
