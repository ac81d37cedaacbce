//! A number out of what a source gives.

use serde_json::Value as Json;

/// How much of something is repeated.
const SHOWN_CHARS: usize = 60;

/// The number that `text` is. `open`: whether the text may be repeated where it is none.
///
/// # Errors
/// What it is instead; goes on with "… holds".
pub(super) fn of_text(text: &str, open: bool) -> Result<f64, String> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ if text.is_empty() => Err("nothing, where a number should be".to_owned()),
        _ if open => Err(format!("{}, which is no number", quoted(text))),
        _ => Err("something that is no number".to_owned()),
    }
}

/// The same for a part of a JSON document; true is 1 and false is 0.
///
/// # Errors
/// As [`of_text`].
pub(super) fn of_json(value: &Json, open: bool) -> Result<f64, String> {
    match value {
        Json::Bool(yes) => Ok(f64::from(u8::from(*yes))),
        Json::Number(number) => of_text(&number.to_string(), open),
        Json::String(text) => of_text(text, open),
        Json::Null => Err("null, which is no number".to_owned()),
        Json::Array(_) => Err("a list, which is no number".to_owned()),
        Json::Object(_) => Err("an object, which is no number".to_owned()),
    }
}

/// `text` in quotes on one line, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}", format!("{}…", text.get(..end).unwrap_or_default())),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_a_number_and_what_is_not() {
        for (text, want) in [("42", 42.0), (" -0.5\n", -0.5), ("1e3\r\n", 1000.0), ("+7", 7.0), (".5", 0.5)] {
            assert_eq!(of_text(text, true), Ok(want), "{text}");
            assert_eq!(of_json(&json!(text), true), Ok(want), "{text}");
        }
        for text in ["inf", "-Infinity", "NaN", "1,5", "42 C", "0x10", "1e999", "1\n2", "nought", "1 2"] {
            assert_eq!(of_text(text, true), Err(format!("{text:?}, which is no number")));
            assert_eq!(of_text(text, false), Err("something that is no number".to_owned()));
        }
        assert_eq!(of_text(" \n", false), Err("nothing, where a number should be".to_owned()));
        let long = of_text(&"ä".repeat(1000), true).unwrap_err();
        assert!(long.chars().count() < 100, "{long}");
    }

    #[test]
    fn parts_of_json() {
        for (value, want) in [(json!(true), 1.0), (json!(false), 0.0), (json!(7), 7.0), (json!(-2.5), -2.5)] {
            assert_eq!(of_json(&value, false), Ok(want));
        }
        for (value, says) in [(json!(null), "null"), (json!([1]), "a list"), (json!({"a": 1}), "an object")] {
            assert_eq!(of_json(&value, true), Err(format!("{says}, which is no number")));
        }
        assert_eq!(of_json(&json!(u64::MAX), true), Ok(18_446_744_073_709_551_615.0));
    }
}
