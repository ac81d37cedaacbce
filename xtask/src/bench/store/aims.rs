//! What Telltale is to reach beside VictoriaMetrics, and whether it does.
//!
//! May not know: how anything was measured.

use std::fmt::Write as _;

/// A figure, and on which side of its aim it has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

/// What was measured of one aim.
#[derive(Debug)]
pub(super) struct Row {
    /// What it is about.
    pub(super) what: String,
    pub(super) aim: Aim,
    /// What the figure is a number of: a ratio has nothing here.
    pub(super) unit: &'static str,
    pub(super) measured: f64,
}

impl Row {
    /// A ratio to VictoriaMetrics.
    pub(super) fn ratio(what: impl Into<String>, aim: Aim, (ours, theirs): (f64, f64)) -> Self {
        Self { what: what.into(), aim, unit: " × VictoriaMetrics", measured: ours / theirs }
    }

    /// How it stands, in words. What rounds to the aim has reached it: no two runs are closer than that.
    fn verdict(&self) -> String {
        let measured = (self.measured * 100.0).round() / 100.0;
        let missed = match self.aim {
            Aim::AtLeast(aim) if measured >= aim => None,
            Aim::AtMost(aim) if measured <= aim => None,
            Aim::AtLeast(aim) => Some(((1.0 - self.measured / aim) * 100.0, "less")),
            Aim::AtMost(aim) => Some(((self.measured / aim - 1.0) * 100.0, "more")),
        };
        match missed {
            None => "reached".to_owned(),
            Some((by, side)) if by.is_finite() => format!("**missed: {by:.0} % {side}**"),
            Some(_) => "**missed**".to_owned(),
        }
    }
}

/// The rows as a table, and in a sentence before it how many are reached.
pub(super) fn table(out: &mut String, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let reached = rows.iter().filter(|row| row.verdict() == "reached").count();
    let _ = writeln!(
        out,
        "\nAims, {reached} of {} reached:\n\n| aim of Telltale | measured | |\n|---|---|---|",
        rows.len()
    );
    for row in rows {
        let (side, aim) = match row.aim {
            Aim::AtLeast(aim) => ("at least", aim),
            Aim::AtMost(aim) => ("at most", aim),
        };
        let Row { what, unit, measured, .. } = row;
        let _ = writeln!(out, "| {what}: {side} {aim}{unit} | {measured:.2} | {} |", row.verdict());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_says_by_how_much() {
        let check = |aim, measured, verdict: &str| {
            let row = Row { what: "x".to_owned(), aim, unit: "", measured };
            assert_eq!(row.verdict(), verdict, "{aim:?} {measured}");
        };
        check(Aim::AtLeast(2.0), 3.5, "reached");
        check(Aim::AtLeast(2.0), 1.999, "reached");
        check(Aim::AtLeast(2.0), 1.5, "**missed: 25 % less**");
        check(Aim::AtMost(0.8), 0.8, "reached");
        check(Aim::AtMost(0.8), 1.0, "**missed: 25 % more**");
        check(Aim::AtMost(0.8), f64::NAN, "**missed**");
    }

    #[test]
    fn a_table_begins_with_how_many_are_reached() {
        let rows = [
            Row::ratio("bytes", Aim::AtMost(0.8), (2.0, 2.0)),
            Row { what: "memory".to_owned(), aim: Aim::AtMost(60.0), unit: " MB", measured: 41.0 },
        ];
        let mut out = String::new();
        table(&mut out, &rows);
        assert!(out.starts_with("\nAims, 1 of 2 reached:\n"), "{out}");
        assert!(out.contains("| bytes: at most 0.8 × VictoriaMetrics | 1.00 | **missed: 25 % more** |"), "{out}");
        assert!(out.contains("| memory: at most 60 MB | 41.00 | reached |"), "{out}");
    }
}
