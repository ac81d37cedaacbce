//! What is wrong with a file, said so that somebody can mend it without another look at the documentation.
//!
//! Invariant: a problem holds no secret; whoever makes one says what was found by its kind where the value is one.

use std::fmt;

/// How much of a value or a name is repeated.
const SHOWN_CHARS: usize = 60;

/// Where in the file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// One thing that keeps a file from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The JSON path of the value, such as `$.performance_monitoring.dashboard.port`.
    pub at: String,
    /// The line and column of it, where it is in the file at all.
    pub place: Option<Place>,
    /// What stands there.
    pub found: String,
    /// What may.
    pub allowed: String,
    /// What was perhaps meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { line, column }) = self.place {
            write!(f, "line {line}:{column}: ")?;
        }
        write!(f, "{}: found {}; allowed: {}", self.at, self.found, self.allowed)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean {suggestion}?"),
            None => Ok(()),
        }
    }
}

/// Something to know about a file that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The JSON path of the value.
    pub at: String,
    /// A sentence.
    pub says: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.says)
    }
}

/// `text` in quotes on one line, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// `text`, cut where it is long.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The one of `right` that `wrong` most resembles, if any does.
pub(crate) fn nearest<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // What is longer than any name of ours is not compared: the distance takes time and room by the product.
    if wrong.len() > 2 * SHOWN_CHARS {
        return None;
    }
    let wrong = wrong.to_lowercase();
    right
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        let check =
            |wrong: &str, want| assert_eq!(nearest(wrong, ["port", "host", "theme", "widgets"]), want, "{wrong}");
        check("prot", Some("port"));
        check("Theme", Some("theme"));
        check("widget", Some("widgets"));
        check("retention", None);
        check("", None);
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = Problem {
            at: "$.a".into(),
            place: Some(Place { line: 3, column: 7 }),
            found: quoted("x\ny"),
            allowed: "true or false".into(),
            suggestion: Some("true".into()),
        };
        assert_eq!(problem.to_string(), r#"line 3:7: $.a: found "x\ny"; allowed: true or false; did you mean true?"#);
        assert_eq!(quoted(&"ä".repeat(100)).chars().count(), 63);
    }
}
