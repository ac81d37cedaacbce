//! What is asked of one tag of a series: that it is something or is not, that it is like something or is not.
//!
//! Invariant: pure; whatever pattern somebody sends, matching takes time in proportion to what is matched, and bounded memory.

use std::str::FromStr;

use app::model::Tags;
use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take, and again what matching may need besides.
const MOST_BYTES: usize = 1 << 20;
/// Characters of a pattern.
const LONGEST: usize = 1000;

/// A condition on one tag, written `host=web-1`, `host!=web-1`, `host=~web-.*` or `host!~web-.*`. A series that has no such tag
/// is treated as one where it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    name: String,
    wanted: bool,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Value(String),
    /// It has to match all of the value.
    Pattern(Regex),
}

/// Why a text is no matcher: the rest of a sentence that begins with the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMatcher {
    /// Something is missing.
    #[error(
        "`{0}` is no matcher: give a tag's name, `=`, `!=`, `=~` or `!~`, and a value, such as host=web-1 or host=~web-.*"
    )]
    Form(String),
    /// A quote is missing, or something follows it.
    #[error(
        "`{0}` has a value that begins with a quote and does not end with one; inside, write \\\" for a quote and \\\\ for \\"
    )]
    Quotes(String),
    /// The regular expression.
    #[error("the pattern `{pattern}` is no regular expression: {because}")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        because: String,
    },
    /// The same, where it is one.
    #[error("the pattern `{0}` is too large: it would take too much memory")]
    TooLarge(String),
}

impl Matcher {
    /// Whether a series with these tags is meant.
    #[must_use]
    pub fn matches(&self, tags: &Tags) -> bool {
        let value = tags.get(&self.name).unwrap_or_default();
        let found = match &self.what {
            What::Value(wanted) => wanted == value,
            What::Pattern(pattern) => pattern.is_match(value),
        };
        found == self.wanted
    }
}

impl FromStr for Matcher {
    type Err = BadMatcher;

    fn from_str(text: &str) -> Result<Self, BadMatcher> {
        let form = || BadMatcher::Form(text.to_owned());
        let (name, rest) = text.split_at(text.find(['=', '!']).filter(|&at| at > 0).ok_or_else(form)?);
        let operators = [("=~", true, true), ("!~", false, true), ("!=", false, false), ("=", true, false)];
        let found = operators.iter().find_map(|(sign, wanted, like)| Some((rest.strip_prefix(sign)?, wanted, like)));
        let (value, &wanted, &like) = found.ok_or_else(form)?;
        let value = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted).ok_or_else(|| BadMatcher::Quotes(text.to_owned()))?,
            None => value.to_owned(),
        };
        let what = if like { What::Pattern(compiled(&value)?) } else { What::Value(value) };
        Ok(Self { name: name.trim().to_owned(), wanted, what })
    }
}

/// What is in quotes, after the first of them. A backslash before a quote or another one is taken off; any other belongs to the
/// value, so that `"\d+"` is what it looks like.
fn unquoted(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    loop {
        match rest.next()? {
            '"' => return rest.next().is_none().then_some(value),
            '\\' => value.push(rest.next_if(|next| matches!(next, '"' | '\\')).unwrap_or('\\')),
            other => value.push(other),
        }
    }
}

fn compiled(pattern: &str) -> Result<Regex, BadMatcher> {
    let too_large = || BadMatcher::TooLarge(pattern.chars().take(40).chain(['…']).collect());
    if pattern.chars().count() > LONGEST {
        return Err(too_large());
    }
    let compile = |text: &str| {
        let built = RegexBuilder::new(text).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build();
        built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => too_large(),
            // It draws the pattern first, and says last what is wrong.
            other => {
                let says = other.to_string();
                let because = says.rsplit("error: ").next().unwrap_or_default().trim().to_owned();
                BadMatcher::Pattern { pattern: pattern.to_owned(), because }
            }
        })
    };
    // By itself first: `a)|(b` is no pattern, but would be one in brackets.
    compile(pattern)?;
    compile(&format!("^(?s:{pattern})$"))
}

impl PartialEq for What {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(one), Self::Value(other)) => one == other,
            (Self::Pattern(one), Self::Pattern(other)) => one.as_str() == other.as_str(),
            _ => false,
        }
    }
}

