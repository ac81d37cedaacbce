//! What metrics are: as their sender says, else as their names do.

use std::borrow::Cow;
use std::collections::HashMap;

use app::model::{Kind, Unit};

use super::WriteError;
use super::proto::{Fields, Value, text};

/// Names that senders may say something of.
const MOST: usize = 100_000;

// Types of a metric (`MetricMetadata.MetricType`). Of the others, and of unknown ones, the name tells as much.
const COUNTER: u64 = 1;
const GAUGE: u64 = 2;
const HISTOGRAM: u64 = 3;
const SUMMARY: u64 = 5;

/// What a metric is.
type Meaning = (Kind, Unit);

/// What senders have said, by the name of the metric.
#[derive(Debug, Default)]
pub(super) struct Metadata(HashMap<String, Meaning>);

impl Metadata {
    /// What series of this name are.
    pub(super) fn of(&self, name: &str) -> Meaning {
        self.0.get(name).cloned().unwrap_or_else(|| guess(name))
    }

    /// Notes what was said. Whether anything is another than it was.
    pub(super) fn note(&mut self, said: Vec<(Cow<'_, str>, Meaning)>) -> bool {
        let mut is_news = false;
        for (name, meaning) in said {
            let before = self.of(&name);
            if self.0.len() < MOST || self.0.contains_key(&*name) {
                is_news |= before != meaning;
                self.0.insert(name.into_owned(), meaning);
            }
        }
        is_news
    }
}

/// Reads what a sender says of a metric; of a histogram or a summary, what that makes of each of its series.
pub(super) fn said(bytes: &[u8]) -> Result<Vec<(Cow<'_, str>, Meaning)>, WriteError> {
    let (mut kind, mut family, mut unit) = (0, "", "");
    let mut fields = Fields(bytes);
    while let Some(field) = fields.take()? {
        match (field.number, field.value) {
            (1, Value::Number(number)) => kind = number,
            (2, value) => family = text(value)?,
            (5, value) => unit = text(value)?,
            _ => {}
        }
    }
    if family.is_empty() {
        return Ok(Vec::new());
    }
    let base = family.strip_suffix("_total").unwrap_or(family);
    let unit = unit_of(if unit.is_empty() { base } else { unit });
    let whole = |kind| (Cow::Borrowed(family), (kind, unit.clone()));
    let part = |ending: &str, unit: Unit| (Cow::Owned(format!("{family}{ending}")), (Kind::Counter, unit));
    let parts = || [part("_sum", unit.clone()), part("_count", Unit::COUNT)];
    Ok(match kind {
        COUNTER => vec![whole(Kind::Counter)],
        GAUGE => vec![whole(Kind::Gauge)],
        HISTOGRAM => parts().into_iter().chain([part("_bucket", Unit::COUNT)]).collect(),
        SUMMARY => parts().into_iter().chain([whole(Kind::Gauge)]).collect(),
        _ => Vec::new(),
    })
}

/// What the name says, by the conventions of Prometheus (<https://prometheus.io/docs/practices/naming/>).
fn guess(name: &str) -> Meaning {
    let base = |ending| name.strip_suffix(ending);
    if base("_count").or_else(|| base("_bucket")).is_some() {
        return (Kind::Counter, Unit::COUNT);
    }
    match base("_total").or_else(|| base("_sum")) {
        Some(base) => (Kind::Counter, unit_of(base)),
        None => (Kind::Gauge, unit_of(name)),
    }
}

/// The unit that a name ends with.
fn unit_of(base: &str) -> Unit {
    let units =
        [("bytes", Unit::BYTES), ("seconds", Unit::SECONDS), ("percent", Unit::PERCENT), ("celsius", Unit::CELSIUS)];
    let ends = |unit: &str| base.strip_suffix(unit).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    units.into_iter().find(|(name, _)| ends(name)).map_or(Unit::NONE, |(_, unit)| unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(metadata: &Metadata, name: &str, kind: Kind, unit: Unit) {
        assert_eq!(metadata.of(name), (kind, unit), "{name}");
    }

    #[test]
    fn names_tell_until_a_sender_does() {
        use Kind::{Counter, Gauge};
        let mut metadata = Metadata::default();
        check(&metadata, "up", Gauge, Unit::NONE);
        check(&metadata, "heap_bytes", Gauge, Unit::BYTES);
        check(&metadata, "megabytes", Gauge, Unit::NONE);
        check(&metadata, "sent_bytes_total", Counter, Unit::BYTES);
        check(&metadata, "took_seconds_sum", Counter, Unit::SECONDS);
        check(&metadata, "took_seconds_count", Counter, Unit::COUNT);
        check(&metadata, "took_seconds_bucket", Counter, Unit::COUNT);
        let mut say = |kind: u8, family: &str, unit: &str| {
            let text = |key: u8, text: &str| [&[key, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            let bytes = [vec![8, kind], text(18, family), text(42, unit)].concat();
            metadata.note(said(&bytes).unwrap())
        };
        assert!(say(1, "odd", "bytes") && !say(1, "odd", "bytes"));
        assert!(!say(3, "took_seconds", ""), "the names have told as much");
        assert!(say(5, "waited", "seconds"));
        assert!(say(2, "queue_count", ""), "it is none, whatever its name");
        assert!(!say(0, "up", "") && !say(1, "", ""));
        check(&metadata, "odd", Counter, Unit::BYTES);
        check(&metadata, "waited", Gauge, Unit::SECONDS);
        check(&metadata, "waited_sum", Counter, Unit::SECONDS);
        check(&metadata, "waited_count", Counter, Unit::COUNT);
        check(&metadata, "queue_count", Gauge, Unit::NONE);
    }

    #[test]
    fn what_is_said_has_a_bound() {
        let mut metadata = Metadata::default();
        let of = |n: usize| vec![(Cow::Owned(format!("m{n}")), (Kind::Counter, Unit::NONE))];
        assert!((0..MOST).all(|n| metadata.note(of(n))));
        assert!(!metadata.note(of(MOST)));
        assert_eq!(metadata.0.len(), MOST);
        assert_eq!(metadata.of("m5").0, Kind::Counter);
    }
}
