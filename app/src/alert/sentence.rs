//! A rule in a sentence, for lists, alert pages and the command line.

use super::draft::NoDataPolicy;
use super::measure::Measure;
use super::rule::Rule;
use super::template::{compared_unit, quantity};
use crate::model::{Aggregation, Unit};
use crate::words::duration;

impl Rule {
    /// What it says: `avg of cpu_usage_percent over 10 min > 95 % for 15 min: warning`. `unit` is the metric's.
    #[must_use]
    pub fn sentence(&self, unit: &Unit) -> String {
        let draft = self.draft();
        let compared = compared_unit(self, unit);
        let sign = draft.condition.sign();
        let levels = self.levels().iter().map(|level| {
            let recovery = match level.recovery.to_bits() == level.threshold.to_bits() {
                true => String::new(),
                false => format!(" until {}", quantity(level.recovery, &compared)),
            };
            format!("{sign} {}{recovery}: {}", quantity(level.threshold, &compared), level.severity)
        });
        let mut text = format!("{} {}", self.subject(unit), levels.collect::<Vec<_>>().join(", "));
        let mut more = |words: String| text.push_str(&format!("; {words}"));
        if !draft.hold.is_zero() {
            more(format!("told after {}", duration(draft.hold)));
        }
        if draft.consecutive_violations > 1 {
            more(format!("told after {} samples in a row", draft.consecutive_violations));
        }
        if !draft.keep.is_zero() {
            more(format!("over after {} without", duration(draft.keep)));
        }
        match draft.no_data {
            NoDataPolicy::Keep => {}
            NoDataPolicy::Alert => more("told too where samples are missing".to_owned()),
            NoDataPolicy::Resolve => more("over too where samples are missing".to_owned()),
        }
        text
    }

    /// What is compared.
    fn subject(&self, unit: &Unit) -> String {
        let draft = self.draft();
        let tags = if draft.tags_filter.is_empty() { String::new() } else { format!("{:?}", draft.tags_filter) };
        let series = format!("{}{tags}", draft.metric_name);
        let of = match draft.aggregation {
            Aggregation::Raw | Aggregation::Last => series.clone(),
            other => format!("{other} of {series}"),
        };
        let over = draft.window.map_or_else(String::new, |window| format!(" over {}", duration(window)));
        match draft.measure {
            Measure::Value => format!("{of}{over}"),
            Measure::Change { ago, .. } => format!("change of {of}{over} against {} ago", duration(ago)),
            Measure::TimeLeft { until } => format!("time until {series} is {}", quantity(until, unit)),
            Measure::Silence => format!("time without a sample of {series}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(more: &Value, want: &str) {
        let mut rule = json!({"name": "r", "metric_name": "m", "condition": "greater_than"});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let rule: Rule = serde_json::from_value(rule).unwrap();
        assert_eq!(rule.sentence(&Unit::PERCENT), want, "of {more}");
    }

    #[test]
    fn rules_are_told_in_a_sentence() {
        check(&json!({"threshold": 90}), "m > 90.0 %: warning");
        check(
            &json!({"tags_filter": {"host": "a"}, "aggregation": "avg", "window": 600, "for": 900, "keep_firing_for": 60,
                "levels": {"info": 85, "critical": {"threshold": 95, "recovery": 90}}}),
            r#"avg of m{host="a"} over 10 min > 85.0 %: info, > 95.0 % until 90.0 %: critical; told after 15 min; over after 1 min without"#,
        );
        check(
            &json!({"threshold": -50, "condition": "less_than", "measure": {"change": {"ago": 3600, "percent": true}}, "aggregation": "rate",
                "consecutive_violations": 3, "no_data": "alert"}),
            "change of rate of m against 1 h ago < -50.0 %: warning; told after 3 samples in a row; told too where samples are missing",
        );
        check(
            &json!({"threshold": 86400, "condition": "less_than", "measure": {"time_left": {"until": 100}}, "window": 21600, "no_data": "resolve"}),
            "time until m is 100 % < 1 d: warning; over too where samples are missing",
        );
        check(&json!({"threshold": 120, "measure": "silence"}), "time without a sample of m > 2 min: warning");
    }
}