impl Eq for What {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of these values of `host`, and of none at all as `-`, those that match.
    #[track_caller]
    fn check(matcher: &str, want: &[&str]) {
        let parsed: Matcher = matcher.parse().unwrap();
        let values = ["web-1", "web-12", "db", "a\nb", "~db", "say \"a\\b\"", ""];
        let of = |value: &&str| parsed.matches(&Tags::new([("host", *value), ("cpu", "0")]));
        let mut got: Vec<&str> = values.into_iter().filter(|value| of(value)).collect();
        if parsed.matches(&Tags::new([("cpu", "0")])) {
            got.push("-");
        }
        assert_eq!(got, want, "{matcher}");
    }

    #[test]
    fn each_operator() {
        check("host=web-1", &["web-1"]);
        check("host=\"web-1\"", &["web-1"]);
        check("host!=web-1", &["web-12", "db", "a\nb", "~db", "say \"a\\b\"", "", "-"]);
        check("host=~web-.*", &["web-1", "web-12"]);
        check("host!~web-.*", &["db", "a\nb", "~db", "say \"a\\b\"", "", "-"]);
        check("cpu=0", &["web-1", "web-12", "db", "a\nb", "~db", "say \"a\\b\"", "", "-"]);
        check("cpu!=0", &[]);
    }

    #[test]
    fn a_tag_that_is_missing_is_empty() {
        check("host=", &["", "-"]);
        check("host=\"\"", &["", "-"]);
        check("host!=", &["web-1", "web-12", "db", "a\nb", "~db", "say \"a\\b\""]);
        check("host=~(db)?", &["db", "", "-"]);
        check("host!~.+", &["", "-"]);
    }

    #[test]
    fn patterns_match_all_of_a_value_and_nothing_in_them_changes_that() {
        check("host=~web", &[]);
        check("host=~web-1|db", &["web-1", "db"]);
        check("host=~web-1|d", &["web-1"]);
        check("host=~a.b", &["a\nb"]);
        check("host=~(?i)DB", &["db"]);
        check("host=~\"web-\\d\"", &["web-1"]);
        check("host=~\"web-\\\\d\"", &["web-1"]);
        check("host=~(?m)^a$|^b$", &[]);
    }

    #[test]
    fn quotes_keep_what_would_be_an_operator() {
        check("host=\"~db\"", &["~db"]);
        check("host=~~db", &["~db"]);
        check("host=\"say \\\"a\\\\b\\\"\"", &["say \"a\\b\""]);
        check("host=\"say \\\"a\\b\\\"\"", &["say \"a\\b\""]);
        check("host=say \"a\\b\"", &["say \"a\\b\""]);
    }

    #[track_caller]
    fn refused(text: &str, says: &str) {
        let error = text.parse::<Matcher>().unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for form in ["", "host", "=a", "!=a", "host!a", "host!", "!~", "~a"] {
            refused(form, "is no matcher");
        }
        for quotes in ["host=\"", "host=\"a", "host=\"a\"b", "host=\"a\\\""] {
            refused(quotes, "begins with a quote");
        }
        refused("host=~a(", "the pattern `a(` is no regular expression: unclosed group");
        refused("host=~a)|(b", "no regular expression: unopened group");
        refused("host=~*", "repetition operator missing expression");
        refused("host!~(?=a)", "look-around");
        refused("host=~(a{1000}){1000}", "is too large");
        refused(&format!("host=~{}", "a".repeat(LONGEST + 1)), "is too large");
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_back(value in "\\PC{0,12}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let matcher: Matcher = format!("host=\"{quoted}\"").parse().unwrap();
            prop_assert!(matcher.matches(&Tags::new([("host", value.as_str())])));
        }

        #[test]
        fn nothing_makes_it_panic(text in "[a-c=!~\"\\\\.*+?(){}|^$#x:\\[\\]-]{0,20}", value in "[a-c.\n]{0,6}") {
            if let Ok(matcher) = text.parse::<Matcher>() {
                let _ = matcher.matches(&Tags::new([("a", value)]));
            }
        }

        #[test]
        fn an_operator_and_its_opposite_never_agree(pattern in "[ab.*|]{0,6}", value in "[ab]{0,4}") {
            let both: Vec<_> = ["=~", "!~"].iter().map(|sign| format!("a{sign}{pattern}").parse::<Matcher>()).collect();
            if let [Ok(like), Ok(unlike)] = &both[..] {
                let tags = Tags::new([("a", value)]);
                prop_assert!(like.matches(&tags) != unlike.matches(&tags));
            }
        }
    }
}
