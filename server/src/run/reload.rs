//! The configuration, read again: what can change while it runs changes, and what cannot is told.
//!
//! Invariant: a file with a mistake changes nothing.
//! Invariant: a collector that the change does not concern loses no sample.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, spawn_blocking};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep_until, timeout};

use super::server::{Server, WARM_UP, When, notices};
use super::{Place, Reread, collectors, extra, listen, settings};
use crate::config::{Config, Loaded};
use crate::monitor::{Monitor, Told};
use crate::telemetry::warn;

/// How long the file may take to be read.
const READ_WITHIN: Duration = Duration::from_secs(1);
/// How long the log may take to be opened.
const LOG_WITHIN: Duration = Duration::from_secs(2);
/// From one attempt to get a port to the next.
const MOVE_EVERY: Duration = Duration::from_secs(2);

/// The parts of health that speak of it.
const CONFIGURATION: &str = "configuration";
const PORT: &str = "port";

impl Server {
    /// Whether a change of the file is enough.
    pub(super) fn reloads_by_itself(&self) -> bool {
        self.options.loaded.config.development.hot_reload && self.options.reread.is_some()
    }

    /// Reads the file again and does what it says now. The service manager is told from when until when.
    pub(super) async fn reload(&mut self) {
        self.options.notifier.reloading();
        self.reloads += 1;
        self.read_again().await;
        self.options.notifier.ready();
    }

