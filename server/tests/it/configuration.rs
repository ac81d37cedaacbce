//! What a file does to the whole: it starts, it is refused, it is explained.

use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::{Server, config_file, telltale};

/// A file with at least one of everything.
const FULL: &str = include_str!("../../src/config/tests/full.jsonc");

fn with_env(command: &mut Command) -> &mut Command {
    command.env("MAIL_PASSWORD", "open-sesame-mail").env("SLACK_URL", "https://hooks.example.org/open-sesame-slack")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `code`: the exit code; `out`, `err`: what must be on standard output and on standard error.
#[track_caller]
fn check(output: &Output, code: i32, out: &[&str], err: &[&str]) {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{stdout}{stderr}");
    for (has, parts) in [(&stdout, out), (&stderr, err)] {
        assert!(parts.iter().all(|part| has.contains(part)), "{parts:?} are not all in: {has}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[tokio::test]
async fn a_file_of_everything_starts_and_says_what_is_not_active() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("shop.log");
    let text = FULL.replace("\"port\": 8443", "\"port\": 0").replace("logs/shop.log", log.to_str().unwrap());
    let file = config_file(&text);
    let mut server = Server::run(with_env(&mut telltale()).args(["start", "--config"]).arg(file.path()));
    assert!(server.address.starts_with("0.0.0.0:"), "{}", server.address);
    let health = server.data("/api/health").await;
    assert_eq!(health["running"], true);
    let status = server.data("/api/status").await;
    let has =
        |part: &str| status["not_active"].as_array().unwrap().iter().any(|row| row.as_str().unwrap().contains(part));
    for key in ["alerting", "security.rate_limiting", "security.cors"] {
        assert!(has(&format!("{key} is not active in this version: ")), "{key} is not in {status}");
    }
    assert_eq!(status["configuration"]["max_data_points"], 5000);
    assert_eq!(status["configuration"]["retention_seconds"], 21600.0);
    assert_eq!(status["configuration"]["file"], file.path().display().to_string());
    // By the name it is reached under, and by no other.
    for (host, want) in [("watch.example.org", 200), ("192.0.2.7:8443", 200), ("evil.example.org", 403)] {
        assert_eq!(server.ask(reqwest::Method::GET, "/api/health", &[("host", host)]).await.status, want, "{host}");
    }
    let everything = status.to_string();
    server.signal("TERM");
    server.ended().await;
    let complaints = server.complaints();
    for part in ["whoever reaches port 0 sees everything", "no function is registered as open_carts", "alerting is not"]
    {
        assert!(complaints.contains(part), "{part} is not in {complaints}");
    }
    for told in [complaints, everything, std::fs::read_to_string(&log).unwrap()] {
        assert!(!told.contains("open-sesame"), "a secret is told: {told}");
    }
}

#[test]
fn every_mistake_is_a_line_and_exit_code_2() {
    let broken = r#"{"performance_monitoring": {
        "dashbord": {}, "retention_period": -5,
        "dashboard": {"port": "8080", "theme": "darck", "host": "0.0.0.0"},
    }}"#;
    let file = config_file(broken);
    let path = file.path().to_str().unwrap();
    for arguments in [["check-config", path].as_slice(), &["start", "--config", path], &["health", "--config", path]] {
        let output = telltale().args(arguments).output().unwrap();
        let says = [
            "did you mean \"dashboard\"?",
            "retention_period",
            "8080, without quotes",
            "did you mean \"dark\"?",
            "logins",
        ];
        check(&output, 2, &[], &says);
        let lines = text(&output.stderr);
        assert_eq!(lines.lines().count(), 5, "{lines}");
        assert!(lines.lines().all(|line| line.contains("$.performance_monitoring.") && line.contains(path)), "{lines}");
    }
    for (text, says) in [("{", "line 1"), ("", "line 1"), ("[]", "object")] {
        let file = config_file(text);
        check(&telltale().arg("check-config").arg(file.path()).output().unwrap(), 2, &[], &[says]);
    }
    let gone = ["check-config", "/nothing/here.json"];
    check(&telltale().args(gone).output().unwrap(), 2, &[], &["/nothing/here.json cannot be read"]);
    check(&telltale().args(["start", "--config", "/nothing/here.json"]).output().unwrap(), 2, &[], &["cannot be read"]);
}

#[tokio::test]
async fn what_a_variable_touched_is_not_told_where_it_leads_nowhere() {
    let taken = Server::start();
    let (ip, port) = taken.address.split_once(':').unwrap();
    let of = |host: &str, port: &str, folder: &str| {
        config_file(&format!(
            r#"{{"performance_monitoring": {{"dashboard": {{"host": "{host}", "port": {port}, "static_files_path": "{folder}"}},
                "security": {{"authentication": {{"enabled": false}}}}}}}}"#
        ))
    };
    for (host, want) in [(ip, "is taken"), ("192.0.2.77", "cannot listen on [secret]"), ("c4n4ry.invalid", "[secret]")]
    {
        let file = of("${WHERE}", port, "/");
        let output = telltale().env("WHERE", host).args(["start", "--config"]).arg(file.path()).output().unwrap();
        check(&output, 1, &[], &[want]);
        assert!(!text(&output.stderr).contains(host), "{}", text(&output.stderr));
    }
    let file = of("127.0.0.1", "0", "${WHERE}/files");
    let mut server = Server::run(telltale().env("WHERE", "/c4n4ry").args(["start", "--config"]).arg(file.path()));
    server.signal("TERM");
    server.ended().await;
    let complaints = server.complaints();
    assert!(complaints.contains("no folder [secret]") && !complaints.contains("c4n4ry"), "{complaints}");
}

