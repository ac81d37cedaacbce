//! The log of a running server: what is in it, how it looks, and where it is.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Server, config_file, telltale};

/// `logging`, with a file in `folder`.
fn logging(folder: &Path, more: &str) -> String {
    format!(r#""logging": {{"file": "{}", {more}}}, "storage": {{"type": "memory"}}"#, folder.join("log").display())
}

async fn stopped(mut server: Server) -> String {
    server.signal("TERM");
    assert_eq!(server.ended().await.0.code(), Some(0));
    server.complaints()
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap()
}

/// `has`, `lacks`: what is in the file at this level, and what is not.
async fn check(level: &str, has: &[&str], lacks: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::configured(&logging(folder.path(), &format!(r#""level": "{level}""#)));
    // The path is logged, and nothing behind it.
    server.get("/api/health").await;
    server.get("/api/nothing?token=c4n4ry").await;
    stopped(server).await;
    let log = log(folder.path());
    assert!(has.iter().all(|part| log.contains(part)), "{level}: {has:?} are not all in {log}");
    assert!(lacks.iter().all(|part| !log.contains(part)), "{level}: of {lacks:?} one is in {log}");
}

const DEBUG: &[&str] = &["DEBUG   connected peer=127.0.0.1:", "DEBUG   GET /api/health was answered with 200"];
const INFO: &[&str] = &["INFO    started version=", " collectors=system,application,", "INFO    stopped: SIGTERM ms="];
const WARNING: &[&str] = &["WARNING storage.type is memory"];

#[tokio::test]
async fn a_level_leaves_out_what_is_less_important() {
    let never = ["c4n4ry", "\x1b"];
    let all = [DEBUG, INFO, WARNING].concat();
    check("DEBUG", &all, &never).await;
    check("INFO", &all[2..], &[DEBUG, &never].concat()).await;
    check("WARNING", WARNING, &[DEBUG, INFO, &never].concat()).await;
    check("ERROR", &[], &[&all[..], &never].concat()).await;
}

#[tokio::test]
async fn warnings_are_on_standard_error_too_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let complaints = stopped(Server::configured(&logging(folder.path(), ""))).await;
    assert!(complaints.contains("WARNING storage.type is memory"), "{complaints}");
    assert!(complaints.lines().all(|line| line.contains("Z WARNING ")), "{complaints}");
    let log = log(folder.path());
    assert!(complaints.lines().all(|line| log.contains(line)), "{complaints} is not all in {log}");
}

#[tokio::test]
async fn without_a_file_it_is_all_on_standard_error() {
    let complaints = stopped(Server::configured(r#""storage": {"type": "memory"}"#)).await;
    assert!([INFO, WARNING].concat().iter().all(|part| complaints.contains(part)), "{complaints}");
    assert!(!complaints.contains("DEBUG") && !complaints.contains('\x1b'), "{complaints}");
}

#[tokio::test]
async fn debug_on_the_command_line_is_the_key_of_the_file() {
    let mut command = telltale();
    let typed = Server::run(command.args(["start", "--debug", "--listen", "127.0.0.1:0"]));
    for server in [typed, Server::configured(r#""development": {"debug_mode": true}, "logging": {"level": "ERROR"}"#)] {
        server.get("/api/health").await;
        let complaints = stopped(server).await;
        assert!(DEBUG.iter().all(|part| complaints.contains(part)), "{complaints}");
        assert!(!complaints.contains("is not active in this version: nothing more is told"), "{complaints}");
    }
}

#[tokio::test]
async fn json_is_an_object_a_line_in_the_file_and_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::configured(&logging(folder.path(), r#""format": "json", "level": "DEBUG""#));
    server.get("/%1b%5b31m%0a%22x").await;
    let mut ws = server.ws().await;
    ws.hear().await;
    drop(ws);
    let complaints = stopped(server).await;
    let log = log(folder.path());
    let lines: Vec<Value> = log.lines().chain(complaints.lines()).map(|l| serde_json::from_str(l).unwrap()).collect();
    for line in &lines {
        let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("no {name} in {line}")).to_owned();
        assert!(text("time").parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert!(["debug", "info", "warning", "error"].contains(&text("level").as_str()), "{line}");
        assert!(text("target").starts_with("telltale") && !text("message").is_empty(), "{line}");
    }
    let started = lines.iter().find(|line| line["message"] == "started").unwrap();
    assert_eq!(started["fields"]["version"], env!("CARGO_PKG_VERSION"));
    let live = lines.iter().filter(|line| line["message"].as_str().unwrap().contains("live connection"));
    assert_eq!(live.count(), 2, "{log}");
    assert!(complaints.lines().count() > 0);
}

#[tokio::test]
async fn what_fails_again_and_again_is_a_line_with_a_count() {
    let folder = tempfile::tempdir().unwrap();
    let dashboard = r#", "dashboard": {"max_websocket_connections": 1, "port": 0}"#;
    let server = Server::configured(&(logging(folder.path(), "") + dashboard));
    let _one = server.ws().await;
    for _ in 0..5 {
        assert_eq!(server.handshake(&[]).await.0, 503);
    }
    stopped(server).await;
    let log = log(folder.path());
    let lines: Vec<_> = log.lines().filter(|line| line.contains("GET /ws was answered with 503")).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].contains("503 … 4 more times in "), "{lines:#?}");
}

/// Every text that can be one is a variable; every section is on.
#[tokio::test]
async fn no_secret_is_told_at_any_level() {
    const CANARY: &str = "c4n4ry";
    let folder = tempfile::tempdir().unwrap();
    let hidden = folder.path().join(CANARY);
    fs::create_dir(&hidden).unwrap();
    let file = config_file(
        r#"{"performance_monitoring": {
        "dashboard": {"host": "${LOCAL}", "port": 0, "static_files_path": "${CANARY_PATH}/none",
                      "public_url": "https://${CANARY}.example.org"},
        "collectors": {"application_metrics": {"app_name": "shop"}},
        "alerting": {"enabled": true, "channels": {
            "email": {"smtp_server": "${CANARY}.example.org", "password": "${CANARY}", "username": "${CANARY}",
                      "sender_email": "${CANARY}@example.org", "recipients": ["${CANARY}@example.org"]},
            "slack": {"webhook_url": "https://${CANARY}.example.org/x"},
            "pagerduty": {"integration_key": "${CANARY}"},
            "webhook": {"webhook_url": "https://${CANARY}.example.org", "headers": {"Authorization": "${CANARY}"}}}},
        "security": {"authentication": {"enabled": false, "password": "${CANARY}"}},
        "integration": {"grafana": {"enabled": true, "url": "https://${CANARY}.example.org", "api_key": "${CANARY}"},
            "elasticsearch": {"enabled": true, "hosts": ["https://${CANARY}.example.org"], "password": "${CANARY}"}},
        "logging": {"level": "DEBUG", "file": "${CANARY_PATH}/log"}, "development": {"debug_mode": true}}}"#,
    );
    let mut command = telltale();
    command.env("CANARY", CANARY).env("CANARY_PATH", &hidden).env("LOCAL", "127.0.0.1");
    let server = Server::run(command.args(["start", "--config"]).arg(file.path()));
    let host = format!("{CANARY}.example.org");
    for path in ["/", "/api/status", "/api/health", &format!("/api/metrics?{CANARY}=1"), "/static/x"] {
        server.ask(reqwest::Method::GET, path, &[("host", &host), ("authorization", CANARY)]).await;
    }
    let moved = folder.path().join("moved");
    fs::rename(&hidden, &moved).unwrap();
    // Without a folder it would make one.
    fs::write(&hidden, "").unwrap();
    let told = crate::logging_troubles::trouble(&server, true).await;
    assert!(told.contains("[secret] takes no lines"), "{told}");
    fs::remove_file(&hidden).unwrap();
    fs::rename(&moved, &hidden).unwrap();
    crate::logging_troubles::trouble(&server, false).await;
    let complaints = stopped(server).await;
    let log = fs::read_to_string(hidden.join("log")).unwrap();
    assert!(log.contains("DEBUG") && log.contains("started version"), "{log}");
    for text in [complaints, log, told] {
        assert!(!text.contains(CANARY), "a secret is told: {text}");
    }
}

/// What it says at a terminal, which `script` gives it, until it has started.
fn said_at_a_terminal(env: &[(&str, &str)]) -> String {
    let binary = env!("CARGO_BIN_EXE_telltale");
    let run = format!("echo pid=$$; exec timeout 60 {binary} start --listen 127.0.0.1:0");
    let mut command = Command::new("script");
    command.args(["-qec", &run, "/dev/null"]).env("SHELL", "/bin/sh").env_remove("NO_COLOR").env("TERM", "xterm");
    let command = command.envs(env.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut script = command.spawn().expect("`script` of util-linux is there");
    let (mut said, mut lines) = (String::new(), BufReader::new(script.stdout.take().unwrap()).lines());
    while !said.contains("started") {
        said += &lines.next().unwrap_or_else(|| panic!("it ends: {said}")).unwrap();
        said.push('\n');
    }
    let pid = said.split("pid=").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    assert!(script.wait().is_ok());
    said
}

#[test]
fn colours_are_for_terminals_whose_users_want_them() {
    for (env, want) in [(&[][..], true), (&[("NO_COLOR", "1")], false), (&[("TERM", "dumb")], false)] {
        let said = said_at_a_terminal(env);
        assert_eq!(said.contains('\x1b'), want, "{env:?}: {said}");
    }
}
