//! The running log: started, changed, flushed, ended.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use super::desk::{Desk, Routing};
use super::file::{self, FileOrder, Log};
use super::layer::ToDesk;
use super::panics;
use super::settings::{LogFile, Settings};
use super::stderr::{self, StderrOrder};
use crate::clock::Clock;
use crate::vitals::Vitals;

/// How long the last lines may hold up the end.
const FLUSH_WITHIN: Duration = Duration::from_millis(300);

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be had.
    #[error("the log file {path} cannot be opened: {because}; logging.file says where it is")]
    File {
        /// The path, or what is shown in its place.
        path: String,
        /// The system's word for it.
        because: io::Error,
    },
    /// There are no threads to be had.
    #[error("the log cannot be started: {0}")]
    Threads(io::Error),
}

/// A running log. Dropped, it takes no more lines; what waits is written where that can be done.
pub struct Telemetry {
    desk: Arc<Desk>,
}

/// Other settings, and the file that they need, open.
pub struct Prepared {
    routing: Routing,
    log: Option<Log>,
}

impl Telemetry {
    /// Starts it. `stderr` is written to from a thread of its own, so it may block. Where the file takes no lines,
    /// `vitals` hears of it.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn start(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        vitals: Vitals,
        mut stderr: Box<dyn Write + Send>,
    ) -> Result<Self, LogError> {
        let log = settings.file.as_ref().map(|file| open(file, &*clock)).transpose()?;
        let desk = Arc::new(Desk::new(Routing::of(settings), clock, vitals));
        let for_stderr = Arc::clone(&desk);
        spawn("log-stderr", move || stderr::run(&for_stderr, &mut *stderr))?;
        let telemetry = Self { desk };
        let for_file = Arc::clone(&telemetry.desk);
        spawn("log-file", move || file::run(for_file, log))?;
        Ok(telemetry)
    }

    /// Makes it the one that hears everything this process tells by `tracing`, panics too. False where the process has
    /// one already, which then goes on to hear it all.
    pub fn install(&self) -> bool {
        let installed = tracing::subscriber::set_global_default(self.subscriber()).is_ok();
        if installed {
            panics::tell();
        }
        installed
    }

    /// What hears for it.
    fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        Registry::default().with(ToDesk(Arc::clone(&self.desk)))
    }

    /// Takes other settings from now on. What was told before goes where it would have gone; no line is lost.
    ///
    /// # Errors
    /// Where a new file cannot be opened; then nothing has changed.
    #[cfg(test)]
    pub(super) fn change(&self, settings: &Settings) -> Result<(), LogError> {
        let prepared = self.prepare(settings)?;
        self.apply(prepared);
        Ok(())
    }

    /// Opens what other settings need; nothing has changed by it. It may take as long as the disk likes.
    ///
    /// # Errors
    /// Where a new file cannot be opened.
    pub fn prepare(&self, settings: &Settings) -> Result<Prepared, LogError> {
        // Opened anew even where it is the same: what its rules say may have changed, and nothing is lost by it.
        let log = settings.file.as_ref().map(|file| open(file, self.desk.clock())).transpose()?;
        Ok(Prepared { routing: Routing::of(settings), log })
    }

    /// Takes other settings from now on. What was told before goes where it would have gone; no line is lost.
    pub fn apply(&self, Prepared { routing, log }: Prepared) {
        let desk = &self.desk;
        match log {
            Some(log) => {
                desk.file.order(FileOrder::Use(Box::new(log)));
                desk.set(routing);
            }
            None => {
                desk.set(routing);
                desk.file.order(FileOrder::Close);
            }
        }
        tracing::callsite::rebuild_interest_cache();
    }

    /// Waits until all that was told is written, counts of repeated lines included, but no longer than `within`. False
    /// where that was not long enough.
    pub fn flush(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        self.desk.tell_all_counts();
        // The file first: what it does not take goes to standard error.
        let file = ask(|done| self.desk.file.order(FileOrder::Flush(done)));
        if !answered(&file, until) {
            return false;
        }
        answered(&ask(|done| self.desk.stderr.order(StderrOrder::Flush(done))), until)
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // However the server came to its end: the last lines say why.
        self.flush(FLUSH_WITHIN);
        self.desk.file.order(FileOrder::End);
        self.desk.stderr.order(StderrOrder::End);
    }
}

fn open(file: &LogFile, clock: &dyn Clock) -> Result<Log, LogError> {
    let refused = |because| LogError::File { path: file.path.to_string(), because };
    Log::open(file.clone(), clock.now()).map_err(refused)
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), LogError> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop).map_err(LogError::Threads)
}

fn ask(order: impl FnOnce(SyncSender<()>)) -> Receiver<()> {
    let (done, answer) = sync_channel(1);
    order(done);
    answer
}

fn answered(answer: &Receiver<()>, until: Instant) -> bool {
    answer.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok()
}

#[cfg(test)]
#[path = "handle_tests.rs"]
mod tests;
