//! What the storage commands leave on a disk and on a terminal: packed where that is asked for, whole, private, and how far they are.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::harness::{config_file, telltale};
use crate::storage::{check, export, files_of, imported, points, storage, writing};

fn packing(least: u64) -> tempfile::NamedTempFile {
    let inside = format!(r#""storage": {{"compression": {{"enabled": true, "threshold_bytes": {least}}}}}"#);
    config_file(&format!(r#"{{"performance_monitoring": {{{inside}}}}}"#))
}

#[tokio::test]
async fn a_packed_backup_is_as_good_as_another() {
    let (outer, data) = imported();
    let mut server = writing(&data);
    server.collected(5).await;
    server.signal("KILL");
    server.ended().await;
    let text = export("jsonl", &data);
    let make = |name: &str, least: u64| {
        let (to, config) = (outer.path().join(name), packing(least));
        let config = config.path().to_str().unwrap();
        check(&storage(&["backup", to.to_str().unwrap(), "--config", config], &data), 0, &["verified"]);
        let files = files_of(&to);
        (to, files.into_iter().filter(|file| file.to_str().unwrap().ends_with(".log.gz")).collect::<Vec<_>>())
    };
    assert_eq!(make("too small to be packed", 1 << 30).1, Vec::<PathBuf>::new());
    let (backup, packed) = make("backup", 1);
    assert!(!packed.is_empty());
    check(&storage(&["inspect"], &backup), 0, &["series"]);
    check(&storage(&["verify"], &backup), 0, &["points were read"]);
    assert_eq!(export("jsonl", &backup), text);
    let (again, restored) = (outer.path().join("again"), outer.path().join("restored"));
    check(&storage(&["backup", again.to_str().unwrap()], &backup), 0, &["verified"]);
    check(&storage(&["restore", backup.to_str().unwrap()], &restored), 0, &["verified"]);
    for folder in [&again, &restored] {
        assert!(files_of(folder).iter().all(|file| file.extension().unwrap() != "gz"));
        assert_eq!(export("jsonl", folder), text);
    }
    // What is spoilt in it is told by who reads it, and set aside by a server, which serves the rest.
    let spoilt = outer.path().join("spoilt");
    fs::rename(make("to be spoilt", 1).0, &spoilt).unwrap();
    let file = spoilt.join("log").join(packed[0].file_name().unwrap());
    let name = file.file_name().unwrap().to_str().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    check(&storage(&["verify"], &spoilt), 1, &["damaged: log/", name, "not what was packed"]);
    check(&storage(&["inspect"], &spoilt), 0, &["damaged: log/", name]);
    check(&storage(&["backup", outer.path().join("spoilt too").to_str().unwrap()], &spoilt), 1, &[name]);
    check(&storage(&["restore", spoilt.to_str().unwrap()], &outer.path().join("never")), 1, &["is damaged in", name]);
    let server = writing(&spoilt);
    let damaged = server.data("/api/status").await["storage"]["damaged"].to_string();
    assert!(damaged.contains(name) && spoilt.join("damaged").join(name).exists(), "{damaged}");
    assert_eq!(server.points("metric_name=a%20counter&start_time=0&limit=99999").await.len(), 1500);
    // A whole one is started as it is.
    let mut server = writing(&backup);
    server.collected(1).await;
    server.signal("TERM");
    server.ended().await;
    let now = points(&export("jsonl", &backup));
    assert!(points(&text).iter().all(|(moment, bits)| now.get(moment) == Some(bits)));
}

#[test]
fn an_export_is_packed_where_the_configuration_says_so() {
    let (outer, data) = imported();
    let text = export("jsonl", &data);
    let length = u64::try_from(text.len()).unwrap();
    for (least, is_packed) in [(length, true), (length + 1, false), (0, true)] {
        let (config, file) = (packing(least), outer.path().join(format!("all-{least}.jsonl")));
        let packed = outer.path().join(format!("all-{least}.jsonl.gz"));
        let (config, to) = (config.path().to_str().unwrap(), file.to_str().unwrap());
        let output = storage(&["export", "--format", "jsonl", "--output", to, "--config", config], &data);
        check(&output, 0, if is_packed { &["packed", ".jsonl.gz"] } else { &[] });
        assert_eq!((file.exists(), packed.exists()), (!is_packed, is_packed), "{least} of {length}");
        let again = outer.path().join(format!("again-{least}"));
        let from = if is_packed { &packed } else { &file };
        check(&storage(&["import", from.to_str().unwrap()], &again), 0, &["4500 points"]);
        assert_eq!(export("jsonl", &again), text);
    }
}

/// Everything below a folder, with its mode.
fn modes(folder: &Path) -> BTreeMap<PathBuf, u32> {
    let mut all = BTreeMap::from([(folder.to_owned(), fs::metadata(folder).unwrap().permissions().mode() & 0o777)]);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(modes(&path));
        } else {
            all.insert(path.clone(), fs::metadata(&path).unwrap().permissions().mode() & 0o777);
        }
    }
    all
}

#[test]
fn a_disk_that_is_full_is_told_and_nothing_is_left_half_written() {
    let (outer, data) = imported();
    let backup = outer.path().join("backup");
    check(&storage(&["backup", backup.to_str().unwrap()], &data), 0, &[]);
    let before = modes(outer.path());
    // No file may get longer than 10 KiB.
    let full = |arguments: &str| {
        let line = format!("trap '' XFSZ; ulimit -f 20; exec {} storage {arguments}", env!("CARGO_BIN_EXE_telltale"));
        Command::new("sh").args(["-c", &line]).current_dir(outer.path()).stdin(Stdio::null()).output().unwrap()
    };
    for (arguments, says) in [
        ("export --format csv --output all.csv --data-dir data", "all.csv cannot be used: File too large"),
        ("export --format csv --output all.csv.gz --data-dir data", "all.csv.gz cannot be used: File too large"),
        ("export --format prometheus --output /dev/full --data-dir data", "/dev/full cannot be used: No space left"),
        ("export --format jsonl --data-dir data > /dev/full", "cannot be written: No space left"),
        ("inspect --data-dir data > /dev/full", "cannot be written: No space left"),
        ("verify --data-dir data > /dev/full", "cannot be written: No space left"),
        ("backup new --data-dir data", "cannot be used: File too large"),
        ("restore backup --data-dir data --replace", "cannot be used: File too large"),
    ] {
        check(&full(arguments), 1, &[says]);
        let after = modes(outer.path());
        let is_lock = |path: &&PathBuf| path.ends_with("data/lock");
        let kept =
            |modes: &BTreeMap<PathBuf, u32>| modes.keys().filter(|path| !is_lock(path)).cloned().collect::<Vec<_>>();
        assert_eq!(kept(&after), kept(&before), "{arguments}");
    }
    let text = export("jsonl", &backup);
    check(&full("import /dev/null --data-dir data"), 0, &["0 points"]);
    fs::write(outer.path().join("all.jsonl"), &text).unwrap();
    check(&full("import all.jsonl --data-dir data"), 1, &["in the data folder cannot be used: File too large"]);
    assert_eq!(export("jsonl", &data), text, "what was there stays");
    check(&storage(&["verify"], &data), 0, &[]);
}

#[test]
fn what_is_written_is_for_its_owner_alone_and_links_stay_links() {
    let (outer, data) = imported();
    let run = |line: &str| {
        let line = format!("umask 0; {} storage {line}", env!("CARGO_BIN_EXE_telltale"));
        let output = Command::new("sh").args(["-c", &line]).current_dir(outer.path()).output().unwrap();
        check(&output, 0, &[]);
    };
    run("backup in/a/folder/backup --data-dir data");
    run("restore in/a/folder/backup --data-dir restored");
    for folder in ["in", "restored"] {
        for (path, mode) in modes(&outer.path().join(folder)) {
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        }
    }
    let text = export("csv", &data);
    let at = |name: &str| outer.path().join(name);
    fs::create_dir(at("elsewhere")).unwrap();
    fs::write(at("elsewhere/all.csv"), "of yesterday").unwrap();
    std::os::unix::fs::symlink("elsewhere/all.csv", at("all.csv")).unwrap();
    // Where it is written before it is whole, somebody has laid a link to what is none of ours.
    fs::write(at("victim"), "untouched").unwrap();
    std::os::unix::fs::symlink(at("victim"), at("elsewhere/all.csv.new")).unwrap();
    run("export --format csv --output all.csv --data-dir data");
    assert_eq!(fs::read_to_string(at("elsewhere/all.csv")).unwrap(), text);
    assert_eq!(fs::read_to_string(at("victim")).unwrap(), "untouched");
    assert!(at("all.csv").is_symlink() && !at("elsewhere/all.csv.new").is_symlink());
    assert_eq!(fs::metadata(at("elsewhere/all.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    run("export --format csv --output /dev/stdout --data-dir data | cat > piped.csv");
    run("export --format csv --output /dev/stdout --data-dir data > stdout.csv");
    for name in ["piped.csv", "stdout.csv"] {
        assert_eq!(fs::read_to_string(at(name)).unwrap(), text, "{name}");
    }
    assert!(Path::new("/dev/stdout").is_symlink());
    std::os::unix::fs::symlink("nowhere/all.csv", at("broken")).unwrap();
    check(&storage(&["export", "--format", "csv", "--output", at("broken").to_str().unwrap()], &data), 1, &["broken"]);
    assert!(at("broken").is_symlink());
}

#[test]
fn what_its_server_could_not_read_is_not_written() {
    let (outer, data) = imported();
    let file = outer.path().join("one.jsonl");
    fs::write(&file, export("jsonl", &data).lines().next().unwrap()).unwrap();
    let gives = |path: &Path| Command::new("chown").arg("12345").arg(path).output().unwrap().status.success();
    let import = || storage(&["import", file.to_str().unwrap()], &data);
    // Only root gives away what is its own, and only root could write there then.
    let (folder, lock) = (outer.path().join("new"), data.join("lock"));
    fs::create_dir(&folder).unwrap();
    if gives(&folder) && gives(&data) {
        check(
            &storage(&["import", file.to_str().unwrap()], &folder),
            1,
            &["belongs to user 12345", "sudo -u '#12345'"],
        );
        assert!(!folder.join("lock").exists());
        // Whose the lock is runs the server, whoever has the folder.
        check(&import(), 0, &["1 points"]);
        assert!(gives(&lock));
        check(&import(), 1, &["belongs to user 12345"]);
        check(&storage(&["restore", "none"], &data), 1, &["there is no data in none"]);
        check(&storage(&["verify"], &data), 0, &[]);
    } else {
        check(&import(), 0, &["1 points"]);
    }
}

#[test]
fn what_cannot_be_made_room_for_stays_as_it_is() {
    let (outer, data) = imported();
    let backup = outer.path().join("backup");
    check(&storage(&["backup", backup.to_str().unwrap()], &data), 0, &[]);
    let target = outer.path().join("target");
    fs::create_dir_all(target.join("blocks/of somebody else")).unwrap();
    fs::create_dir(target.join("log")).unwrap();
    check(
        &storage(&["restore", backup.to_str().unwrap()], &target),
        1,
        &["blocks cannot be used: Directory not empty"],
    );
    let left: Vec<_> = fs::read_dir(target.join("log")).into_iter().flatten().collect();
    assert!(
        left.is_empty() && target.join("blocks/of somebody else").exists() && !outer.path().join("target.new").exists()
    );
}

#[test]
fn a_folder_that_a_variable_names_is_not_told() {
    let config = config_file(r#"{"performance_monitoring": {"storage": {"path": "${SECRET_PLACE}"}}}"#);
    let config = config.path().to_str().unwrap();
    for arguments in [&["inspect"][..], &["verify"], &["export", "--format", "csv"], &["backup", "/tmp/never-made"]] {
        let mut command = telltale();
        command.arg("storage").args(arguments).args(["--config", config]).env("SECRET_PLACE", "/nonexistent/hush");
        let told = check(&command.output().unwrap(), 1, &["there is no data in "]);
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn who_sits_at_a_terminal_sees_how_far_it_is_and_nobody_else_does() {
    let (outer, _data) = imported();
    let (file, bad) = (outer.path().join("all.jsonl"), outer.path().join("bad.jsonl"));
    let check_both = |arguments: &str, bars: &[&str]| {
        let binary = env!("CARGO_BIN_EXE_telltale");
        for (ending, at_terminal) in [("-seen", true), ("-unseen", false)] {
            let line = format!("{binary} storage {}", arguments.replace("NEW", &format!("new{ending}")));
            let (program, arguments) =
                if at_terminal { ("script", &["-qe", "/dev/null"][..]) } else { ("sh", &[][..]) };
            let mut command = Command::new(program);
            command.args(arguments).args(["-c", &line]);
            let output =
                command.current_dir(outer.path()).env("SHELL", "/bin/sh").stdin(Stdio::null()).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            let drawn = bars.iter().filter(|bar| said.contains(&format!("\r{bar} ["))).count();
            assert_eq!(drawn, if at_terminal { bars.len() } else { 0 }, "{line}: {said:?}");
            assert_eq!(said.contains('\x1b'), at_terminal, "{said:?}");
        }
    };
    check_both("inspect --data-dir data", &["reading"]);
    check_both("verify --data-dir data", &["verifying"]);
    check_both("export --format jsonl --output all.jsonl --data-dir data", &["reading", "exporting"]);
    check_both("backup NEW-backup --data-dir data", &["copying"]);
    check_both("restore new-seen-backup --data-dir NEW-restored", &["reading", "restoring"]);
    check_both("import all.jsonl --data-dir NEW-imported", &["importing", "finishing"]);
    check_both("import all.jsonl --data-dir data", &["making ready", "importing", "finishing"]);
    // What is told meanwhile has a line of its own.
    fs::write(&bad, format!("{}\nno JSON\n", fs::read_to_string(&file).unwrap())).unwrap();
    let line = format!("{} storage import bad.jsonl --data-dir data", env!("CARGO_BIN_EXE_telltale"));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(outer.path()).env("SHELL", "/bin/sh").stdin(Stdio::null());
    let said = command.output().unwrap().stdout;
    let said = String::from_utf8_lossy(&said);
    let before = said.split("line 4502 is not taken").next().unwrap();
    let line = before.rsplit('\n').next().unwrap();
    let shown = line.rsplit("\x1b[K").next().unwrap();
    assert!(line.contains("importing [") && !shown.contains('['), "{said:?}");
}
