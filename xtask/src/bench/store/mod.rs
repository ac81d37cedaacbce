//! `bench store`: the same samples by the same protocol into Telltale and its peers, and the same questions to each.

mod connection;
mod ingest;
mod mix;
mod peer;
mod queries;
mod report;
mod wire;

use super::report::{replace_in, surroundings};
use crate::dist;
use crate::progress::{Steps, say};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use ingest::Ingest;
use mix::Set;
use peer::{Kind, Peer};
use queries::{Points, Query, Span};
use report::Measured;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const SETS: [Set; 2] = [
    Set { name: "1k", series: 1_000, steps: 20_000, interval: 10, one_name: false },
    Set { name: "50k", series: 50_000, steps: 400, interval: 10, one_name: false },
];
const DAY: Set = Set { name: "day", series: 1_000, steps: 5_760, interval: 15, one_name: true };
const RESIDENT: Set = Set { name: "resident", series: 1_000, steps: 86_400, interval: 1, one_name: false };

/// What to measure.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// A tenth of the samples, to try it out; nothing is written down.
    quick: bool,
    /// How often each set is sent, to a new server each time.
    runs: usize,
    /// Also what is resident after a day at one second.
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
        let mut line = format!("cargo xtask bench store --runs {}", self.runs);
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
    if !options.peers_only {
        if options.binary.is_none() {
            dist::ensure(workspace)?;
        }
        kinds.push(Kind::Telltale(options.binary.clone().unwrap_or_else(|| workspace.dist_binary())));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
    let now = i64::try_from(now).context("the clock is far ahead")?;
    let mut steps = Steps::new(kinds.len());
    let mut all = Vec::new();
    let mut answers: Vec<(Query, Points, String)> = Vec::new();
    for kind in &kinds {
        let name = kind.version()?;
        let measured = steps.step(&name.clone(), || {
            let mut measured = Measured { name, ..Measured::default() };
            if let Err(why) = peer::takes_remote_write(&Peer::start(kind)?) {
                say(&format!("      {}: {why:#}", measured.name));
                measured.missing.push(format!("{why:#}"));
                return Ok(measured);
            }
            measure(kind, options, now, &mut measured, &mut answers)?;
            Ok(measured)
        })?;
        all.push(measured);
    }
    let wire = all.iter().flat_map(|one| &one.sets).next().map_or((0.0, 0.0), |(.., ingest)| ingest.wire);
    let conditions = format!(
        "The same samples by remote write 1.0 over two connections, each with half of the hosts, in bodies of {} \
         samples, one sample a series with all of its labels: {:.0} bytes a sample, {:.1} in snappy. Only the server's \
         processor time counts, here {}; \"settling included\" adds what it did after the last answer until its files \
         were at rest. {}{} On {}.",
        wire::PER_BODY,
        wire.0,
        wire.1,
        if options.runs == 1 { "of one run".to_owned() } else { format!("medians of {} runs", options.runs) },
        compared(&answers),
        if options.peers_only { " Telltale was left out (`--peers-only`)." } else { "" },
        surroundings()?,
    );
    let section = report::section(&all, &conditions, &options.line());
    say(&section);
    if options.quick {
        say("Not written down: --quick says little");
        return Ok(());
    }
    let path = workspace.root.join("docs/benchmarks.md");
    replace_in(&path, (report::BEGIN, report::END), &section)?;
    say(&format!("Written to {}", workspace.short(&path)));
    Ok(())
}

/// Everything about one server.
fn measure(
    kind: &Kind,
    options: &Options,
    now: i64,
    measured: &mut Measured,
    answers: &mut Vec<(Query, Points, String)>,
) -> Result<()> {
    for set in SETS.map(|set| options.sized(set)) {
        let runs = (0..options.runs).map(|_| ingest::send_and_settle(&Peer::start(kind)?, &set, set.begin(now)));
        let runs: Vec<Ingest> = runs.collect::<Result<_>>().with_context(|| format!("the set {}", set.name))?;
        let ingest = middle(runs).context("no run")?;
        say(&format!("      {}: {:.2} s of its processor time", set.name, ingest.cost.busy));
        measured.sets.push((set.name, set.samples(), ingest));
    }
    let day = options.sized(DAY);
    let (begin, peer) = (day.begin(now), Peer::start(kind)?);
    ingest::send(&peer, &day, begin)?;
    peer.flush()?;
    let end = begin + day.steps.cast_signed() as i64 * day.interval;
    let whole = Span { begin, end, step: 60 };
    for query in queries::ALL {
        for (range, span) in [("1 day", whole), ("1 hour", Span { begin: end - 3600, ..whole })] {
            measured.queries.push((range, query.title(), queries::time(&peer, query, span)?));
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
    if options.resident {
        let (set, peer) = (options.sized(RESIDENT), Peer::start(kind)?);
        let cost = ingest::send(&peer, &set, set.begin(now))?.cost;
        measured.resident = Some((cost.memory, cost.peak));
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
    peer::until("it answers as before", Duration::from_millis(2), || {
        let now = queries::answer(&peer, Query::One, span);
        Ok(now.is_ok_and(|now| now.is_some_and(|now| queries::differences(&before, &now).0 == 0)))
    })?;
    Ok(begun.elapsed().as_secs_f64())
}

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
        assert_eq!(all.line(), "cargo xtask bench store --runs 3 --resident --peers-only");
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
