//! A query string, taken apart without forgiving anything: a mistake in it is told, never guessed away.

use std::fmt::Write;

use crate::web::envelope::{ApiError, Code};

/// Names and values that nobody has asked for yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// From what follows the question mark. `+` is a space, as forms have it.
    pub(super) fn parse(query: &str) -> Result<Self, ApiError> {
        query.split('&').filter(|part| !part.is_empty()).map(pair).collect::<Result<_, _>>().map(Self)
    }

    /// The value of a parameter that may be given once.
    pub(super) fn one(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let mut all = self.all(name);
        let value = all.pop();
        if !all.is_empty() {
            return Err(ApiError::parameter(name, format!("`{name}` is given more than once")));
        }
        Ok(value)
    }

    /// All values of a parameter, in their order.
    pub(super) fn all(&mut self, name: &str) -> Vec<String> {
        let (of_name, rest) = std::mem::take(&mut self.0).into_iter().partition(|(is, _)| is == name);
        self.0 = rest;
        of_name.into_iter().map(|(_, value)| value).collect()
    }

    /// Refuses what nobody asked for. `known`: the parameters that there are.
    pub(super) fn finish(self, known: &[&str]) -> Result<(), ApiError> {
        let Some((name, _)) = self.0.into_iter().next() else { return Ok(()) };
        let mut says = format!("there is no parameter `{name}`");
        // Writing to a string cannot fail.
        let _ = match known {
            [] => write!(says, "; this path has none"),
            known => write!(says, "; there are {}", known.join(", ")),
        };
        Err(ApiError::new(Code::UnknownParameter, says).about(&name))
    }
}

fn pair(part: &str) -> Result<(String, String), ApiError> {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let bad = |what: &str| ApiError::new(Code::InvalidQuery, format!("the query string is broken at `{part}`: {what}"));
    let name = decode(name).map_err(bad)?;
    if name.is_empty() {
        return Err(bad("a value without a name"));
    }
    if !part.contains('=') {
        return Err(bad("a name without `=`").about(&name));
    }
    let value = decode(value).map_err(|what| bad(what).about(&name))?;
    Ok((name, value))
}

/// Takes percent-encoding off.
fn decode(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high * 16 + low,
                _ => return Err("after `%` there must be two hexadecimal digits"),
            },
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(query: &str, want: Result<&[(&str, &str)], Option<&str>>) {
        let owned = |pairs: &[(&str, &str)]| {
            Params(pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect())
        };
        let got = Params::parse(query).map_err(|error| error.field);
        assert_eq!(got, want.map(owned).map_err(|field| field.map(str::to_owned)), "{query}");
    }

    #[test]
    fn well_formed() {
        check("", Ok(&[]));
        check("a=1&b=&a=2", Ok(&[("a", "1"), ("b", ""), ("a", "2")]));
        check("a=x+y%2B%c3%A4&&", Ok(&[("a", "x y+ä")]));
        check("tags=mountpoint%3A%2F&tags=k:v=w", Ok(&[("tags", "mountpoint:/"), ("tags", "k:v=w")]));
    }

    #[test]
    fn broken() {
        check("a", Err(Some("a")));
        check("=1", Err(None));
        check("=", Err(None));
        check("a=%", Err(Some("a")));
        check("a=%2", Err(Some("a")));
        check("a=%g0", Err(Some("a")));
        check("a=%ff", Err(Some("a")));
        check("%ff=1", Err(None));
        check("a=1&b=%+1", Err(Some("b")));
    }

    #[test]
    fn once_means_once_and_what_is_left_is_unknown() {
        let mut params = Params::parse("a=1&b=2&a=3&c=4").unwrap();
        assert_eq!(params.one("b"), Ok(Some("2".to_owned())));
        assert_eq!(params.one("b"), Ok(None));
        assert_eq!(params.one("a").map_err(|e| e.field), Err(Some("a".to_owned())));
        let unknown = params.finish(&["a", "b"]).unwrap_err();
        assert_eq!((unknown.field.as_deref(), unknown.code), (Some("c"), Code::UnknownParameter));
        assert_eq!(unknown.message, "there is no parameter `c`; there are a, b");
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_comes_back(pairs in prop::collection::vec(("\\PC{1,9}", "\\PC{0,9}"), 0..5)) {
            let encode = |text: &str| text.bytes().map(|b| format!("%{b:02x}")).collect::<String>();
            let query: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
            prop_assert_eq!(Params::parse(&query.join("&")), Ok(Params(pairs)));
        }

        #[test]
        fn nothing_makes_it_panic(query in "[a%+=&0-9\u{e4}]{0,30}") {
            let _ = Params::parse(&query);
        }
    }
}
