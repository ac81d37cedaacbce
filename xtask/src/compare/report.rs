//! docs/comparison.md: what was compared, how near it came, and what was left out.

use super::judge::Outcome;
use super::reading::Labels;
use super::table::{How, LEFT_OUT};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Who was compared, and how often.
pub(super) struct Frame {
    /// Names with versions.
    pub(super) programs: Vec<String>,
    pub(super) readings: usize,
}

/// Writes the page.
pub(super) fn write(path: &Path, frame: &Frame, outcomes: &[Outcome]) -> Result<()> {
    fs::write(path, page(frame, outcomes)).with_context(|| format!("writing {}", path.display()))
}

fn page(frame: &Frame, outcomes: &[Outcome]) -> String {
    let mut page = format!(
        "# Comparison\n\n<!-- Written by `cargo xtask compare`. -->\n\n\
         Telltale beside others that look at the same machine: {}. The machine was given work meanwhile: half a \
         processor, memory, writes and reads that reach the disk, traffic over loopback, connections in many states. \
         At {} readings of Telltale's, a second apart, the others were asked shortly before and shortly after. A \
         value of Telltale's has to lie between the two, with as much to spare as the table says and for the reason \
         that it gives; an average over the run has to be what the other's counter grew by. Whatever disagrees \
         fails the command.\n\n\
         | metric | compared with | values | furthest apart | allowed | why |\n|---|---|---|---|---|---|\n",
        frame.programs.join(", "),
        frame.readings
    );
    for outcome in outcomes {
        let (apart, allowed) = distances(outcome);
        let row = &outcome.row;
        let tags: Vec<String> = row
            .only
            .iter()
            .map(|(tag, value)| match (value.is_empty(), value.strip_prefix('!')) {
                (true, _) => format!("no {tag}"),
                (false, Some(other)) => format!("{tag} not {other}"),
                (false, None) => format!("{tag} {value}"),
            })
            .collect();
        let only = if tags.is_empty() { String::new() } else { format!(" ({})", tags.join(", ")) };
        let _ = writeln!(
            page,
            "| `{}`{only} | `{}` | {} | {apart} | {allowed} | {} |",
            row.metric,
            row.with.replace('|', "\\|"),
            outcome.compared,
            row.why
        );
    }
    page.push_str(
        "\n`node_…` is node_exporter's; `proc_…` are the kernel's own files, read by the tool itself; `df`, `ss` and \
         `ps` are these programs'; `own_requests` is what the tool has counted; `time` is the clock's. `$tag` stands \
         for the tag of Telltale's series.\n\n## Zero all the time\n\nThe work did not reach these. That both say \
         zero shows little.\n\n",
    );
    for (metric, tags) in zero(outcomes) {
        let _ = writeln!(page, "- `{metric}`{}", if tags.is_empty() { String::new() } else { format!(": {tags}") });
    }
    page.push_str("\n## Left out\n\n");
    for (metric, why) in LEFT_OUT {
        let _ = writeln!(page, "- `{metric}`: {why}.");
    }
    page.push_str(
        "- What node_exporter has and Telltale has not, such as the modes of guests, huge pages or the queues of \
         interfaces.\n- Of `disk_…`: partitions, memory and files in disguise, and second places of the same disk, \
         which Telltale leaves out by its rules (docs/collectors.md).\n- Of `process_…` with a name: all but those that \
         live all the while; the others are gone before they can be asked for twice.\n",
    );
    page
}

fn distances(outcome: &Outcome) -> (String, String) {
    if outcome.compared == 0 {
        return ("stood still".to_owned(), allowed(outcome.row.how));
    }
    let apart = match outcome.row.how {
        How::Share(_) | How::Weighted(..) if outcome.furthest > 0.0 => match outcome.row.how {
            How::Weighted(..) => format!("{} %", short(outcome.furthest * 100.0)),
            _ => short(outcome.furthest),
        },
        _ => short(outcome.furthest),
    };
    (apart, allowed(outcome.row.how))
}

fn allowed(how: How) -> String {
    match how {
        How::Counter(0.0) | How::Gauge(0.0) => "nothing".to_owned(),
        How::Counter(slack) | How::Gauge(slack) | How::Mean(slack) => short(slack),
        How::Share(share) | How::Weighted(share, _) => format!("{} %", short(share * 100.0)),
    }
}

/// `0`, `1.25`, `3.1 M`.
fn short(value: f64) -> String {
    let text = match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 1e9 => format!("{:.1} G", value / 1e9),
        size if size >= 1e6 => format!("{:.1} M", value / 1e6),
        size if size >= 1e4 => format!("{:.1} k", value / 1e3),
        size if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.0e}"),
    };
    text.trim_end_matches(".00").to_owned()
}

/// Each metric with the tags of its series that were zero; all of them where there is nothing after it.
fn zero(outcomes: &[Outcome]) -> BTreeMap<&'static str, String> {
    let mut found = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.zero.is_empty()) {
        let described = |tags: &Labels| {
            let tags = tags.iter().filter(|(tag, _)| !["host", "collector"].contains(&tag.as_str()));
            tags.map(|(tag, value)| if tag == "port" { "watched port".to_owned() } else { format!("{tag} {value}") })
                .collect::<Vec<_>>()
                .join(" ")
        };
        let all: Vec<String> = outcome.zero.iter().map(described).collect();
        let text = if outcome.zero.len() == outcome.series { String::new() } else { all.join(", ") };
        found.insert(outcome.row.metric, text);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::table::Row;

    #[test]
    fn the_page_says_how_near_and_what_was_zero() {
        let row = Row { metric: "a_total", only: &[("port", "")], with: "b", how: How::Counter(0.0), why: "because" };
        let zero = vec![Labels::from([("state".to_owned(), "x".to_owned())])];
        let outcome = Outcome { row, compared: 7, furthest: 0.0, zero, series: 2, problems: Vec::new() };
        let frame = Frame { programs: vec!["a 1".to_owned(), "b 2".to_owned()], readings: 7 };
        let page = page(&frame, &[outcome]);
        assert!(page.contains("| `a_total` (no port) | `b` | 7 | 0 | nothing | because |"), "{page}");
        assert!(page.contains("- `a_total`: state x\n"), "{page}");
        assert_eq!(
            [0.0, 1.25, 12_345.0, 3.1e6, 2e9, 1e-6].map(short),
            ["0", "1.25", "12.3 k", "3.1 M", "2.0 G", "1e-6"]
        );
    }
}
