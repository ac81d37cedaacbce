//! The folder on a real disk: made, locked, taken away and put back.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;

use tokio::time::{advance, sleep};

use super::watch::look_after;
use super::*;
use crate::vitals::Vitals;

fn take(path: &Path) -> Result<DataFolder, FolderError> {
    DataFolder::take(Text::open(path.to_str().unwrap()))
}

#[track_caller]
fn says(result: Result<(), FolderError>, want: &str) {
    let said = result.unwrap_err().to_string();
    assert!(said.contains(want), "{said}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn it_is_made_for_its_owner_alone_and_left_without_a_trace_of_trying() {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("share/telltale");
    let folder = take(&path).unwrap();
    assert_eq!([mode(&path), mode(&path.join(LOCK))], [0o700, 0o600]);
    let inside: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(inside, [LOCK]);
    assert_eq!(fs::read_to_string(path.join(LOCK)).unwrap(), format!("{}\n", std::process::id()));
    // One that is there stays as it is.
    drop(folder);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    drop(take(&path).unwrap());
    assert_eq!(mode(&path), 0o750);
}

#[test]
fn one_owner_at_a_time() {
    let outer = tempfile::tempdir().unwrap();
    let first = take(outer.path()).unwrap();
    let owner = format!("is in use by another telltale, process {}", std::process::id());
    says(take(outer.path()).map(drop), &owner);
    fs::write(outer.path().join(LOCK), "who knows").unwrap();
    let said = take(outer.path()).unwrap_err().to_string();
    assert!(said.ends_with("is in use by another telltale"), "{said}");
    drop(first);
    drop(take(outer.path()).unwrap());
}

#[test]
fn what_is_in_its_place_is_told() {
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("file");
    fs::write(&file, "").unwrap();
    says(take(&file).map(drop), "cannot be made: File exists");
    says(take(&file.join("below")).map(drop), "cannot be made: ");
    // The kernel's own files, where root writes nothing either.
    says(take(Path::new("/proc/telltale")).map(drop), "the data folder /proc/telltale cannot be made: ");
    says(take(Path::new("/proc/1")).map(drop), "cannot be written: ");
    let hidden = DataFolder::take(Text::hidden("/proc/c4n4ry")).unwrap_err().to_string();
    assert!(hidden.starts_with("the data folder [secret] cannot be made: ") && !hidden.contains("c4n4ry"), "{hidden}");
}

/// A folder that was taken, and where it can be put aside.
fn taken() -> (tempfile::TempDir, PathBuf, PathBuf, DataFolder) {
    let outer = tempfile::tempdir().unwrap();
    let (path, aside) = (outer.path().join("data"), outer.path().join("aside"));
    let folder = take(&path).unwrap();
    (outer, path, aside, folder)
}

#[test]
fn one_that_is_taken_away_is_told_and_not_made_again_and_put_back_it_is_ours() {
    let (_outer, path, aside, folder) = taken();
    folder.check().unwrap();
    fs::rename(&path, &aside).unwrap();
    says(folder.check(), "data is gone; put it back");
    assert!(!path.exists());
    fs::write(&path, "a file").unwrap();
    says(folder.check(), "cannot be written: Not a directory");
    fs::remove_file(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    folder.check().unwrap();
    // Another folder in its place, as where another disk is mounted there.
    fs::rename(&path, &aside).unwrap();
    fs::create_dir(&path).unwrap();
    folder.check().unwrap();
    says(take(&path).map(drop), "is in use by another telltale");
}

#[test]
fn one_that_another_took_meanwhile_is_theirs() {
    let (_outer, path, aside, folder) = taken();
    fs::rename(&path, &aside).unwrap();
    let theirs = take(&path).unwrap();
    says(folder.check(), "is in use by another telltale");
    drop(theirs);
    folder.check().unwrap();
}

#[test]
fn what_cannot_be_written_is_told_until_it_can() {
    let (_outer, path, _, folder) = taken();
    // In the way of root too.
    fs::create_dir(path.join(CHECK)).unwrap();
    says(folder.check(), "data cannot be written: Is a directory");
    fs::remove_dir(path.join(CHECK)).unwrap();
    folder.check().unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_answer_is_told_and_waited_for() {
    let (answer, answers) = mpsc::channel::<Result<(), FolderError>>();
    let answers = Mutex::new(answers);
    let look = Arc::new(move || answers.lock().recv().unwrap_or(Ok(())));
    let vitals = Vitals::default();
    let looking = {
        let vitals = vitals.clone();
        tokio::spawn(async move { look_after(&look, "it does not answer", &vitals).await })
    };
    let told = || vitals.troubles().remove("data folder").unwrap_or_default();
    // The clock stands still as long as a look hangs.
    let settle = || async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    };
    settle().await;
    for (seconds, want) in [(4, ""), (2, "it does not answer"), (600, "it does not answer")] {
        advance(Duration::from_secs(seconds)).await;
        settle().await;
        assert_eq!(told(), want, "after {seconds} s more");
    }
    answer.send(Ok(())).unwrap();
    answer.send(Err(FolderError::Nowhere)).unwrap();
    while !told().starts_with("there is no folder") {
        sleep(Duration::from_secs(1)).await;
    }
    answer.send(Ok(())).unwrap();
    while !told().is_empty() {
        sleep(Duration::from_secs(1)).await;
    }
    looking.abort();
    // A look that is under way ends with its channel; nobody hears of it.
    drop(answer);
}

#[test]
fn it_is_known_who_its_server_runs_as() {
    let outer = tempfile::tempdir().unwrap();
    let us = rustix::process::geteuid().as_raw();
    assert_eq!(DataFolder::user(&outer.path().join("none")), None);
    assert_eq!(DataFolder::user(outer.path()), Some(us));
}
