//! What becomes of the log, and of the server, where the log cannot be written.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;

use crate::harness::{SOON, Server, client, config_file, telltale};

fn logging(file: &Path, more: &str) -> String {
    format!(r#""logging": {{"file": "{}", {more}}}"#, file.display())
}

/// Waits until health tells of trouble with the log, or of none any more; what it tells.
pub(crate) async fn trouble(server: &Server, want: bool) -> String {
    let began = Instant::now();
    loop {
        let health = server.data("/api/health").await;
        let trouble = health["troubles"]["log file"].as_str();
        if trouble.is_some() == want {
            assert!(health["running"] == true && (!want || health["degraded"] == true), "{health}");
            return trouble.unwrap_or_default().to_owned();
        }
        assert!(began.elapsed() < SOON, "{health}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn a_file_that_cannot_be_opened_at_the_start_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (path, because) in [("", "Is a directory"), ("file/log", "Not a directory")] {
        let path = folder.path().join(path);
        let inside = format!(r#"{}, "dashboard": {{"port": 0}}"#, logging(&path, ""));
        let file = config_file(&format!("{{\"performance_monitoring\": {{{inside}}}}}"));
        let output = telltale().args(["start", "--config"]).arg(file.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1), "{told}");
        let want = format!("telltale: the log file {} cannot be opened: {because}", path.display());
        assert!(told.starts_with(&want) && told.contains("logging.file says where it is"), "{told}");
    }
}

#[tokio::test]
async fn a_folder_that_goes_while_it_runs_is_a_trouble_and_it_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let mut server = Server::configured(&logging(&logs.join("log"), r#""level": "DEBUG""#));
    // Root may write into a folder that is read-only; into one that is a file nobody may.
    fs::remove_dir_all(&logs).unwrap();
    fs::write(&logs, "").unwrap();
    let told = trouble(&server, true).await;
    // By the folder that it would make anew, or by the file that it would make in it.
    let because = ["File exists", "Not a directory"].map(|says| format!("takes no lines: {says}"));
    assert!(because.iter().any(|because| told.contains(because)), "{told}");
    server.get("/meanwhile").await;
    fs::remove_file(&logs).unwrap();
    fs::create_dir(&logs).unwrap();
    trouble(&server, false).await;
    server.get("/afterwards").await;
    server.signal("TERM");
    server.ended().await;
    let (log, complaints) = (fs::read_to_string(logs.join("log")).unwrap(), server.complaints());
    assert!(
        complaints.contains("GET /meanwhile was answered") && complaints.contains("takes no lines"),
        "{complaints}"
    );
    assert!(log.contains("takes lines again") && log.contains("GET /afterwards was answered"), "{log}");
}

#[tokio::test]
async fn a_full_disk_is_a_trouble_and_everything_else_works() {
    let mut server = Server::configured(&logging(Path::new("/dev/full"), ""));
    let told = trouble(&server, true).await;
    assert!(told.contains("No space left on device"), "{told}");
    server.collected(2).await;
    server.signal("TERM");
    assert_eq!(server.ended().await.0.code(), Some(0));
    let complaints = server.complaints();
    assert!(complaints.contains("started version=") && complaints.contains("stopped: SIGTERM"), "{complaints}");
    assert_eq!(complaints.matches("/dev/full takes no lines").count(), 1, "{complaints}");
}

#[tokio::test]
async fn a_standard_error_that_nobody_reads_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Without a file all of it goes there; each request is a few lines, and a pipe holds 64 KiB.
    for logging in [String::new(), logging(&folder.path().join("log"), "") + ", "] {
        let mut server = Server::configured(&format!(r#"{logging} "development": {{"debug_mode": true}}"#));
        let long = "x".repeat(1000);
        for n in 0..300 {
            assert_eq!(server.get(&format!("/api/{long}{n}")).await.status, 404);
        }
        let before = server.points("metric_name=memory_total_bytes").await.len();
        server.collected(before + 2).await;
        server.signal("TERM");
        let (status, took) = server.ended().await;
        assert_eq!(status.code(), Some(0));
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(log.matches("xxx was answered with 404").count(), 0);
    assert!((0..300).all(|n| log.contains(&format!("x{n} was answered with 404"))), "the file has not all of it");
}

/// All that is in the log and its backups, the oldest first.
fn everything(folder: &Path) -> Vec<(u32, String)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let number = name.trim_start_matches("log").trim_start_matches('.');
        let (number, packed) = (number.trim_end_matches(".gz"), number.ends_with(".gz"));
        if name == "log.gz.part" {
            continue;
        }
        let mut text = String::new();
        let mut file = fs::File::open(&path).unwrap();
        if packed { GzDecoder::new(file).read_to_string(&mut text) } else { file.read_to_string(&mut text) }.unwrap();
        // Killed after it was packed and before the original was gone, it is there twice.
        files.insert(number.parse().unwrap_or(0), text);
    }
    files.into_iter().rev().collect()
}

#[tokio::test]
async fn killed_while_it_rotates_it_loses_nothing_that_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let logging = format!(
        r#"{}, "storage": {{"type": "memory", "compression": {{"enabled": true, "threshold_bytes": 1}}}}"#,
        logging(&folder.path().join("log"), r#""level": "DEBUG", "max_file_size": 600, "backup_count": 900"#)
    );
    let mut told = 0;
    for run in 0..5_u32 {
        let mut server = Server::configured(&logging);
        let client = client();
        for n in 0..40 + run * 7 {
            client.get(server.url(&format!("/run{run}/{n}"))).send().await.unwrap();
            told += 1;
        }
        server.signal("KILL");
        server.ended().await;
    }
    let files = everything(folder.path());
    let numbers: Vec<u32> = files.iter().map(|(number, _)| *number).collect();
    assert!(numbers.len() > 20, "{numbers:?}");
    let (most, gaps) = (numbers[0], numbers[0] + 1 - u32::try_from(numbers.len()).unwrap());
    assert!(gaps <= 1, "{gaps} names are missing of {most}: {numbers:?}");
    let text: String = files.into_iter().map(|(_, text)| text).collect();
    let asked = text.lines().filter_map(|line| line.split_once("GET /run")?.1.split_once(" was answered")).map(|p| p.0);
    let asked: Vec<(u32, u32)> = asked
        .map(|asked| asked.split_once('/').unwrap())
        .map(|(run, n)| (run.parse().unwrap(), n.parse().unwrap()))
        .collect();
    // Each run from its beginning, without a hole, in order; only what was not written yet when it was killed is missing.
    for run in 0..5 {
        let of_run: Vec<u32> = asked.iter().filter(|(of, _)| *of == run).map(|(_, n)| *n).collect();
        assert!(of_run.len() > 30, "run {run}: {of_run:?}");
        assert_eq!(of_run, (0..u32::try_from(of_run.len()).unwrap()).collect::<Vec<_>>(), "run {run}");
    }
    assert!(asked.len() <= told && asked.is_sorted(), "{asked:?}");
    assert!(text.lines().all(|line| line.starts_with("20") && line.contains("Z ")), "half a line: {text}");
}
