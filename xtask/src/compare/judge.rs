//! Whether two that look at one machine tell the same of it.
//!
//! May not know: who they are and how they were asked.

use super::reading::{Expression, Labels, Reading};
use super::table::{How, LEFT_OUT, Row, of_theirs_alone};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// One series of ours: times in Unix seconds, ascending, with their values.
#[derive(Debug, Clone)]
pub(super) struct Ours {
    pub(super) tags: Labels,
    pub(super) points: Vec<(f64, f64)>,
}

/// All of ours, by the metric's name.
pub(super) type Metrics = BTreeMap<String, Vec<Ours>>;

/// Theirs, shortly before and shortly after one reading of ours.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) before: Reading,
    pub(super) after: Reading,
}

impl Moment {
    /// What ours was between the two.
    fn value(&self, ours: &Ours) -> Option<f64> {
        let between = |(time, _): &&(f64, f64)| (self.before.ended..=self.after.begun).contains(time);
        ours.points.iter().find(between).map(|(_, value)| *value)
    }
}

/// What came of one row.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) row: Row,
    /// Values that were compared, over all series.
    pub(super) compared: usize,
    /// The furthest that ours was from where it should be; in the row's unit, or a share.
    pub(super) furthest: f64,
    /// Series that were zero all the time.
    pub(super) zero: Vec<Labels>,
    pub(super) series: usize,
    pub(super) problems: Vec<String>,
}

/// Compares by one row.
pub(super) fn judge(row: &Row, metrics: &Metrics, moments: &[Moment]) -> Result<Outcome> {
    let expression = Expression::parse(row.with)?;
    let none = Vec::new();
    let all = metrics.get(row.metric).unwrap_or(&none);
    let fits = |ours: &&Ours| {
        row.only.iter().all(|(tag, value)| {
            let has = ours.tags.get(*tag).map_or("", String::as_str);
            value.strip_prefix('!').map_or(has == *value, |other| has != other)
        })
    };
    let mut outcome =
        Outcome { row: *row, compared: 0, furthest: 0.0, zero: Vec::new(), series: 0, problems: Vec::new() };
    for ours in all.iter().filter(fits) {
        // A row by a tag is not about series without it.
        if expression.joined_by().is_some_and(|(_, _, tag)| !ours.tags.contains_key(tag)) {
            continue;
        }
        outcome.series += 1;
        let differences = differences(row, &expression, metrics, ours, moments);
        for difference in &differences {
            match difference {
                Ok((apart, allowed, says)) => {
                    outcome.compared += 1;
                    outcome.furthest = outcome.furthest.max(*apart);
                    // What is not a number is not near enough.
                    if apart.is_nan() || apart > allowed {
                        outcome.problems.push(format!("{}: {says}", named(row, &ours.tags)));
                    }
                }
                Err(says) => outcome.problems.push(format!("{}: {says}", named(row, &ours.tags))),
            }
        }
        if ours.points.iter().all(|(_, value)| *value == 0.0) {
            outcome.zero.push(ours.tags.clone());
        }
    }
    if outcome.series == 0 {
        outcome.problems.push(format!("{}: Telltale has no such series", row.metric));
    }
    // Without operations there is nothing to weigh; all else can always be compared.
    if outcome.compared == 0 && outcome.problems.is_empty() && !matches!(row.how, How::Weighted(..)) {
        outcome.problems.push(format!("{}: no value could be compared with {}", row.metric, row.with));
    }
    // A row about a few series of ours says nothing of all of theirs.
    if row.only.iter().all(|(_, value)| value.is_empty() || value.starts_with('!'))
        && let (Some((name, label, tag)), Some(last)) = (expression.joined_by(), moments.last())
    {
        let tags: Vec<Labels> = all.iter().map(|ours| ours.tags.clone()).collect();
        let missing = last.after.named(name).iter().filter(|theirs| {
            let value = theirs.labels.get(label);
            let has = |tags: &Labels| tags.get(tag).is_some_and(|has| Some(has) == value);
            value.is_some() && !tags.iter().any(has) && of_theirs_alone(theirs, &tags).is_none()
        });
        let missing: BTreeSet<String> = missing.map(|theirs| format!("{:?}", theirs.labels)).collect();
        outcome.problems.extend(missing.into_iter().map(|theirs| format!("{}: Telltale lacks {theirs}", row.metric)));
    }
    Ok(outcome)
}

/// How far apart, how far may be, and the sentence for where that is too far; or why it cannot be told.
type Difference = Result<(f64, f64, String), String>;

