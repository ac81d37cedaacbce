//! The number that a program prints.
//!
//! Invariant: whatever ends a reading, its end, an error, the timeout or the end of the server, no process of the
//! program's group outlives it.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::number::{of_text, quoted};
use crate::collect::CollectError;
use crate::secret::Text;

/// What a program may print: any number fits.
const MOST_BYTES: usize = 64 * 1024;
/// What of its complaints is kept.
const COMPLAINT_BYTES: usize = 4096;
/// How long after its end what it printed may be on its way, should another process hold the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);

pub(super) struct Command {
    words: Vec<Text>,
}

/// What it printed.
#[derive(Default)]
struct Heard {
    out: Vec<u8>,
    complaint: Vec<u8>,
}

impl Command {
    pub(super) const fn new(words: Vec<Text>) -> Self {
        Self { words }
    }

    pub(super) fn what(&self) -> String {
        match self.words.first() {
            Some(program) if !program.is_secret() => format!("the command {program}"),
            _ => "the command".to_owned(),
        }
    }

    pub(super) async fn read(&mut self) -> Result<f64, CollectError> {
        let failed = |why: String| CollectError::failed(self.what(), why);
        let open = !self.words.iter().any(Text::is_secret);
        let mut heard = Heard::default();
        let status = self.run(&mut heard).await.map_err(failed)?;
        if !status.success() {
            let first = String::from_utf8_lossy(&heard.complaint);
            return Err(failed(match first.lines().map(str::trim).find(|line| !line.is_empty()) {
                Some(line) if open => format!("{}: {}", ended(status), quoted(line)),
                Some(_) => {
                    format!("{}; what it said is not shown, since a variable is in its arguments", ended(status))
                }
                None => ended(status),
            }));
        }
        of_text(&String::from_utf8_lossy(&heard.out), open).map_err(|found| failed(format!("printed {found}")))
    }

    /// Runs it to its end.
    async fn run(&self, heard: &mut Heard) -> Result<ExitStatus, String> {
        let (program, arguments) = self.words.split_first().ok_or("is empty")?;
        let mut child = tokio::process::Command::new(program.as_str())
            .args(arguments.iter().map(Text::as_str))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            // The service manager listens to us, not to whatever we start.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .env_remove("WATCHDOG_PID")
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot be started: {error}"))?;
        let mut group = Group::of(child.id());
        let hear = listen(child.stdout.take(), child.stderr.take(), heard);
        tokio::pin!(hear);
        let status = tokio::select! {
            heard = &mut hear => {
                heard?;
                child.wait().await
            }
            status = child.wait() => {
                // What it left running has no number to add, and may hold the pipes open.
                group.end();
                timeout(LAST_WORDS, hear).await.unwrap_or(Ok(()))?;
                status
            }
        };
        status.map_err(|error| format!("cannot be waited for: {error}"))
    }
}

/// Reads both to their ends.
async fn listen(
    out: Option<impl AsyncRead + Unpin>,
    complaint: Option<impl AsyncRead + Unpin>,
    heard: &mut Heard,
) -> Result<(), String> {
    let Heard { out: printed, complaint: said } = heard;
    let print = async {
        read(out, MOST_BYTES, printed).await?;
        if printed.len() > MOST_BYTES { Err(format!("printed more than {MOST_BYTES} bytes")) } else { Ok(()) }
    };
    let complain = async {
        let mut rest = complaint;
        read(rest.as_mut(), COMPLAINT_BYTES, said).await?;
        // The rest is let go: who is not listened to might wait for it.
        if let Some(rest) = &mut rest {
            tokio::io::copy(rest, &mut tokio::io::sink()).await.map_err(|error| unheard(&error))?;
        }
        Ok(())
    };
    tokio::try_join!(print, complain).map(drop)
}

/// Reads until the end or until there is more than `most`.
async fn read(from: Option<impl AsyncRead + Unpin>, most: usize, into: &mut Vec<u8>) -> Result<(), String> {
    let Some(from) = from else { return Ok(()) };
    let mut bounded = from.take(most as u64 + 1);
    while bounded.read_buf(into).await.map_err(|error| unheard(&error))? > 0 {}
    Ok(())
}

fn unheard(error: &io::Error) -> String {
    format!("cannot be listened to: {error}")
}

fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended without an exit code".to_owned(),
    }
}

/// A program and whatever it starts; dropped, it ends them.
struct Group(Option<Pid>);

impl Group {
    /// The group that the process with this number leads.
    fn of(leader: Option<u32>) -> Self {
        Self(leader.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// Right after the leader was waited for its number is still the group's, or the last one that the kernel would give
    /// to another.
    fn end(&mut self) {
        if let Some(group) = self.0.take() {
            // An empty group has nobody to end.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