#[tokio::test]
async fn memory_only_is_said() {
    for (kind, want) in [("memory", true), ("disk", false)] {
        let mut server = Server::configured(&format!(r#""storage": {{"type": "{kind}"}}"#));
        server.signal("TERM");
        server.ended().await;
        let complaints = server.complaints();
        assert_eq!(complaints.contains("storage.type is memory: nothing is written to disk"), want, "{complaints}");
        assert!(!complaints.contains("storage.type is not active"), "{complaints}");
    }
}

#[test]
fn logins_are_refused_until_there_are_some() {
    let file = config_file(r#"{"performance_monitoring": {"security": {"authentication": {"enabled": true}}}}"#);
    let output = telltale().args(["start", "--config"]).arg(file.path()).output().unwrap();
    check(&output, 2, &[], &["security.authentication.enabled", "this version has no logins"]);
}

#[test]
fn a_file_that_is_fine_is_called_fine() {
    let file = config_file(FULL);
    let output = with_env(&mut telltale()).arg("check-config").arg(file.path()).output().unwrap();
    check(&output, 0, &[" is fine\n", "alerting is not active in this version"], &["open_carts"]);
    let variables = telltale().arg("check-config").arg(file.path()).output().unwrap();
    check(&variables, 2, &[], &["MAIL_PASSWORD", "SLACK_URL"]);
}

#[test]
fn switched_off_is_said_and_no_failure() {
    let file = config_file(r#"{"performance_monitoring": {"enabled": false, "dashboard": {"port": 0}}}"#);
    let output = telltale().args(["start", "--config"]).arg(file.path()).output().unwrap();
    check(&output, 0, &["switched off", "`enabled` is false"], &[]);
    let output = telltale().arg("check-config").arg(file.path()).output().unwrap();
    check(&output, 0, &[" is fine\n", "`enabled` is false: with this file, start says so and ends at once"], &[]);
}

#[test]
fn the_schema_and_the_example_are_printed() {
    let schema = telltale().args(["config", "schema"]).output().unwrap();
    check(&schema, 0, &[], &[]);
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema["properties"]["performance_monitoring"]["properties"]["collectors"].is_object(), "{schema}");

    let example = telltale().args(["config", "example"]).output().unwrap();
    check(&example, 0, &["\"performance_monitoring\"", "\"per_process\": false"], &[]);
    let file = config_file(&text(&example.stdout));
    check(&telltale().arg("check-config").arg(file.path()).output().unwrap(), 0, &[" is fine"], &[]);
}

#[tokio::test]
async fn host_and_port_say_where_it_listens() {
    for host in ["127.0.0.1", "localhost"] {
        let file =
            config_file(&format!(r#"{{"performance_monitoring": {{"dashboard": {{"host": "{host}", "port": 0}}}}}}"#));
        let server = Server::run(telltale().args(["start", "--config"]).arg(file.path()));
        assert_eq!(server.get("/api/health").await.status, 200, "{}", server.first_line);
    }
    let file = config_file(
        r#"{"performance_monitoring": {"dashboard": {"host": "no-such-host.invalid"},
        "security": {"authentication": {"enabled": false}}}}"#,
    );
    let output = telltale().args(["start", "--config"]).arg(file.path()).output().unwrap();
    check(&output, 1, &[], &["no-such-host.invalid"]);
}

#[test]
fn the_command_line_needs_the_same_decision_for_a_host_that_others_reach() {
    let undecided = config_file(r#"{"performance_monitoring": {}}"#);
    let run = |file: &tempfile::NamedTempFile| {
        let mut command = telltale();
        command.args(["start", "--listen", "0.0.0.0:0", "--config"]).arg(file.path());
        command
    };
    check(&run(&undecided).output().unwrap(), 2, &[], &["reached from other machines"]);
    let decided = config_file(r#"{"performance_monitoring": {"security": {"authentication": {"enabled": false}}}}"#);
    let server = Server::run(&mut run(&decided));
    assert!(server.address.starts_with("0.0.0.0:"));
}
