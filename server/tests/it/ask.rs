//! `telltale status` and `telltale health`, asking servers that are there, that are not, and that are something else.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Server, config_file, telltale};

/// On a thread of its own, so that the runtime goes on.
async fn run(arguments: &[&str]) -> Output {
    let mut command = telltale();
    command.args(arguments);
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_running_server_answers_both() {
    let server = Server::start();
    server.collected(1).await;
    let url = format!("http://{}", server.address);

    let health = run(&["health", "--url", &url]).await;
    assert_eq!((health.status.code(), &*text(&health.stdout)), (Some(0), "healthy\n"), "{}", text(&health.stderr));
    let json: Value = serde_json::from_slice(&run(&["health", "--json", "--url", &url]).await.stdout).unwrap();
    assert_eq!(json["running"], true);

    let status = run(&["status", "--url", &format!("{url}/")]).await;
    let told = text(&status.stdout);
    assert_eq!(status.status.code(), Some(0), "{told}{}", text(&status.stderr));
    for part in
        ["healthy", "of 100 connections", "\nsystem ", "\nprocesses ", "alerting is not active", &server.address]
    {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let rows: Vec<&str> = told.lines().skip_while(|line| !line.starts_with("collector")).take(7).collect();
    let column = rows[0].find("every").unwrap();
    assert!(rows.iter().all(|row| row.as_bytes()[column - 1] == b' ' && row.as_bytes()[column] != b' '), "{told}");
    let json: Value = serde_json::from_slice(&run(&["status", "--json", "--url", &url]).await.stdout).unwrap();
    assert_eq!(json["collectors"]["collectors"].as_array().unwrap().len(), 7, "{json}");
}

#[tokio::test]
async fn the_configuration_says_where_to_ask() {
    let server = Server::listening("127.0.0.1:0");
    let port = server.address.rsplit(':').next().unwrap();
    let file = config_file(&format!(
        r#"{{"performance_monitoring": {{"dashboard": {{"host": "0.0.0.0", "port": {port}}},
            "security": {{"authentication": {{"enabled": false}}}}}}}}"#
    ));
    let health = run(&["health", "--config", file.path().to_str().unwrap()]).await;
    assert_eq!(health.status.code(), Some(0), "{}", text(&health.stderr));
}

#[tokio::test]
async fn who_asks_needs_none_of_the_server_s_secrets() {
    let server = Server::start();
    let port = server.address.rsplit(':').next().unwrap();
    let of = |host: &str| {
        let full = include_str!("../../src/config/tests/full.jsonc");
        config_file(&full.replace("\"port\": 8443", &format!("\"port\": {port}")).replace("0.0.0.0", host))
    };
    let file = of("127.0.0.1");
    for command in ["health", "status"] {
        let output = run(&[command, "--config", file.path().to_str().unwrap()]).await;
        assert_eq!((output.status.code(), &*text(&output.stderr)), (Some(0), ""), "{command}");
    }
    let output = run(&["health", "--config", of("${WHERE}").path().to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(2));
    let says = text(&output.stderr);
    assert!(says.contains("dashboard.host") && says.contains("WHERE") && says.lines().count() == 1, "{says}");
}

#[tokio::test]
async fn nobody_there_is_1_and_no_address_is_2() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for command in ["health", "status"] {
        let output = run(&[command, "--url", &url]).await;
        assert_eq!(output.status.code(), Some(1));
        let says = text(&output.stderr);
        assert!(says.contains(&url) && says.contains("nobody answers") && says.lines().count() == 1, "{says}");
        assert_eq!(run(&[command, "--url", "ftp://a"]).await.status.code(), Some(2));
        assert_eq!(run(&[command, "--url", "http://a", "--config", "b"]).await.status.code(), Some(2));
    }
}

/// Answers every request with this.
fn answering(what: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 1000];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(what.as_bytes());
        }
    });
    url
}

#[tokio::test]
async fn a_server_that_drips_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                while stream.write_all(b"H").is_ok() {
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
    });
    let began = Instant::now();
    let asked = ["health", "--url", &url];
    let other = ["status", "--url", &url];
    for output in <[Output; 2]>::from(tokio::join!(run(&asked), run(&other))) {
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("does not answer within 10 s"), "{}", text(&output.stderr));
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_a_server_refuses_is_1_and_no_empty_table() {
    for (status, says) in
        [("403 No", "this server is not called"), ("404 No", "no such path"), ("500 No", "went wrong")]
    {
        let answer = format!("HTTP/1.1 {status}\r\n\r\n{{\"status\":\"error\",\"error\":{{\"message\":\"{says}\"}}}}");
        let url = answering(answer.leak());
        for arguments in [["status"].as_slice(), &["status", "--json"], &["health"], &["health", "--json"]] {
            let output = run(&[arguments, &["--url", &url]].concat()).await;
            assert_eq!((output.status.code(), &*text(&output.stdout)), (Some(1), ""), "{arguments:?} {status}");
            assert!(text(&output.stderr).contains(says), "{arguments:?} {status}: {}", text(&output.stderr));
        }
    }
    let down = "HTTP/1.1 503 No\r\n\r\n{\"status\":\"error\",\"error\":{\"message\":\"it fails\"},\"data\":{\"health\":{\"running\":false}}}";
    let output = run(&["status", "--url", &answering(down)]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("not healthy"), "{}", text(&output.stdout));
}

#[tokio::test]
async fn a_server_in_trouble_and_something_else_are_1() {
    let down = "HTTP/1.1 503 No\r\n\r\n{\"status\":\"error\",\"error\":{\"message\":\"the store fails\"},\"data\":{\"running\":false}}";
    let output = run(&["health", "--url", &answering(down)]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("the store fails"), "{}", text(&output.stderr));
    for other in ["HTTP/1.1 200 OK\r\n\r\n<html></html>", "220 mail.example.org ESMTP\r\n", ""] {
        let output = run(&["health", "--url", &answering(other)]).await;
        assert_eq!(output.status.code(), Some(1), "{other}");
        assert!(text(&output.stderr).contains("no Telltale"), "{other}: {}", text(&output.stderr));
    }
}
