//! `bench store`: the same samples by the same protocol into Telltale and its peers, and the same questions to each.

mod aims;
mod connection;
mod ingest;
mod mix;
mod own;
mod peer;
mod queries;
mod report;
mod wire;

use super::process::Usage;
use super::report::{replace_in, surroundings};
use crate::dist;
use crate::progress::{Steps, say};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use ingest::{Ingest, Load};
use mix::Set;
use own::Own;
use peer::{Kind, Peer};
use queries::{Points, Query, Span};
use report::Measured;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const SETS: [Set; 2] = [
    Set { name: "1k", series: 1_000, steps: 20_000, interval: 10, every: 1, one_name: false, pace: None },
    Set { name: "50k", series: 50_000, steps: 400, interval: 10, every: 1, one_name: false, pace: None },
];
const DAY: Set = Set { name: "day", series: 1_000, steps: 5_760, interval: 15, every: 1, one_name: true, pace: None };
const MONTH: Set =
    Set { name: "month", series: 250, steps: 43_200, interval: 60, every: 4, one_name: true, pace: None };
/// Sent at two hundred times its speed, which the slowest of the three can follow.
const RESIDENT: Set = Set {
    name: "resident",
    series: 1_000,
    steps: 86_400,
    interval: 1,
    every: 1,
    one_name: false,
    pace: Some(200_000.0),
};

/// How long this machine's own collectors are listened to.
const OWN_SECONDS: u64 = 180;

/// Rest before resident memory is read: whatever a server does for files that have just come is done.
const REST: Duration = Duration::from_secs(40);

/// What to measure.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// A tenth of the samples, to try it out; nothing is written down.
    quick: bool,
    /// How often each set is sent, to a new server each time.
    runs: usize,
    /// What is resident after a day at one second, and nothing else.
    resident: bool,
    /// Without Telltale.
    peers_only: bool,
    /// Telltale's binary, where it is not the one that `dist` makes.
    binary: Option<PathBuf>,
}

impl Options {
    /// What follows `bench store`.
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self { quick: false, runs: 1, resident: false, peers_only: false, binary: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--quick" => options.quick = true,
                "--resident" => options.resident = true,
                "--peers-only" => options.peers_only = true,
                "--runs" => {
                    let runs = words.next().context("--runs takes a number")?;
                    options.runs = runs.parse().with_context(|| format!("--runs takes a number, not `{runs}`"))?;
                }
                "--binary" => options.binary = Some(words.next().context("--binary takes a file")?.into()),
                other => bail!("bench store does not know `{other}`; `cargo xtask help` tells what there is"),
            }
        }
        ensure!(options.runs > 0, "--runs takes a number above zero");
        Ok(options)
    }

    fn sized(&self, set: Set) -> Set {
        Set { steps: if self.quick { set.steps / 10 } else { set.steps }, ..set }
    }

    /// The command line that measures the same.
    fn line(&self) -> String {
        // Memory is measured once.
        let runs = if self.resident { String::new() } else { format!(" --runs {}", self.runs) };
        let mut line = format!("cargo xtask bench store{runs}");
        for (name, set) in [("--resident", self.resident), ("--peers-only", self.peers_only)] {
            if set {
                line.push(' ');
                line.push_str(name);
            }
        }
        line
    }
}

