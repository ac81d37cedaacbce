//! What tells one series of a metric from another.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names with values, sorted by name, each name once. Cheap to clone: one reference count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags(Arc<[(Box<str>, Box<str>)]>);

impl Tags {
    /// From pairs in any order. A name given twice keeps its last value.
    pub fn new<K: Into<Box<str>>, V: Into<Box<str>>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut pairs: Vec<(Box<str>, Box<str>)> = pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, kept| later.0 == kept.0);
        Self(pairs.into())
    }

    /// The value of one name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(k, _)| (**k).cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (&**k, &**v))
    }

    /// True where nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These tags and `more`; where both name one, `more` wins.
    #[must_use]
    pub fn with<'a>(&'a self, more: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::new(self.iter().chain(more))
    }

    /// Whether every pair of `filter` is among these.
    #[must_use]
    pub fn matches(&self, filter: &Self) -> bool {
        // Both are sorted. It is asked of each series of a metric: texts of two lengths are told apart without a look at them.
        let mut own = self.0.iter();
        filter.0.iter().all(|(k, v)| own.find(|(name, _)| name == k).is_some_and(|(_, value)| value == v))
    }
}

impl Default for Tags {
    fn default() -> Self {
        Self::new::<&str, &str>([])
    }
}

/// `{host="web-1", mountpoint="/"}`, for messages to people.
impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (k, v)) in self.iter().enumerate() {
            write!(f, "{}{k}={v:?}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (k, v) in self.iter() {
            map.serialize_entry(k, v)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Tags;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tag names and their values, all strings")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Tags, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry::<String, String>()? {
                    pairs.push(pair);
                }
                Ok(Tags::new(pairs))
            }
        }
        from.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_giving_does_not_matter_and_the_last_value_wins() {
        let a = Tags::new([("cpu", "1"), ("host", "a"), ("cpu", "2")]);
        let b = Tags::new([("host", "a"), ("cpu", "2")]);
        assert_eq!(a, b);
        assert_eq!(a.get("cpu"), Some("2"));
        assert_eq!(format!("{a:?}"), r#"{cpu="2", host="a"}"#);
    }

    #[test]
    fn a_filter_asks_for_each_of_its_pairs() {
        let tags = Tags::new([("cpu", "1"), ("host", "a")]);
        assert!(tags.matches(&Tags::default()));
        assert!(tags.matches(&Tags::new([("host", "a")])));
        assert!(!tags.matches(&Tags::new([("host", "b")])));
        assert!(!tags.matches(&Tags::new([("host", "a"), ("disk", "sda")])));
        assert!(!tags.matches(&Tags::new([("host", "a"), ("zone", "a")])));
        assert!(!tags.matches(&Tags::new([("cpu", "a"), ("host", "a")])));
        assert!(tags.matches(&tags) && !Tags::default().matches(&tags));
    }
}
