//! Tests of [`super::parse`].

use proptest::prelude::*;

use super::*;
use crate::web::envelope::Code;

const NOW: Timestamp = Timestamp::from_millis(1_732_424_000_000);

fn back(secs: u64) -> Timestamp {
    NOW - Duration::from_secs(secs)
}

fn plain() -> PointsQuery {
    PointsQuery {
        metric: "m".to_owned(),
        tags: Tags::default(),
        matchers: Vec::new(),
        plan: Plan { aggregation: Aggregation::Raw, step: None, by: None, start: back(3600), end: NOW },
        limit: MOST_POINTS,
    }
}

#[track_caller]
fn check(query: &str, want: PointsQuery) {
    assert_eq!(parse(query, NOW), Ok(Asked::Points(want)), "{query}");
}

#[track_caller]
fn refused(query: &str, code: Code, field: Option<&str>) {
    let error = parse(query, NOW).err().map(|error| (error.code, error.field));
    assert_eq!(error, Some((code, field.map(str::to_owned))), "{query}");
}

#[test]
fn what_is_left_out_has_a_default() {
    assert_eq!(parse("", NOW), Ok(Asked::List));
    check("metric_name=m", plain());
    check(
        "metric_name=m&start_time=now-2h",
        PointsQuery { plan: Plan { start: back(7200), ..plain().plan }, ..plain() },
    );
    check("metric_name=m&limit=7", PointsQuery { limit: 7, ..plain() });
}

#[test]
fn everything_at_once() {
    let query = "limit=100000&tags=mountpoint:/mnt/a:b&tags=host:web-1&by=host,+cpu&match=cpu!%3D7&match=host%3D~web-.*&step=0.5&aggregation=p95\
                 &end_time=2024-11-24T04:53:20Z&start_time=now-15m&metric_name=m";
    let plan = Plan {
        aggregation: Aggregation::P95,
        step: Some(Duration::from_millis(500)),
        by: Some(vec!["host".to_owned(), "cpu".to_owned()]),
        start: back(900),
        end: NOW,
    };
    let tags = Tags::new([("host", "web-1"), ("mountpoint", "/mnt/a:b")]);
    let matchers = vec!["cpu!=7".parse().unwrap(), "host=~\"web-.*\"".parse().unwrap()];
    check(query, PointsQuery { tags, matchers, plan, ..plain() });
    let one = Plan { aggregation: Aggregation::Sum, by: Some(vec![]), ..plain().plan };
    check("metric_name=m&aggregation=sum&by=", PointsQuery { plan: one, ..plain() });
}

#[test]
fn a_start_in_the_future_is_a_mistake_only_with_an_end_before_it() {
    let plan = Plan { start: NOW + Duration::from_secs(60), ..plain().plan };
    check("metric_name=m&start_time=now%2B1m", PointsQuery { plan, ..plain() });
    refused("metric_name=m&start_time=now%2B1m&end_time=now", Code::InvalidParameter, Some("start_time"));
    refused("metric_name=m&end_time=now-2h", Code::InvalidParameter, Some("start_time"));
}

#[test]
fn mistakes_name_the_parameter() {
    let wrong = |query: &str, field: &str| refused(query, Code::InvalidParameter, Some(field));
    wrong("metric_name=", "metric_name");
    wrong("metric_name=m&metric_name=m", "metric_name");
    wrong("metric_name=m&start_time=yesterday", "start_time");
    wrong("metric_name=m&end_time=", "end_time");
    wrong("metric_name=m&aggregation=mean", "aggregation");
    wrong("metric_name=m&aggregation=", "aggregation");
    for step in ["0", "-1", "0.0001", "1m", "inf", "nan", ""] {
        wrong(&format!("metric_name=m&aggregation=avg&step={step}"), "step");
    }
    wrong("metric_name=m&step=1", "step");
    wrong("metric_name=m&aggregation=raw&step=1", "step");
    wrong("metric_name=m&aggregation=avg&step=0.001", "step");
    wrong("metric_name=m&aggregation=avg&step=1&start_time=0", "step");
    wrong("metric_name=m&by=cpu", "by");
    wrong("metric_name=m&aggregation=avg&by=cpu,,host", "by");
    wrong("metric_name=m&tags=cpu", "tags");
    wrong("metric_name=m&tags=:1", "tags");
    wrong("metric_name=m&tags=cpu:1&tags=cpu:2", "tags");
    for text in ["", "host", "=web", "host=~(", "host=\"web", "host=~(a{999}){999}"] {
        wrong(&format!("metric_name=m&match={text}"), "match");
    }
    wrong("match=host=web", "match");
    let says = parse("metric_name=m&match=host=~(", NOW).unwrap_err().message;
    assert_eq!(says, "the pattern `(` is no regular expression: unclosed group");
    for limit in ["0", "-1", "1.5", "100001", "many", "", "99999999999999999999"] {
        wrong(&format!("metric_name=m&limit={limit}"), "limit");
    }
    wrong("limit=5", "limit");
    wrong("tags=cpu:1", "tags");
    let says = parse("tags=cpu:1&tags=host:a", NOW).unwrap_err().message;
    assert_eq!(says, "`tags` needs a `metric_name`");
    refused("metric_name=m&metric=m", Code::UnknownParameter, Some("metric"));
    refused("Metric_Name=m", Code::UnknownParameter, Some("Metric_Name"));
    refused("metric_name=%zz", Code::InvalidQuery, Some("metric_name"));
    refused("metric_name=m&=1", Code::InvalidQuery, None);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_what_it_takes_has_bounds(
        values in prop::collection::vec((prop::sample::select(&KNOWN[..]), "[-a-z0-9.:,+% ]{0,12}"), 0..6),
    ) {
        let query: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let Ok(Asked::Points(asked)) = parse(&format!("metric_name=m&{}", query.join("&")), NOW) {
            prop_assert!(asked.limit <= MOST_POINTS);
            let range = asked.plan.end.since(asked.plan.start).as_millis();
            prop_assert!(asked.plan.step.is_none_or(|step| range / step.as_millis() <= MOST_WINDOWS));
        }
    }
}