    async fn read_again(&mut self) {
        let Some(reread) = self.options.reread.clone() else {
            warn("there is no configuration to read again: it was started without --config");
            return;
        };
        let mistakes = match self.read(reread).await {
            Ok(Ok(Ok(loaded))) if loaded.config.enabled => match self.options.place {
                // As at a start: what the command line says must be allowed by the file.
                Place::At(listen) if let Err(refused) = listen::allow(listen, &loaded.config) => {
                    vec![refused.to_string()]
                }
                _ => match self.change(loaded).await {
                    Ok(()) => return,
                    Err(refused) => vec![refused],
                },
            },
            Ok(Ok(Ok(_))) => vec!["`enabled` is false, which counts at a start; to end it, end the process".to_owned()],
            Ok(Ok(Err(mistakes))) => mistakes,
            Ok(Err(broken)) => vec![format!("reading it broke off: {broken}")],
            Err(_) => vec![format!("{} cannot be read within {} s", self.file(), READ_WITHIN.as_secs())],
        };
        mistakes.iter().for_each(warn);
        let first = mistakes.first().map_or("", String::as_str);
        let more = match mistakes.len() {
            0 | 1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        let says =
            format!("what it was before stays in force, since the file as it is now cannot be used: {first}{more}");
        // By its number, so that each is told, however alike they are.
        warn(&format!("reload {}: the configuration was not changed", self.reloads));
        self.monitor.vitals.trouble(CONFIGURATION, says);
    }

    /// Reads it, unless a disk that hangs is still being read: then that one is waited for first. However often it is asked for, there
    /// is one at a time.
    async fn read(&mut self, reread: Reread) -> Result<Result<Result<Loaded, Vec<String>>, JoinError>, Elapsed> {
        timeout(READ_WITHIN, async {
            if let Some(earlier) = &mut self.reading {
                // What it says may be out of date.
                let _ = earlier.await;
                self.reading = None;
            }
            let reading = self.reading.insert(spawn_blocking(move || reread()));
            let read = reading.await;
            self.reading = None;
            read
        })
        .await
    }

    fn file(&self) -> String {
        self.options.file.as_ref().map_or_else(|| "it".to_owned(), |file| file.display().to_string())
    }

    /// Does what the configuration says; where a part of it cannot be had, nothing, and says why.
    async fn change(&mut self, loaded: Loaded) -> Result<(), String> {
        let Monitor { store, pipeline, written, .. } = &*self.monitor;
        let look = || self.gauges.look(store, pipeline, &self.hub, written);
        let jobs = collectors::jobs(&loaded.config.collectors, &self.options, &look);
        let names = jobs.iter().map(|job| job.collector.name());
        extra::names_differ(names.chain(self.own.iter().map(|name| &**name))).map_err(|error| error.to_string())?;
        self.change_log(&loaded.config).await?;

        let before = std::mem::replace(&mut self.options.loaded, loaded);
        self.tell_news(&before).await;
        let config = &self.options.loaded.config;
        let needs_restart = self.at_start.differs(config);
        self.monitor.store.limit(settings::limits(config));
        self.monitor.store.keep_spread_of(settings::spread(&config.collectors));
        self.monitor.store.flush_every(config.storage.flush_interval);
        self.cleanup_every.send_replace(settings::cleanup_interval(config));
        let (most, waiting) = settings::live(config);
        self.hub.allow(self.room.sockets(most), waiting);
        let changed = self.scheduler.replace(jobs, WARM_UP);
        self.monitor.pipeline.forget(&changed);
        let mut setup = settings::setup(config, self.options.file.as_deref(), self.monitor.now());
        setup.needs_restart.clone_from(&needs_restart);
        self.told.send_replace(Arc::new(Told { layout: settings::layout(config), setup }));
        self.monitor.vitals.well(CONFIGURATION);

        let moves = self.options.place == Place::AsConfigured && place(config) != place(&before.config);
        self.route();
        tracing::info!("reload {}: {}", self.reloads, summary(&changed, &needs_restart));
        if moves || self.move_at.is_some() {
            self.move_on().await;
        }
        Ok(())
    }

    /// The log first: it is what may be refused. It may lie on a disk that hangs, and is used only where it is there in time.
    async fn change_log(&mut self, config: &Config) -> Result<(), String> {
        let (Some(telemetry), Some(colour)) = (&self.telemetry, self.options.log) else { return Ok(()) };
        let (opens, settings) = (Arc::clone(telemetry), settings::telemetry(config, colour));
        let opening = &mut self.opening;
        let opened = timeout(LOG_WITHIN, async {
            if let Some(earlier) = opening.as_mut() {
                // One at a time, however often it is tried. That one was refused.
                let _ = earlier.await;
                *opening = None;
            }
            let opened = opening.insert(spawn_blocking(move || opens.prepare(&settings))).await;
            *opening = None;
            opened
        })
        .await;
        match opened {
            Ok(Ok(Ok(prepared))) => telemetry.apply(prepared),
            Ok(Ok(Err(error))) => return Err(error.to_string()),
            Ok(Err(broken)) => return Err(format!("opening the log broke off: {broken}")),
            Err(_) => return Err(format!("the log cannot be opened within {} s", LOG_WITHIN.as_secs())),
        }
        Ok(())
    }

    /// What its author should know and was not told before.
    async fn tell_news(&self, before: &Loaded) {
        let known = notices(before, self.address(), When::Again);
        let (known, now) = (known.await, notices(&self.options.loaded, self.address(), When::Again).await);
        now.iter().filter(|notice| !known.contains(notice)).for_each(warn);
    }

    /// Answers requests by the configuration as it is now.
    fn route(&self) {
        if let Some(serving) = &self.serving {
            serving.route(self.router(serving.address()));
        }
    }

    /// Tries to get where the configuration wants it to be.
    pub(super) async fn move_on(&mut self) {
        let Some(serving) = &mut self.serving else { return };
        let moved = serving.move_on(&self.options).await;
        let (address, vitals) = (listen::shown(serving.address(), &self.options), &self.monitor.vitals);
        match moved {
            Ok(()) => {
                self.move_at = None;
                vitals.well(PORT);
                self.route();
                tracing::info!("the page is at http://{address} from now on");
            }
            Err(error) => {
                self.move_at = Some(Instant::now() + MOVE_EVERY);
                let stays = if serving.is_open() { "it stays where it was" } else { "it listens nowhere" };
                let says = format!("{stays}, since {error}");
                if vitals.trouble(PORT, &says) {
                    warn(&says);
                }
            }
        }
    }
}

/// Waits until then; for ever where there is nothing to wait for.
pub(super) async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Where the configuration wants the page to be.
fn place(config: &Config) -> (&str, u16) {
    (config.dashboard.host.as_str(), config.dashboard.port)
}

fn summary(changed: &[String], needs_restart: &[String]) -> String {
    let mut says = "the configuration was read again".to_owned();
    if !changed.is_empty() {
        says.push_str(&format!("; collectors that changed: {}", changed.join(", ")));
    }
    if !needs_restart.is_empty() {
        says.push_str(&format!("; from the next start on: {}", needs_restart.join(", ")));
    }
    says
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_has_become_of_it() {
        let check = |changed: &[&str], needs: &[&str], want: &str| {
            let own = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
            assert_eq!(summary(&own(changed), &own(needs)), want);
        };
        check(&[], &[], "the configuration was read again");
        let both =
            "the configuration was read again; collectors that changed: a, b; from the next start on: storage.path";
        check(&["a", "b"], &["storage.path"], both);
    }
}
