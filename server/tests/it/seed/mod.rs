//! The file of the system that Telltale follows: it starts, and each of its keys does something that can be seen.
//!
//! The file here has the keys of that one and values of its own; where that one lies beside the project, `.ci/run`
//! starts it too. A key of the file without a row in [`rows`] fails.

mod rows;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use rows::{EFFECTS, ELSEWHERE, Effect, NOT_ACTIVE, REFUSED, World};
use seen::Seen;
use serde_json::{Value, json};

use crate::harness::{config_file, telltale};

const FILE: &str = include_str!("seed.json");
const ROOT: &str = "performance_monitoring";
/// Below these the file's author chooses the names.
const OWN_NAMES: [&str; 3] =
    ["collectors.custom_metrics.metrics", "dashboard.widgets[].filters", "channels.webhook.headers"];

fn file() -> Value {
    serde_json::from_str(FILE).unwrap()
}

/// Every key of the file by its path, such as `alerting.rules[].name`; with it where the first of them stands.
fn keys() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(&file()[ROOT], "", &format!("/{ROOT}"), &mut found);
    found
}

fn walk(value: &Value, path: &str, pointer: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let shown = if OWN_NAMES.iter().any(|own| path.ends_with(own)) { "*" } else { name };
                let dot = if path.is_empty() { "" } else { "." };
                walk(value, &format!("{path}{dot}{shown}"), &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[]"), &format!("{pointer}/{at}"), found);
            }
        }
        _ => {
            found.entry(path.to_owned()).or_insert_with(|| pointer.to_owned());
        }
    }
}

/// The file with these keys set to these values.
fn with<'a>(changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let (keys, mut file) = (keys(), file());
    for (key, value) in changes {
        let at = keys.get(key).unwrap_or_else(|| panic!("the file has no {key}"));
        *file.pointer_mut(at).unwrap() = serde_json::from_str(value).unwrap_or_else(|e| panic!("{key}: {e}"));
    }
    file.to_string()
}

#[test]
fn every_key_has_one_row() {
    let below = |(prefix, names): (&str, &[&str])| -> Vec<String> {
        names.iter().map(|name| format!("{prefix}{name}")).collect()
    };
    let effects = EFFECTS.iter().map(|effect| effect.key.to_owned());
    let refused = REFUSED.iter().map(|(key, _, _)| (*key).to_owned());
    let elsewhere = ELSEWHERE.iter().map(|(key, _, _)| (*key).to_owned());
    let not_active = NOT_ACTIVE.iter().flat_map(|(_, prefix, names)| below((prefix, names)));
    let mut rows = BTreeSet::new();
    for key in effects.chain(refused).chain(elsewhere).chain(not_active) {
        assert!(rows.insert(key.clone()), "{key} has two rows");
    }
    let keys: BTreeSet<String> = keys().into_keys().collect();
    let missing: Vec<_> = keys.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&keys).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:?}; rows of no key: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_their_effect() {
    let of = |world: World| -> Vec<&'static Effect> { EFFECTS.iter().filter(|effect| effect.world == world).collect() };
    let change = |effects: &[&'static Effect]| with(effects.iter().map(|effect| (effect.key, effect.value)));
    let as_it_is = tokio::spawn(Seen::of(with([])));
    let changed = World::ALL.map(|world| (world, tokio::spawn(Seen::of(change(&of(world))))));
    let as_it_is = as_it_is.await.unwrap();
    for (world, seen) in changed {
        let seen = seen.await.unwrap();
        for Effect { key, value, look, before, after, .. } in of(world) {
            assert_ne!(before, after, "{key}");
            let looks = (look(&as_it_is), look(&seen));
            assert_eq!(looks, ((*before).to_owned(), (*after).to_owned()), "{key}, and {key} as {value}");
        }
    }
}

#[tokio::test]
async fn what_is_not_active_is_told_at_the_start_and_by_the_status() {
    let keys = keys();
    let asked =
        NOT_ACTIVE.iter().flat_map(|(_, prefix, names)| names.iter().map(move |name| format!("{prefix}{name}")));
    // What is switched off is not told of, so everything of it is switched on.
    let off: Vec<String> = asked.filter(|key| file().pointer(&keys[key]) == Some(&json!(false))).collect();
    let seen = Seen::of(with(off.iter().map(|key| (key.as_str(), "true")))).await;
    for (line, _, _) in NOT_ACTIVE {
        let says = format!("{line} is not active in this version: ");
        assert!(seen.complaints.contains(&says), "start does not say: {says}\n{}", seen.complaints);
        assert!(seen.status["not_active"].to_string().contains(&says), "/api/status does not say: {says}");
        assert!(seen.told.contains(&says), "`telltale status` does not say: {says}\n{}", seen.told);
    }
    for text in [seen.complaints, seen.status.to_string(), seen.told, seen.page.1] {
        assert!(!text.contains("c4n4ry"), "a secret is told: {text}");
    }
}

/// What `check-config` says of a file, which it must refuse.
fn refusal(text: &str) -> String {
    let file = config_file(text);
    let output = seen::with_env(&mut telltale()).arg("check-config").arg(file.path()).output().unwrap();
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{says}");
    says
}

#[test]
fn what_is_refused_is_refused_by_its_path() {
    for (key, value, part) in REFUSED {
        let says = refusal(&with([(*key, *value)]));
        assert!(says.contains(&format!("$.{ROOT}.{key}")) && says.contains(part), "{key} as {value}: {says}");
    }
}

#[test]
fn no_key_takes_nonsense() {
    for (key, pointer) in keys() {
        // `/a/0/b` as `$.a[0].b`.
        let path = pointer.split('/').skip(1).fold("$".to_owned(), |path, part| match part.parse::<usize>() {
            Ok(at) => format!("{path}[{at}]"),
            Err(_) => format!("{path}.{part}"),
        });
        let says = refusal(&with([(key.as_str(), r#"{"non": "sense"}"#)]));
        assert!(says.contains(&format!("{path}: found ")) || says.contains(&format!("{path}.non: ")), "{key}: {says}");
    }
}

#[test]
fn what_is_shown_elsewhere_is_shown_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (key, file, test) in ELSEWHERE {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{key}: {file}: {e}"));
        assert!(text.contains(&format!("fn {test}(")), "{key}: there is no test {test} in {file}");
    }
}

#[test]
fn switched_off_it_says_so_and_ends() {
    let file = config_file(&with([("enabled", "false")]));
    let output = seen::with_env(&mut telltale()).args(["start", "--config"]).arg(file.path()).output().unwrap();
    let says = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.code() == Some(0) && says.contains("`enabled` is false"), "{says}");
}

#[tokio::test]
async fn it_listens_at_its_port() {
    let free = std::net::TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
    let seen = Seen::of(with([("dashboard.port", free.to_string().as_str())])).await;
    assert_eq!(seen.address, format!("0.0.0.0:{free}"));
}

#[test]
fn without_its_environment_each_variable_is_named() {
    let file = config_file(FILE);
    let output = telltale().args(["start", "--config"]).arg(file.path()).output().unwrap();
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{says}");
    // Those of what is switched off need not be set.
    let variables: BTreeSet<&str> = says.split("${").skip(1).filter_map(|rest| rest.split([':', '}']).next()).collect();
    let want = BTreeSet::from(["SMTP_PASSWORD", "SLACK_WEBHOOK_URL", "PAGERDUTY_INTEGRATION_KEY"]);
    assert_eq!(variables, want, "{says}");
}
