//! Looking after what is kept, by the binary: out and in again, damage found, backups of a running server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::harness::{Server, config_file, telltale};

/// A day and a half of two metrics, with values and names that are easily spoilt on the way.
fn lines() -> String {
    let odd = [0.1, -0.0, 5e-324, f64::MAX, 1.0 / 3.0, 123_456_789.125, -1e-7];
    let mut lines = Vec::new();
    for (tags, kind) in
        [(r#"{}"#, "gauge"), (r#"{"host":"wéb, \"1\"","path":"C:\\"}"#, "gauge"), (r#"{"n":"1"}"#, "counter")]
    {
        for at in 0..1500_u32 {
            let value = odd[at as usize % odd.len()] * if at % 11 == 0 { 1.0 } else { f64::from(at) / 1e300 };
            let value = serde_json::to_string(&value).unwrap();
            let time = 1_732_424_000 + at * 90;
            lines.push(format!(
                r#"{{"metric":"a {kind}","unit":"by,tes","kind":"{kind}","tags":{tags},"timestamp":{time}.{:03},"value":{value}}}"#,
                at % 1000
            ));
        }
    }
    lines.join("\n")
}

pub(crate) fn storage(arguments: &[&str], folder: &Path) -> Output {
    telltale().arg("storage").args(arguments).arg("--data-dir").arg(folder).output().unwrap()
}

#[track_caller]
pub(crate) fn check(output: &Output, code: i32, says: &[&str]) -> String {
    let told = [&output.stdout, &output.stderr].map(|told| String::from_utf8_lossy(told).into_owned()).concat();
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(says.iter().all(|part| told.contains(part)), "{says:?} are not all in {told}");
    told
}

/// A folder with those lines in it, and where it lies.
pub(crate) fn imported() -> (tempfile::TempDir, PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let (file, data) = (outer.path().join("lines.jsonl"), outer.path().join("data"));
    fs::write(&file, lines()).unwrap();
    check(&storage(&["import", file.to_str().unwrap()], &data), 0, &["4500 points were taken"]);
    (outer, data)
}

pub(crate) fn export(format: &str, folder: &Path) -> String {
    let output = storage(&["export", "--format", format], folder);
    check(&output, 0, &[]);
    String::from_utf8(output.stdout).unwrap()
}

/// Series, with the bits of the value at each moment.
pub(crate) fn points(jsonl: &str) -> BTreeMap<(String, i64), u64> {
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let time = (line["timestamp"].as_f64().unwrap() * 1000.0).round() as i64;
        ((format!("{}{}", line["metric"], line["tags"]), time), line["value"].as_f64().unwrap().to_bits())
    };
    jsonl.lines().map(read).collect()
}

#[test]
fn what_goes_out_and_in_again_is_the_same_text() {
    let (outer, data) = imported();
    let jsonl = export("jsonl", &data);
    assert_eq!(jsonl.lines().count(), 4500);
    assert_eq!(points(&jsonl), points(&lines()));
    for name in ["all.jsonl", "all.csv", "all.jsonl.gz", "all.csv.gz"] {
        let (file, again) = (outer.path().join(name), outer.path().join(format!("of {name}")));
        let format = if name.contains("csv") { "csv" } else { "jsonl" };
        check(&storage(&["export", "--format", format, "--output", file.to_str().unwrap()], &data), 0, &[]);
        let is_packed = fs::read(&file).unwrap().starts_with(&[0x1f, 0x8b]);
        assert_eq!(is_packed, name.ends_with(".gz"), "{name}");
        check(&storage(&["import", file.to_str().unwrap()], &again), 0, &["4500 points"]);
        assert_eq!(export("jsonl", &again), jsonl, "{name}");
        assert_eq!(export("csv", &again), export("csv", &data), "{name}");
    }
    // A second time, and what is older into what is newer: nothing is lost and nothing is twice.
    let (file, half) = (outer.path().join("all.jsonl"), outer.path().join("half"));
    let (early, late) = jsonl.lines().partition::<Vec<_>, _>(|line| line.contains("\"timestamp\":17324"));
    for lines in [&late, &early, &late] {
        fs::write(&file, lines.join("\n")).unwrap();
        check(&storage(&["import", file.to_str().unwrap()], &half), 0, &[]);
    }
    assert!(!early.is_empty() && !late.is_empty());
    assert_eq!(export("jsonl", &half), jsonl);
}

#[test]
fn a_part_is_what_was_asked_for() {
    let (_outer, data) = imported();
    let count = |arguments: &[&str]| {
        let output = storage(&[&["export", "--format", "prometheus"], arguments].concat(), &data);
        check(&output, 0, &[]).lines().filter(|line| !line.starts_with('#')).count()
    };
    assert_eq!(count(&[]), 4500);
    assert_eq!(count(&["--metric", "a counter"]), 1500);
    assert_eq!(count(&["--match", "n=1"]), 1500);
    assert_eq!(count(&["--match", "n=1", "--match", "path=C:\\"]), 0);
    assert_eq!(count(&["--match", "n=~[12]", "--match", "n!=2"]), 1500);
    assert_eq!(count(&["--match", "n!~.*"]), 0);
    assert_eq!(count(&["--start", "1732424000", "--end", "2024-11-24T05:00:00Z"]), 3 * 5);
    assert_eq!(count(&["--start", "now-1h"]), 0);
    check(&storage(&["export", "--format", "csv", "--metric", "nosuch"], &data), 1, &["there is no metric `nosuch`"]);
    check(&storage(&["export", "--format", "csv", "--start", "soon"], &data), 2, &["--start soon is no time"]);
    check(&storage(&["export", "--format", "csv", "--match", "soon"], &data), 2, &["such as host=web-1"]);
    check(&storage(&["export", "--format", "csv", "--match", "n=~("], &data), 2, &["unclosed group"]);
    check(&storage(&["export", "--format", "csv"], &data.join("none")), 1, &["there is no data in "]);
}

#[test]
fn names_of_files_and_folders_may_be_relative() {
    let (outer, data) = imported();
    let text = export("jsonl", &data);
    let run = |folder: &Path, arguments: &[&str]| {
        check(&telltale().current_dir(folder).arg("storage").args(arguments).output().unwrap(), 0, &[])
    };
    run(outer.path(), &["export", "--format", "jsonl", "--output", "all", "--data-dir", "data"]);
    assert_eq!(fs::read_to_string(outer.path().join("all")).unwrap(), text);
    run(outer.path(), &["backup", "copy/", "--data-dir", "data/"]);
    run(&data, &["restore", "../copy", "--data-dir", ".", "--replace"]);
    assert_eq!(export("jsonl", &data), text);
    assert_eq!(export("jsonl", &outer.path().join("data.before-restore")), text);
    let new = outer.path().join("new");
    fs::create_dir(&new).unwrap();
    run(&new, &["restore", "../copy", "--data-dir", "."]);
    run(&new, &["import", "../all", "--data-dir", "."]);
    assert_eq!(export("jsonl", &new), text);
}

#[test]
fn one_series_of_two_definitions_stays_one() {
    let (outer, data) = imported();
    let text = export("jsonl", &data);
    let (file, other) = (outer.path().join("two"), outer.path().join("other"));
    let half = |(at, line): (usize, &str)| if at % 2 == 0 { line.replace("by,tes", "bits") } else { line.to_owned() };
    fs::write(&file, text.lines().enumerate().map(half).collect::<Vec<_>>().join("\n")).unwrap();
    check(&storage(&["import", file.to_str().unwrap()], &other), 0, &["4500"]);
    assert_eq!(export("jsonl", &other), text);
}

#[test]
fn a_bad_line_is_told_by_its_number_and_costs_itself() {
    let (outer, data) = imported();
    let before = export("jsonl", &data);
    let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
    lines[2] = "no JSON".to_owned();
    lines[7] = lines[7].replace("gauge", "meter").replace("counter", "meter");
    lines[9] = "x".repeat(3 << 20);
    let (file, other) = (outer.path().join("bad.jsonl"), outer.path().join("other"));
    fs::write(&file, lines.join("\n")).unwrap();
    let says = ["line 3 ", "line 8 ", "line 10 ", "4497 points were taken", "3 of 4500 lines were not taken"];
    check(&storage(&["import", file.to_str().unwrap()], &other), 1, &says);
    let left = [3, 8, 10];
    let want: Vec<&str> = (1..).zip(before.lines()).filter(|(n, _)| !left.contains(n)).map(|(_, line)| line).collect();
    assert_eq!(export("jsonl", &other).lines().collect::<Vec<_>>(), want);
    check(
        &storage(&["import", outer.path().join("none").to_str().unwrap()], &other),
        1,
        &["cannot be used: No such file"],
    );
}

/// With a log whose every record is on the disk before it is told to anybody, and where nothing becomes too old.
pub(crate) fn writing(folder: &Path) -> Server {
    let config = config_file(
        r#"{"performance_monitoring": {"retention_period": 1e9, "storage":
            {"flush_interval": 0, "retention_policy": {"raw_data_hours": 300000}}}}"#,
    );
    let arguments = ["start", "--listen", "127.0.0.1:0", "--config", config.path().to_str().unwrap(), "--data-dir"];
    Server::run(telltale().args(arguments).arg(folder))
}

