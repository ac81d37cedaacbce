//! What holds of the configuration as a whole: each key has its effect, each mistake its sentence, each secret its cover.

mod example;
mod keys;
mod mistakes;
mod mutations;
mod secrets;

use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread::spawn;
use std::time::Duration;

use serde_json::Value as Json;

use super::{Known, Loaded, Problem, load, load_file};

/// A file with at least one of everything.
pub(super) const FULL: &str = include_str!("full.jsonc");

/// The environment it needs.
pub(super) fn env(name: &str) -> Option<String> {
    match name {
        "MAIL_PASSWORD" => Some("open-sesame-mail".to_owned()),
        "SLACK_URL" => Some("https://hooks.example.org/open-sesame-slack".to_owned()),
        "HOME" => Some("/srv/kim".to_owned()),
        _ => None,
    }
}

pub(super) fn load_here(text: &str) -> Result<Loaded, Vec<Problem>> {
    load(text, &env, &Known::default())
}

/// [`FULL`] as JSON, to be changed.
pub(super) fn full() -> Json {
    let lines = FULL.lines().filter(|line| !line.trim_start().starts_with("//"));
    let strict = lines.fold(String::new(), |text, line| text + line.trim());
    serde_json::from_str(&strict.replace(",}", "}").replace(",]", "]")).unwrap()
}

