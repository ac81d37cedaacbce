//! A log file over sizes and days, with what others do to it in between.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use rustix::fs::{Mode, mkfifoat};

use super::*;
use crate::secret::Text;

/// 2024-11-25, in the morning.
const MORNING: Timestamp = Timestamp::from_millis(1_732_508_329_000);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn rules(path: &Path) -> LogFile {
    let path = Text::open(path.to_str().unwrap());
    LogFile { path, max_bytes: 20, backups: 2, daily: false, pack_from_bytes: None }
}

struct Case {
    folder: tempfile::TempDir,
    log: Log,
}

impl Case {
    fn new(change: impl Fn(&mut LogFile), now: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut rules = rules(&folder.path().join("log"));
        change(&mut rules);
        Self { log: Log::open(rules, now).unwrap(), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As the thread does it.
    fn write(&mut self, line: &str, now: Timestamp) {
        if self.log.is_full(line.len(), now) {
            self.log.rotate(now).unwrap();
        }
        self.log.append(line, now).unwrap();
    }

    fn restart(&mut self, now: Timestamp) {
        self.log = Log::open(self.log.rules.clone(), now).unwrap();
    }

    /// `name: content`, newlines as `|`.
    fn content(&self) -> String {
        let mut files: Vec<_> = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let shown = files.iter().map(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            format!("{name}: {}", fs::read_to_string(path).unwrap_or_else(|_| "?".to_owned()).replace('\n', "|"))
        });
        shown.collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn by_size_before_it_gets_too_large() {
    let mut case = Case::new(|_| {}, MORNING);
    for line in ["nine char\n", "and nine.\n", "next one\n"] {
        case.write(line, MORNING);
    }
    assert_eq!(case.content(), "log: next one| log.1: nine char|and nine.|");
    case.write("a line that is longer than a whole file may be\n", MORNING);
    case.write("x\n", MORNING);
    assert_eq!(case.content(), "log: x| log.1: a line that is longer than a whole file may be| log.2: next one|");
    case.restart(MORNING);
    case.write("y\n", MORNING);
    case.write("this is too much now\n", MORNING);
    assert_eq!(
        case.content(),
        "log: this is too much now| log.1: x|y| log.2: a line that is longer than a whole file may be|"
    );
}

#[test]
fn none_are_kept_where_none_are_wanted() {
    let mut case = Case::new(|rules| rules.backups = 0, MORNING);
    case.write("12345678901234567890\n", MORNING);
    case.write("x\n", MORNING);
    assert_eq!(case.content(), "log: x|");
}

#[test]
fn by_day_at_midnight_utc() {
    let mut case = Case::new(|rules| (rules.daily, rules.max_bytes) = (true, 1000), MORNING);
    let midnight = Timestamp::from_millis(1_732_579_200_000);
    case.write("a\n", MORNING);
    case.write("b\n", midnight - Duration::from_millis(1));
    assert_eq!(case.content(), "log: a|b|");
    case.write("c\n", midnight);
    case.write("d\n", midnight + DAY - Duration::from_millis(1));
    assert_eq!(case.content(), "log: c|d| log.1: a|b|");
    case.write("the clock was set back\n", MORNING);
    assert_eq!(case.content(), "log: c|d|the clock was set back| log.1: a|b|");
    case.write("e\n", midnight + 9 * DAY);
    assert_eq!(case.content(), "log: e| log.1: c|d|the clock was set back| log.2: a|b|");
}

#[test]
fn by_day_where_it_was_not_running_at_midnight() {
    let mut case = Case::new(|rules| (rules.daily, rules.max_bytes) = (true, 1000), MORNING);
    case.write("a\n", MORNING);
    let about = metadata(case.path("log")).unwrap();
    let written = Timestamp::from_millis(about.mtime() * 1000);
    case.restart(written);
    case.write("b\n", written);
    case.restart(written + DAY);
    case.write("c\n", written + DAY);
    assert_eq!(case.content(), "log: c| log.1: a|b|");
}

/// Packs until there is nothing to do.
fn packed_up(case: &mut Case) {
    let began = Instant::now();
    while case.log.may_pack || case.log.packing.is_some() {
        case.log.pack().unwrap();
        assert!(began.elapsed() < Duration::from_secs(20), "it packs and packs");
    }
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn mode(path: &Path) -> u32 {
    metadata(path).unwrap().mode() & 0o777
}

#[test]
fn large_ones_are_packed_and_small_ones_are_not() {
    let mut case = Case::new(|rules| (rules.backups, rules.pack_from_bytes) = (5, Some(15)), MORNING);
    for line in ["small\n", "this is a large one\n", "x\n"] {
        case.write(line, MORNING);
    }
    packed_up(&mut case);
    assert_eq!(case.content(), "log: x| log.1.gz: ? log.2: small|");
    assert_eq!(unpacked(&case.path("log.1.gz")), "this is a large one\n");
    assert_eq!(mode(&case.path("log.1.gz")), mode(&case.path("log")), "packed, it is read by the same people");
    case.write("this is also a large one\n", MORNING);
    case.write("y\n", MORNING);
    packed_up(&mut case);
    assert_eq!(case.content(), "log: y| log.1.gz: ? log.2: x| log.3.gz: ? log.4: small|");
    assert_eq!(unpacked(&case.path("log.3.gz")), "this is a large one\n");
}

#[test]
fn a_rotation_while_one_is_packed_takes_nothing_from_it() {
    let mut case = Case::new(|rules| (rules.backups, rules.pack_from_bytes) = (2, Some(15)), MORNING);
    case.write("this is a large one\n", MORNING);
    case.write("x\n", MORNING);
    case.log.pack().unwrap();
    assert!(case.log.packing.is_some());
    case.write("too much for the file\n", MORNING);
    packed_up(&mut case);
    assert_eq!(case.content(), "log: too much for the file| log.1: x| log.2.gz: ?");
    assert_eq!(unpacked(&case.path("log.2.gz")), "this is a large one\n");
}

#[test]
fn what_is_the_oldest_by_the_time_it_is_packed_goes() {
    let mut case = Case::new(|rules| (rules.backups, rules.pack_from_bytes) = (1, Some(15)), MORNING);
    case.write("this is a large one\n", MORNING);
    case.write("x\n", MORNING);
    case.log.pack().unwrap();
    case.write("too much for the file\n", MORNING);
    packed_up(&mut case);
    assert_eq!(case.content(), "log: too much for the file| log.1: x|");
}

#[test]
fn a_packing_that_was_cut_off_leaves_nothing_and_is_done_again() {
    let mut case = Case::new(|rules| rules.pack_from_bytes = Some(15), MORNING);
    fs::write(case.path("log.gz.part"), "half").unwrap();
    fs::write(case.path("log.1"), "this is a large one\n").unwrap();
    case.restart(MORNING);
    packed_up(&mut case);
    assert_eq!(case.content(), "log:  log.1.gz: ?");
    assert_eq!(unpacked(&case.path("log.1.gz")), "this is a large one\n");
}

#[test]
fn what_others_do_to_it_is_noticed() {
    let mut case = Case::new(|rules| rules.max_bytes = 100, MORNING);
    case.write("a\n", MORNING);
    rename(case.path("log"), case.path("moved")).unwrap();
    case.log.find(MORNING).unwrap();
    case.write("b\n", MORNING);
    assert_eq!(case.content(), "log: b| moved: a|");
    fs::write(case.path("log"), "").unwrap();
    case.log.find(MORNING).unwrap();
    assert_eq!(case.log.size, 0, "emptied");
    case.write("c\n", MORNING);
    assert_eq!(case.content(), "log: c| moved: a|");
    fs::remove_dir_all(case.folder.path()).unwrap();
    case.log.find(MORNING).unwrap();
    case.write("d\n", MORNING);
    assert_eq!(case.content(), "log: d|");
}

#[test]
fn a_rotation_that_cannot_be_done_leaves_a_file_that_is_written_to() {
    let mut case = Case::new(|rules| rules.backups = 1, MORNING);
    // A folder where the one backup should be, in which something is.
    create_dir_all(case.path("log.1/x")).unwrap();
    case.write("nine char\n", MORNING);
    assert!(case.log.is_full(20, MORNING) && case.log.rotate(MORNING).is_err());
    case.log.append("and nine more\n", MORNING).unwrap();
    assert_eq!(case.content(), "log: nine char|and nine more| log.1: ?");
    fs::remove_dir_all(case.path("log.1")).unwrap();
    case.write("x\n", MORNING);
    assert_eq!(case.content(), "log: x| log.1: nine char|and nine more|");
}

#[test]
fn half_a_line_is_taken_back() {
    let mut case = Case::new(|_| {}, MORNING);
    case.write("a\n", MORNING);
    case.log.file.write_all(b"half of a li").unwrap();
    case.log.cut();
    case.write("b\n", MORNING);
    assert_eq!(case.content(), "log: a|b|");
}

#[test]
fn the_owner_writes_and_the_group_may_read() {
    let case = Case::new(|_| {}, MORNING);
    // The test's own umask may take more away.
    let mode = mode(&case.path("log"));
    assert_eq!(mode & !0o640, 0, "{mode:o}");
    assert_eq!(mode & 0o600, 0o600, "{mode:o}");
}

#[test]
fn what_cannot_be_opened_says_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mkfifoat(rustix::fs::CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
    for path in [folder.path().to_owned(), pipe.join("log"), pipe, PathBuf::from("/proc/nothing/log")] {
        assert!(Log::open(rules(&path), MORNING).is_err(), "{}", path.display());
    }
}

#[test]
fn a_device_without_room_takes_nothing_and_is_never_rotated() {
    let mut log = Log::open(rules(Path::new("/dev/full")), MORNING).unwrap();
    assert!(log.append("x\n", MORNING).is_err());
    assert!(!log.is_full(1000, MORNING));
    log.find(MORNING).unwrap();
}
