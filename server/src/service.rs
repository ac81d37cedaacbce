//! What the service manager is told, in the words of sd_notify(3): ready, reloading, stopping, and that we live.
//!
//! Written here rather than taken from a package: it is a few datagrams, and the usual packages read and change the
//! environment by themselves.
//! May not know: how the server is; that is asked for.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::monotonic;
use crate::config::Env;
use crate::telemetry::{complain, warn};

/// How long a manager that takes nothing may hold us up.
const SEND_WITHIN: Duration = Duration::from_millis(500);
/// How old the line of `systemctl status` gets at the most.
const STATUS_EVERY: Duration = Duration::from_secs(10);

/// Tells the service manager, where there is one. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Notifier(Option<Arc<Manager>>);

#[derive(Debug)]
struct Manager {
    socket: UnixDatagram,
    address: SocketAddr,
    /// It ends us when it hears nothing for so long.
    watchdog: Option<Duration>,
    /// That it cannot be reached has been said.
    troubled: AtomicBool,
}

/// How the server is, for [`Notifier::attend`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Whether it does its work; the watchdog hears of it while this is true, and of nothing else.
    pub alive: bool,
    /// The line of `systemctl status`.
    pub status: String,
}

impl Notifier {
    /// The manager that `env` names by `NOTIFY_SOCKET`, a path or, after an `@`, an abstract name; nobody where it names
    /// none. `WATCHDOG_USEC` counts where `WATCHDOG_PID` is `pid`, which is ours, or not set.
    #[must_use]
    pub fn new(env: Env<'_>, pid: u32) -> Self {
        let Some(name) = env("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else { return Self(None) };
        match Manager::new(&name, watchdog(env, pid)) {
            Ok(manager) => Self(Some(Arc::new(manager))),
            Err(error) => {
                // No log is kept yet.
                complain(&format!("the service manager cannot be told anything: NOTIFY_SOCKET is {name}: {error}"));
                Self(None)
            }
        }
    }

    /// It serves; again after [`reloading`](Self::reloading), when that is done.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// It reads its configuration again; [`ready`](Self::ready) must follow, whether that went well or not.
    pub fn reloading(&self) {
        let micros = monotonic().as_micros();
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// It comes to its end.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// What it does, in a line for people.
    pub fn status(&self, says: &str) {
        self.tell(&format!("STATUS={}", says.replace(['\n', '\r'], " ")));
    }

    /// Until `stop`: tells the watchdog that we live, twice as often as it wants to know, and keeps the status line true.
    /// Runs as a task like any other, so that it is silent where no task runs. Returns at once where nobody listens.
    pub async fn attend(self, look: impl Fn() -> Life + Send, mut stop: watch::Receiver<bool>) {
        let Some(manager) = &self.0 else { return };
        let every = manager.watchdog.map_or(STATUS_EVERY, |limit| (limit / 2).min(STATUS_EVERY));
        let mut due = interval(every.max(Duration::from_millis(1)));
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = String::new();
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                _ = due.tick() => {}
            }
            let Life { alive, status } = look();
            if alive && manager.watchdog.is_some() {
                self.tell("WATCHDOG=1");
            }
            if status != told {
                self.status(&status);
                told = status;
            }
        }
    }

    /// Whether somebody listens.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.0.is_some()
    }

    fn tell(&self, message: &str) {
        let Some(manager) = &self.0 else { return };
        match manager.socket.send_to_addr(message.as_bytes(), &manager.address) {
            Ok(_) => manager.troubled.store(false, Ordering::Relaxed),
            Err(error) => {
                if !manager.troubled.swap(true, Ordering::Relaxed) {
                    warn(&format!("the service manager cannot be told anything: {error}"));
                }
            }
        }
    }
}

impl Manager {
    fn new(name: &str, watchdog: Option<Duration>) -> std::io::Result<Self> {
        let address = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None if name.starts_with('/') => SocketAddr::from_pathname(name)?,
            None => return Err(std::io::Error::other("neither a path nor an abstract name")),
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(SEND_WITHIN))?;
        Ok(Self { socket, address, watchdog, troubled: AtomicBool::new(false) })
    }
}

