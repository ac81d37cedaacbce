//! Text to a tree whose every node knows where it stands. JSON, and besides it comments and trailing commas.
//!
//! Invariant: whatever the text, this ends with a tree or a problem: nesting is bounded (by the parser), and a number
//! that is not finite is told here and read by nobody.
//! May not know: which keys there are.

use std::collections::HashSet;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::path;
use crate::config::problem::{Place, Problem, quoted, shortened};

/// A value and where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a file can hold.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The node in words, for somebody who expected something else.
    pub(crate) fn found(&self) -> String {
        match &self.value {
            Value::Bool(value) => value.to_string(),
            Value::Number(value) if value.is_finite() => value.to_string(),
            Value::Text(text) if text.contains("${") => "text with a variable".to_owned(),
            Value::Text(text) => why_hidden(text).map_or_else(|| quoted(text), str::to_owned),
            _ => self.kind().to_owned(),
        }
    }

    /// What sort of value it is, without the value.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// What `text` is called where it may hold a password or a token: `kim:hunter2@host`, `https://host?key=…`.
pub(crate) fn why_hidden(text: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once(':')?;
    let user = rest.split('?').next().is_some_and(|before| before.contains('@'));
    if !user && rest.contains("//") && rest.contains('?') {
        return Some("an address with a query");
    }
    rest.contains('@').then_some("text with credentials")
}

/// Reads `text`. Keys that stand twice and numbers beyond all bounds go to `problems`, and the rest is read all the same.
///
/// # Errors
/// Where the text is no JSON: the first place that is not.
pub(crate) fn parse(text: &str, problems: &mut Vec<Problem>) -> Result<Node, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|e| broken(&e))?;
    let root = parsed.value.ok_or_else(|| Problem {
        at: "$".to_owned(),
        place: Some(Place { line: 1, column: 1 }),
        found: "no value".to_owned(),
        allowed: r#"an object with the key "performance_monitoring""#.to_owned(),
        suggestion: None,
    })?;
    Ok(Tree { lines: Lines::of(text), problems }.node(root, "$"))
}

fn broken(error: &ParseError) -> Problem {
    // The parser's kinds are sentences of its own, none of which repeats the text.
    Problem {
        at: "$".to_owned(),
        place: Some(Place { line: error.line_display(), column: error.column_display() }),
        found: format!("a mistake ({})", error.kind()),
        allowed: "JSON, and besides it comments and trailing commas".to_owned(),
        suggestion: None,
    }
}

struct Tree<'a> {
    lines: Lines<'a>,
    problems: &'a mut Vec<Problem>,
}

impl Tree<'_> {
    fn node(&mut self, value: ast::Value<'_>, at: &str) -> Node {
        let place = self.lines.place(value.start());
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::NumberLit(literal) => Value::Number(self.number(literal.value, at, place)),
            ast::Value::StringLit(literal) => Value::Text(literal.value.into_owned()),
            ast::Value::Array(array) => Value::List(
                array.elements.into_iter().enumerate().map(|(i, e)| self.node(e, &path::item(at, i))).collect(),
            ),
            ast::Value::Object(object) => Value::Object(self.entries(object, at)),
        };
        Node { place, value }
    }

    fn entries(&mut self, object: ast::Object<'_>, at: &str) -> Vec<(String, Node)> {
        let mut seen = HashSet::new();
        let mut entries = Vec::with_capacity(object.properties.len());
        for property in object.properties {
            let place = self.lines.place(property.range.start);
            let name = property.name.into_string();
            let at = path::key(at, &name);
            let node = self.node(property.value, &at);
            if seen.insert(name.clone()) {
                entries.push((name, node));
            } else {
                let found = format!("{} a second time", quoted(&name));
                let allowed = "each key once".to_owned();
                self.problems.push(Problem { at, place: Some(place), found, allowed, suggestion: None });
            }
        }
        entries
    }

    fn number(&mut self, digits: &str, at: &str, place: Place) -> f64 {
        let number = digits.parse().unwrap_or(f64::NAN);
        if number.is_finite() {
            return number;
        }
        let allowed = "a number below 1.8e308".to_owned();
        let found = shortened(digits);
        self.problems.push(Problem { at: at.to_owned(), place: Some(place), found, allowed, suggestion: None });
        number
    }
}

/// Counts lines and columns, each character once: nodes come in the order of the text.
struct Lines<'a> {
    text: &'a str,
    /// Up to where it is counted.
    counted: usize,
    place: Place,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, counted: 0, place: Place { line: 1, column: 1 } }
    }

    fn place(&mut self, at: usize) -> Place {
        for c in self.text.get(self.counted..at).unwrap_or_default().chars() {
            if c == '\n' {
                self.place = Place { line: self.place.line + 1, column: 1 };
            } else {
                self.place.column += 1;
            }
        }
        self.counted = self.counted.max(at);
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with `text`, or `fine`.
    #[track_caller]
    fn check(text: &str, want: &str) {
        let mut problems = Vec::new();
        if let Err(broken) = parse(text, &mut problems) {
            problems.push(broken);
        }
        let says: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let says = if says.is_empty() { "fine".to_owned() } else { says.join("\n") };
        assert!(says.contains(want), "{} gives: {says}", shortened(text));
    }

    #[test]
    fn comments_and_trailing_commas_are_fine_and_other_liberties_are_not() {
        check("{\"a\": [1, 2,], // one\n /* two */ \"b\": 1e3,}", "fine");
        check("\u{feff}{}", "fine");
        check("", "line 1:1: $: found no value");
        check("// only this", "found no value");
        for bad in [
            "{a: 1}",
            "{'a': 1}",
            "{\"a\": 'b'}",
            "[+1]",
            "[0x1]",
            "[.5]",
            "[1.]",
            "[NaN]",
            "[Infinity]",
            "[1 2]",
            "[{} {}]",
        ] {
            check(bad, "line 1:");
        }
        check("{\"a\": 1\n \"b\": 2}", "line 1:8: $: found a mistake (Expected comma)");
        check("{\"a\": 1} {}", "a mistake");
        check("{\"a\": [1,\n", "line 1:7: $: found a mistake (Unterminated array)");
    }

    #[test]
    fn keys_that_stand_twice_and_numbers_without_bounds_are_told_with_their_path() {
        check("{\"a\": {\"b\": 1,\n  \"b\": 2}}", "line 2:3: $.a.b: found \"b\" a second time");
        check("[1, 1e999]", "line 1:5: $[1]: found 1e999; allowed: a number below");
        check("[-1e999]", "found -1e999");
    }

    #[test]
    fn nesting_has_an_end_before_the_stack_has() {
        check(&"[".repeat(1_000_000), "Maximum nesting depth exceeded");
        check(&"{\"a\":".repeat(1_000_000), "Maximum nesting depth exceeded");
        check(&format!("{}{}", "[".repeat(200), "]".repeat(200)), "fine");
    }
}