pub(crate) fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = ["log", "blocks"]
        .iter()
        .flat_map(|part| fs::read_dir(folder.join(part)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_flipped_byte_anywhere_is_found_and_its_file_named() {
    let (_outer, data) = imported();
    let mut server = writing(&data);
    server.collected(3).await;
    check(&storage(&["verify"], &data), 0, &["points were read"]);
    server.signal("KILL");
    server.ended().await;
    check(&storage(&["verify"], &data), 0, &["points were read"]);
    let files = files_of(&data);
    assert!(
        ["log", "block"].iter().all(|kind| files.iter().any(|file| file.extension().unwrap() == *kind)),
        "{files:?}"
    );
    for file in files {
        let whole = fs::read(&file).unwrap();
        let is_block = file.extension().unwrap() == "block";
        // Of a block: a column, the index, each field of the footer. Of a segment: its opening, and each field of its first record.
        let end = whole.len();
        let places = if is_block {
            vec![0, 40, end - 60, end - 57, end - 50, end - 10, end - 3]
        } else {
            vec![0, 9, 16, 17, 21, 24, 30]
        };
        for at in places {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 0x10;
            fs::write(&file, &spoilt).unwrap();
            let name = file.file_name().unwrap().to_str().unwrap();
            let told = check(&storage(&["verify"], &data), 1, &[name, "damaged"]);
            let places = told.lines().filter(|line| line.starts_with("damaged: ")).count();
            assert!(
                places > 0 && told.lines().filter(|line| line.contains("damaged: ")).all(|line| line.contains(name)),
                "{told}"
            );
            if is_block && at == 0 {
                assert!(told.contains("a counter {n=\"1\"}, times at bytes 0 to "), "{told}");
                // What hours came to is not exported.
                let (code, says) = if name.starts_with("raw-") { (1, "left out: ") } else { (0, "") };
                check(&storage(&["export", "--format", "csv"], &data), code, &[says]);
            }
            assert_eq!(fs::read(&file).unwrap(), spoilt, "it was only to be read");
        }
        fs::write(&file, &whole).unwrap();
    }
    check(&storage(&["verify"], &data), 0, &[]);
}

#[tokio::test]
async fn a_backup_of_a_running_server_has_all_that_was_told_before() {
    let (outer, data) = imported();
    let mut server = writing(&data);
    server.collected(2).await;
    let inside = storage(&["inspect", "--json"], &data);
    let told: Value = serde_json::from_str(&check(&inside, 0, &[])).unwrap();
    assert!(told["log"]["points"].as_u64() > Some(10) && told["series"].as_u64() > Some(10), "{told}");
    assert!(told["tiers"][0]["points"].as_u64() >= Some(4500), "{told}");
    for round in 0..3 {
        server.collected(3 + round).await;
        let known = server.points("metric_name=memory_total_bytes").await;
        let backup = outer.path().join(format!("backup-{round}"));
        check(&storage(&["backup", backup.to_str().unwrap()], &data), 0, &["verified"]);
        let kept = points(&export("jsonl", &backup));
        for point in known {
            let time = (point.time * 1000.0).round() as i64;
            let found = kept.iter().find(|((series, at), _)| *at == time && series.contains("memory_total_bytes"));
            assert_eq!(found.map(|(_, bits)| *bits), Some(point.value.to_bits()), "{point:?}");
        }
        assert!(points(&lines()).iter().all(|(moment, bits)| kept.get(moment) == Some(bits)));
    }
    let says = ["is there already"];
    check(&storage(&["backup", outer.path().join("backup-0").to_str().unwrap()], &data), 1, &says);
    // Who owns it is told to who wants it.
    let backup = outer.path().join("backup-2");
    for arguments in [["restore", backup.to_str().unwrap()], ["import", "/dev/null"]] {
        check(&storage(&arguments, &data), 1, &["is in use by another telltale"]);
    }
    server.signal("TERM");
    server.ended().await;
    let again = writing(&backup);
    again.collected(6).await;
    assert_eq!(again.data("/api/health").await["degraded"], false);
}

#[test]
fn a_restore_refuses_and_replaces() {
    let (outer, data) = imported();
    let backup = outer.path().join("backup");
    check(&storage(&["backup", backup.to_str().unwrap()], &data), 0, &["verified"]);
    let from = backup.to_str().unwrap();
    let text = export("jsonl", &data);
    let new = outer.path().join("new");
    check(&storage(&["restore", from], &new), 0, &["verified"]);
    assert_eq!(export("jsonl", &new), text);

    // One more point, to tell one from the other.
    let file = outer.path().join("more.jsonl");
    fs::write(&file, text.lines().next().unwrap().replace("\"metric\":\"a ", "\"metric\":\"another ")).unwrap();
    check(&storage(&["import", file.to_str().unwrap()], &new), 0, &["1 points"]);
    let more = export("jsonl", &new);
    assert_ne!(more, text);
    check(&storage(&["restore", from], &new), 1, &["it holds data", "--replace"]);
    assert_eq!(export("jsonl", &new), more);
    check(&storage(&["restore", from, "--replace"], &new), 0, &["what was there is now", "new.before-restore"]);
    assert_eq!(export("jsonl", &new), text);
    assert_eq!(export("jsonl", &outer.path().join("new.before-restore")), more);
    check(&storage(&["restore", from, "--replace"], &new), 1, &["new.before-restore", "earlier restore"]);

    let block = files_of(&backup).pop().unwrap();
    let mut bytes = fs::read(&block).unwrap();
    bytes[5] ^= 1;
    fs::write(&block, bytes).unwrap();
    let other = outer.path().join("other");
    check(
        &storage(&["restore", from], &other),
        1,
        &["the backup is damaged in", block.file_name().unwrap().to_str().unwrap()],
    );
    assert!(!outer.path().join("other.new").exists() && !other.join("blocks").exists());
    check(&storage(&["restore", "/nonexistent"], &other), 1, &["there is no data in /nonexistent"]);
    // A backup of what is damaged is made, and told.
    let says = ["the backup is made, with", "damaged: blocks/"];
    check(&storage(&["backup", outer.path().join("spoilt").to_str().unwrap()], &backup), 1, &says);
    assert_eq!(files_of(&outer.path().join("spoilt")).len(), files_of(&backup).len());
}

#[test]
fn a_folder_is_named_by_a_configuration_too() {
    let (_outer, data) = imported();
    let inspect = |file: &str| telltale().args(["storage", "inspect", "--config", file]).output().unwrap();
    let path = data.to_str().unwrap();
    let disk = config_file(&format!(r#"{{"performance_monitoring": {{"storage": {{"path": "{path}"}}}}}}"#));
    check(&inspect(disk.path().to_str().unwrap()), 0, &[path, "4500", "2 metrics"]);
    let memory = config_file(r#"{"performance_monitoring": {"storage": {"type": "memory"}}}"#);
    check(&inspect(memory.path().to_str().unwrap()), 2, &["storage.type is memory"]);
    let nowhere = telltale().args(["storage", "inspect"]).output().unwrap();
    check(&nowhere, 1, &["there is no folder for data"]);
}
