//! The data folder of a running server: owned by one, lost and found again, let go by any end.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{SOON, Server, config_file, telltale};

fn on(folder: &Path) -> Server {
    Server::run(telltale().args(["start", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder))
}

fn refused(folder: &Path) -> Output {
    telltale().args(["start", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder).output().unwrap()
}

#[track_caller]
fn check(output: &Output, code: i32, says: &[&str]) {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(says.iter().all(|part| told.contains(part)), "{says:?} are not all in {told}");
    assert_eq!(told.lines().count(), 1, "one sentence: {told}");
}

/// Waits until health says so of the data folder; nothing where it is well.
async fn until(server: &Server, says: Option<&str>) -> Value {
    let began = Instant::now();
    loop {
        let health = server.data("/api/health").await;
        let told = health["troubles"]["data folder"].as_str();
        if says.map_or(told.is_none(), |says| told.is_some_and(|told| told.contains(says))) {
            return health;
        }
        assert!(began.elapsed() < SOON, "{says:?} is not in {health}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_second_owner_is_refused_until_the_first_has_ended_however_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telltale");
    for signal in ["KILL", "TERM"] {
        let mut first = on(&path);
        let owner =
            format!("is in use by another telltale, process {}; another one is chosen by --data-dir", first.pid());
        check(&refused(&path), 1, &[path.to_str().unwrap(), &owner, "storage.path"]);
        first.signal(signal);
        first.ended().await;
        let second = on(&path);
        assert_eq!(second.get("/api/health").await.status, 200, "after {signal}");
    }
}

#[tokio::test]
async fn a_folder_that_is_lost_is_told_and_found_again_by_itself() {
    let outer = tempfile::tempdir().unwrap();
    let (path, aside) = (outer.path().join("data"), outer.path().join("aside"));
    let server = on(&path);
    assert_eq!(until(&server, None).await["degraded"], false);
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, "in its way").unwrap();
    let health = until(&server, Some("cannot be written: Not a directory")).await;
    assert_eq!((&health["running"], &health["degraded"]), (&true.into(), &true.into()), "{health}");
    fs::remove_file(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    assert_eq!(until(&server, None).await["degraded"], false);
    check(&refused(&path), 1, &["is in use"]);
}

#[test]
fn one_that_cannot_be_had_is_one_sentence_and_exit_code_1() {
    let file = tempfile::NamedTempFile::new().unwrap();
    check(&refused(file.path()), 1, &["cannot be made: File exists", "--data-dir DIR"]);
    check(&refused(Path::new("/proc/telltale")), 1, &["the data folder /proc/telltale cannot be made: "]);
    let nowhere = telltale().args(["start", "--listen", "127.0.0.1:0"]).output().unwrap();
    check(&nowhere, 1, &["there is no folder for data", "HOME", "storage.path"]);
    let secret = config_file(r#"{"performance_monitoring": {"storage": {"path": "/proc/${WHERE}"}}}"#);
    let hidden = telltale()
        .env("WHERE", "c4n4ry")
        .args(["start", "--listen", "127.0.0.1:0", "--config"])
        .arg(secret.path())
        .output()
        .unwrap();
    check(&hidden, 1, &["the data folder [secret] cannot be made: "]);
    assert!(!String::from_utf8_lossy(&hidden.stderr).contains("c4n4ry"));
}

#[tokio::test]
async fn the_port_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let taken = Server::start();
    let output = telltale().args(["start", "--listen", &taken.address, "--data-dir"]).arg(&path).output().unwrap();
    check(&output, 1, &["is taken by another program"]);
    assert!(!path.exists(), "it was touched all the same");
}

#[tokio::test]
async fn who_only_asks_or_keeps_nothing_touches_no_folder() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start();
    let file = config_file(r#"{"performance_monitoring": {"storage": {"type": "memory"}}}"#);
    let config = file.path().to_str().unwrap();
    let url = server.url("");
    for arguments in [["health", "--url", &url].as_slice(), &["status", "--url", &url], &["check-config", config]] {
        let output = telltale().env("XDG_DATA_HOME", home.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    let folder = home.path().join("data");
    let start = ["start", "--listen", "127.0.0.1:0", "--config", config, "--data-dir", folder.to_str().unwrap()];
    let mut memory = Server::run(telltale().args(start));
    memory.signal("TERM");
    memory.ended().await;
    assert!(!folder.exists());
    let complaints = memory.complaints();
    assert!(complaints.contains("--data-dir is not used: storage.type is memory"), "{complaints}");
}
