//! An object of the file, read key by key.

use serde_json::Value as Json;

use super::at::{At, Cx};
use super::kind::{Bool, Choice, Kind, OneOf, Plain, allowed};
use super::shape::{Field, Presence, Shape, Variants};
use super::syntax::{Node, Value};
use crate::config::problem::{nearest, quoted};

/// The reader of one value of a tag: its word, and what it reads.
pub(crate) type Variant<'v, W, T> = (W, &'v dyn Fn(&mut Section<'_>) -> Option<T>);

/// An object that is being read. What it is asked for is what it may hold.
pub(crate) struct Section<'a> {
    at: At<'a>,
    entries: &'a [(String, Node)],
    /// The names of what was asked for.
    asked: Vec<String>,
    /// All of what was asked for, where it is recorded.
    fields: Vec<Field>,
    variants: Option<Variants>,
    /// Whether it is not known what else may stand here, because the tag that says so is wrong.
    unsure: bool,
}

impl<'a> Section<'a> {
    /// One without a key.
    pub(crate) fn empty(at: At<'a>) -> Self {
        Self { at, entries: &[], asked: Vec::new(), fields: Vec::new(), variants: None, unsure: false }
    }

    /// The object at `node`, or a note that it is none.
    pub(crate) fn open(at: At<'a>, node: &'a Node) -> Option<Self> {
        let Value::Object(entries) = &node.value else {
            at.refuse(node.kind(), "an object: {…}");
            return None;
        };
        Some(Self { entries, ..Self::empty(at) })
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn close(&self) {
        // Where the tag is wrong, what any of its values allows is let through.
        let variants = self.variants.iter().filter(|_| self.unsure).flat_map(|variants| &variants.each);
        let more = variants.flat_map(|(_, fields)| fields).map(|field| &field.name);
        let names: Vec<&str> = self.asked.iter().chain(more).map(String::as_str).collect();
        let known = || names.iter().copied();
        for (name, node) in self.entries.iter().filter(|(name, _)| !known().any(|known| known == name)) {
            let meant = nearest(name, known());
            let allowed = match meant {
                Some(_) => "a known key".to_owned(),
                None if names.is_empty() => "no key".to_owned(),
                None => known().collect::<Vec<_>>().join(", "),
            };
            let found = format!("{}, which is no setting", quoted(name));
            self.at.key(name, Some(node)).refuse_and_suggest(found, allowed, meant.map(quoted));
        }
    }

    /// What it may hold.
    pub(crate) fn shape(self) -> Shape {
        Shape::Object { fields: self.fields, variants: self.variants }
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> &At<'a> {
        &self.at
    }

    /// The name it has in the map or object that holds it.
    pub(crate) fn name(&self) -> &str {
        &self.at.name
    }

    /// The value of `name`, unread.
    pub(crate) fn find(&self, name: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// The names of its keys as they stand in the file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// Where the value of `name` stands.
    pub(crate) fn at_key(&self, name: &str) -> At<'a> {
        self.at.key(name, self.find(name))
    }

    /// Where a value deeper down stands.
    pub(crate) fn at_path(&self, names: &[&str]) -> At<'a> {
        let mut at = self.at.clone();
        let mut entries = self.entries;
        for name in names {
            let node = entries.iter().find(|(key, _)| key == name).map(|(_, node)| node);
            at = at.key(name, node);
            entries = match node.map(|node| &node.value) {
                Some(Value::Object(inner)) => inner,
                _ => &[],
            };
        }
        at
    }

    /// Whether the value of `name` is a list without items.
    pub(crate) fn is_empty_list(&self, name: &str) -> bool {
        self.find(name).is_some_and(|node| matches!(&node.value, Value::List(items) if items.is_empty()))
    }

    fn get<K: Kind>(&self, name: &str, kind: &K) -> Option<K::Out> {
        let node = self.find(name)?;
        let at = self.at.key(name, Some(node));
        self.at.cx.given.borrow_mut().insert(at.path.clone());
        kind.read(&at, node)
    }

