//! How it ends: in good order and in time, whatever clients do.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::harness::{Server, Ws, config_file, telltale};
use crate::ws_limits::stuff;

const IN_TIME: Duration = Duration::from_secs(5);

async fn goodbye(ws: &mut Ws) -> CloseCode {
    loop {
        match ws.next().await {
            Some(Message::Close(Some(frame))) => return frame.code,
            Some(_) => {}
            None => panic!("the socket ended without a word"),
        }
    }
}

async fn check(signal: &str) {
    let mut server = Server::start();
    let (mut idle, mut busy) = (server.ws().await, server.ws().await);
    busy.say(r#"{"type":"subscribe","metric_name":"*"}"#).await;
    idle.hear().await;
    server.signal(signal);
    let (first, second) = tokio::join!(goodbye(&mut idle), goodbye(&mut busy));
    assert_eq!((first, second), (CloseCode::Away, CloseCode::Away));
    let (status, took) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(took < IN_TIME, "{took:?}");
    let complaints = server.complaints();
    assert!(!complaints.contains("panicked"), "{complaints}");
    assert!(TcpStream::connect(&server.address).is_err(), "somebody still listens");
}

#[tokio::test]
async fn sigterm_says_goodbye() {
    check("TERM").await;
}

#[tokio::test]
async fn sigint_says_goodbye() {
    check("INT").await;
}

/// Some ask and ask and read nothing, one has begun a request and never ends it, one has a request's body to send and does not.
async fn hostile(server: &Server) -> (Ws, Vec<TcpStream>) {
    let mut ws = server.ws().await;
    stuff(&mut ws).await;
    let begun = |text: &str| {
        let mut socket = TcpStream::connect(&server.address).unwrap();
        socket.write_all(text.as_bytes()).unwrap();
        socket
    };
    let unread = "GET /api/metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(500);
    let mut sockets = vec![
        begun(""),
        begun("GET / HTTP/1.1\r\nhost: localhost\r\nx: "),
        begun("POST /sfn/histories HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{"),
    ];
    sockets.extend((0..5).map(|_| begun(&unread)));
    tokio::time::sleep(Duration::from_millis(200)).await;
    (ws, sockets)
}

#[tokio::test]
async fn hostile_clients_hold_up_nothing() {
    let mut server = Server::start();
    let _held = hostile(&server).await;
    assert_eq!(server.get("/api/health").await.status, 200);
    server.signal("TERM");
    let (status, took) = server.ended().await;
    assert_eq!((status.code(), status.signal()), (Some(0), None));
    assert!(took < IN_TIME, "{took:?}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    for second in ["TERM", "INT"] {
        let mut server = Server::start();
        let _held = hostile(&server).await;
        server.signal("TERM");
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.signal(second);
        let (status, took) = server.ended().await;
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(took < Duration::from_secs(1), "{took:?} after the second {second}");
    }
}

/// A file that whoever writes to it waits for: nobody reads from this pipe.
fn pipe(path: &std::path::Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[tokio::test]
async fn a_start_that_hangs_can_be_ended() {
    let folder = tempfile::tempdir().unwrap();
    pipe(&folder.path().join("write-check"));
    let mut start = telltale();
    let mut child = start.args(["start", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(child.try_wait().unwrap().is_none(), "it was to hang");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let began = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < IN_TIME, "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0), "{status}");
}

#[tokio::test]
async fn a_log_that_cannot_be_had_changes_nothing_and_reloads_hold_up_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    pipe(&log);
    let whole =
        |inside: &str| format!(r#"{{"performance_monitoring": {{"storage": {{"type": "memory"}}, {inside}}}}}"#);
    let file = config_file(&whole(r#""retention_period": 600"#));
    let mut server = Server::run(telltale().args(["start", "--listen", "127.0.0.1:0", "--config"]).arg(file.path()));
    std::fs::write(
        file.path(),
        whole(&format!(r#""retention_period": 900, "logging": {{"file": "{}"}}"#, log.display())),
    )
    .unwrap();
    server.signal("HUP");
    let began = std::time::Instant::now();
    let status = loop {
        let status = server.data("/api/status").await;
        if status["health"]["troubles"]["configuration"].is_string() {
            break status;
        }
        assert!(began.elapsed() < IN_TIME, "{status}");
    };
    let says = status["health"]["troubles"]["configuration"].as_str().unwrap();
    assert!(says.contains("the log file") && says.contains("cannot be opened"), "{says}");
    assert_eq!(status["configuration"]["retention_seconds"], 600.0, "half of it was done");
    // Told again and again, and in the middle of it to end.
    (0..50).for_each(|_| server.signal("HUP"));
    server.signal("TERM");
    let (status, took) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(took < IN_TIME, "{took:?}");
}
