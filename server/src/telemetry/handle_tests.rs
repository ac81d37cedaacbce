//! The log as a whole: real files, real pipes, its real threads.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use tracing::subscriber::with_default;

use super::*;
use crate::clock::SystemClock;
use crate::secret::Text;
use crate::telemetry::record::Record;
use crate::telemetry::{Level, Look};

const SOON: Duration = Duration::from_secs(20);

/// What was written to standard error.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Heard {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

fn file(path: &Path) -> Option<LogFile> {
    let path = Text::open(path.to_str().unwrap());
    Some(LogFile { path, max_bytes: 1 << 30, backups: 3, daily: false, pack_from_bytes: None })
}

fn settings(file: Option<LogFile>) -> Settings {
    Settings { level: Level::Info, look: Look::Text, look_on_stderr: Look::Text, file }
}

struct Case {
    folder: tempfile::TempDir,
    heard: Heard,
    vitals: Vitals,
    telemetry: Telemetry,
}

impl Case {
    fn start(file: impl Fn(&Path) -> Option<LogFile>) -> Self {
        let (folder, heard, vitals) = (tempfile::tempdir().unwrap(), Heard::default(), Vitals::default());
        let settings = settings(file(folder.path()));
        let stderr = Box::new(heard.clone());
        let telemetry = Telemetry::start(&settings, Arc::new(SystemClock), vitals.clone(), stderr).unwrap();
        Self { folder, heard, vitals, telemetry }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tell(&self, level: Level, text: &str) {
        self.telemetry.desk.tell(Record::new(SystemClock.now(), level, text));
    }

    #[track_caller]
    fn flush(&self) {
        assert!(self.telemetry.flush(SOON));
    }

    #[track_caller]
    fn wait_until(&self, what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < SOON, "{what}: {:?}: {}", self.vitals.troubles(), self.heard.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn trouble(&self) -> String {
        self.vitals.troubles().remove("log file").unwrap_or_default()
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The last word of each line.
fn last_words(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.rsplit(' ').next()).collect()
}

#[test]
fn a_file_has_it_all_and_standard_error_what_may_need_somebody() {
    let case = Case::start(|folder| file(&folder.join("log")));
    for (level, text) in [(Level::Info, "i"), (Level::Warning, "w"), (Level::Error, "e")] {
        case.tell(level, text);
    }
    case.flush();
    assert_eq!(last_words(&read(&case.path("log"))), ["i", "w", "e"]);
    assert_eq!(last_words(&case.heard.text()), ["w", "e"]);

    let case = Case::start(|_| None);
    case.tell(Level::Info, "i");
    case.tell(Level::Error, "e");
    case.flush();
    assert_eq!(last_words(&case.heard.text()), ["i", "e"]);
}

#[test]
fn what_is_told_by_tracing_is_heard_by_its_level() {
    let case = Case::start(|_| None);
    let tell = || {
        with_default(case.telemetry.subscriber(), || {
            tracing::debug!(target: "telltale::web", n = 1, "debug");
            tracing::info!(target: "telltale::web", n = 2, "info");
            tracing::info!(target: "somebody", "theirs");
            tracing::debug!(target: "somebody", "secrets");
            crate::telemetry::warn("warning");
        });
        case.flush();
        let text = case.heard.text();
        case.heard.0.lock().clear();
        text.lines().map(|line| line.split_once("Z ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tell(), ["INFO    info n=2", "WARNING warning"]);
    case.telemetry.change(&Settings { level: Level::Debug, ..settings(None) }).unwrap();
    assert_eq!(tell(), ["DEBUG   debug n=1", "INFO    info n=2", "INFO    somebody: theirs", "WARNING warning"]);
    case.telemetry.change(&Settings { level: Level::Error, ..settings(None) }).unwrap();
    assert_eq!(tell(), [""; 0]);
}

#[test]
fn what_repeats_is_told_once_and_its_count_by_the_end() {
    let case = Case::start(|folder| file(&folder.join("log")));
    for _ in 0..1000 {
        case.tell(Level::Warning, "no disk");
    }
    case.flush();
    let text = read(&case.path("log"));
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.ends_with("no disk … 999 more times in 0 s\n"), "{text}");
    assert_eq!(text, case.heard.text());
}

#[test]
fn a_standard_error_that_nobody_reads_holds_up_neither_who_tells_nor_the_file() {
    let (mut reader, writer) = io::pipe().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(file(&folder.path().join("log")));
    let telemetry = Telemetry::start(&settings, Arc::new(SystemClock), Vitals::default(), Box::new(writer)).unwrap();
    let (began, count) = (Instant::now(), 8000);
    for n in 0..count {
        // Long, and more than the pipe and the queue hold.
        let text = format!("{} {n}", "x".repeat(200));
        telemetry.desk.tell(Record::new(SystemClock.now(), Level::Warning, text));
        if n % 1000 == 999 {
            let done = ask(|done| telemetry.desk.file.order(FileOrder::Flush(done)));
            assert!(answered(&done, Instant::now() + SOON), "the file waits too");
        }
    }
    assert!(began.elapsed() < SOON / 2, "{:?}", began.elapsed());
    assert!(!telemetry.flush(Duration::from_millis(50)), "it is not written yet");
    assert_eq!(read(&folder.path().join("log")).lines().count(), count);

    // Somebody reads again: what has come through and what was left out is all there was.
    let reading = thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    assert!(telemetry.flush(SOON));
    drop(telemetry);
    let text = reading.join().unwrap().unwrap();
    let (told, left_out): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.contains("xxx"));
    let dropped: usize =
        left_out.iter().map(|line| line.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap()).sum();
    assert!(left_out.iter().all(|line| line.contains("left out here")), "{left_out:?}");
    assert!(dropped > 0 && told.len() + dropped == count, "{} told, {dropped} left out", told.len());
}

#[test]
fn a_folder_that_is_gone_is_a_trouble_until_it_is_back() {
    let case = Case::start(|folder| {
        fs::create_dir(folder.join("logs")).unwrap();
        file(&folder.join("logs/log"))
    });
    case.tell(Level::Info, "before");
    case.flush();
    // Also who may do everything cannot write into a folder that is a file.
    fs::rename(case.path("logs"), case.path("old")).unwrap();
    fs::write(case.path("logs"), "").unwrap();
    case.wait_until("it is noticed without a line", || case.trouble().contains("takes no lines"));
    case.tell(Level::Info, "meanwhile");
    case.tell(Level::Warning, "warned");
    case.flush();
    let heard = case.heard.text();
    for text in ["meanwhile\n", "warned\n", "takes no lines: Not a directory"] {
        assert_eq!(heard.matches(text).count(), 1, "{text}: {heard}");
    }
    fs::remove_file(case.path("logs")).unwrap();
    fs::create_dir(case.path("logs")).unwrap();
    case.wait_until("it recovers by itself", || case.trouble().is_empty());
    case.tell(Level::Info, "after");
    case.flush();
    assert_eq!(last_words(&read(&case.path("old/log"))), ["before"]);
    let text = read(&case.path("logs/log"));
    assert!(text.contains("takes lines again; 2 lines meanwhile went to standard error"), "{text}");
    assert!(text.ends_with("after\n"), "{text}");
}

#[test]
fn a_full_disk_is_a_trouble_and_its_lines_are_heard() {
    let case = Case::start(|_| file(Path::new("/dev/full")));
    case.tell(Level::Info, "a");
    case.tell(Level::Info, "b");
    case.flush();
    assert!(case.trouble().contains("/dev/full takes no lines: No space left on device"), "{}", case.trouble());
    assert_eq!(last_words(&case.heard.text()).iter().filter(|word| ["a", "b"].contains(word)).count(), 2);
    // Somewhere else there is room.
    case.telemetry.change(&settings(file(&case.path("log")))).unwrap();
    case.tell(Level::Info, "c");
    case.flush();
    assert_eq!((case.trouble().as_str(), last_words(&read(&case.path("log")))), ("", vec!["c"]));
}

#[test]
fn a_rotation_that_fails_is_a_trouble_and_loses_no_line() {
    let case = Case::start(|folder| {
        fs::create_dir_all(folder.join("log.1/x")).unwrap();
        file(&folder.join("log")).map(|rules| LogFile { max_bytes: 60, backups: 1, ..rules })
    });
    case.tell(Level::Info, "this-is-so-long-that-there-is-no-room-for-another");
    case.tell(Level::Info, "this-one");
    case.flush();
    assert!(case.trouble().contains("cannot be rotated"), "{}", case.trouble());
    let text = read(&case.path("log"));
    assert!(text.contains("for-another\n") && text.contains("this-one\n"), "{text}");
    assert!(case.heard.text().contains("cannot be rotated"), "{}", case.heard.text());
}

#[test]
fn changed_while_lines_come_it_loses_none() {
    let case = Case::start(|folder| file(&folder.join("0")));
    let each = 400;
    thread::scope(|scope| {
        for teller in 0..4 {
            let case = &case;
            scope.spawn(move || {
                for n in 0..each {
                    case.tell(Level::Info, &format!("{teller}.{n}"));
                    thread::sleep(Duration::from_micros(50));
                }
            });
        }
        for n in 0..30 {
            // To another file, to none, and to the same again with other rules.
            let to = match n % 4 {
                0 => None,
                1 => file(&case.path("1")),
                2 => file(&case.path("1")).map(|rules| LogFile { max_bytes: 5000, backups: 1000, ..rules }),
                _ => file(&case.path("0")),
            };
            case.telemetry.change(&settings(to)).unwrap();
            thread::sleep(Duration::from_millis(2));
        }
    });
    case.flush();
    let files = fs::read_dir(case.folder.path()).unwrap().map(|entry| read(&entry.unwrap().path()));
    let all = files.collect::<String>() + &case.heard.text();
    let mut words = last_words(&all);
    words.sort_unstable();
    let mut want: Vec<_> = (0..4).flat_map(|t| (0..each).map(move |n| format!("{t}.{n}"))).collect();
    want.sort_unstable();
    assert_eq!(words, want);
}

#[test]
fn a_file_that_cannot_be_opened_is_one_sentence_and_changes_nothing() {
    let case = Case::start(|folder| file(&folder.join("log")));
    let bad = case.path("log/log");
    let refused = case.telemetry.change(&settings(file(&bad))).unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!("the log file {} cannot be opened: Not a directory", bad.display())),
        "{refused}"
    );
    case.tell(Level::Info, "on");
    case.flush();
    assert_eq!(last_words(&read(&case.path("log"))), ["on"]);
    let hidden = LogFile { path: Text::hidden("/proc/c4n4ry/log"), ..file(&bad).unwrap() };
    let hidden = case.telemetry.change(&settings(Some(hidden))).unwrap_err().to_string();
    assert!(hidden.contains("[secret]") && !hidden.contains("c4n4ry"), "{hidden}");
}

#[test]
fn a_disk_that_hangs_is_a_trouble_and_what_was_left_out_is_told_when_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(file(&folder.path().join("log")));
    let vitals = Vitals::default();
    // A desk whose file has no thread yet: as if that were held up by its first line.
    let desk = Arc::new(Desk::new(Routing::of(&settings), Arc::new(SystemClock), vitals.clone()));
    let began = Instant::now();
    for n in 0..5000 {
        desk.tell(Record::new(SystemClock.now(), Level::Info, n.to_string()));
    }
    assert!(began.elapsed() < SOON / 2, "{:?}", began.elapsed());
    assert!(vitals.troubles()["log file"].contains("some are left out"), "{:?}", vitals.troubles());
    let log = open(settings.file.as_ref().unwrap(), &SystemClock).unwrap();
    let for_file = Arc::clone(&desk);
    let thread = thread::spawn(move || file::run(for_file, Some(log)));
    while !vitals.troubles().is_empty() {
        assert!(began.elapsed() < SOON, "{:?}", vitals.troubles());
        thread::sleep(Duration::from_millis(5));
    }
    desk.file.order(FileOrder::End);
    thread.join().unwrap();
    let text = read(&folder.path().join("log"));
    let lines = text.lines().count();
    assert!(text.contains(&format!("WARNING {} lines were left out here", 5000 - (lines - 1))), "{lines}: {text}");
}
