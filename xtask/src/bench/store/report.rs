//! The comparison in tables, for docs/benchmarks.md.

use super::aims::{self, Aim, Row};
use super::ingest::Ingest;
use super::queries::{Query, Timing};
use std::fmt::Write as _;

/// Around the section of docs/benchmarks.md.
pub(super) const MARKS: (&str, &str) =
    ("<!-- Begin: written by `cargo xtask bench store` -->", "<!-- End: written by `cargo xtask bench store` -->");

/// Around the section about memory, which a run of the other leaves as it is.
pub(super) const MARKS_RESIDENT: (&str, &str) = (
    "<!-- Begin: written by `cargo xtask bench store --resident` -->",
    "<!-- End: written by `cargo xtask bench store --resident` -->",
);

/// Whose figures the aims are about, and beside whose.
const OURS: &str = "telltale";
const THEIRS: &str = "VictoriaMetrics";

/// What was measured of one server.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Name and version.
    pub(super) name: String,
    /// Name and samples of a set, and the median of its runs.
    pub(super) sets: Vec<(&'static str, usize, Ingest)>,
    /// Over which range, which question, and its cost.
    pub(super) queries: Vec<(&'static str, Query, Timing)>,
    /// Seconds from its start after a kill to the first right answer.
    pub(super) again: Option<f64>,
    /// A thousand series at a second for a day: resident MB at rest, and at most.
    pub(super) resident: Option<(f64, f64)>,
    /// Why something of it is missing.
    pub(super) missing: Vec<String>,
}

impl Measured {
    fn speed_and_size(&self, set: &str) -> Option<(f64, f64)> {
        let (_, samples, ingest) = self.sets.iter().find(|(name, ..)| *name == set)?;
        Some((*samples as f64 / ingest.cost.busy, ingest.bytes as f64 / *samples as f64))
    }

    fn latency(&self, range: &str, query: Query) -> Option<f64> {
        let found = self.queries.iter().find(|(has, asked, _)| *has == range && *asked == query);
        found.map(|(.., timing)| timing.latency)
    }
}

/// The whole section. Ratios are to the first server that has the figure.
pub(super) fn section(all: &[Measured], conditions: &str, repeat: &str) -> String {
    let mut out = format!("{}\n## Storing\n\n{conditions}\n", MARKS.0);
    aims::table(&mut out, &rows(all));
    ingest(&mut out, all);
    queries(&mut out, all);
    if all.iter().any(|one| one.again.is_some()) {
        out.push_str(
            "\nKilled with `kill -9` with that day of data (VictoriaMetrics once its files were at rest), the first right \
             answer came after:\n\n",
        );
        for (one, again) in all.iter().filter_map(|one| Some((one, one.again?))) {
            let _ = writeln!(out, "- {}: {again:.2} s", one.name);
        }
    }
    missing(&mut out, all);
    let _ = write!(out, "\nRepeat it with `{repeat}`.\n{}\n", MARKS.1);
    out
}

/// The section about memory.
pub(super) fn resident(all: &[Measured], conditions: &str, repeat: &str) -> String {
    let mut out = format!("{}\n## Memory\n\n{conditions}\n", MARKS_RESIDENT.0);
    let ours = all.iter().find(|one| one.name.starts_with(OURS)).and_then(|one| one.resident);
    let row = |what: &str, measured| Row { what: what.to_owned(), aim: Aim::AtMost(60.0), unit: " MB", measured };
    let rows = ours.map(|(rest, peak)| [row("resident at rest", rest), row("resident at its peak", peak)]);
    aims::table(&mut out, rows.as_ref().map_or(&[], |rows| rows));
    out.push_str("\n| server | resident at rest | at its peak |\n|---|---|---|\n");
    for (one, (rest, peak)) in all.iter().filter_map(|one| Some((one, one.resident?))) {
        let _ = writeln!(out, "| {} | {rest:.0} MB | {peak:.0} MB |", one.name);
    }
    missing(&mut out, all);
    let _ = write!(out, "\nRepeat it with `{repeat}`.\n{}\n", MARKS_RESIDENT.1);
    out
}

/// Telltale beside VictoriaMetrics, as far as both were measured.
fn rows(all: &[Measured]) -> Vec<Row> {
    let of = |name: &str| all.iter().find(|one| one.name.starts_with(name));
    let Some(ours) = of(OURS) else { return Vec::new() };
    let mut rows = Vec::new();
    if let Some(theirs) = of(THEIRS) {
        for set in ["1k", "50k"] {
            let Some((ours, theirs)) = ours.speed_and_size(set).zip(theirs.speed_and_size(set)) else { continue };
            let what = format!("samples per CPU second, {set}");
            rows.push(Row::ratio(what, Aim::AtLeast(2.0), (ours.0, theirs.0)));
            rows.push(Row::ratio(format!("bytes on disk, {set}"), Aim::AtMost(0.8), (ours.1, theirs.1)));
        }
        for (query, aim) in [(Query::Wide, 0.5), (Query::One, 1.0)] {
            let both = ours.latency("1 day", query).zip(theirs.latency("1 day", query));
            let row = both.map(|both| Row::ratio(format!("latency of \"{}\"", query.title()), Aim::AtMost(aim), both));
            rows.extend(row);
        }
    }
    let again = |measured| Row { what: "serving again".to_owned(), aim: Aim::AtMost(0.2), unit: " s", measured };
    rows.extend(ours.again.map(again));
    rows
}

fn missing(out: &mut String, all: &[Measured]) {
    for (one, why) in all.iter().flat_map(|one| one.missing.iter().map(move |why| (one, why))) {
        let _ = writeln!(out, "\nMissing, {}: {why}.", one.name);
    }
}

fn ingest(out: &mut String, all: &[Measured]) {
    out.push_str(
        "\nBoth columns of ratios are to the first row of the set.\n\n\
         | set | server | samples per CPU second | ratio | settling included | wall time | peak resident | bytes a sample, settled | ratio |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    let Some(most) = all.iter().max_by_key(|one| one.sets.len()) else { return };
    for (set, ..) in &most.sets {
        let mut first = None;
        for one in all {
            let Some((_, samples, ingest)) = one.sets.iter().find(|(name, ..)| name == set) else { continue };
            let samples = *samples as f64;
            let (speed, size) = (samples / ingest.cost.busy, ingest.bytes as f64 / samples);
            let (speed_1, size_1) = *first.get_or_insert((speed, size));
            let _ = writeln!(
                out,
                "| {set} | {} | {speed:.0} | {:.2} | {:.0} | {:.1} s | {:.0} MiB | {size:.2} | {:.2} |",
                one.name,
                speed / speed_1,
                samples / ingest.busy_settled,
                ingest.took.as_secs_f64(),
                ingest.cost.peak,
                size / size_1,
            );
        }
    }
}

fn queries(out: &mut String, all: &[Measured]) {
    let Some(most) = all.iter().max_by_key(|one| one.queries.len()).filter(|one| !one.queries.is_empty()) else {
        return;
    };
    out.push_str(
        "\nA day of 1,000 series at 15 s is asked at steps of 60 s, 30 days of 250 series at 60 s at steps of an hour; latency \
         / CPU of the server, in ms, and the latency's ratio:\n\n| range | query |",
    );
    let asked: Vec<&Measured> = all.iter().filter(|one| !one.queries.is_empty()).collect();
    for one in &asked {
        let _ = write!(out, " {} |", one.name);
    }
    let _ = writeln!(out, "\n|---|---|{}", "---|".repeat(asked.len()));
    for (range, query, _) in &most.queries {
        let _ = write!(out, "| {range} | {} |", query.title());
        let mut first = None;
        for one in &asked {
            match one.queries.iter().find(|(has, asked, _)| has == range && asked == query) {
                Some((.., timing)) => {
                    let ratio = timing.latency / *first.get_or_insert(timing.latency);
                    let _ = write!(out, " {:.2} / {:.2} (× {ratio:.2}) |", timing.latency, timing.cpu);
                }
                None => out.push_str(" – |"),
            }
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::process::Cost;
    use std::time::Duration;

    #[test]
    fn figures_ratios_and_what_is_missing() {
        let cost = |busy| Cost { cpu: 9.0, busy, memory: 1.0, peak: 200.0 };
        let ingest = |busy, bytes| Ingest {
            took: Duration::from_secs(12),
            cost: cost(busy),
            busy_settled: busy * 2.0,
            bytes,
            wire: (145.0, 18.0),
        };
        let server = |name: &str, busy, bytes, latency| Measured {
            name: name.to_owned(),
            sets: vec![("1k", 1000, ingest(busy, bytes))],
            queries: vec![("1 day", Query::One, Timing { latency, cpu: 1.0 })],
            again: Some(0.174),
            ..Measured::default()
        };
        let ours =
            Measured { name: "C".to_owned(), missing: vec!["no remote write".to_owned()], ..Measured::default() };
        let text = section(&[server("A", 2.0, 4000, 4.0), server("B", 1.0, 1000, 1.0), ours], "On it.", "x");
        let check = |line: &str| assert!(text.lines().any(|has| has == line), "{line}\nis not in\n{text}");
        check("| 1k | A | 500 | 1.00 | 250 | 12.0 s | 200 MiB | 4.00 | 1.00 |");
        check("| 1k | B | 1000 | 2.00 | 500 | 12.0 s | 200 MiB | 1.00 | 0.25 |");
        check("| 1 day | one series | 4.00 / 1.00 (× 1.00) | 1.00 / 1.00 (× 0.25) |");
        check("- B: 0.17 s");
        check("Missing, C: no remote write.");
        assert!(!text.contains("Aims"), "{text}");
    }

    #[test]
    fn aims_are_of_telltale_beside_victoria_metrics() {
        let server = |name: &str, busy, latency, again| {
            let cost = Cost { cpu: 9.0, busy, memory: 1.0, peak: 200.0 };
            let ingest = Ingest { took: Duration::ZERO, cost, busy_settled: busy, bytes: 1000, wire: (0.0, 0.0) };
            Measured {
                name: name.to_owned(),
                sets: vec![("1k", 1000, ingest)],
                queries: vec![("1 day", Query::Wide, Timing { latency, cpu: 1.0 })],
                again: Some(again),
                resident: Some((41.0, 75.0)),
                ..Measured::default()
            }
        };
        let all = [server("VictoriaMetrics 1", 3.0, 10.0, 0.1), server("telltale 2", 1.0, 6.0, 0.19)];
        let text = section(&all, "On it.", "x") + &resident(&all, "On it.", "x --resident");
        let check = |line: &str| assert!(text.lines().any(|has| has == line), "{line}\nis not in\n{text}");
        check("Aims, 2 of 4 reached:");
        check("| samples per CPU second, 1k: at least 2 × VictoriaMetrics | 3.00 | reached |");
        check("| bytes on disk, 1k: at most 0.8 × VictoriaMetrics | 1.00 | **missed: 25 % more** |");
        check(
            "| latency of \"average of 1,000 series\": at most 0.5 × VictoriaMetrics | 0.60 | **missed: 20 % more** |",
        );
        check("| serving again: at most 0.2 s | 0.19 | reached |");
        check("| resident at rest: at most 60 MB | 41.00 | reached |");
        check("| resident at its peak: at most 60 MB | 75.00 | **missed: 25 % more** |");
        check("| VictoriaMetrics 1 | 41 MB | 75 MB |");
    }
}
