//! The thread that writes the file, and what becomes of lines that the file does not take: they go to standard error
//! until it does.
//!
//! Invariant: a line that the file was meant for is in the file, on standard error, or counted as left out.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use app::model::Timestamp;

use super::Log;
use crate::telemetry::Level;
use crate::telemetry::desk::{Desk, PART, left_out};
use crate::telemetry::line::line;
use crate::telemetry::queue::Item;
use crate::telemetry::record::Record;

/// How often to look after the file when nothing is told.
const TICK: Duration = Duration::from_secs(1);
/// From one attempt to the next, where the file takes nothing.
const AGAIN: Duration = Duration::from_secs(1);
/// From one attempt to rotate to the next, where that fails and the file goes on to grow.
const ROTATE_AGAIN: Duration = Duration::from_secs(10);

pub(in crate::telemetry) enum FileOrder {
    /// From now on this one.
    Use(Box<Log>),
    /// From now on none.
    Close,
    /// To be answered when all before it is written.
    Flush(SyncSender<()>),
    End,
}

/// Until it is told to end.
pub(in crate::telemetry) fn run(desk: Arc<Desk>, log: Option<Log>) {
    let mut keeper = Keeper { desk, log, trouble: None, unrotated: None };
    loop {
        let (items, dropped) = keeper.desk.file.take(TICK);
        keeper.look_after();
        if !keeper.write_all(items) {
            return;
        }
        if dropped > 0 {
            let says = keeper.desk.note(Level::Warning, left_out(dropped));
            keeper.write(&Arc::new(says));
        }
        // Somebody else may have said that lines come too fast, which they do no more.
        keeper.report();
        keeper.desk.tell_counts();
    }
}

struct Keeper {
    desk: Arc<Desk>,
    log: Option<Log>,
    /// Why the file takes nothing.
    trouble: Option<Trouble>,
    /// Why it could not be rotated, and when that is tried again.
    unrotated: Option<(String, Instant)>,
}

struct Trouble {
    says: String,
    again: Instant,
    diverted: u64,
}

impl Keeper {
    /// False where that was the end.
    fn write_all(&mut self, items: VecDeque<Item<FileOrder>>) -> bool {
        for item in items {
            match item {
                Item::Line(record) => self.write(&record),
                Item::Order(FileOrder::Use(log)) => self.change(Some(*log)),
                Item::Order(FileOrder::Close) => self.change(None),
                // Whoever asked may have gone.
                Item::Order(FileOrder::Flush(done)) => drop(done.try_send(())),
                Item::Order(FileOrder::End) => return false,
            }
        }
        true
    }

    fn change(&mut self, log: Option<Log>) {
        (self.log, self.trouble, self.unrotated) = (log, None, None);
        self.report();
        // It was opened a while ago, and may be the one that was written to until now.
        self.look_after();
    }

    /// Finds out that the file is gone before a line is lost to it, tries again where it took nothing, and packs.
    fn look_after(&mut self) {
        let now = self.desk.clock().now();
        let Some(log) = &mut self.log else { return };
        match &self.trouble {
            Some(trouble) if Instant::now() < trouble.again => {}
            Some(trouble) => {
                let says = format!(
                    "the log file takes lines again; {} meanwhile went to standard error",
                    count(trouble.diverted)
                );
                let back = Arc::new(self.desk.note(Level::Info, says));
                let text = line(&back, self.desk.routing().look);
                match log.find(now).and_then(|()| log.append(&text, now)) {
                    Ok(()) => {
                        self.trouble = None;
                        self.report();
                        self.desk.stderr.push(back);
                    }
                    Err(error) => self.fail(&error),
                }
            }
            None => {
                if let Err(error) = log.find(now) {
                    self.fail(&error);
                }
            }
        }
        if self.trouble.is_none()
            && let Some(Err(error)) = self.log.as_mut().map(Log::pack)
        {
            let says = self.desk.note(Level::Warning, format!("a rotated log cannot be packed: {error}"));
            self.tell(says);
        }
    }

    fn write(&mut self, record: &Arc<Record>) {
        let now = self.desk.clock().now();
        let text = line(record, self.desk.routing().look);
        if self.trouble.is_none() {
            self.rotate_if_due(text.len(), now);
        }
        match self.log.as_mut().filter(|_| self.trouble.is_none()).map(|log| log.append(&text, now)) {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                self.fail(&error);
                self.divert(record);
            }
            None => self.divert(record),
        }
    }

    fn rotate_if_due(&mut self, length: usize, now: Timestamp) {
        let Some(log) = self.log.as_mut().filter(|log| log.is_full(length, now)) else { return };
        if self.unrotated.as_ref().is_some_and(|(_, again)| Instant::now() < *again) {
            return;
        }
        let done = log.rotate(now);
        let was = self.unrotated.take();
        if let Err(error) = done {
            let says = format!("{} cannot be rotated: {error}; it goes on to grow", log.name());
            self.unrotated = Some((says.clone(), Instant::now() + ROTATE_AGAIN));
            self.report();
            if was.is_none() {
                self.tell(self.desk.note(Level::Warning, format!("the log file {says}")));
            }
        } else if was.is_some() {
            self.report();
        }
    }

    /// Notes that the file takes nothing, and says so where it is news.
    fn fail(&mut self, error: &io::Error) {
        let name = self.log.as_ref().map(Log::name).unwrap_or_default();
        let says = format!("{name} takes no lines: {error}; they go to standard error, and it is tried again");
        let diverted = self.trouble.as_ref().map_or(0, |trouble| trouble.diverted);
        let is_news = self.trouble.as_ref().is_none_or(|trouble| trouble.says != says);
        self.trouble = Some(Trouble { says: says.clone(), again: Instant::now() + AGAIN, diverted });
        self.report();
        if is_news {
            self.desk.stderr.push(Arc::new(self.desk.note(Level::Warning, format!("the log file {says}"))));
        }
    }

    /// Of telemetry itself: into the file, if it takes it, and onto standard error.
    fn tell(&mut self, record: Record) {
        let record = Arc::new(record);
        self.desk.stderr.push(Arc::clone(&record));
        if let (Some(log), None) = (&mut self.log, &self.trouble) {
            let text = line(&record, self.desk.routing().look);
            // What goes wrong here goes wrong with the next line too, which is heard.
            let _ = log.append(&text, record.time);
        }
    }

    /// To standard error; warnings and errors are there already.
    fn divert(&mut self, record: &Arc<Record>) {
        if record.level < Level::Warning {
            self.desk.stderr.push(Arc::clone(record));
        }
        if let Some(trouble) = &mut self.trouble {
            trouble.diverted += 1;
        }
    }

    /// As health tells it: the worst there is.
    fn report(&self) {
        let trouble = self.trouble.as_ref().map(|trouble| &trouble.says);
        match trouble.or_else(|| self.unrotated.as_ref().map(|(says, _)| says)) {
            Some(says) => drop(self.desk.vitals.trouble(PART, says.as_str())),
            None => drop(self.desk.vitals.well(PART)),
        }
    }
}

fn count(lines: u64) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}