fn differences(row: &Row, with: &Expression, metrics: &Metrics, ours: &Ours, moments: &[Moment]) -> Vec<Difference> {
    let says = |mean: f64, theirs: f64| format!("on average {mean} and not {theirs} ({})", row.with);
    match row.how {
        How::Counter(slack) | How::Gauge(slack) => at_moments(row, with, ours, moments, |_| slack),
        How::Share(share) => at_moments(row, with, ours, moments, |theirs| share * theirs.abs()),
        How::Mean(slack) => {
            let means = over_the_run(with, ours, moments, |_, _| 1.0);
            let difference = |(mean, theirs): (f64, f64)| ((mean - theirs).abs(), slack, says(mean, theirs));
            means.into_iter().map(|means| means.map(difference)).collect()
        }
        How::Weighted(share, counter) => {
            let Some(counts) = counter_of(metrics, counter, &ours.tags) else {
                return vec![Err(format!("there is no {counter} beside it"))];
            };
            let at = |time: f64| counts.points.iter().find(|(at, _)| (at - time).abs() < 0.01).map_or(0.0, |p| p.1);
            let means = over_the_run(with, ours, moments, |from, to| at(to) - at(from));
            let difference = |(mean, theirs): (f64, f64)| {
                let apart = if mean == theirs { 0.0 } else { (mean / theirs - 1.0).abs() };
                (apart, share, says(mean, theirs))
            };
            means.into_iter().map(|means| means.map(difference)).collect()
        }
    }
}

/// The series of a counter that has the tags of ours, but perhaps lacks some.
fn counter_of<'a>(metrics: &'a Metrics, counter: &str, tags: &Labels) -> Option<&'a Ours> {
    metrics.get(counter)?.iter().find(|series| series.tags.iter().all(|(tag, value)| tags.get(tag) == Some(value)))
}

/// One after another, each between theirs before and theirs after.
fn at_moments(
    row: &Row,
    with: &Expression,
    ours: &Ours,
    moments: &[Moment],
    allowed: impl Fn(f64) -> f64,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for moment in moments {
        let Some(value) = moment.value(ours) else { continue };
        let theirs = with.at(&moment.before, &ours.tags).zip(with.at(&moment.after, &ours.tags));
        let Some((before, after)) = theirs else {
            found.push(Err(format!("there is no {} to compare with", row.with)));
            break;
        };
        let (low, high) = (before.min(after), before.max(after));
        let apart = if value.is_nan() { f64::NAN } else { (low - value).max(value - high).max(0.0) };
        let says = format!("{value} is not between {low} and {high} ({})", row.with);
        found.push(Ok((apart, allowed(high), says)));
    }
    let enough = moments.len().div_ceil(2);
    // Of a process that is not always among the first there are fewer values.
    if found.len() < enough && found.iter().all(Result::is_ok) && ours.points.len() >= moments.len() {
        found.push(Err(format!("only {} of {} readings could be compared", found.len(), moments.len())));
    }
    found
}

/// The average of ours over the run, and the growth of theirs. None where theirs did not grow, or nothing has weight.
fn over_the_run(
    with: &Expression,
    ours: &Ours,
    moments: &[Moment],
    weight: impl Fn(f64, f64) -> f64,
) -> Option<Result<(f64, f64), String>> {
    let (first, last) = (moments.first()?, moments.last()?);
    let theirs = with.between(&first.after, &last.after, &ours.tags)?;
    let (mut sum, mut weights, mut count) = (0.0, 0.0, 0);
    for pair in ours.points.windows(2) {
        let [(before, _), (time, value)] = pair else { continue };
        if *time > first.after.begun && *time <= last.after.begun {
            let weight = weight(*before, *time).max(0.0);
            sum += value * weight;
            weights += weight;
            count += 1;
        }
    }
    if count < moments.len() / 2 {
        return Some(Err(format!("only {count} values of a run of {}", moments.len())));
    }
    (weights > 0.0).then(|| Ok((sum / weights, theirs)))
}

/// Metrics of ours that are neither compared nor left out.
pub(super) fn forgotten(metrics: &Metrics, rows: &[Row]) -> Vec<String> {
    let left_out = |name: &str| {
        LEFT_OUT.iter().any(|(left, _)| match left.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == *left,
        })
    };
    let known = |name: &str| left_out(name) || rows.iter().any(|row| row.metric == name);
    metrics.keys().filter(|name| !known(name)).map(|name| format!("{name}: no row of the table is about it")).collect()
}

fn named(row: &Row, tags: &Labels) -> String {
    let tags = tags.iter().filter(|(tag, _)| !["host", "collector"].contains(&tag.as_str()));
    let tags: Vec<String> = tags.map(|(tag, value)| format!("{tag}={value}")).collect();
    if tags.is_empty() { row.metric.to_owned() } else { format!("{}{{{}}}", row.metric, tags.join(",")) }
}

#[cfg(test)]
mod tests;
