//! `compare`: does Telltale tell of this machine what others tell of it at the same moment?
//!
//! The others are prometheus-node-exporter, df, ss, ps, and the kernel's files read by this tool itself.

mod judge;
mod kernel;
mod load;
mod prometheus;
mod reading;
mod report;
mod sockets;
mod table;
mod telltale;
mod tools;

use crate::bench::exporter;
use crate::command::Cmd;
use crate::http;
use crate::progress::{Steps, say};
use crate::server::Running;
use crate::toolchain::{self, Depth};
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use judge::{Moment, Outcome};
use load::Load;
use reading::{Reading, Series};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use telltale::Telltale;

/// How often all are read.
const READINGS: usize = 12;
/// The others are asked so long before a reading of Telltale's; all of them together take less.
const BEFORE: f64 = 0.35;
/// And so long after it: by then Telltale has read all that it reads.
const AFTER: f64 = 0.12;
/// Until connections stand and averages have begun to move.
const WARM_UP: Duration = Duration::from_secs(8);

/// What a look at the machine takes.
struct Others {
    exporter: SocketAddr,
    telltale: u32,
    port: u16,
    /// Requests that Telltale has answered us.
    asked: Arc<AtomicU64>,
}

impl Others {
    fn read(&self) -> Result<Reading> {
        let mut reading = Reading::new(now());
        reading.add(kernel::read(self.telltale)?);
        reading.add([Series::new("own_requests", [], self.asked.load(Ordering::SeqCst) as f64)]);
        let answer = http::get(self.exporter, "/metrics", &[])?;
        ensure!(answer.status == 200, "node_exporter answered {}", answer.status);
        reading.add(prometheus::parse(&String::from_utf8_lossy(&answer.body)));
        reading.add(tools::read(self.telltale, self.port)?);
        reading.ended = now();
        Ok(reading)
    }
}

/// Compares, writes docs/comparison.md, and answers whether all agree.
pub(crate) fn compare(workspace: &Workspace) -> Result<bool> {
    let mut steps = Steps::new(3);
    let program = steps.step("prometheus-node-exporter, df, ss, ps", || {
        tools::ensure()?;
        exporter::ensure()
    })?;
    steps.step("The server", || {
        let hint = "The server does not compile: the compiler's messages are above.";
        let toolchain = toolchain::ensure(Depth::Plain)?;
        toolchain.cargo().args(["build", "--package", &workspace.server]).dir(&workspace.root).hint(hint).run()
    })?;
    let binary = workspace.server_binary("debug");
    let rows = table::rows();
    let (outcomes, forgotten) = steps.step(&format!("{READINGS} readings side by side"), || {
        let mut load = Load::start(&workspace.target)?;
        let telltale = Telltale::start(&binary, load.watched_port())?;
        load.ask(telltale.address, &telltale.asked);
        let (_running, exporter) = exporter_with_all(&program)?;
        let asked = Arc::clone(&telltale.asked);
        let others = Others { exporter, telltale: telltale.pid(), port: load.watched_port(), asked };
        sleep(WARM_UP);
        let moments = moments(&telltale, &others)?;
        let metrics = telltale.metrics(WARM_UP + Duration::from_secs(2 * READINGS as u64))?;
        let outcomes: Vec<Outcome> =
            rows.iter().map(|row| judge::judge(row, &metrics, &moments)).collect::<Result<_>>()?;
        Ok((outcomes, judge::forgotten(&metrics, &rows)))
    })?;
    let problems: Vec<&String> = outcomes.iter().flat_map(|outcome| &outcome.problems).chain(&forgotten).collect();
    let path = workspace.root.join("docs/comparison.md");
    let frame = report::Frame { programs: programs(&binary, &program)?, readings: READINGS };
    for problem in &problems {
        say(problem);
    }
    let compared: usize = outcomes.iter().map(|outcome| outcome.compared).sum();
    if problems.is_empty() {
        report::write(&path, &frame, &outcomes)?;
        say(&format!("{compared} values in {} rows agree. Written to {}", rows.len(), workspace.short(&path)));
    } else {
        say(&format!("{} of {compared} values disagree; {} is left as it was", problems.len(), workspace.short(&path)));
    }
    Ok(problems.is_empty())
}

/// One that tells all that it can of what Telltale tells too.
fn exporter_with_all(program: &std::path::Path) -> Result<(Running, SocketAddr)> {
    let more = ["--collector.tcpstat", "--collector.processes"];
    let whole = ["--collector.netstat.fields=.*", "--collector.vmstat.fields=.*"];
    exporter::start_with(program, &[more, whole].concat())
}

/// The others around readings of Telltale's, which come a second apart at a moment that it tells itself.
fn moments(telltale: &Telltale, others: &Others) -> Result<Vec<Moment>> {
    let mut moments = Vec::new();
    for _ in 0..READINGS {
        let last = telltale.last_reading()?;
        // The next one for which there is time.
        let next = last + (now() + BEFORE + 0.05 - last).ceil();
        until(next - BEFORE);
        let before = others.read()?;
        until(next + AFTER);
        let after = others.read()?;
        moments.push(Moment { before, after });
    }
    Ok(moments)
}

fn programs(telltale: &std::path::Path, exporter: &std::path::Path) -> Result<Vec<String>> {
    let first_line = |program: &str, argument: &str| -> Result<String> {
        let said = Cmd::new(program).arg(argument).read()?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    };
    let kernel = Cmd::new("uname").arg("-sr").read()?.trim().to_owned();
    Ok(vec![
        Cmd::new(telltale).arg("--version").read().context("asking for the version")?.trim().to_owned(),
        exporter::version(exporter)?,
        first_line("df", "--version")?,
        first_line("ss", "-V")?,
        first_line("ps", "--version")?,
        kernel,
    ])
}

/// Unix seconds.
fn now() -> f64 {
    // A clock before 1970 is none.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

fn until(moment: f64) {
    sleep(Duration::from_secs_f64((moment - now()).max(0.0)));
}
