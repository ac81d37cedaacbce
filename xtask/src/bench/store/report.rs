//! The comparison in tables, for docs/benchmarks.md.

use super::ingest::Ingest;
use super::queries::Timing;
use std::fmt::Write as _;

/// Around the section of docs/benchmarks.md.
pub(super) const BEGIN: &str = "<!-- Begin: written by `cargo xtask bench store` -->";
pub(super) const END: &str = "<!-- End: written by `cargo xtask bench store` -->";

/// What was measured of one server.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Name and version.
    pub(super) name: String,
    /// Name and samples of a set, and the median of its runs.
    pub(super) sets: Vec<(&'static str, usize, Ingest)>,
    /// Over which range, which question, and its cost.
    pub(super) queries: Vec<(&'static str, &'static str, Timing)>,
    /// Seconds from its start after a kill to the first right answer.
    pub(super) again: Option<f64>,
    /// A thousand series at a second for a day: resident MiB at the end, and at most.
    pub(super) resident: Option<(f64, f64)>,
    /// Why something of it is missing.
    pub(super) missing: Vec<String>,
}

/// The whole section. Ratios are to the first server that has the figure.
pub(super) fn section(all: &[Measured], conditions: &str, repeat: &str) -> String {
    let mut out = format!("{BEGIN}\n## Storing\n\n{conditions}\n");
    ingest(&mut out, all);
    queries(&mut out, all);
    let line = |out: &mut String, text: String| {
        let _ = writeln!(out, "{text}");
    };
    if all.iter().any(|one| one.again.is_some()) {
        line(
            &mut out,
            "\nKilled with `kill -9` with that day of data (VictoriaMetrics once its files were at rest), the first right answer came after:\n".to_owned(),
        );
        for (one, again) in all.iter().filter_map(|one| Some((one, one.again?))) {
            line(&mut out, format!("- {}: {again:.2} s", one.name));
        }
    }
    if all.iter().any(|one| one.resident.is_some()) {
        line(&mut out, "\nAfter 1,000 series at one second for a day (86.4 million samples), resident:\n".to_owned());
        for (one, (now, peak)) in all.iter().filter_map(|one| Some((one, one.resident?))) {
            line(&mut out, format!("- {}: {now:.0} MiB, at most {peak:.0} MiB", one.name));
        }
    }
    for (one, why) in all.iter().flat_map(|one| one.missing.iter().map(move |why| (one, why))) {
        line(&mut out, format!("\nMissing, {}: {why}.", one.name));
    }
    let _ = write!(out, "\nRepeat it with `{repeat}`.\n{END}\n");
    out
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
    out.push_str("\nOne day of 1,000 series at 15 s, step 60 s; latency / CPU of the server, in ms, and the latency's ratio:\n\n| range | query |");
    let asked: Vec<&Measured> = all.iter().filter(|one| !one.queries.is_empty()).collect();
    for one in &asked {
        let _ = write!(out, " {} |", one.name);
    }
    let _ = writeln!(out, "\n|---|---|{}", "---|".repeat(asked.len()));
    for (range, title, _) in &most.queries {
        let _ = write!(out, "| {range} | {title} |");
        let mut first = None;
        for one in &asked {
            match one.queries.iter().find(|(has, name, _)| has == range && name == title) {
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
            queries: vec![("1 day", "one series", Timing { latency, cpu: 1.0 })],
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
        assert!(!text.contains("resident:"), "{text}");
    }
}
