//! Text, with variables put in: free, checked, always secret, or a name.

use std::net::IpAddr;

use serde_json::{Value as Json, json};

use super::at::At;
use super::kind::{Kind, Plain};
use super::shape::Shape;
use super::syntax::{Node, Value, why_hidden};
use crate::config::expand::{Unexpanded, expand};
use crate::secret::{Secret, Text};

/// Text with its variables put in, before anything is checked.
pub(crate) struct Filled {
    text: Text,
    unset: bool,
}

impl Filled {
    pub(crate) fn as_str(&self) -> &str {
        self.text.as_str()
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.text.is_secret()
    }

    /// Whether a variable is missing where it may be, so that there is nothing to check.
    pub(crate) fn is_unset(&self) -> bool {
        self.unset
    }
}

/// The text of `node`, or a note at `at` why there is none.
pub(crate) fn expanded(at: &At<'_>, node: &Node) -> Option<Filled> {
    let Value::Text(raw) = &node.value else {
        at.refuse(node.found(), "text");
        return None;
    };
    match expand(raw, at.cx.env) {
        Ok(filled) if filled.touched => Some(Filled { text: Text::hidden(filled.value), unset: false }),
        Ok(filled) => Some(Filled { text: Text::open(filled.value), unset: false }),
        Err(Unexpanded::Unset(_)) if at.spares_variables() => Some(Filled { text: Text::hidden(""), unset: true }),
        Err(Unexpanded::Unset(name)) => {
            at.refuse(
                format!("${{{name}}}, and the environment has no {name}"),
                format!("a variable that is set, or ${{{name}:-default}}"),
            );
            None
        }
        Err(Unexpanded::Malformed(what)) => {
            at.refuse(what, "${NAME} or ${NAME:-default}, with plain text as the default");
            None
        }
    }
}

/// Reads text and has it checked; `allowed` completes "allowed: …".
fn checked(at: &At<'_>, node: &Node, allowed: &str, good: impl Fn(&str) -> bool) -> Option<Text> {
    let filled = expanded(at, node)?;
    if filled.is_unset() || good(filled.as_str()) {
        return Some(filled.text);
    }
    at.refuse(node.found(), allowed);
    None
}

/// Any text that is not empty and fits on a line.
pub(crate) struct Free;

impl Kind for Free {
    type Out = Text;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Text> {
        checked(at, node, "text that is not empty and has no control characters", |text| {
            !text.trim().is_empty() && !text.contains(char::is_control)
        })
    }
}

impl Plain for Free {
    fn write(&self, value: &Text) -> Json {
        json!(value.to_string())
    }
}

/// Text that must look like something.
pub(crate) struct Formed {
    /// Completes "allowed: …".
    pub(crate) allowed: &'static str,
    /// Whether it does.
    pub(crate) good: fn(&str) -> bool,
}

impl Kind for Formed {
    type Out = Text;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Text> {
        checked(at, node, self.allowed, self.good)
    }
}

impl Plain for Formed {
    fn write(&self, value: &Text) -> Json {
        json!(value.to_string())
    }
}

/// The address of something on the web. It is a secret where it has a password or a query in it.
pub(crate) struct Url;

const URL: &str = "an address that begins with http:// or https:// and has a host";

impl Kind for Url {
    type Out = Text;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Text> {
        let Value::Text(raw) = &node.value else {
            at.refuse(node.found(), URL);
            return None;
        };
        let credentials = why_hidden(raw).is_some();
        let filled = expanded(at, node)?;
        if filled.is_unset() || is_url(filled.as_str()) {
            return Some(if credentials { Text::hidden(filled.as_str()) } else { filled.text });
        }
        at.refuse(node.found(), URL);
        None
    }
}

impl Plain for Url {
    fn write(&self, value: &Text) -> Json {
        json!(value.to_string())
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    !host.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A host name or an IP address.
pub(crate) struct Host;

impl Kind for Host {
    type Out = Text;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Text> {
        checked(at, node, "an IP address or a host name, without a port", |text| {
            text.parse::<IpAddr>().is_ok() || is_host_name(text)
        })
    }
}

/// Whether a name server could know it. One whose last part is a number is none: some systems take it for an address.
pub(crate) fn is_host_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let good = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(inside) && !label.starts_with('-') && !label.ends_with('-')
    };
    let number = |label: &str| match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => label.bytes().all(|b| b.is_ascii_digit()),
    };
    name.len() <= 253 && name.split('.').all(good) && !name.rsplit('.').next().is_some_and(number)
}

impl Plain for Host {
    fn write(&self, value: &Text) -> Json {
        json!(value.to_string())
    }
}

/// What names a thing in answers and pages: it holds no variable, since whatever one touches is never shown.
pub(crate) struct Name {
    /// Completes "allowed: …".
    pub(crate) allowed: &'static str,
    /// Whether it is one.
    pub(crate) good: fn(&str) -> bool,
}

impl Name {
    /// Any one-line text.
    pub(crate) const ANY: Self = Self {
        allowed: "a name, without control characters and variables (it is shown, and what ${} touches is not)",
        good: |name| !name.trim().is_empty() && !name.contains(char::is_control),
    };
    /// The name of a metric.
    pub(crate) const METRIC: Self = Self {
        allowed: "the name of a metric: letters, digits, _ and :, no digit first, no variables",
        good: |name| {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
            name.chars().all(inside) && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
        },
    };
}

impl Kind for Name {
    type Out = String;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(name) if !name.contains("${") && (self.good)(name) => Some(name.clone()),
            _ => {
                at.refuse(node.found(), self.allowed);
                None
            }
        }
    }
}

impl Plain for Name {
    fn write(&self, value: &String) -> Json {
        json!(value)
    }
}

/// A secret: neither shown nor repeated where it is wrong.
pub(crate) struct Private {
    /// Completes "allowed: …".
    pub(crate) allowed: &'static str,
    /// Whether it will do.
    pub(crate) good: fn(&str) -> bool,
}

impl Private {
    /// A password or a key.
    pub(crate) const KEY: Self = Self {
        allowed: "a secret that is not empty and has no control characters",
        good: |text| !text.is_empty() && !text.contains(char::is_control),
    };
    /// The value of a header.
    pub(crate) const HEADER: Self =
        Self { allowed: "the value of a header, on one line", good: |text| !text.contains(char::is_control) };
    /// An address that lets in whoever knows it.
    pub(crate) const URL: Self = Self { allowed: URL, good: is_url };
}

impl Kind for Private {
    type Out = Secret;

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Secret> {
        let Value::Text(_) = &node.value else {
            at.refuse(node.kind(), self.allowed);
            return None;
        };
        let filled = expanded(at, node)?;
        if filled.is_unset() || (self.good)(filled.as_str()) {
            return Some(filled.text.into_secret());
        }
        at.refuse("text that is none", self.allowed);
        None
    }
}
