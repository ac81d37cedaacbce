//! Which processes an application is.
//!
//! Looking through all processes is dear, so it is done now and then; in between those that were found stand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::model::Timestamp;

use super::CollectError;
use crate::collect::process_stat;
use crate::secret::Text;

/// A process that joins its application is seen after so long at the latest.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// How the processes of an application are told from others.
#[derive(Debug, Clone)]
pub enum Find {
    /// The process that asks.
    This,
    /// By the name of its program, of which the kernel keeps 15 bytes.
    Name(String),
    /// The one whose number is in this file, which an error shows as its [`Text`] does.
    PidFile(Text),
    /// By a piece of its command line, words parted by one blank; `*` in it stands for anything.
    Command(String),
    /// All of a systemd unit, such as `nginx.service`, by their cgroup.
    Unit(String),
}

#[derive(Debug)]
pub(super) struct Finder {
    proc: PathBuf,
    find: Find,
    found: Vec<u32>,
    looked: Option<Timestamp>,
    /// Something found has gone.
    stale: bool,
}

impl Finder {
    pub(super) fn new(proc: PathBuf, find: Find) -> Self {
        Self { proc, find, found: Vec::new(), looked: None, stale: false }
    }

    /// One of those that were found has gone.
    pub(super) fn forget(&mut self) {
        self.stale = true;
    }

    /// Numbers of processes, of which some may have ended since.
    pub(super) fn pids(&mut self, now: Timestamp) -> Result<&[u32], CollectError> {
        // A clock that was set back counts as time that passed.
        let due = self.looked.is_none_or(|looked| now < looked || now.since(looked) >= LOOK_AGAIN);
        let cheap = matches!(self.find, Find::PidFile(_));
        if due || cheap || self.stale {
            self.found.clear();
            self.look()?;
            self.looked = Some(now);
            self.stale = false;
        }
        Ok(&self.found)
    }

    fn look(&mut self) -> Result<(), CollectError> {
        match &self.find {
            Find::This => self.found.push(std::process::id()),
            Find::PidFile(path) => match fs::read_to_string(path.as_path()) {
                Ok(text) => {
                    let odd = |_| CollectError::not_understood(path.to_string(), "it holds no number");
                    self.found.push(text.trim().parse().map_err(odd)?);
                }
                // As long as the application does not run.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(CollectError::read(path.to_string(), e)),
            },
            find => {
                let failed = |e| CollectError::read(self.proc.display().to_string(), e);
                for entry in fs::read_dir(&self.proc).map_err(failed)? {
                    let path = entry.map_err(failed)?.path();
                    let pid = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
                    self.found.extend(pid.filter(|_| is(find, &path)));
                }
                self.found.sort_unstable();
            }
        }
        Ok(())
    }
}

/// A process that goes meanwhile, or is not ours to see, is none.
fn is(find: &Find, process: &Path) -> bool {
    let read = |file: &str| fs::read(process.join(file)).unwrap_or_default();
    match find {
        Find::This | Find::PidFile(_) => false,
        Find::Name(name) => {
            let wanted = name.as_bytes();
            let wanted = wanted.get(..15).unwrap_or(wanted);
            process_stat::parse(&read("stat")).is_some_and(|stat| stat.name.as_bytes() == wanted)
        }
        Find::Command(pattern) => {
            let words = String::from_utf8_lossy(&read("cmdline")).trim_end_matches('\0').replace('\0', " ");
            !words.is_empty() && holds(&words, pattern)
        }
        Find::Unit(unit) => {
            let cgroups = read("cgroup");
            let paths = str::from_utf8(&cgroups).unwrap_or_default().lines();
            paths.filter_map(|line| line.splitn(3, ':').nth(2)).any(|path| path.split('/').any(|part| part == unit))
        }
    }
}

/// Whether all pieces of `pattern` between its `*` are in `text`, one after another.
fn holds(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    pattern.split('*').all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `proc`: a line a file: number, file, text with `|` for a zero byte. `want`: numbers found.
    #[track_caller]
    fn check(find: Find, want: &[u32]) {
        let rest = "1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 1 1";
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("1/stat", format!("1 (systemd) S {rest}")),
            ("1/cmdline", "/sbin/init|".to_owned()),
            ("1/cgroup", "0::/init.scope\n".to_owned()),
            ("20/stat", format!("20 (nginx) S {rest}")),
            ("20/cmdline", "nginx: master process /usr/sbin/nginx".to_owned()),
            ("20/cgroup", "0::/system.slice/nginx.service\n".to_owned()),
            ("3/stat", format!("3 (nginx) S {rest}")),
            ("3/cmdline", "nginx: worker process|||".to_owned()),
            ("3/cgroup", "1:name=systemd:/system.slice/nginx.service/worker:1\n0::/\n".to_owned()),
            ("40/stat", format!("40 (prometheus-node) S {rest}")),
            ("40/cmdline", "python3|-m|http.server|8000|".to_owned()),
            ("41/stat", "41 (cut".to_owned()),
            ("41/cgroup", "0::/system.slice/nginx.service.old\n\n::\n".to_owned()),
            ("42/other", String::new()),
            ("self/cmdline", "python3|-m|http.server|".to_owned()),
            ("run/app.pid", "20\n".to_owned()),
            ("run/odd.pid", "twenty".to_owned()),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace('|', "\0")).unwrap();
        }
        let find = match find {
            Find::PidFile(name) => {
                Find::PidFile(Text::hidden(folder.path().join("run").join(name.as_path()).to_str().unwrap()))
            }
            find => find,
        };
        let mut finder = Finder::new(folder.path().to_owned(), find.clone());
        match finder.pids(Timestamp::from_millis(0)) {
            Ok(got) => assert_eq!(got, want, "{find:?}"),
            Err(error) => assert_eq!(
                (want, error.to_string().as_str()),
                (&[][..], "[secret] was read but not understood: it holds no number")
            ),
        }
    }

    #[test]
    fn processes_are_found_in_every_way() {
        check(Find::Name("nginx".into()), &[3, 20]);
        check(Find::Name("prometheus-node-exporter".into()), &[40]);
        check(Find::Name("ngin".into()), &[]);
        check(Find::Command("nginx: worker".into()), &[3]);
        check(Find::Command("python*http.server 8".into()), &[40]);
        check(Find::Command("http*python".into()), &[]);
        check(Find::Unit("nginx.service".into()), &[3, 20]);
        check(Find::PidFile(Text::open("app.pid")), &[20]);
        check(Find::PidFile(Text::open("none.pid")), &[]);
        check(Find::PidFile(Text::open("odd.pid")), &[]);
        check(Find::This, &[std::process::id()]);
    }

    #[test]
    fn it_looks_again_now_and_then_and_when_one_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let add = |pid: u32| {
            fs::create_dir(folder.path().join(pid.to_string())).unwrap();
            fs::write(folder.path().join(pid.to_string()).join("cmdline"), "worker").unwrap();
        };
        let mut finder = Finder::new(folder.path().to_owned(), Find::Command("worker".into()));
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        add(1);
        assert_eq!(finder.pids(at(0)).unwrap(), [1]);
        add(2);
        assert_eq!(finder.pids(at(9)).unwrap(), [1]);
        assert_eq!(finder.pids(at(10)).unwrap(), [1, 2]);
        add(3);
        finder.forget();
        assert_eq!(finder.pids(at(11)).unwrap(), [1, 2, 3]);
        add(4);
        assert_eq!(finder.pids(at(-50)).unwrap(), [1, 2, 3, 4]);
    }
}
