//! Nothing that a variable touched, and nothing that is a secret by its key, is ever printed.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{full, under_root};
use crate::config::{Known, load};

const CANARY: &str = "c4n4ry";

/// Every text in `json`, by its pointer.
fn texts(json: &Json, at: &str, found: &mut Vec<String>) {
    match json {
        Json::String(_) => found.push(at.to_owned()),
        Json::Array(items) => items.iter().enumerate().for_each(|(i, item)| texts(item, &format!("{at}/{i}"), found)),
        Json::Object(map) => map.iter().for_each(|(key, value)| texts(value, &format!("{at}/{key}"), found)),
        _ => {}
    }
}

/// Everything that a load can print.
fn printed(text: &str, value: &str) -> String {
    let env = |name: &str| if name == "CANARY" { Some(value.to_owned()) } else { super::env(name) };
    match load(text, &env, &Known::default()) {
        Ok(loaded) => {
            let said: String = loaded.warnings.iter().map(ToString::to_string).collect();
            format!("{loaded:?}{said}{:?}", loaded.config.not_active())
        }
        Err(problems) => {
            let said: String = problems.iter().map(ToString::to_string).collect();
            format!("{problems:?}{said}")
        }
    }
}

#[test]
fn a_variable_in_any_text_is_not_printed_whether_it_fits_or_not() {
    let mut pointers = Vec::new();
    texts(&full(), "", &mut pointers);
    assert!(pointers.len() > 60, "{pointers:?}");
    // The enabled sections, so that the values are looked at.
    for pointer in pointers {
        let values = [
            CANARY.to_owned(),
            format!("https://{CANARY}.example.org"),
            format!("/{CANARY}@b"),
            format!("{CANARY} \n{{"),
        ];
        for value in &values {
            for raw in ["${CANARY}", "x${CANARY}", "${NOT_SET:-c4n4ry}"] {
                let mut file = full();
                *file.pointer_mut(&pointer).unwrap() = json!(raw);
                for channel in ["discord", "pagerduty", "webhook"] {
                    file["performance_monitoring"]["alerting"]["channels"][channel]["enabled"] = json!(true);
                }
                let said = printed(&file.to_string(), value);
                assert!(!said.contains(CANARY), "{pointer} with {raw} of {value:?} prints {said}");
            }
        }
    }
}

#[test]
fn a_secret_that_stands_in_the_file_is_not_printed_whatever_is_wrong_with_it() {
    let secret = [
        "alerting/channels/email/password",
        "alerting/channels/chat/webhook_url",
        "alerting/channels/discord/webhook_url",
        "alerting/channels/pagerduty/integration_key",
        "alerting/channels/webhook/webhook_url",
        "alerting/channels/webhook/headers/Authorization",
        "security/authentication/password",
        "integration/grafana/api_key",
        "integration/elasticsearch/password",
    ];
    for key in secret {
        let values = [
            json!("c4n4ry"),
            json!("https://c4n4ry.example.org"),
            json!("c4n4ry\n"),
            json!(["c4n4ry"]),
            json!({"c4n4ry": 1}),
            json!({"a": "c4n4ry"}),
        ];
        for value in values {
            let mut file = full();
            *file.pointer_mut(&format!("/performance_monitoring/{key}")).unwrap() = value.clone();
            let said = printed(&file.to_string(), "");
            assert!(!said.contains(CANARY), "{key} as {value} prints {said}");
        }
        // A secret behind a key that is misspelt.
        let mut file = full();
        let (object, name) = key.rsplit_once('/').unwrap();
        file.pointer_mut(&format!("/performance_monitoring/{object}")).unwrap()[format!("{name}x")] = json!("c4n4ry");
        assert!(!printed(&file.to_string(), "").contains(CANARY), "{key}x");
    }
}

#[test]
fn addresses_with_a_password_or_a_query_are_secrets() {
    for (key, value) in [
        ("grafana.url", "https://kim:c4n4ry@example.org"),
        ("grafana.url", "https://example.org/?key=c4n4ry"),
        ("grafana.url", "ftp://kim:c4n4ry@example.org"),
        ("elasticsearch.hosts", "kim:c4n4ry@example.org:9200"),
        ("elasticsearch.hosts", "https://kim:c4n4ry@example.org"),
        ("prometheus.push_gateway", "http://kim:c4n4ry@example.org"),
    ] {
        let (section, name) = key.split_once('.').unwrap();
        let value = if name == "hosts" { json!([value]) } else { json!(value) };
        let text = json!({"performance_monitoring": {"integration": {section: {"enabled": true, name: value}}}});
        let said = printed(&text.to_string(), "");
        assert!(said.contains(name) && !said.contains(CANARY), "{key} = {value} prints {said}");
    }
}

proptest! {
    #[test]
    fn no_value_of_a_variable_breaks_out_of_its_text(value in "[ -~]{0,40}") {
        let text = under_root(r#""logging": {"file": "log-${CANARY}"}"#);
        let env = |name: &str| (name == "CANARY").then(|| value.clone());
        let loaded = load(&text, &env, &Known::default()).unwrap();
        let file = loaded.config.logging.file.unwrap();
        prop_assert_eq!(file.as_str(), format!("log-{value}"));
    }
}
