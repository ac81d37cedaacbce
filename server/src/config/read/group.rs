//! Lists, maps and records of other kinds.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::at::{At, Cx};
use super::kind::{Kind, Plain};
use super::section::Section;
use super::shape::Shape;
use super::syntax::{Node, Value};

/// Any number of values of one kind.
pub(crate) struct ListOf<K>(pub(crate) K);

impl<K: Kind> Kind for ListOf<K> {
    type Out = Vec<K::Out>;

    fn shape(&self) -> Shape {
        Shape::List(Box::new(self.0.shape()))
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Self::Out> {
        let Value::List(items) = &node.value else {
            at.refuse(node.kind(), "a list: […]");
            return None;
        };
        Some(items.iter().enumerate().filter_map(|(i, item)| self.0.read(&at.item(i, item), item)).collect())
    }
}

impl<K: Plain> Plain for ListOf<K> {
    fn write(&self, value: &Self::Out) -> Json {
        value.iter().map(|item| self.0.write(item)).collect()
    }
}

/// Values of one kind by names of the user's choice.
pub(crate) struct MapOf<K>(pub(crate) K);

impl<K: Kind> Kind for MapOf<K> {
    type Out = BTreeMap<String, K::Out>;

    fn shape(&self) -> Shape {
        Shape::Map(Box::new(self.0.shape()))
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<Self::Out> {
        let Value::Object(entries) = &node.value else {
            at.refuse(node.kind(), "an object: {…}");
            return None;
        };
        let read = |(name, node): &(String, Node)| Some((name.clone(), self.0.read(&at.key(name, Some(node)), node)?));
        Some(entries.iter().filter_map(read).collect())
    }
}

impl<K> Plain for MapOf<K>
where
    Self: Kind,
{
    /// A map's default is none at all.
    fn write(&self, _: &Self::Out) -> Json {
        json!({})
    }
}

/// An object in a list or a map.
pub(crate) struct Record<F>(pub(crate) F);

impl<T, F: Fn(&mut Section<'_>) -> Option<T>> Kind for Record<F> {
    type Out = T;

    fn shape(&self) -> Shape {
        // Read out of nothing, for the keys that it asks for.
        let cx = Cx::recorder();
        let mut section = Section::empty(At::root(&cx));
        (self.0)(&mut section);
        section.shape()
    }

    fn read(&self, at: &At<'_>, node: &Node) -> Option<T> {
        let mut section = Section::open(at.clone(), node)?;
        let read = (self.0)(&mut section);
        section.close();
        read
    }
}
