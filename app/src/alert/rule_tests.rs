//! What is found when a rule is saved, and that a rule is written as it was read.

use serde_json::{Value, json};

use super::*;

fn draft(more: &Value) -> Draft {
    let mut all = json!({"name": "a", "metric_name": "m", "condition": "greater_than"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap_or_else(|e| panic!("{more}: {e}"))
}

/// The problems of a draft, one a line; nothing where it holds.
#[track_caller]
fn check(more: &Value, want: &[&str]) {
    let found = match Rule::try_from(draft(more)) {
        Ok(_) => Vec::new(),
        Err(broken) => broken.problems.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(found, want, "of {more}");
}

#[test]
fn rules_that_hold() {
    check(&json!({"threshold": 90}), &[]);
    check(&json!({"threshold": 90, "severity": "info", "recovery_threshold": 80}), &[]);
    check(&json!({"levels": {"emergency": 99, "warning": {"threshold": 80, "recovery": 70}}}), &[]);
    check(&json!({"condition": "less_than", "levels": {"warning": 14, "critical": 7}}), &[]);
    check(&json!({"condition": "not_equals", "threshold": 3}), &[]);
    check(&json!({"threshold": 0, "aggregation": "rate"}), &[]);
    check(&json!({"threshold": 0, "aggregation": "raw"}), &[]);
    check(&json!({"threshold": 120, "measure": "silence"}), &[]);
}

#[test]
fn levels_that_do_not_hold() {
    check(
        &json!({}),
        &["threshold: found nothing; allowed: a number, or levels such as {\"warning\": 80, \"critical\": 95}"],
    );
    check(
        &json!({"threshold": 1, "levels": {"info": 1}}),
        &["threshold: found a threshold beside levels; allowed: one of the two"],
    );
    check(
        &json!({"severity": "info", "levels": {"info": 1}}),
        &["severity: found a value beside levels; allowed: none: each level has its own"],
    );
    check(
        &json!({"levels": {"warning": 90, "critical": 80}}),
        &[
            "levels: found warning at 90 and critical at 80; allowed: more than 90 for critical",
            "levels: found critical well again only at 80, after warning at 90; allowed: a recovery of critical that comes first",
        ],
    );
    check(
        &json!({"condition": "less_than", "levels": {"warning": 7, "critical": 7}}),
        &["levels: found warning at 7 and critical at 7; allowed: less than 7 for critical"],
    );
    check(
        &json!({"threshold": 90, "recovery_threshold": 95}),
        &["recovery_threshold: found a recovery of 95; allowed: at most 90, the threshold"],
    );
    check(
        &json!({"condition": "less_than", "threshold": 10, "recovery_threshold": 5}),
        &["recovery_threshold: found a recovery of 5; allowed: at least 10, the threshold"],
    );
    check(
        &json!({"condition": "equals", "levels": {"warning": 1, "critical": 0}}),
        &["levels: found several levels; allowed: one, where a value is told from all others"],
    );
    check(
        &json!({"condition": "equals", "threshold": 1, "recovery_threshold": 0}),
        &["recovery_threshold: found a recovery; allowed: none, where a value is told from all others"],
    );
}

#[test]
fn measures_and_times_that_do_not_hold() {
    let with = |more: Value| {
        let mut all = json!({"threshold": 1});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    check(&with(json!({"name": " "})), &["name: found nothing; allowed: a name"]);
    check(&with(json!({"aggregation": "avg"})), &["window: found nothing; allowed: the seconds of which avg is meant"]);
    check(
        &with(json!({"window": 0})),
        &["window: found a window of no length or over 31 days; allowed: more than 0 s, at most 31 days"],
    );
    check(
        &with(json!({"measure": {"change": {"ago": 0}}})),
        &["measure.change.ago: found 0 s; allowed: more than 0 s, at most 31 days"],
    );
    check(
        &with(json!({"measure": {"time_left": {"until": 100}}})),
        &["window: found nothing; allowed: the seconds through which the line is drawn, such as 21600"],
    );
    check(
        &json!({"threshold": 86400, "condition": "less_than", "measure": {"time_left": {"until": 100}}, "window": 3600}),
        &["window: found 3600 s to look 86400 s ahead; allowed: at least 7200 s, a 12th of it"],
    );
    check(
        &with(json!({"measure": "silence", "aggregation": "rate"})),
        &["aggregation: found rate; allowed: none with this measure"],
    );
    check(
        &with(json!({"measure": "silence", "no_data": "alert"})),
        &["no_data: found a policy; allowed: none with silence, which is about samples that are missing"],
    );
    check(&with(json!({"for": 2_700_000})), &["for: found 31 days; allowed: at most 31 days"]);
    check(&with(json!({"consecutive_violations": 0})), &["consecutive_violations: found 0; allowed: 1 or more"]);
    check(
        &with(json!({"summary": "{{ valeu }}", "description": "{{ value"})),
        &[
            "summary: found {{ valeu }}; allowed: rule, metric, value, threshold, condition, severity, last, since, duration, tag.NAME, label.NAME",
            "description: found {{ without }} behind it; allowed: {{ name }}",
        ],
    );
    check(
        &with(json!({"labels": {"team": "web"}, "summary": "{{ label.tema }}"})),
        &["summary: found {{ label.tema }}; allowed: a label of the rule: team"],
    );
}

#[test]
fn rules_that_do_not_go_together() {
    let rule = |name: &str, quiet_while: &[&str]| {
        Rule::try_from(draft(&json!({"name": name, "threshold": 1, "quiet_while": quiet_while}))).unwrap()
    };
    let check = |rules: &[Rule], want: &[&str]| {
        let found: Vec<_> =
            check_together(rules).into_iter().map(|(name, problem)| format!("{name} {problem}")).collect();
        assert_eq!(found, want);
    };
    check(&[rule("a", &["b"]), rule("b", &["c"]), rule("c", &[])], &[]);
    check(&[rule("a", &[]), rule("a", &[])], &["a name: found \"a\" twice; allowed: each name once"]);
    check(&[rule("a", &["z"])], &["a quiet_while: found \"z\"; allowed: the name of another rule"]);
    let circle = "quiet_while: found a circle that leads back to this rule; allowed: rules that do not wait for it";
    check(
        &[rule("a", &["b"]), rule("b", &["c"]), rule("c", &["b"])],
        &[&format!("b {circle}"), &format!("c {circle}")],
    );
}

#[test]
fn a_rule_is_written_as_it_was_read() {
    let text = r#"{"name":"Disk","metric_name":"disk_usage_percent","enabled":true,"measure":{"change":{"ago":3600,"percent":true}},"aggregation":"avg","window":300,"condition":"greater_than","levels":{"warning":80.0,"critical":{"threshold":90.0,"recovery":85.0}},"for":1.5,"no_data":"alert","description":"On {{ tag.host }}"}"#;
    let rule: Rule = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), text);
    let error = serde_json::from_str::<Rule>(&text.replace("90.0", "70.0")).unwrap_err().to_string();
    assert!(
        error.starts_with("the rule \"Disk\" does not hold: levels: found warning at 80 and critical at 70"),
        "{error}"
    );
    assert!(serde_json::from_str::<Rule>(&text.replace("\"for\"", "\"fro\"")).is_err());
    let error = serde_json::from_str::<Rule>(&text.replace("\"recovery\"", "\"recover\"")).unwrap_err().to_string();
    assert!(error.starts_with("a level is a number or {\"threshold\": 90, \"recovery\": 85}"), "{error}");
}