/// What is wrong with `text`, a line a problem; nothing where it loads.
pub(super) fn wrong(text: &str) -> String {
    match load_here(text) {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

/// `inside` as the content of the one outer key.
pub(super) fn under_root(inside: &str) -> String {
    format!("{{\"performance_monitoring\": {{{inside}}}}}")
}

#[test]
fn a_full_file_loads_with_its_environment() {
    let loaded = load_here(FULL).unwrap_or_else(|p| panic!("{p:#?}"));
    let warnings: Vec<_> = loaded.warnings.iter().map(|w| w.at.as_str()).collect();
    assert_eq!(
        warnings,
        [
            "$.performance_monitoring.dashboard.host",
            "$.performance_monitoring.collectors.custom_metrics.metrics.by_function.function",
        ]
    );
    let strict = load_here(&full().to_string()).unwrap_or_else(|p| panic!("{p:#?}"));
    assert_eq!(format!("{:?}", strict.config), format!("{:?}", loaded.config));
}

/// What is wrong with a file, a line each, or `fine`. It must not take for ever to say so.
fn of_file(path: PathBuf) -> String {
    let (send, said) = channel();
    spawn(move || {
        let loaded = load_file(Some(&path), &env, &Known::default());
        let _ = send.send(loaded.map_or_else(|failed| failed.lines().join("\n"), |_| "fine".to_owned()));
    });
    said.recv_timeout(Duration::from_secs(10)).expect("the file is waited for")
}

#[test]
fn a_file_that_is_none_is_told_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let nobody = format!("{}: line 1:1: $: found no value", pipe.display());
    assert!(of_file(pipe).starts_with(&nobody));
    let is_folder = format!("{} cannot be read: Is a directory", folder.path().display());
    assert!(of_file(folder.path().to_owned()).starts_with(&is_folder));
    assert_eq!(of_file("/dev/zero".into()), "/dev/zero is larger than 4 MiB; no configuration is");
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
    let writing = spawn(move || {
        for part in ["{\"performance_monitoring\"", ": {}}"] {
            std::thread::sleep(Duration::from_millis(50));
            writer.write_all(part.as_bytes()).unwrap();
        }
    });
    assert_eq!(of_file(path.into()), "fine");
    writing.join().unwrap();
}

#[test]
fn what_takes_much_memory_is_a_warning() {
    for (inside, want) in [
        (r#""storage": {"type": "memory"}"#, None),
        (r#""retention_period": 832000, "storage": {"type": "memory"}"#, None),
        (r#""retention_period": 836000, "storage": {"type": "memory"}"#, Some("about 1.0 GB for 300 series")),
        (r#""retention_period": 25920000, "storage": {"type": "memory"}"#, Some("about 31.1 GB")),
        (r#""retention_period": 25920000"#, None),
        (r#""retention_period": 2592000, "max_data_points": 10000, "storage": {"type": "memory"}"#, None),
        (r#""retention_period": 2592000, "collection_interval": 60, "storage": {"type": "memory"}"#, None),
        (
            r#""retention_period": 2592000, "storage": {"type": "memory", "retention_policy": {"raw_data_hours": 3}}"#,
            None,
        ),
    ] {
        let warnings = load_here(&under_root(inside)).unwrap().warnings;
        let said = warnings.iter().map(ToString::to_string).collect::<String>();
        assert_eq!(!said.is_empty(), want.is_some(), "{inside}: {said}");
        assert!(want.is_none_or(|want| said.contains(want) && said.contains("retention_period")), "{inside}: {said}");
    }
}

#[test]
fn a_registered_function_is_no_surprise_and_a_registered_collector_has_its_section() {
    let known = Known {
        collectors: [("shop".to_owned(), vec!["carts".to_owned()])].into(),
        functions: ["open_carts".to_owned()].into(),
        ..Known::default()
    };
    let text = under_root(
        r#""collectors": {"shop": {"collection_interval": 7, "carts": false},
            "custom_metrics": {"metrics": {"carts": {"function": "open_carts"}}}}"#,
    );
    let loaded = load(&text, &env, &known).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let shop = &loaded.config.collectors.registered["shop"];
    assert_eq!((shop.pace.interval.as_secs(), shop.switches["carts"]), (7, false));
    assert!(wrong(&text).contains("found \"shop\", which is no setting"), "{}", wrong(&text));
}

#[test]
fn a_metric_of_ones_own_is_not_called_like_one_that_there_is() {
    let known = Known { metrics: ["cpu_usage_percent"].into(), ..Known::default() };
    for (name, want) in [
        ("cpu_usage_percent", "found cpu_usage_percent, which is a metric of Telltale's; allowed: a name of its own"),
        ("telltale_things", "found telltale_things, which is a metric of Telltale's; allowed: a name of its own"),
        ("cpu_usage_percent_of_ours", ""),
    ] {
        let metric = format!(r#""collectors": {{"custom_metrics": {{"metrics": {{"{name}": {{"file": "/x"}}}}}}}}"#);
        let problems = load(&under_root(&metric), &env, &known).err().unwrap_or_default();
        let says: String = problems.iter().map(ToString::to_string).collect();
        assert!(says.contains(want) && says.is_empty() == want.is_empty(), "{name}: {says}");
        assert!(says.is_empty() || says.contains(&format!("metrics.{name}: ")), "{says}");
    }
}

#[test]
fn a_widget_of_a_misspelt_metric_is_a_warning() {
    let known = Known { metrics: ["cpu_usage_percent", "uptime_seconds"].into(), ..Known::default() };
    let queue = r#""collectors": {"custom_metrics": {"metrics": {"queue_depth": {"file": "/x"}}}}"#;
    for (name, want) in [
        ("cpu_usage_percent", None),
        ("cpu_usage_precent", Some("did you mean cpu_usage_percent?")),
        ("queue_depth", None),
        ("queue_dept", Some("did you mean queue_depth?")),
        // Of the user's own, however they come here.
        ("orders_total", None),
        ("telltale_uptime_seconds", None),
    ] {
        let widget = format!(r#"{{"id": "a", "chart_type": "line", "metric_name": "{name}"}}"#);
        let text = under_root(&format!(r#""dashboard": {{"widgets": [{widget}]}}, {queue}"#));
        let said: Vec<String> = load(&text, &env, &known).unwrap().warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), usize::from(want.is_some()), "{name}: {said:?}");
        let told = |want: &str| said[0].contains(want) && said[0].contains(&format!("\"a\" shows {name}"));
        assert!(want.is_none_or(told), "{name}: {said:?}");
    }
}

#[test]
fn a_reading_may_take_no_longer_than_to_the_next_one() {
    let of = |custom: &str, probe: &str| {
        let text = format!(
            r#""collectors": {{"custom_metrics": {{"collection_interval": 60, "metrics": {{"m": {{"file": "/x"{custom}}}}}}},
                "probes": {{"targets": {{"p": {{"icmp": {{"host": "a"}}{probe}}}}}}}}}"#
        );
        let c = load_here(&under_root(&text)).unwrap_or_else(|p| panic!("{p:#?}")).config.collectors;
        let (metric, target) = (&c.custom_metrics.metrics["m"], &c.probes.targets["p"]);
        [metric.interval, metric.timeout, target.interval, target.timeout].map(|time| time.as_secs_f64())
    };
    assert_eq!(of("", ""), [60.0, 10.0, 30.0, 5.0]);
    let own = r#", "collection_interval": 2"#;
    assert_eq!(of(own, own), [2.0, 2.0, 2.0, 2.0]);
    let both = r#", "collection_interval": 2, "timeout": 8.5"#;
    assert_eq!(of(both, both), [2.0, 8.5, 2.0, 8.5]);
}
