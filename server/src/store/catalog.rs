//! Which series there are: by the metric's name, then by tags.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use app::model::{Metric, Tags};
use parking_lot::Mutex;

use super::head::Head;
use super::tag_sets::TagSets;

type Name = Cow<'static, str>;

/// One series.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its number in blocks that are open; never given twice.
    pub(super) number: u32,
    pub(super) tags: Tags,
    /// Its points in memory, behind their own lock, held for a push or a glance and nothing longer.
    pub(super) head: Mutex<Head>,
}

/// Every series that is kept. What it gives are shared handles, to be used after its lock is released.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    families: BTreeMap<Name, Family>,
    tag_sets: TagSets,
    numbers: u32,
    series: usize,
}

/// All series of one metric.
#[derive(Debug)]
struct Family {
    metric: Metric,
    series: HashMap<Tags, Arc<Entry>>,
}

impl Catalog {
    /// How many series there are.
    pub(super) fn len(&self) -> usize {
        self.series
    }

    /// The series of these tags, if there is one and its metric is defined as given.
    pub(super) fn get(&self, metric: &Metric, tags: &Tags) -> Option<&Arc<Entry>> {
        let family = self.families.get(&*metric.name)?;
        family.series.get(tags).filter(|_| family.metric == *metric)
    }

    /// The series of these tags, made if there is none. An existing metric keeps its definition.
    pub(super) fn admit(&mut self, metric: &Metric, tags: &Tags) -> Arc<Entry> {
        let family = self
            .families
            .entry(metric.name.clone())
            .or_insert_with(|| Family { metric: metric.clone(), series: HashMap::new() });
        if let Some(entry) = family.series.get(tags) {
            return Arc::clone(entry);
        }
        let tags = self.tag_sets.take(tags);
        let entry = Arc::new(Entry { number: self.numbers, tags: tags.clone(), head: Mutex::default() });
        self.numbers += 1;
        self.series += 1;
        family.series.insert(tags, Arc::clone(&entry));
        entry
    }

    /// From now on the metric of this name is what is given. Whether that is something else than before.
    pub(super) fn define(&mut self, metric: &Metric) -> bool {
        let Some(family) = self.families.get_mut(&*metric.name).filter(|family| family.metric != *metric) else {
            return false;
        };
        family.metric = metric.clone();
        true
    }

    /// The metric of a name and its series that match `filter`, in no order.
    pub(super) fn select(&self, name: &str, filter: &Tags) -> Option<(Metric, Vec<Arc<Entry>>)> {
        let family = self.families.get(name)?;
        let matching = family.series.values().filter(|entry| entry.tags.matches(filter));
        Some((family.metric.clone(), matching.cloned().collect()))
    }

    /// Every metric with its series, ordered by name.
    pub(super) fn families(&self) -> Vec<(Metric, Vec<Arc<Entry>>)> {
        self.families.values().map(|f| (f.metric.clone(), f.series.values().cloned().collect())).collect()
    }

    /// Removes a series, and its metric with the last one.
    pub(super) fn remove(&mut self, name: &str, tags: &Tags) {
        let Some(family) = self.families.get_mut(name) else { return };
        if family.series.remove(tags).is_some() {
            self.tag_sets.release(tags);
            self.series -= 1;
        }
        if family.series.is_empty() {
            self.families.remove(name);
        }
    }
}
