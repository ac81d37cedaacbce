//! Values that are used and never shown: [`Secret`] always, [`Text`] where a variable of the environment is in it.
//!
//! Invariant: neither can be printed or serialised with its value; what is not there cannot leak. `grep -E
//! 'reveal\(|as_str\(\)'` over the places that hold one is the audit.

use std::fmt;
use std::path::Path;

/// What stands in for a value that is not shown.
pub const HIDDEN: &str = "[secret]";

/// A password, key, token, header or webhook address. No `Display`, `Serialize`, `Clone` or comparison.
pub struct Secret(String);

impl Secret {
    /// From its value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The single way to the value.
    pub fn reveal<R>(&self, with: impl FnOnce(&str) -> R) -> R {
        with(&self.0)
    }

    /// Whether nothing is in it, as in the section of a channel that is switched off.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// A string of the configuration. Prints as itself, or as `[secret]` where it came from the environment or carries
/// credentials.
#[derive(Clone)]
pub struct Text {
    value: String,
    secret: bool,
}

impl Text {
    /// One that may be shown.
    #[must_use]
    pub fn open(value: impl Into<String>) -> Self {
        Self { value: value.into(), secret: false }
    }

    /// One that may not.
    #[must_use]
    pub fn hidden(value: impl Into<String>) -> Self {
        Self { value: value.into(), secret: true }
    }

    /// The value, to be worked with; whoever prints takes `Display`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The value as a path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        Path::new(&self.value)
    }

    /// Whether it prints as `[secret]`.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.secret
    }

    /// The same value, never shown.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        Secret(self.value)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secret { HIDDEN } else { &self.value })
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret { f.write_str(HIDDEN) } else { self.value.fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_open_is_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), HIDDEN);
        assert_eq!(format!("{:?} {}", Text::hidden("hunter2"), Text::hidden("hunter2")), "[secret] [secret]");
        assert_eq!(format!("{:?} {}", Text::open("a"), Text::open("a")), "\"a\" a");
        assert_eq!(Secret::new("hunter2").reveal(str::len), 7);
    }
}
