//! What a service manager hears of the started server.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::{Duration, Instant};

use crate::harness::{SOON, Server, telltale};

struct Systemd(UnixDatagram);

impl Systemd {
    /// What it hears within this time, if anything.
    fn hears(&self, within: Duration) -> Option<String> {
        self.0.set_read_timeout(Some(within)).unwrap();
        let mut buffer = [0; 4096];
        let length = self.0.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// Waits for one message, and gives those before it.
    #[track_caller]
    fn until(&self, message: &str) -> Vec<String> {
        let (began, mut before) = (Instant::now(), Vec::new());
        loop {
            match self.hears(Duration::from_secs(1)) {
                Some(heard) if heard == message => return before,
                heard => before.extend(heard),
            }
            assert!(began.elapsed() < SOON, "no {message} in {before:?}");
        }
    }
}

fn start(socket: &str, more: &[(&str, &str)]) -> Server {
    let mut command = telltale();
    command.env("NOTIFY_SOCKET", socket).envs(more.iter().copied());
    Server::run(command.args(["start", "--listen", "127.0.0.1:0"]))
}

#[tokio::test]
async fn it_says_when_it_is_ready_that_it_lives_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = Systemd(UnixDatagram::bind(&path).unwrap());
    let mut server = start(path.to_str().unwrap(), &[("WATCHDOG_USEC", "600000")]);
    assert_eq!(systemd.until("READY=1"), Vec::<String>::new(), "it is the first thing");
    systemd.until("WATCHDOG=1");
    systemd.until("STATUS=7 collectors, all is well");
    let began = Instant::now();
    (0..5).for_each(|_| drop(systemd.until("WATCHDOG=1")));
    let took = began.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(4)).contains(&took), "half of 0.6 s each: {took:?}");

    // A process that hangs as a whole.
    server.signal("STOP");
    while systemd.hears(Duration::from_millis(100)).is_some() {}
    assert_eq!(systemd.hears(Duration::from_millis(1500)), None, "no sign of life without life");
    server.signal("CONT");
    systemd.until("WATCHDOG=1");

    server.signal("TERM");
    systemd.until("STOPPING=1");
    assert_eq!(server.ended().await.0.code(), Some(0));
    assert_eq!(systemd.hears(Duration::from_millis(100)), None, "nothing comes after the end");
}

#[tokio::test]
async fn an_abstract_name_will_do_and_the_watchdog_of_another_process_is_not_ours() {
    let name = format!("telltale-it-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let systemd = Systemd(UnixDatagram::bind_addr(&address).unwrap());
    let mut server = start(&format!("@{name}"), &[("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1")]);
    systemd.until("READY=1");
    systemd.until("STATUS=7 collectors, all is well");
    assert_eq!(systemd.hears(Duration::from_secs(1)), None);
    server.signal("TERM");
    systemd.until("STOPPING=1");
    server.ended().await;
}

#[tokio::test]
async fn without_a_manager_that_hears_it_runs_all_the_same() {
    for socket in ["/nothing/here", "vsock:2:1"] {
        let mut server = start(socket, &[]);
        assert_eq!(server.get("/api/health").await.status, 200);
        server.signal("TERM");
        server.ended().await;
        let complaints = server.complaints();
        let said = complaints.matches("the service manager cannot be told anything").count();
        assert_eq!(said, 1, "{complaints}");
    }
}
