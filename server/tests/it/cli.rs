//! What may be typed, and what is said where it is wrong.

use std::process::Output;

use crate::harness::{Server, config_file, telltale};

fn run(arguments: &[&str]) -> Output {
    telltale().args(arguments).output().unwrap()
}

/// `code`: the exit code; `says`: what must be in it, on standard output where the code is 0, else on standard error.
#[track_caller]
fn check(arguments: &[&str], code: i32, says: &[&str]) {
    let output = run(arguments);
    let told = if code == 0 { output.stdout } else { output.stderr };
    let told = String::from_utf8_lossy(&told).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    for part in says {
        assert!(told.contains(part), "{arguments:?} does not say `{part}`: {told}");
    }
    assert!(!told.contains("panicked") && !told.contains("backtrace"), "{told}");
}

#[test]
fn it_teaches() {
    check(&["--version"], 0, &[concat!("telltale ", env!("CARGO_PKG_VERSION"))]);
    check(&["--help"], 0, &["start", "http://127.0.0.1:8080", "telltale config example", "Exit codes: 0"]);
    check(&["start", "--help"], 0, &["--listen", "127.0.0.1:9000", "/api/metrics", "logging.file", "telltale status"]);
    for command in ["start", "status", "health", "check-config", "config", "storage", "completions", "man"] {
        check(&[command, "--help"], 0, &["Examples:", &format!("  telltale {command}"), "Exit codes:"]);
    }
}

#[test]
fn each_way_to_look_after_what_is_kept_teaches() {
    for command in ["inspect", "verify", "export", "import", "backup", "restore"] {
        let example = format!("telltale storage {command}");
        check(&["storage", command, "--help"], 0, &["Examples:", &example, "Exit codes:", "--data-dir"]);
    }
}

#[test]
fn wrong_usage_is_2() {
    check(&[], 2, &["Usage"]);
    check(&["begin"], 2, &["begin"]);
    check(&["start", "--port", "80"], 2, &["--port"]);
    check(&["start", "--listen", "8080"], 2, &["8080"]);
    for exposed in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        check(&["start", "--listen", exposed], 2, &["reached from other machines", "no logins yet", "127.0.0.1"]);
    }
}

#[test]
fn what_cannot_be_written_is_a_failure_and_a_reader_who_leaves_is_none() {
    for arguments in [["config", "example"], ["config", "schema"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = telltale().args(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = telltale().args(arguments).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{arguments:?}");
    }
}

#[test]
fn a_file_without_an_end_is_not_read_to_it() {
    check(&["check-config", "/dev/zero"], 2, &["/dev/zero is larger than 4 MiB"]);
}

#[test]
fn a_port_in_use_is_one_sentence_that_helps() {
    let server = Server::start();
    let port: u16 = server.address.rsplit(':').next().unwrap().parse().unwrap();
    let other = format!("--listen 127.0.0.1:{}", port.wrapping_add(1).max(1024));
    check(&["start", "--listen", &server.address], 1, &[&format!("port {port} "), "taken", &other]);
    let lines = run(&["start", "--listen", &server.address]).stderr;
    assert_eq!(String::from_utf8_lossy(&lines).lines().count(), 1);
}

#[test]
fn what_to_type_where_the_port_is_taken_keeps_the_file() {
    let server = Server::start();
    let port = server.address.rsplit(':').next().unwrap();
    let file = config_file(&format!(r#"{{"performance_monitoring": {{"dashboard": {{"port": {port}}}}}}}"#));
    let path = file.path().to_str().unwrap();
    check(&["start", "--config", path], 1, &[&format!("telltale start --config {path} --listen 127.0.0.1:")]);
}

#[test]
fn the_first_line_says_where_the_page_is() {
    let server = Server::start();
    let (version, address) = (env!("CARGO_PKG_VERSION"), &server.address);
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
    let want = format!("Telltale {version}  http://{address}  (watching this machine)\n");
    assert_eq!(server.first_line, want);
}
