//! JSON paths: `$.a.b[0]["odd name"]`.

use crate::config::problem::{quoted, shortened};

/// The path of `name` in the object at `at`.
pub(crate) fn key(at: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if plain { format!("{at}.{}", shortened(name)) } else { format!("{at}[{}]", quoted(name)) }
}

/// The path of the item with this index in the list at `at`.
pub(crate) fn item(at: &str, index: usize) -> String {
    format!("{at}[{index}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(item(&key("$", "a_b-1"), 3), "$.a_b-1[3]");
        assert_eq!(key("$", "x y"), "$[\"x y\"]");
        assert_eq!(key("$", ""), "$[\"\"]");
    }
}