/// Runs all, compares, writes it down.
pub(crate) fn store(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut kinds = vec![Kind::Prometheus, Kind::Victoria];
    // Before minutes are spent: are they all there?
    for kind in &kinds {
        kind.program()?;
    }
    let mut ours = None;
    if !options.peers_only {
        if options.binary.is_none() {
            dist::ensure(workspace)?;
        }
        let binary = options.binary.clone().unwrap_or_else(|| workspace.dist_binary());
        kinds.push(Kind::Telltale(binary.clone()));
        ours = Some(binary);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
    let now = i64::try_from(now).context("the clock is far ahead")?;
    let (section, marks) = if options.resident {
        (resident(&kinds, options, now)?, report::MARKS_RESIDENT)
    } else {
        (side_by_side(&kinds, ours, options, now)?, report::MARKS)
    };
    say(&section);
    if options.quick {
        say("Not written down: --quick says little");
        return Ok(());
    }
    let path = workspace.root.join("docs/benchmarks.md");
    replace_in(&path, marks, &section)?;
    say(&format!("Written to {}", workspace.short(&path)));
    Ok(())
}

/// Everything but what is resident.
fn side_by_side(kinds: &[Kind], ours: Option<PathBuf>, options: &Options, now: i64) -> Result<String> {
    let mut steps = Steps::new(kinds.len() + usize::from(ours.is_some()));
    let seconds = if options.quick { OWN_SECONDS / 10 } else { OWN_SECONDS };
    let own = match ours {
        Some(binary) => Some(steps.step("What this machine records", || Own::record(&binary, seconds))?),
        None => None,
    };
    let mut answers: Answers = Vec::new();
    let all = each(&mut steps, kinds, |kind, measured| {
        ingested(kind, options, now, own.as_ref(), measured)?;
        asked_about_a_day(kind, options, now, measured, &mut answers)?;
        asked_about_a_month(kind, options, now, measured, &mut answers)
    })?;
    let wire = all.iter().flat_map(|one| &one.sets).next().map_or((0.0, 0.0), |(.., ingest)| ingest.wire);
    let conditions = format!(
        "The same samples by remote write 1.0 over two connections, each with half of the series, in bodies of {} \
         samples, one sample a series with all of its labels: {:.0} bytes a sample, {:.1} in snappy. Only the server's \
         processor time counts, in hundredths of a second, here {}; \"settling included\" adds what it did after the last \
         answer until its files were at rest. {}{}{} On {}.",
        wire::PER_BODY,
        wire.0,
        wire.1,
        if options.runs == 1 { "of one run".to_owned() } else { format!("medians of {} runs", options.runs) },
        own.map_or(String::new(), |own| format!("The set \"{}\" is {}. ", own::NAME, own.described())),
        compared(&answers),
        left_out(options),
        surroundings()?,
    );
    Ok(report::section(&all, &conditions, &options.line()))
}

/// What a day at one second leaves in memory.
fn resident(kinds: &[Kind], options: &Options, now: i64) -> Result<String> {
    let set = options.sized(RESIDENT);
    let all = each(&mut Steps::new(kinds.len()), kinds, |kind, measured| {
        let peer = Peer::start(kind)?;
        let before = Usage::of(peer.pid())?;
        let sent = ingest::send(&peer, Load::of(&set, set.begin(now)))?;
        std::thread::sleep(REST);
        let cost = before.until(Usage::of(peer.pid())?, sent.took)?;
        let megabytes = |mib: f64| mib * 1.048_576;
        measured.resident = Some((megabytes(cost.memory), megabytes(cost.peak)));
        Ok(())
    })?;
    let conditions = format!(
        "{} series at one second for {} hours, {} samples by remote write, at most {} of them a second and evenly; resident memory {} s after \
         the last answer, and the most it ever was.{} On {}.",
        set.series,
        set.steps / 3600,
        set.samples(),
        set.pace.unwrap_or_default(),
        REST.as_secs(),
        left_out(options),
        surroundings()?,
    );
    Ok(report::resident(&all, &conditions, &options.line()))
}

fn left_out(options: &Options) -> &'static str {
    if options.peers_only { " Telltale was left out (`--peers-only`)." } else { "" }
}

/// Measures one server after the other; one that takes no samples is named with why.
fn each(
    steps: &mut Steps,
    kinds: &[Kind],
    mut measure: impl FnMut(&Kind, &mut Measured) -> Result<()>,
) -> Result<Vec<Measured>> {
    let mut all = Vec::new();
    for kind in kinds {
        let name = kind.version()?;
        let measured = steps.step(&name.clone(), || {
            let mut measured = Measured { name, ..Measured::default() };
            if let Err(why) = peer::takes_remote_write(&Peer::start(kind)?) {
                say(&format!("      {}: {why:#}", measured.name));
                measured.missing.push(format!("{why:#}"));
                return Ok(measured);
            }
            measure(kind, &mut measured)?;
            Ok(measured)
        })?;
        all.push(measured);
    }
    Ok(all)
}

/// Each set to a new server.
fn ingested(kind: &Kind, options: &Options, now: i64, own: Option<&Own>, measured: &mut Measured) -> Result<()> {
    let mut run = |name, samples, load: &dyn Fn() -> Load| -> Result<()> {
        let runs = (0..options.runs).map(|_| ingest::send_and_settle(&Peer::start(kind)?, load()));
        let runs: Vec<Ingest> = runs.collect::<Result<_>>().with_context(|| format!("the set {name}"))?;
        let ingest = middle(runs).context("no run")?;
        say(&format!("      {name}: {:.2} s of its processor time", ingest.cost.busy));
        measured.sets.push((name, samples, ingest));
        Ok(())
    };
    for set in SETS.map(|set| options.sized(set)) {
        run(set.name, set.samples(), &|| Load::of(&set, set.begin(now)))?;
    }
    own.map_or(Ok(()), |own| run(own::NAME, own.samples(), &|| own.load()))
}

