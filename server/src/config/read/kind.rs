//! What a value is read as: the trait, and the kinds that are neither number nor text.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::at::At;
use super::shape::Shape;
use super::syntax::{Node, Value};
use super::text::expanded;
use crate::config::problem::{nearest, quoted};

/// How a value is read, and what it may be.
pub(crate) trait Kind {
    /// What it becomes.
    type Out;
    /// What it may be, as data.
    fn shape(&self) -> Shape;
    /// Reads it. None where it is wrong, which is then noted at `at`, or where a variable is not set and need not be.
    fn read(&self, at: &At<'_>, node: &Node) -> Option<Self::Out>;
}

/// A kind whose values can be written back: those that have defaults.
pub(crate) trait Plain: Kind {
    fn write(&self, value: &Self::Out) -> Json;
}

/// `true` or `false`.
pub(crate) struct Bool;

impl Kind for Bool {
    type Out = bool;

    fn shape(&self) -> Shape {
        Shape::Bool
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) => {
                let meant = nearest(text, ["true", "false"]).map(|word| format!("{word}, without quotes"));
                at.refuse_and_suggest(node.found(), "true or false", meant);
                None
            }
            _ => {
                at.refuse(node.found(), "true or false");
                None
            }
        }
    }
}

impl Plain for Bool {
    fn write(&self, value: &bool) -> Json {
        json!(value)
    }
}

/// A closed set of words.
pub(crate) trait Choice: Copy + 'static {
    /// Each word with its meaning. The first word of a meaning is the one that is written.
    const WORDS: &'static [(&'static str, Self)];
    /// The word for it.
    fn word(self) -> &'static str;
}

/// Gives an enum its words: `choice!(Theme { "dark" => Dark, "light" => Light })`.
macro_rules! choice {
    ($name:ident { $($word:literal => $variant:ident),+ $(,)? }) => {
        impl $crate::config::read::Choice for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::config::read::Choice::word(*self))
            }
        }
    };
}
pub(crate) use choice;

/// The words of `T`, without those that mean the same as another.
fn words<T: Choice>() -> impl Iterator<Item = &'static str> {
    T::WORDS.iter().filter(|(word, value)| value.word() == *word).map(|(word, _)| *word)
}

/// The words of `T`, as a sentence ends in them.
pub(crate) fn allowed<T: Choice>() -> String {
    words::<T>().map(quoted).collect::<Vec<_>>().join(", ")
}

/// One of the words of `T`.
pub(crate) struct OneOf<T>(PhantomData<T>);

impl<T> OneOf<T> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<T: Choice> Kind for OneOf<T> {
    type Out = T;

    fn shape(&self) -> Shape {
        let (words, also) = T::WORDS.iter().map(|(word, _)| *word).partition(|word| words::<T>().any(|w| w == *word));
        Shape::Choice { words, also, pattern: None }
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<T> {
        let text = expanded(at, node)?;
        let meant = T::WORDS.iter().find(|(word, _)| *word == text.as_str());
        if meant.is_none() && !text.is_unset() {
            // What came out of a variable is neither repeated nor hinted at.
            let suggestion = if text.is_secret() { None } else { nearest(text.as_str(), words::<T>()).map(quoted) };
            at.refuse_and_suggest(node.found(), allowed::<T>(), suggestion);
        }
        meant.map(|(_, value)| *value)
    }
}

impl<T: Choice> Plain for OneOf<T> {
    fn write(&self, value: &T) -> Json {
        json!(value.word())
    }
}
