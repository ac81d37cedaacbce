//! Running other programs. Whatever fails says which command line it was and what to do about it.
//!
//! May not know: which programs there are, or what they are good for.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A program to run, with the advice that its failure deserves.
pub(crate) struct Cmd {
    inner: Command,
    hint: Option<String>,
}

impl Cmd {
    /// A program found on `PATH`, or at a path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self { inner: Command::new(program), hint: None }
    }

    /// A program of the Rust toolchain. What the cargo that runs us has set for its own children is taken away:
    /// it names another toolchain's compiler, and build scripts that look at it would be built anew each time.
    pub(crate) fn rust(program: &str) -> Self {
        let mut cmd = Self::new(program);
        for (name, _) in std::env::vars_os() {
            let set_by_cargo = name.to_str().is_some_and(|name| {
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|p| name.starts_with(p))
                    || ["CARGO", "RUSTC", "RUSTDOC", "RUST_RECURSION_COUNT", "CARGO_PRIMARY_PACKAGE"].contains(&name)
            });
            if set_by_cargo {
                cmd.inner.env_remove(&name);
            }
        }
        // `cargo run` also puts its own library folders first; a newer compiler must not find an older one's libraries.
        cmd.inner.env_remove("LD_LIBRARY_PATH");
        cmd
    }

    /// One more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.inner.arg(arg);
        self
    }

    /// More arguments.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.inner.args(args);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    /// Runs it in a folder.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.inner.current_dir(dir);
        self
    }

    /// What to do when it fails: a sentence for the person at the keyboard.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The command line as one would type it, with the variables that we set.
    pub(crate) fn line(&self) -> String {
        let mut line = String::new();
        for (name, value) in self.inner.get_envs() {
            if let Some(value) = value {
                let _ = write!(line, "{}={} ", name.to_string_lossy(), quoted(value));
            }
        }
        line.push_str(&quoted(self.inner.get_program()));
        for arg in self.inner.get_args() {
            line.push(' ');
            line.push_str(&quoted(arg));
        }
        line
    }

    /// Runs it with our own input and output.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self.inner.status();
        let status = self.started(status)?;
        self.judge(status, "")
    }

    /// Runs it and takes what it writes to standard output; its standard error goes into the error.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self.inner.stdin(Stdio::null()).output();
        let output = self.started(output)?;
        self.judge(output.status, &String::from_utf8_lossy(&output.stderr))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it silently with a text as its input: did it succeed? A program that can't be started did not.
    pub(crate) fn succeeds(mut self, input: &str) -> bool {
        let child = self.inner.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(mut child) = child else { return false };
        let fed = child.stdin.take().is_some_and(|mut pipe| pipe.write_all(input.as_bytes()).is_ok());
        child.wait().is_ok_and(|status| status.success()) && fed
    }

    /// Runs it, shows its standard output, and hands over each line of it too. Answers whether it succeeded.
    pub(crate) fn watch(mut self, each: &mut dyn FnMut(&str)) -> Result<bool> {
        let child = self.inner.stdout(Stdio::piped()).spawn();
        let mut child = self.started(child)?;
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines() {
                let line = line.with_context(|| format!("reading the output of `{}`", self.line()))?;
                println!("{line}");
                each(&line);
            }
        }
        Ok(child.wait().with_context(|| format!("waiting for `{}`", self.line()))?.success())
    }

    /// Runs it, quietly, for no longer than `limit`.
    pub(crate) fn run_within(mut self, limit: Duration) -> Result<()> {
        let child = self.inner.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = self.started(child)?;
        let status = wait_within(&mut child, limit)?;
        let mut said = String::new();
        if let (Some(_), Some(mut stderr)) = (status, child.stderr.take()) {
            // Half an explanation is better than none: what can't be read is left out.
            let _ = stderr.read_to_string(&mut said);
        }
        match status {
            Some(status) => self.judge(status, &said),
            None => bail!("`{}` did not finish within {} s", self.line(), limit.as_secs()),
        }
    }

    /// Starts it in the background.
    pub(crate) fn spawn(mut self) -> Result<Child> {
        let child = self.inner.spawn();
        self.started(child)
    }

    /// Becomes it: signals reach it and its exit code is ours.
    #[cfg(unix)]
    pub(crate) fn become_it(mut self) -> Result<()> {
        use std::os::unix::process::CommandExt;
        let error = self.inner.exec();
        self.started(Err(error))
    }

    /// Where no process can become another, it is a child like others.
    #[cfg(not(unix))]
    pub(crate) fn become_it(self) -> Result<()> {
        self.run()
    }

    /// Its output goes nowhere.
    pub(crate) fn silent(mut self) -> Self {
        self.inner.stdout(Stdio::null()).stderr(Stdio::null());
        self
    }

    fn started<T>(&self, result: std::io::Result<T>) -> Result<T> {
        result.with_context(|| format!("`{}` could not be started{}", self.line(), self.advice()))
    }

    fn judge(&self, status: ExitStatus, stderr: &str) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        let said = stderr.trim();
        let said = if said.is_empty() { String::new() } else { format!("\n{said}") };
        bail!("`{}` failed ({status}){}{said}", self.line(), self.advice())
    }

    fn advice(&self) -> String {
        self.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default()
    }
}

/// Waits for a child until `limit` is over; a child that is not done by then is ended, and the answer is `None`.
pub(crate) fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().context("waiting for a child process")? {
            return Ok(Some(status));
        }
        if started.elapsed() > limit {
            child.kill().context("ending a child process")?;
            child.wait().context("waiting for a child process")?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Is there a program of this name on `PATH`? Answers its path.
pub(crate) fn on_path(program: &str) -> Option<std::path::PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if !word.is_empty() && !word.contains([' ', '"', '\'', '$', '*', '\\', '(', ')', ';', '&', '|', '<', '>']) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_the_way_out() {
        let error = Cmd::new("false").arg("a b").env("TONE", "low").hint("Try true.").run().unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("`TONE=low false 'a b'` failed"), "{text}");
        assert!(text.ends_with("Try true."), "{text}");
    }

    #[test]
    fn what_is_not_there_is_named_too() {
        let error = Cmd::new("no-such-program-anywhere").hint("Install it.").run().unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("`no-such-program-anywhere` could not be started. Install it."), "{text}");
    }

    #[test]
    fn lines_are_seen_as_they_come() {
        let mut seen = Vec::new();
        let ok = Cmd::new("printf").arg("one\\ntwo\\n").watch(&mut |line| seen.push(line.to_owned())).unwrap();
        assert!(ok);
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn what_takes_too_long_is_ended() {
        let error = Cmd::new("sleep").arg("30").run_within(Duration::from_millis(100)).unwrap_err();
        assert!(error.to_string().contains("did not finish"), "{error}");
    }
}
