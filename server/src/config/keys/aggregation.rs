//! The name of an aggregation: one of some words, or any percentile.

use app::model::Aggregation;
use serde_json::{Value as Json, json};

use crate::config::problem::{nearest, quoted};
use crate::config::read::{At, Kind, Node, Plain, Shape, expanded};

/// `avg`, `p99.9` and so on.
pub(super) struct OfPoints;

const WORDS: [&str; 14] =
    ["raw", "avg", "min", "max", "sum", "count", "rate", "increase", "last", "stddev", "p50", "p90", "p95", "p99"];
const ANY_PERCENTILE: &str = r"^p(100|\d{1,2}(\.\d{1,3})?)$";

impl Kind for OfPoints {
    type Out = Aggregation;

    fn shape(&self) -> Shape {
        Shape::Choice { words: WORDS.to_vec(), also: Vec::new(), pattern: Some(ANY_PERCENTILE) }
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Aggregation> {
        let text = expanded(at, node)?;
        let meant = text.as_str().parse().ok();
        if meant.is_none() && !text.is_unset() {
            // What came out of a variable is neither repeated nor hinted at.
            let suggestion = if text.is_secret() { None } else { nearest(text.as_str(), WORDS).map(quoted) };
            let words = WORDS.map(quoted).join(", ");
            let allowed = format!("{words}, or another percentile from \"p0\" to \"p100\", such as \"p99.9\"");
            at.refuse_and_suggest(node.found(), allowed, suggestion);
        }
        meant
    }
}

impl Plain for OfPoints {
    fn write(&self, value: &Aggregation) -> Json {
        json!(value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_that_are_understood() {
        assert_eq!(Aggregation::COMMON.map(|one| one.to_string()), WORDS);
        let pattern = regex::Regex::new(ANY_PERCENTILE).unwrap();
        for text in ["p0", "p100", "p99.9", "p5.125", "p101", "p", "p99.9999", "p1000", "avg", "p5."] {
            let is_percentile = matches!(text.parse(), Ok(Aggregation::Percentile(_)));
            assert_eq!(pattern.is_match(text), is_percentile, "{text}");
        }
    }
}
