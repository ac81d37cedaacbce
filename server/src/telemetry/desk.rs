//! Where every line passes: folds repeats, and decides which outlets get it.
//!
//! Invariant: nothing here waits for an outlet.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Mutex, RwLock};

use super::Level;
use super::file::FileOrder;
use super::queue::Queue;
use super::record::{Record, is_own};
use super::repeats::Repeats;
use super::settings::{Look, Settings};
use super::stderr::StderrOrder;
use crate::clock::Clock;
use crate::vitals::Vitals;

/// Lines that may wait for an outlet; each has a bounded length.
const MOST_WAITING: usize = 2048;
/// The part whose trouble it is when the file takes no lines.
pub(super) const PART: &str = "log file";

/// What of the settings counts for each line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Routing {
    pub(super) level: Level,
    pub(super) look: Look,
    pub(super) look_on_stderr: Look,
    pub(super) to_file: bool,
}

impl Routing {
    pub(super) fn of(settings: &Settings) -> Self {
        let Settings { level, look, look_on_stderr, file } = settings;
        Self { level: *level, look: *look, look_on_stderr: *look_on_stderr, to_file: file.is_some() }
    }
}

pub(super) struct Desk {
    clock: Arc<dyn Clock>,
    pub(super) vitals: Vitals,
    routing: RwLock<Routing>,
    repeats: Mutex<Repeats>,
    pub(super) stderr: Queue<StderrOrder>,
    pub(super) file: Queue<FileOrder>,
}

impl Desk {
    pub(super) fn new(routing: Routing, clock: Arc<dyn Clock>, vitals: Vitals) -> Self {
        let (stderr, file) = (Queue::new(MOST_WAITING), Queue::new(MOST_WAITING));
        Self { clock, vitals, routing: RwLock::new(routing), repeats: Mutex::default(), stderr, file }
    }

    pub(super) fn routing(&self) -> Routing {
        *self.routing.read()
    }

    pub(super) fn set(&self, routing: Routing) {
        *self.routing.write() = routing;
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Whether a line of this level from this module is told at all.
    ///
    /// Libraries tell what may need somebody; for those who look for a mistake, what happens too. Never more: at their
    /// finest they name addresses and headers, and nobody but us knows which of those are secret.
    pub(super) fn wants(&self, level: Level, target: &str) -> bool {
        let least = match self.routing().level {
            level if is_own(target) => level,
            Level::Debug => Level::Info,
            level => level.max(Level::Warning),
        };
        level >= least
    }

    /// Takes what was told.
    pub(super) fn tell(&self, record: Record) {
        let told = self.repeats.lock().take(record, Instant::now());
        told.into_iter().flatten().for_each(|record| self.route(record));
    }

    /// Something that telemetry itself has to say.
    pub(super) fn note(&self, level: Level, message: impl Into<String>) -> Record {
        Record::new(self.clock.now(), level, message)
    }

    /// Tells the counts of repeated lines that are due.
    pub(super) fn tell_counts(&self) {
        let due = self.repeats.lock().due(Instant::now(), self.clock.now());
        due.into_iter().for_each(|record| self.route(record));
    }

    /// Tells all counts.
    pub(super) fn tell_all_counts(&self) {
        let all = self.repeats.lock().all(Instant::now(), self.clock.now());
        all.into_iter().for_each(|record| self.route(record));
    }

    fn route(&self, record: Record) {
        let (record, to_file) = (Arc::new(record), self.routing().to_file);
        // Whoever reads standard error and nothing else must not miss these.
        if !to_file || record.level >= Level::Warning {
            self.stderr.push(Arc::clone(&record));
        }
        if to_file && self.file.push(record) {
            self.vitals.trouble(PART, "lines come faster than it takes them; some are left out");
        }
    }
}

/// What is said afterwards of lines for which there was no room.
pub(super) fn left_out(dropped: u64) -> String {
    let lines = if dropped == 1 { "1 line was".to_owned() } else { format!("{dropped} lines were") };
    format!("{lines} left out here: they came faster than they could be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn libraries_tell_less_than_we_do() {
        let check = |level, ours, theirs| {
            let look = Look::Text;
            let routing = Routing { level, look, look_on_stderr: look, to_file: false };
            let desk = Desk::new(routing, Arc::new(SystemClock), Vitals::default());
            let levels = [Level::Debug, Level::Info, Level::Warning, Level::Error];
            let least = |target| levels.into_iter().find(|level| desk.wants(*level, target)).unwrap();
            assert_eq!((least("telltale::web"), least("hyper::proto")), (ours, theirs), "{level:?}");
        };
        check(Level::Debug, Level::Debug, Level::Info);
        check(Level::Info, Level::Info, Level::Warning);
        check(Level::Warning, Level::Warning, Level::Warning);
        check(Level::Error, Level::Error, Level::Error);
    }
}
