//! Short names for series: what tells them apart, and nothing else.

use crate::model::Tags;

/// A label for each series of one picture, given its metric's name and its tags.
///
/// Tags that all share are left out, and of the metrics' names what they have in common. Where nothing
/// tells the series apart, as with a single one, its metric's name is the label.
#[must_use]
pub fn labels(series: &[(&str, &Tags)]) -> Vec<String> {
    let metrics = own_parts(&series.iter().map(|(metric, _)| *metric).collect::<Vec<_>>());
    let names = telling(series);
    series
        .iter()
        .zip(metrics)
        .map(|((metric, tags), own)| {
            let values = names.iter().filter_map(|name| tags.get(name)).filter(|value| !value.is_empty());
            let parts: Vec<&str> = values.chain(Some(own.as_str()).filter(|own| !own.is_empty())).collect();
            if parts.is_empty() { metric.replace('_', " ") } else { parts.join(" ") }
        })
        .collect()
}

/// Names of tags that differ from series to series. One that follows from those before it, such as the
/// file system of a mount point, tells nothing more. Where a series came from is the last thing to say.
fn telling<'a>(series: &[(&str, &'a Tags)]) -> Vec<&'a str> {
    const LAST: [&str; 2] = ["host", "collector"];
    /// Where a file system is to be found says more than on which device it is.
    const FIRST: &str = "mountpoint";
    let mut names: Vec<&str> = series.iter().flat_map(|(_, tags)| tags.iter().map(|(name, _)| name)).collect();
    names.sort_unstable_by_key(|name| (*name != FIRST, *name));
    names.dedup();
    // What tells more of them apart comes first; the sort is stable, so the order above decides the rest.
    let distinct = |names: &[&str]| {
        let mut values: Vec<Vec<Option<&str>>> = series
            .iter()
            .map(|(metric, tags)| {
                std::iter::once(Some(*metric)).chain(names.iter().map(|name| tags.get(name))).collect()
            })
            .collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    names.sort_by_key(|name| (LAST.contains(name), std::cmp::Reverse(distinct(&[name]))));
    let mut chosen: Vec<&str> = Vec::new();
    for name in names {
        let with = [&chosen[..], &[name]].concat();
        if distinct(&with) > distinct(&chosen) {
            chosen = with;
        }
    }
    chosen
}

/// What each of several names has that the others have not: `received` and `sent` of
/// `network_bytes_received_total` and `network_bytes_sent_total`. Empty where all are the same.
fn own_parts(names: &[&str]) -> Vec<String> {
    let words: Vec<Vec<&str>> = names.iter().map(|name| name.split('_').collect()).collect();
    let Some(first) = words.first() else { return Vec::new() };
    if words.iter().all(|other| other == first) {
        return vec![String::new(); names.len()];
    }
    let shortest = words.iter().map(Vec::len).min().unwrap_or(0);
    let shared = |at: &dyn Fn(&[&str], usize) -> Option<String>| {
        (0..shortest).take_while(|&n| words.iter().all(|other| at(other, n) == at(first, n))).count()
    };
    let front = shared(&|words, n| words.get(n).map(|word| (*word).to_owned()));
    let back = shared(&|words, n| words.iter().rev().nth(n).map(|word| (*word).to_owned()));
    words
        .iter()
        .map(|words| {
            let end = words.len().saturating_sub(back).max(front);
            words[front..end].join(" ")
        })
        .collect()
}

#[cfg(test)]
#[path = "label_tests.rs"]
mod tests;
