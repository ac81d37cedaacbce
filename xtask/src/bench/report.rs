//! The measurement written down: a section of docs/benchmarks.md that is replaced at each run.

use super::process::Cost;
use crate::command::Cmd;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

const BEGIN: &str = "<!-- Begin: written by `cargo xtask bench collect` -->";
const END: &str = "<!-- End: written by `cargo xtask bench collect` -->";

/// One of the two.
#[derive(Debug)]
pub(super) struct Subject {
    name: String,
    reads: String,
    cost: Cost,
}

impl Subject {
    /// A program by name and version, what it reads in words, and its cost.
    pub(super) fn new(name: String, reads: String, cost: Cost) -> Self {
        Self { name, reads, cost }
    }
}

/// A measurement and where it was taken.
#[derive(Debug)]
pub(super) struct Report {
    seconds: u64,
    ours: Subject,
    theirs: Subject,
    surroundings: String,
}

/// Machine, date and commit in words.
pub(super) fn surroundings() -> Result<String> {
    let date = Cmd::new("date").args(["-u", "+%Y-%m-%d"]).read()?.trim().to_owned();
    let kernel = Cmd::new("uname").arg("-sr").read()?.trim().to_owned();
    let cpus = fs::read_to_string("/proc/cpuinfo").context("reading /proc/cpuinfo")?;
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let model = model.trim_start_matches([' ', '\t', ':']);
    let count = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let mut commit = Cmd::new("git").args(["rev-parse", "--short", "HEAD"]).read()?.trim().to_owned();
    let changed = Cmd::new("git").args(["status", "--porcelain", "--", ".", ":!docs"]).read()?;
    if !changed.trim().is_empty() {
        commit.push_str(" with changes");
    }
    Ok(format!("{count} × {model}, {kernel}, {date}, commit {commit}"))
}

impl Report {
    /// Takes down date, machine and commit.
    pub(super) fn new(seconds: u64, ours: Subject, theirs: Subject) -> Result<Self> {
        Ok(Self { seconds, ours, theirs, surroundings: surroundings()? })
    }

    /// The ratios in one line.
    pub(super) fn summary(&self) -> String {
        let (ours, theirs) = (self.ours.cost, self.theirs.cost);
        let ratio =
            |ours: f64, theirs: f64| if theirs > 0.0 { format!("{:.2}", ours / theirs) } else { "∞".to_owned() };
        format!(
            "{} takes {} × the CPU and {} × the memory of {}",
            self.ours.name,
            ratio(ours.cpu, theirs.cpu),
            ratio(ours.memory, theirs.memory),
            self.theirs.name
        )
    }

    fn section(&self) -> String {
        let row = |subject: &Subject| {
            let Cost { cpu, busy, memory, peak } = subject.cost;
            format!("| {} | {cpu:.2} % | {busy:.2} s | {memory:.1} MiB | {peak:.1} MiB |", subject.name)
        };
        format!(
            "{BEGIN}\n## Collecting\n\n**{}.**\n\nThe server as `dist` builds it, with the defaults and no page open: it reads {}, \
             stores them and pushes them on. Beside it node_exporter with its default collectors, asked once a second for its {}. \
             Both at the same time for {} s, on {}.\n\n\
             | | CPU (of one processor) | its time | resident memory | at most |\n|---|---|---|---|---|\n{}\n{}\n\n\
             Repeat it with `cargo xtask bench collect --seconds {}`.\n{END}\n",
            self.summary(),
            self.ours.reads,
            self.theirs.reads,
            self.seconds,
            self.surroundings,
            row(&self.ours),
            row(&self.theirs),
            self.seconds
        )
    }

    /// Writes it down.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        replace_in(path, (BEGIN, END), &self.section())
    }
}

/// Replaces the section between two marks of a file, or adds it, or makes the file. The section holds the marks too.
pub(super) fn replace_in(path: &Path, marks: (&str, &str), section: &str) -> Result<()> {
    let before = fs::read_to_string(path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    fs::write(path, replaced(&before, marks, section)).with_context(|| format!("writing {}", path.display()))
}

fn replaced(text: &str, (first, last): (&str, &str), section: &str) -> String {
    match (text.find(first), text.find(last)) {
        (Some(begin), Some(end)) if begin < end => {
            let after = text[end + last.len()..].trim_start_matches('\n');
            let gap = if after.is_empty() { "" } else { "\n" };
            format!("{}{section}{gap}{after}", &text[..begin])
        }
        _ => format!("{}\n\n{section}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_section_changes() {
        let section = |body: &str| format!("{BEGIN}\n{body}\n{END}\n");
        let check = |before: &str, after: &str| assert_eq!(replaced(before, (BEGIN, END), &section("new")), after);
        check("# B\n", &format!("# B\n\n{}", section("new")));
        check(&format!("# B\n\n{}", section("old")), &format!("# B\n\n{}", section("new")));
        check(&format!("# B\n\n{}\n## More\n", section("old")), &format!("# B\n\n{}\n## More\n", section("new")));
    }

    #[test]
    fn ratios_come_first() {
        let cost = |cpu, memory| Cost { cpu, busy: 0.3, memory, peak: 9.0 };
        let subject = |name: &str, cpu, memory| Subject::new(name.into(), "5 series".into(), cost(cpu, memory));
        let report = Report::new(60, subject("telltale 1", 0.5, 20.0), subject("node_exporter 2", 1.0, 40.0)).unwrap();
        assert_eq!(report.summary(), "telltale 1 takes 0.50 × the CPU and 0.50 × the memory of node_exporter 2");
        let section = report.section();
        assert!(section.contains("| telltale 1 | 0.50 % | 0.30 s | 20.0 MiB | 9.0 MiB |"), "{section}");
        assert!(section.find("0.50 ×") < section.find("20.0 MiB"), "{section}");
    }
}
