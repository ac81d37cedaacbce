//! What a file may hold, as data: recorded while reading, turned into the schema and the example.

use serde_json::Value as Json;

/// What a value may be.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Bool,
    /// Bounds are inclusive.
    Number {
        whole: bool,
        least: f64,
        most: f64,
    },
    Text,
    /// Text that is one of these words, or one of those that mean the same, or looks like the pattern, or holds a variable.
    Choice {
        words: Vec<&'static str>,
        also: Vec<&'static str>,
        pattern: Option<&'static str>,
    },
    /// A number, or text such as `10MB`.
    Size,
    List(Box<Shape>),
    Map(Box<Shape>),
    Object {
        fields: Vec<Field>,
        variants: Option<Variants>,
    },
}

/// A key of an object.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: &'static str,
    pub(crate) shape: Shape,
    pub(crate) presence: Presence,
}

/// Whether a key has to be there, and what counts where it is not.
#[derive(Debug, Clone)]
pub(crate) enum Presence {
    /// It has to be; this is one that could be.
    Required(Json),
    /// Nothing counts; this is one that could be there.
    Optional(Json),
    /// This counts.
    Default(Json),
    /// An object that need not be there, whose keys say the rest.
    Section,
}

/// Keys that depend on the value of another one.
#[derive(Debug, Clone)]
pub(crate) struct Variants {
    /// The other key.
    pub(crate) tag: &'static str,
    /// Its values, each with its keys.
    pub(crate) each: Vec<(&'static str, Vec<Field>)>,
}
