//! What `GET /api/metrics` may be asked, and what it means.

use std::time::Duration;

use app::model::{Aggregation, Tags, Timestamp};

use super::params::Params;
use super::time;
use crate::monitor::PointsQuery;
use crate::store::{BadMatcher, Matcher, Plan};
use crate::web::envelope::ApiError;

/// No answer holds more points.
pub(in crate::web) const MOST_POINTS: usize = 100_000;
/// How far back an answer reaches where no start is given.
pub(in crate::web) const DEFAULT_RANGE: Duration = Duration::from_secs(3600);
/// No range is cut into more windows.
const MOST_WINDOWS: u128 = 100_000;

const KNOWN: [&str; 9] =
    ["metric_name", "start_time", "end_time", "aggregation", "step", "by", "tags", "match", "limit"];

/// One of the two things that can be asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Which metrics there are.
    List,
    /// Points of one metric.
    Points(PointsQuery),
}

/// Reads a query string, as of `now`.
pub(super) fn parse(query: &str, now: Timestamp) -> Result<Asked, ApiError> {
    let mut params = Params::parse(query)?;
    let Some(metric) = params.one("metric_name")? else {
        for name in KNOWN {
            if !params.all(name).is_empty() {
                return Err(ApiError::parameter(name, format!("`{name}` needs a `metric_name`")));
            }
        }
        params.finish(&KNOWN)?;
        return Ok(Asked::List);
    };
    if metric.is_empty() {
        return Err(ApiError::parameter("metric_name", "`metric_name` is empty; leave it out for a list of all"));
    }
    let (start, end) = range(params.one("start_time")?.as_deref(), params.one("end_time")?.as_deref(), now)?;
    let aggregation = params.one("aggregation")?.map_or(Ok(Aggregation::Raw), |name| {
        name.parse().map_err(|e: app::model::UnknownAggregation| ApiError::parameter("aggregation", e.to_string()))
    })?;
    let plan = Plan {
        aggregation,
        step: params.one("step")?.map(|text| step(&text, aggregation, start, end)).transpose()?,
        by: params.one("by")?.map(|text| by(&text, aggregation)).transpose()?,
        start,
        end,
    };
    let tags = tags(&params.all("tags"))?;
    let matchers = params.all("match").iter().map(|text| matcher(text)).collect::<Result<_, _>>()?;
    let limit = params.one("limit")?.map_or(Ok(MOST_POINTS), |text| limit(&text))?;
    params.finish(&KNOWN)?;
    Ok(Asked::Points(PointsQuery { metric, tags, matchers, plan, limit }))
}

/// A start in the future without an end is a range in which nothing is; with an end before it, a mistake.
fn range(start: Option<&str>, end: Option<&str>, now: Timestamp) -> Result<(Timestamp, Timestamp), ApiError> {
    let moment = |field: &str, text: Option<&str>, or: Timestamp| {
        let wrong = |why| ApiError::parameter(field, format!("`{}` {why}", text.unwrap_or_default()));
        text.map_or(Ok(or), |text| time::parse(text, now).map_err(wrong))
    };
    let from = moment("start_time", start, now - DEFAULT_RANGE)?;
    let to = moment("end_time", end, now)?;
    if from > to && end.is_some() {
        let which = if start.is_some() { "`start_time`" } else { "`start_time`, which is one hour ago by default," };
        return Err(ApiError::parameter("start_time", format!("{which} is after `end_time`")));
    }
    Ok((from, to))
}

fn step(text: &str, how: Aggregation, start: Timestamp, end: Timestamp) -> Result<Duration, ApiError> {
    let wrong = |says: &str| ApiError::parameter("step", says);
    if how == Aggregation::Raw {
        return Err(wrong("`step` needs an `aggregation` other than raw"));
    }
    let secs: Option<f64> = text.parse().ok();
    let step = secs.and_then(|secs| Duration::try_from_secs_f64(secs).ok());
    let step = step.filter(|step| step.as_millis() > 0);
    let step = step.ok_or_else(|| wrong("`step` is a number of seconds, a thousandth at the least"))?;
    if end.since(start).as_millis() / step.as_millis() > MOST_WINDOWS {
        return Err(wrong("`step` is too short for this range: at most 100,000 windows"));
    }
    Ok(step)
}

fn by(text: &str, how: Aggregation) -> Result<Vec<String>, ApiError> {
    let wrong = |says: &str| ApiError::parameter("by", says);
    if how == Aggregation::Raw {
        return Err(wrong("`by` needs an `aggregation` other than raw"));
    }
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err(wrong("`by` is a list of tag names with commas between them; one of them is empty"));
    }
    Ok(names)
}

fn tags(pairs: &[String]) -> Result<Tags, ApiError> {
    let mut found: Vec<(&str, &str)> = Vec::with_capacity(pairs.len());
    for text in pairs {
        let wrong = |says: &str| ApiError::parameter("tags", format!("`{text}` {says}"));
        let pair = text.split_once(':').filter(|(name, _)| !name.is_empty());
        let (name, value) = pair.ok_or_else(|| wrong("is no tag: give its name, a colon and its value"))?;
        if found.iter().any(|&(other, has)| other == name && has != value) {
            return Err(wrong("contradicts another one: a series has one value for each tag"));
        }
        found.push((name, value));
    }
    Ok(Tags::new(found))
}

fn matcher(text: &str) -> Result<Matcher, ApiError> {
    text.parse().map_err(|error: BadMatcher| ApiError::parameter("match", error.to_string()))
}

fn limit(text: &str) -> Result<usize, ApiError> {
    let within = text.parse().ok().filter(|limit| (1..=MOST_POINTS).contains(limit));
    within.ok_or_else(|| ApiError::parameter("limit", "`limit` is a whole number from 1 to 100,000"))
}

#[cfg(test)]
#[path = "metrics_query_tests.rs"]
mod tests;
