//! What one client has subscribed to.

use std::collections::HashMap;

use app::model::Tags;

/// What all subscriptions of a client may weigh together, in bytes of names and tags.
const MOST_BYTES: usize = 128 * 1024;
/// What a subscription weighs besides its name and tags.
const EACH_BYTES: usize = 64;
/// The name that stands for all metrics.
const ALL: &str = "*";

/// The subscriptions of one client. Each is a name, or `*`, with the tags that narrow it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    everything: Vec<Tags>,
    by_name: HashMap<Box<str>, Vec<Tags>>,
    bytes: usize,
}

/// Why subscriptions stay as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwanted {
    /// No name was given, or one that is empty.
    #[error("give the name of a metric in `metric_name`, or several in `metric_names`; `*` is all of them")]
    NoName,
    /// It is not subscribed to with just these tags.
    #[error("there is no subscription to `{name}` with the tags {tags:?}")]
    NotSubscribed {
        /// The first name that is not.
        name: String,
        /// The tags that were given.
        tags: Tags,
    },
    /// A client may ask for only so much.
    #[error("these are too many subscriptions for one connection; `*` is all metrics")]
    TooMany,
}

impl Wanted {
    /// From now on these too. What is there already stays and is not counted twice.
    ///
    /// # Errors
    /// Where no name is given or it would be too much; nothing is added then.
    pub fn add(&mut self, names: &[String], tags: &Tags) -> Result<(), Unwanted> {
        if names.is_empty() || names.iter().any(String::is_empty) {
            return Err(Unwanted::NoName);
        }
        let mut more = self.clone();
        for name in names {
            if !more.of(name).contains(tags) {
                more.bytes = more.bytes.saturating_add(weight(name, tags));
                if more.bytes > MOST_BYTES {
                    return Err(Unwanted::TooMany);
                }
                more.slot(name).push(tags.clone());
            }
        }
        *self = more;
        Ok(())
    }

    /// From now on these no more.
    ///
    /// # Errors
    /// Where no name is given, or one is not subscribed to with just these tags; nothing is removed then.
    pub fn remove(&mut self, names: &[String], tags: &Tags) -> Result<(), Unwanted> {
        if names.is_empty() {
            return Err(Unwanted::NoName);
        }
        if let Some(name) = names.iter().find(|name| !self.of(name).contains(tags)) {
            return Err(Unwanted::NotSubscribed { name: name.clone(), tags: tags.clone() });
        }
        for name in names {
            let slot = self.slot(name);
            if let Some(at) = slot.iter().position(|has| has == tags) {
                slot.swap_remove(at);
                self.bytes = self.bytes.saturating_sub(weight(name, tags));
            }
        }
        self.by_name.retain(|_, filters| !filters.is_empty());
        Ok(())
    }

    /// Whether a series of this name and these tags is wanted.
    #[must_use]
    pub fn has(&self, name: &str, tags: &Tags) -> bool {
        self.everything.iter().chain(self.of(name)).any(|filter| tags.matches(filter))
    }

    fn of(&self, name: &str) -> &[Tags] {
        if name == ALL { &self.everything } else { self.by_name.get(name).map_or(&[], Vec::as_slice) }
    }

    fn slot(&mut self, name: &str) -> &mut Vec<Tags> {
        if name == ALL { &mut self.everything } else { self.by_name.entry(name.into()).or_default() }
    }
}

fn weight(name: &str, tags: &Tags) -> usize {
    EACH_BYTES + name.len() + tags.iter().map(|(k, v)| k.len() + v.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<String> {
        list.split_whitespace().map(str::to_owned).collect()
    }

    fn tags(list: &str) -> Tags {
        Tags::new(list.split_whitespace().filter_map(|pair| pair.split_once('=')))
    }

    /// `script`: `+names/tags` subscribes, `-names/tags` unsubscribes; `has`: series `name/tags` that are wanted then.
    #[track_caller]
    fn check(script: &[&str], has: &[&str], has_not: &[&str]) {
        let mut wanted = Wanted::default();
        for step in script {
            let (list, filter) = step[1..].split_once('/').unwrap_or((&step[1..], ""));
            let done = match &step[..1] {
                "+" => wanted.add(&names(list), &tags(filter)),
                _ => wanted.remove(&names(list), &tags(filter)),
            };
            assert_eq!(done, Ok(()), "{step}");
        }
        for (series, want) in has.iter().map(|s| (s, true)).chain(has_not.iter().map(|s| (s, false))) {
            let (name, of) = series.split_once('/').unwrap_or((series, ""));
            assert_eq!(wanted.has(name, &tags(of)), want, "{series} after {script:?}");
        }
    }

    #[test]
    fn names_and_tags_select() {
        check(&[], &[], &["a"]);
        check(&["+a b"], &["a", "b/x=1"], &["c"]);
        check(&["+a/x=1"], &["a/x=1", "a/x=1 y=2"], &["a", "a/x=2", "b/x=1"]);
        check(&["+*/x=1", "+b"], &["a/x=1", "b"], &["a"]);
    }

    #[test]
    fn once_is_enough_and_leaving_takes_exactly_what_was_asked_for() {
        check(&["+a", "+a", "-a"], &[], &["a"]);
        check(&["+a", "+a/x=1", "-a"], &["a/x=1"], &["a"]);
        check(&["+*", "+a", "-*"], &["a"], &["b"]);
        check(&["+a a", "-a a"], &[], &["a"]);
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let mut wanted = Wanted::default();
        wanted.add(&names("a b"), &tags("x=1")).unwrap();
        assert_eq!(wanted.add(&[], &tags("")), Err(Unwanted::NoName));
        assert_eq!(wanted.add(&["c".into(), String::new()], &tags("")), Err(Unwanted::NoName));
        assert_eq!(wanted.remove(&[], &tags("")), Err(Unwanted::NoName));
        let missing = Unwanted::NotSubscribed { name: "c".into(), tags: tags("x=1") };
        assert_eq!(wanted.remove(&names("a c"), &tags("x=1")), Err(missing));
        assert!(wanted.remove(&names("a"), &tags("")).is_err(), "other tags");
        assert!(wanted.has("a", &tags("x=1")));
    }

    #[test]
    fn a_client_may_ask_for_only_so_much_and_gets_room_back() {
        let mut wanted = Wanted::default();
        let many: Vec<String> = (0..1000).map(|n| format!("metric_{n}")).collect();
        wanted.add(&many, &Tags::default()).unwrap();
        assert_eq!(wanted.add(&many, &Tags::default()), Ok(()), "they are there already");
        assert_eq!(wanted.add(&many, &tags("a=1")), Err(Unwanted::TooMany));
        assert_eq!(wanted.add(&["x".repeat(MOST_BYTES)], &Tags::default()), Err(Unwanted::TooMany));
        wanted.remove(&many, &Tags::default()).unwrap();
        assert_eq!(wanted.bytes, 0);
        assert_eq!(wanted.add(&many, &tags("a=1")), Ok(()));
    }
}
