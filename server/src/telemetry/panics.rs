//! Panics as lines of the log, instead of writes to a standard error that may block.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{set_hook, take_hook};
use std::thread;

/// From now on.
pub(super) fn tell() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let says = panic.payload_as_str().unwrap_or("without a message");
        let thread = thread::current();
        let (thread, place) = (thread.name().unwrap_or("a thread"), panic.location());
        match place {
            Some(place) => tracing::error!(target: "telltale", "`{thread}` panicked at {place}: {says}"),
            None => tracing::error!(target: "telltale", "`{thread}` panicked: {says}"),
        }
        // Who has asked for backtraces gets them as everywhere.
        if Backtrace::capture().status() == BacktraceStatus::Captured {
            usual(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::Arc;
    use std::time::Duration;

    use crate::clock::SystemClock;
    use crate::secret::Text;
    use crate::telemetry::{Level, LogFile, Look, Settings, Telemetry};
    use crate::vitals::Vitals;

    const FILE: &str = "TELLTALE_TEST_PANIC_LOG";

    /// In a process of its own, since the hook counts for all threads of one.
    fn panic_into(path: &str) {
        let path = Text::open(path);
        let file = LogFile { path, max_bytes: 1 << 20, backups: 1, daily: false, pack_from_bytes: None };
        let (look, file) = (Look::Text, Some(file));
        let settings = Settings { level: Level::Info, look, look_on_stderr: look, file };
        let stderr = Box::new(std::io::stderr());
        let telemetry = Telemetry::start(&settings, Arc::new(SystemClock), Vitals::default(), stderr).unwrap();
        assert!(telemetry.install() && !telemetry.install(), "a process has one");
        let thread = std::thread::Builder::new().name("unlucky".to_owned()).spawn(|| panic!("no luck\nat all"));
        assert!(thread.unwrap().join().is_err());
        assert!(telemetry.flush(Duration::from_secs(20)));
    }

    #[test]
    fn a_panic_is_a_line_and_has_a_backtrace_where_one_was_asked_for() {
        if let Ok(path) = std::env::var(FILE) {
            return panic_into(&path);
        }
        for (asked, backtraces) in [("0", 0), ("1", 1)] {
            let log = tempfile::NamedTempFile::new().unwrap();
            let this = "telemetry::panics::tests::a_panic_is_a_line_and_has_a_backtrace_where_one_was_asked_for";
            let mut again = Command::new(std::env::current_exe().unwrap());
            again.args([this, "--exact", "--nocapture"]).env(FILE, log.path()).env("RUST_BACKTRACE", asked);
            let output = again.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            let line = std::fs::read_to_string(log.path()).unwrap();
            assert_eq!(line.lines().count(), 1, "{line}");
            assert!(
                line.contains(" ERROR   `unlucky` panicked at ") && line.ends_with(": no luck\\nat all\n"),
                "{line}"
            );
            assert!(said.contains(&line), "{said}");
            assert_eq!(said.matches("stack backtrace:").count(), backtraces, "{said}");
        }
    }
}