/// Questions about a day, and the start after a kill with it.
fn asked_about_a_day(
    kind: &Kind,
    options: &Options,
    now: i64,
    measured: &mut Measured,
    answers: &mut Answers,
) -> Result<()> {
    let day = options.sized(DAY);
    let (begin, peer) = (day.begin(now), Peer::start(kind)?);
    ingest::send(&peer, Load::of(&day, begin))?;
    peer.flush()?;
    let end = begin + day.steps.cast_signed() as i64 * day.interval;
    let whole = Span { begin, end, step: 60 };
    for query in queries::DAY {
        for (range, span) in [("1 day", whole), ("1 hour", Span { begin: end - 3600, ..whole })] {
            measured.queries.push((range, query, queries::time(&peer, query, span)?));
        }
        if let Some(points) = queries::answer(&peer, query, whole)? {
            answers.push((query, points, measured.name.clone()));
        }
    }
    match serves_again(peer, whole) {
        Ok(seconds) => measured.again = Some(seconds),
        // Who loses what it has said yes to is told of, with the figures that it does have.
        Err(why) => measured.missing.push(format!("the start after a kill: {why:#}")),
    }
    Ok(())
}

/// Questions about thirty days, once the server has started anew with them: summing up, as far as it does that, is done.
fn asked_about_a_month(
    kind: &Kind,
    options: &Options,
    now: i64,
    measured: &mut Measured,
    answers: &mut Answers,
) -> Result<()> {
    let month = options.sized(MONTH);
    let (begin, peer) = (month.begin(now), Peer::start(kind)?);
    ingest::send(&peer, Load::of(&month, begin))?;
    let peer = peer.renewed()?;
    let end = begin + month.steps.cast_signed() as i64 * month.interval;
    let hour = 3600;
    // Whole hours.
    let span = Span { begin: begin + (-begin).rem_euclid(hour), end: end - end.rem_euclid(hour), step: hour };
    for query in queries::MONTH {
        measured.queries.push(("30 days", query, queries::time(&peer, query, span)?));
        if let Some(points) = queries::answer(&peer, query, span)? {
            answers.push((query, points, measured.name.clone()));
        }
    }
    Ok(())
}

/// The run whose processor time is the middle one.
fn middle(mut runs: Vec<Ingest>) -> Option<Ingest> {
    runs.sort_unstable_by(|one, other| one.cost.busy.total_cmp(&other.cost.busy));
    runs.get(runs.len() / 2).copied()
}

/// Seconds from its start after a kill to the answer that it gave before.
fn serves_again(peer: Peer, span: Span) -> Result<f64> {
    let before = queries::answer(&peer, Query::One, span)?.context("there is nothing to compare")?;
    let begun = Instant::now();
    let peer = peer.killed()?;
    let mut said = String::new();
    let as_before = peer::until("it answers as before", Duration::from_millis(2), || {
        said = match queries::answer(&peer, Query::One, span) {
            Ok(Some(now)) => match queries::differences(&before, &now) {
                (0, _) => return Ok(true),
                (differ, all) => format!("{differ} of {all} values differ"),
            },
            Ok(None) => "nothing is answered".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        Ok(false)
    });
    as_before.with_context(|| said)?;
    Ok(begun.elapsed().as_secs_f64())
}

/// What was answered to which question, and by whom.
type Answers = Vec<(Query, Points, String)>;

/// Whether all gave the same answers, in a sentence.
fn compared(answers: &[(Query, Points, String)]) -> String {
    let (mut same, mut notes) = (0, Vec::new());
    for (nth, (query, points, name)) in answers.iter().enumerate() {
        let Some((_, first, whose)) = answers.iter().take(nth).find(|(other, ..)| other == query) else { continue };
        match queries::differences(first, points) {
            (0, all) => same += all,
            (differ, all) => {
                notes.push(format!(
                    "\"{}\" of {name} differs from {whose}'s in {differ} of {all} values",
                    query.title()
                ));
            }
        }
    }
    let notes = if notes.is_empty() { String::new() } else { format!("; {}", notes.join("; ")) };
    format!("Over windows that all understand alike, {same} values of their answers are the same{notes}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let read = |text: &str| Options::parse(&text.split_whitespace().collect::<Vec<_>>());
        let plain = read("").unwrap();
        assert_eq!((plain.runs, plain.quick, plain.sized(SETS[0]).samples()), (1, false, 20_000_000));
        let all = read("--quick --runs 3 --resident --peers-only --binary x").unwrap();
        assert_eq!((all.runs, all.resident, all.sized(SETS[1]).samples()), (3, true, 2_000_000));
        assert_eq!(all.line(), "cargo xtask bench store --resident --peers-only");
        assert_eq!(read("--runs 3").unwrap().line(), "cargo xtask bench store --runs 3");
        for wrong in ["--runs", "--runs x", "--runs 0", "--binary", "--slow"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn answers_that_differ_are_told() {
        let points = |value| Points::from([((String::new(), 1), value)]);
        let answers = |value| [(Query::One, points(1.0), "A".to_owned()), (Query::One, points(value), "B".to_owned())];
        assert!(compared(&answers(1.0)).ends_with("1 values of their answers are the same."));
        assert!(compared(&answers(2.0)).contains("\"one series\" of B differs from A's in 1 of 1 values"));
    }
}