/// How long the watchdog waits for a sign of life, where it watches this process.
fn watchdog(env: Env<'_>, pid: u32) -> Option<Duration> {
    let ours = env("WATCHDOG_PID").is_none_or(|watched| watched.parse() == Ok(pid));
    let micros: u64 = env("WATCHDOG_USEC")?.parse().ok()?;
    (ours && micros > 0).then(|| Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parking_lot::Mutex;
    use tokio::time::sleep;

    use super::*;

    /// A service manager, and what it hears.
    struct Systemd(UnixDatagram);

    impl Systemd {
        /// All that it has heard and not yet told.
        fn all(&self) -> Vec<String> {
            let mut buffer = [0; 4096];
            let next = || {
                let length = self.0.recv(&mut buffer).ok()?;
                Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
            };
            std::iter::from_fn(next).collect()
        }
    }

    fn listening(address: &SocketAddr) -> Systemd {
        let socket = UnixDatagram::bind_addr(address).unwrap();
        socket.set_nonblocking(true).unwrap();
        Systemd(socket)
    }

    fn notifier(pairs: &[(&str, &str)]) -> Notifier {
        let pairs: BTreeMap<&str, &str> = pairs.iter().copied().collect();
        Notifier::new(&|name| pairs.get(name).map(|value| (*value).to_owned()), 42)
    }

    #[test]
    fn what_happens_is_told_in_the_manager_s_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let path = path.to_str().unwrap();
        let name = format!("telltale-test-{}", std::process::id());
        for (address, variable) in [
            (SocketAddr::from_pathname(path).unwrap(), path.to_owned()),
            (SocketAddr::from_abstract_name(&name).unwrap(), format!("@{name}")),
        ] {
            let systemd = listening(&address);
            let notifier = notifier(&[("NOTIFY_SOCKET", &variable)]);
            assert!(notifier.is_heard());
            notifier.ready();
            notifier.status("two\nlines");
            let before = monotonic();
            notifier.reloading();
            notifier.stopping();
            let mut heard = systemd.all();
            let reloading = heard.remove(2);
            assert_eq!(heard, ["READY=1", "STATUS=two lines", "STOPPING=1"]);
            let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().parse::<u64>().unwrap();
            assert!((before..=monotonic()).contains(&Duration::from_micros(micros + 1)), "{micros} from {before:?} on");
        }
    }

    #[test]
    fn who_does_not_listen_is_told_nothing() {
        let nowhere = [("NOTIFY_SOCKET", "/nothing/here")];
        for pairs in [&[][..], &[("NOTIFY_SOCKET", "")], &[("NOTIFY_SOCKET", "vsock:2:1234")], &nowhere] {
            let notifier = notifier(pairs);
            notifier.ready();
            notifier.status("a");
            assert_eq!(notifier.is_heard(), pairs == nowhere);
        }
    }

    #[test]
    fn the_watchdog_counts_where_it_watches_us() {
        let check = |pairs: &[(&str, &str)], want: Option<u64>| {
            let env = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(watchdog(&env, 42), want.map(Duration::from_micros), "{pairs:?}");
        };
        check(&[], None);
        check(&[("WATCHDOG_USEC", "30000000")], Some(30_000_000));
        check(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "42")], Some(30_000_000));
        check(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "43")], None);
        check(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "x")], None);
        check(&[("WATCHDOG_USEC", "0")], None);
        check(&[("WATCHDOG_USEC", "soon")], None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_watchdog_hears_of_us_while_we_live_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let systemd = listening(&SocketAddr::from_pathname(&path).unwrap());
        let notifier = notifier(&[("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "4000000")]);
        let life = Arc::new(Mutex::new(Life { alive: true, status: "well".to_owned() }));
        let (stop, stopped) = watch::channel(false);
        let look = {
            let life = Arc::clone(&life);
            move || life.lock().clone()
        };
        let attending = tokio::spawn(notifier.attend(look, stopped));
        let pings = || systemd.all().iter().filter(|heard| *heard == "WATCHDOG=1").count();

        sleep(Duration::from_millis(1)).await;
        assert_eq!(systemd.all(), ["WATCHDOG=1", "STATUS=well"]);
        sleep(Duration::from_secs(20)).await;
        assert_eq!(pings(), 10);
        *life.lock() = Life { alive: false, status: "the store fails".to_owned() };
        sleep(Duration::from_secs(20)).await;
        assert_eq!(systemd.all(), ["STATUS=the store fails"], "told, once, and no sign of life");
        life.lock().alive = true;
        sleep(Duration::from_secs(20)).await;
        assert_eq!(pings(), 10);
        stop.send_replace(true);
        attending.await.unwrap();
        assert_eq!(systemd.all(), Vec::<String>::new());
    }
}