    fn note(&mut self, name: &str, doc: &'static str, what: impl FnOnce() -> (Shape, Presence)) {
        self.asked.push(name.to_owned());
        if self.at.cx.recording {
            let (shape, presence) = what();
            self.fields.push(Field { name: name.to_owned(), doc, shape, presence });
        }
    }

    /// A key with a default.
    pub(crate) fn or<K: Plain>(&mut self, name: &str, kind: &K, default: K::Out, doc: &'static str) -> K::Out {
        self.note(name, doc, || (kind.shape(), Presence::Default(kind.write(&default))));
        self.get(name, kind).unwrap_or(default)
    }

    /// A key that may be left out, with one value it could have.
    pub(crate) fn maybe<K: Kind>(
        &mut self,
        name: &str,
        kind: &K,
        sample: impl Into<Json>,
        doc: &'static str,
    ) -> Option<K::Out> {
        self.note(name, doc, || (kind.shape(), Presence::Optional(sample.into())));
        self.get(name, kind)
    }

    /// A key that has to be there, with one value it could have. Its reader gives up (`?`) only after the last read: keys
    /// behind would be unknown.
    pub(crate) fn required<K: Kind>(
        &mut self,
        name: &str,
        kind: &K,
        sample: impl Into<Json>,
        doc: &'static str,
    ) -> Option<K::Out> {
        self.note(name, doc, || (kind.shape(), Presence::Required(sample.into())));
        if self.find(name).is_none() {
            self.at.key(name, None).refuse("nothing", format!("a value; {name} has to be there"));
        }
        self.get(name, kind)
    }

    /// `enabled`: where it is false, variables inside need not be set. It is read first.
    pub(crate) fn switch(&mut self, default: bool, doc: &'static str) -> bool {
        let on = self.or("enabled", &Bool, default, doc);
        self.at.active &= on;
        on
    }

    /// The same without a default, where it matters whether somebody has decided.
    pub(crate) fn maybe_switch(&mut self, doc: &'static str) -> Option<bool> {
        let on = self.maybe("enabled", &Bool, false, doc);
        self.at.active &= on == Some(true);
        on
    }

    /// An object that may be left out as a whole.
    pub(crate) fn section<T>(&mut self, name: &str, doc: &'static str, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let at = self.at_key(name);
        let given = self.find(name).and_then(|node| Section::open(at.clone(), node));
        let mut section = given.unwrap_or_else(|| Section::empty(at));
        let value = read(&mut section);
        section.close();
        self.note(name, doc, || (section.shape(), Presence::Section));
        value
    }

    /// Keys that depend on the value of `tag`, which may be left out where `default` has one.
    pub(crate) fn tagged<W: Choice + PartialEq, T>(
        &mut self,
        tag: &'static str,
        default: Option<W>,
        doc: &'static str,
        each: &[Variant<'_, W, T>],
    ) -> Option<T> {
        let kind = OneOf::<W>::NEW;
        let sample = W::WORDS.first().map_or("", |(word, _)| word);
        let word = match (self.find(tag), default) {
            (None, Some(default)) => Some(default),
            (None, None) => {
                self.at.key(tag, None).refuse("nothing", allowed::<W>());
                None
            }
            (Some(_), _) => self.get(tag, &kind),
        };
        self.note(tag, doc, || (kind.shape(), Presence::Optional(sample.into())));
        let read = each.iter().find(|(each, _)| Some(*each) == word);
        self.unsure = read.is_none();
        if self.unsure || self.at.cx.recording {
            let each = each.iter().map(|(word, read)| (word.word(), fields_of(*read))).collect();
            self.variants = Some(Variants { tag, each });
        }
        read.and_then(|(_, read)| read(self))
    }
}

fn fields_of<T>(read: &dyn Fn(&mut Section<'_>) -> Option<T>) -> Vec<Field> {
    let cx = Cx::recorder();
    let mut section = Section::empty(At::root(&cx));
    read(&mut section);
    section.fields
}
