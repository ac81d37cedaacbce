//! Each mistake with its sentence.

use super::{load_here, under_root, wrong};

/// `inside` is wrong in exactly these ways, a fragment of each line in order.
#[track_caller]
fn check(inside: &str, want: &[&str]) {
    let says = wrong(&under_root(inside));
    let lines: Vec<&str> = says.lines().collect();
    assert_eq!(lines.len(), want.len(), "{inside} gives:\n{says}");
    for (line, want) in lines.iter().zip(want) {
        assert!(line.contains(want), "{want} is not in:\n{says}");
    }
}

#[test]
fn a_problem_names_path_place_finding_bounds_and_a_suggestion() {
    let says = wrong(
        "{\"performance_monitoring\": {\n  \"dashboard\": {\"prot\": 1, \"theme\": \"drak\", \"port\": 70000}\n}}",
    );
    assert_eq!(
        says,
        "line 2:25: $.performance_monitoring.dashboard.prot: found \"prot\", which is no setting; allowed: a known key; \
         did you mean \"port\"?\n\
         line 2:37: $.performance_monitoring.dashboard.theme: found \"drak\"; allowed: \"system\", \"light\", \"dark\"; \
         did you mean \"dark\"?\n\
         line 2:53: $.performance_monitoring.dashboard.port: found 70000; allowed: a whole number from 0 to 65535"
    );
}

#[test]
fn the_outermost_key_is_asked_for() {
    assert!(wrong("{}").contains("$.performance_monitoring: found nothing"));
    assert!(wrong("{\"performance_monitorin\": {}}").contains("did you mean \"performance_monitoring\"?"));
    assert!(wrong("[]").contains("$: found a list; allowed: an object"));
    assert!(wrong("null").contains("$: found null"));
}

#[test]
fn types_and_bounds() {
    check(r#""enabled": "true""#, &["found \"true\"; allowed: true or false; did you mean true, without quotes?"]);
    check(r#""enabled": 1"#, &["enabled: found 1; allowed: true or false"]);
    check(r#""enabled": null"#, &["enabled: found null; allowed: true or false"]);
    check(r#""collection_interval": 0.05"#, &["found 0.05; allowed: a number from 0.1 to 86400"]);
    check(r#""collection_interval": "15""#, &["did you mean 15, without quotes?"]);
    check(r#""collection_interval": 1e400"#, &["found 1e400; allowed: a number below"]);
    check(r#""logging": {"max_file_size": -1e400}"#, &["found -1e400; allowed: a number below"]);
    check(r#""enabled": 1e400"#, &["found 1e400; allowed: a number below", "found a number; allowed: true or false"]);
    check(r#""max_data_points": 1.5"#, &["found 1.5; allowed: a whole number from 1 to"]);
    check(r#""version": "2.0""#, &["version: found \"2.0\"; allowed: 1, or"]);
    check(r#""version": 1"#, &["version: found 1; allowed: text"]);
    check(r#""dashboard": []"#, &["dashboard: found a list; allowed: an object"]);
    check(r#""dashboard": {"host": "a b"}"#, &["host: found \"a b\"; allowed: an IP address or a host name"]);
    check(
        r#""collectors": {"network_metrics": {"monitored_ports": [80, 0, "x"]}}"#,
        &["[1]: found 0", "[2]: found \"x\""],
    );
    check(r#""logging": {"format": "xml"}"#, &["format: found \"xml\"; allowed: \"text\", \"json\", or"]);
    check(r#""logging": {"max_file_size": "10XB"}"#, &["max_file_size: found \"10XB\"; allowed: a number of bytes"]);
    check(r#""storage": {"type": "redis"}"#, &["type: found \"redis\"; allowed: \"disk\", \"memory\""]);
}

#[test]
fn an_application_is_found_in_one_way_and_has_a_name_of_its_own() {
    let check = |inside: &str, want: &[&str]| {
        check(&format!(r#""collectors": {{"application_metrics": {{{inside}}}}}"#), want);
    };
    check(r#""processes": {"a b": {"name": "x"}, "c": {"pid_file": "/run/${HOME}.pid"}}"#, &[]);
    check(
        r#""processes": {"a": {}}"#,
        &["a: found none of them; allowed: exactly one of name, pid_file, command, unit"],
    );
    check(r#""processes": {"a": {"name": "x", "unit": "y"}}"#, &["a: found name, unit; allowed: exactly one of"]);
    check(r#""processes": {"a": {"pidfile": "/x"}}"#, &["found none of them", "did you mean \"pid_file\"?"]);
    check(r#""processes": {"a": "x"}"#, &["a: found text; allowed: an object"]);
    check(r#""processes": {"a": {"name": ""}}"#, &["name: found \"\"; allowed: text that is not empty"]);
    check(r#""processes": {" ": {"name": "x"}}"#, &["found \" \"; allowed: a name"]);
    let twice = "found \"telltale\", which is app_name; allowed: a name that no other application has";
    check(r#""processes": {"telltale": {"name": "x"}}"#, &[twice]);
    check(r#""app_name": "shop", "processes": {"telltale": {"name": "x"}}"#, &[]);
}

#[test]
fn applications_of_which_nothing_is_told_are_a_warning() {
    for (switch, want) in [("collect_process_metrics", true), ("collect_request_metrics", false)] {
        let inside = format!(
            r#""collectors": {{"application_metrics": {{"{switch}": false, "processes": {{"a": {{"name": "x"}}}}}}}}"#
        );
        let warnings = load_here(&under_root(&inside)).unwrap().warnings;
        let said = warnings.iter().map(ToString::to_string).collect::<String>();
        assert_eq!(
            said.contains("processes: collect_process_metrics is false, so nothing is told of these"),
            want,
            "{said}"
        );
    }
}

#[test]
fn a_widget_has_an_aggregation_that_there_is_and_that_makes_sense() {
    let widget = |metric: &str, aggregation: &str| {
        format!(
            r#""dashboard": {{"widgets": [
                {{"id": "a", "chart_type": "line", "metric_name": "{metric}", "aggregation": "{aggregation}"}}]}}"#
        )
    };
    for growth in ["rate", "increase"] {
        let says = format!("aggregation: found \"{growth}\" of cpu_usage_percent, which rises and falls");
        check(&widget("cpu_usage_percent", growth), &[&says]);
        check(&widget("network_bytes_recv_total", growth), &[]);
    }
    check(&widget("cpu_usage_percent", "p99.9"), &[]);
    check(&widget("cpu_usage_percent", "p101"), &["such as \"p99.9\""]);
    check(&widget("cpu_usage_percent", "agv"), &["did you mean \"avg\""]);
}

#[test]
fn what_is_critical_is_a_warning_too() {
    let widget = |warning: u8, critical: u8| {
        format!(
            r#""dashboard": {{"widgets": [{{"id": "a", "chart_type": "line", "metric_name": "m",
                "options": {{"warning_threshold": {warning}, "critical_threshold": {critical}}}}}]}}"#
        )
    };
    check(&widget(90, 70), &["critical_threshold: found 70; allowed: warning_threshold, which is 90, or more"]);
    check(&widget(70, 90), &[]);
    check(&widget(90, 90), &[]);
}

#[test]
fn variables() {
    check(
        r#""logging": {"file": "${NOWHERE}"}"#,
        &["logging.file: found ${NOWHERE}, and the environment has no NOWHERE"],
    );
    check(r#""logging": {"file": "${A:-${B}}"}"#, &["a ${} whose default holds another one"]);
    check(r#""logging": {"level": "${NOWHERE:-INFO}", "file": "a-${NOWHERE:-b}"}"#, &[]);
    check(r#""logging": {"level": "${MAIL_PASSWORD}"}"#, &["level: found text with a variable; allowed"]);
    check(r#""alerting": {"channels": {"slack": {"webhook_url": "${NOWHERE}"}}}"#, &["the environment has no NOWHERE"]);
    check(r#""alerting": {"channels": {"slack": {"enabled": false, "webhook_url": "${NOWHERE}"}}}"#, &[]);
    check(r#""alerting": {"enabled": false, "channels": {"slack": {"webhook_url": "${NOWHERE}"}}}"#, &[]);
    check(
        r#""enabled": false, "logging": {"file": "${NOWHERE}", "level": "${NOWHERE}", "max_file_size": "${NOWHERE}"}"#,
        &[],
    );
    // Off is not unchecked.
    check(
        r#""alerting": {"enabled": false, "channels": {"slack": {"webhook_url": 5}}}"#,
        &["webhook_url: found a number"],
    );
    check(
        r#""dashboard": {"widgets": [{"id": "${HOME}", "chart_type": "line", "metric_name": "m"}]}"#,
        &["id: found text with"],
    );
}

#[test]
fn what_is_shown_and_touched_by_a_variable_is_warned_about() {
    let text =
        r#""dashboard": {"widgets": [{"id": "a", "title": "of ${HOME}", "chart_type": "line", "metric_name": "m"}]}"#;
    let loaded = load_here(&under_root(text)).unwrap();
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].to_string().contains("widgets[0].title: what ${} touches is secret"));
    let widgets = loaded.config.dashboard.widgets.unwrap();
    assert_eq!((widgets[0].title.as_str(), widgets[0].drawn().unwrap().title.as_str()), ("of /srv/kim", "[secret]"));
}

#[test]
fn hosts_and_logins() {
    let refused = "and no decision about logins; allowed: 127.0.0.1";
    for host in ["0.0.0.0", "::", "192.168.1.5", "monitor.example.org", "::ffff:10.0.0.1"] {
        check(&format!(r#""dashboard": {{"host": "{host}"}}"#), &[refused]);
    }
    check(r#""dashboard": {"host": "0.0.0.0", "enabled": false}"#, &[refused]);
    for host in ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST.", "a.localhost", "::ffff:127.0.0.1"] {
        check(&format!(r#""dashboard": {{"host": "{host}"}}"#), &[]);
    }
    let open = under_root(r#""dashboard": {"host": "0.0.0.0"}, "security": {"authentication": {"enabled": false}}"#);
    let loaded = load_here(&open).unwrap();
    assert!(loaded.warnings[0].says.contains("whoever reaches port 8080 sees everything"));
    let no_logins = "authentication.enabled: found true; allowed: false: this version has no logins";
    check(r#""security": {"authentication": {"enabled": true}}"#, &[no_logins]);
    check(r#""dashboard": {"host": "0.0.0.0"}, "security": {"authentication": {"enabled": true}}"#, &[no_logins]);
}

#[test]
fn a_host_is_an_address_or_a_name() {
    let of =
        |host: &str| format!(r#""collectors": {{"probes": {{"targets": {{"p": {{"icmp": {{"host": "{host}"}}}}}}}}}}"#);
    let long = "a".repeat(64);
    for good in
        ["192.0.2.1", "::1", "a", "A-1.example.", "_srv.b", "1.2.0.192.in-addr.arpa", "müller.example", "0xford"]
    {
        check(&of(good), &[]);
    }
    for odd in
        ["256.1.1.1", "1.2.3", "2130706433", "0x7f000001", "a.0x1", "-a", "a-.b", "a..b", "a..", ".", &long, "::1%lo"]
    {
        check(&of(odd), &["icmp.host: found \""]);
    }
}

#[test]
fn what_only_the_whole_can_be_asked() {
    let rule =
        |more: &str| format!(r#"{{"name": "a", "metric_name": "m", "condition": "equals", "threshold": 1{more}}}"#);
    let slack = r#""channels": {"slack": {"webhook_url": "https://a.example/b"}}"#;
    let alerting = |rules: &str| format!(r#""alerting": {{"rules": [{rules}], {slack}}}"#);
    check(&alerting(&rule(r#", "channels": ["slack"]"#)), &[]);
    check(
        &alerting(&rule(r#", "channels": ["slak"]"#)),
        &["found \"slak\"; allowed: a key of alerting.channels: slack; did you mean \"slack\"?"],
    );
    check(&alerting(&format!("{}, {}", rule(""), rule(""))), &["rules: found the name \"a\" twice"]);
    check(r#""alerting": {"rules": [{}]}"#, &["name: found nothing", "metric_name: ", "condition: ", "threshold: "]);
    check(r#""alerting": {"channels": {"chat": {}}}"#, &["chat.type: found nothing; allowed: \"email\", \"slack\""]);
    check(r#""alerting": {"channels": {"chat": {"type": "slak", "webhook_url": "x"}}}"#, &["did you mean \"slack\"?"]);
    check(
        r#""alerting": {"channels": {"slack": {"webhook_url": "https://a.b", "smtp_port": 5}}}"#,
        &["found \"smtp_port\", which is no"],
    );
    check(r#""alerting": {"channels": {"email": {"recipients": []}}}"#, &["recipients: found an empty list"]);
    let widget = |id: &str, x: u8| {
        format!(r#"{{"id": "{id}", "chart_type": "pie", "metric_name": "m", "position_x": {x}, "width": 6}}"#)
    };
    let widgets = |all: &str| format!(r#""dashboard": {{"widgets": [{all}]}}"#);
    check(&widgets(&format!("{}, {}", widget("a", 0), widget("a", 6))), &["widgets: found the id \"a\" twice"]);
    check(&widgets(&format!("{}, {}", widget("a", 0), widget("b", 6))), &[]);
    let on_each_other = widgets(&format!("{}, {}, {}", widget("a", 0), widget("b", 3), widget("c", 6)));
    let warnings = load_here(&under_root(&on_each_other)).unwrap().warnings;
    let says = "\"b\" lies where \"a\" is, in columns 0 to 5, rows 0 to 3, and one hides the other; \"position_y\": 4 would be free";
    assert_eq!(warnings.iter().map(|warning| &*warning.says).collect::<Vec<_>>(), [says]);
    check(&widgets(&widget("a", 7)), &["widgets[0]: found a widget from column 7 to 13"]);
    check(
        r#""dashboard": {"widgets": [{"id": "a", "chart_type": "line", "metric_name": "m", "options": {"min_value": 5, "max_value": 5}}]}"#,
        &["max_value: found 5; allowed: more than min_value"],
    );
    check(
        r#""integration": {"prometheus": {"enabled": true, "port": 8080}}"#,
        &["port: found 8080, the port of the dashboard"],
    );
    let custom = |inside: &str| format!(r#""collectors": {{"custom_metrics": {{"metrics": {{{inside}}}}}}}"#);
    check(&custom(r#""m": {}"#), &["metrics.m: found none of them; allowed: exactly one of"]);
    check(&custom(r#""m": {"file": "/a", "command": ["b"]}"#), &["metrics.m: found file, command"]);
    check(&custom(r#""m": {"command": []}"#), &["command: found an empty list"]);
    check(&custom(r#""m-1": {"file": "/a"}"#), &["metrics.m-1: found \"m-1\"; allowed: the name of a metric"]);
    check(
        &custom(r#""m": {"http": {"pointer": "x"}}"#),
        &["http.url: found nothing", "pointer: found \"x\"; allowed: a JSON pointer"],
    );
    check(&custom(r#""m": {"file": "/a"}, "m": {"file": "/b"}"#), &["metrics.m: found"]);
    check(&custom(r#""m": {"file": "/a", "unit": "${HOME}"}"#), &["unit: found text with"]);
    check(&custom(r#""m": {"file": "/a", "timeout": 0}"#), &["timeout: found 0; allowed: a number from 0.1"]);
    let probe = |inside: &str| format!(r#""collectors": {{"probes": {{"targets": {{"p": {{{inside}}}}}}}}}"#);
    check(&probe(""), &["targets.p: found none of them; allowed: exactly one of http, tcp, icmp, dns, tls"]);
    check(&probe(r#""icmp": {"host": "a"}, "tcp": {"host": "a", "port": 1}"#), &["targets.p: found icmp, tcp"]);
    check(&probe(r#""icmp": {"host": "a:1", "packets": 21}"#), &["host: found \"a:1\"", "packets: found 21"]);
    check(&probe(r#""tcp": {"host": "a"}"#), &["tcp.port: found nothing"]);
    check(&probe(r#""http": {"url": "a.example", "expected_status": [99]}"#), &["url: found", "[0]: found 99"]);
    check(&probe(r#""dns": {"name": "a", "type": "AAA"}"#), &["did you mean \"AAAA\"?"]);
    check(&probe(r#""dns": {"name": "a", "server": "ns.example.org"}"#), &["allowed: the IP address of a name server"]);
    check(&probe(r#""tls": {"host": "a", "prot": 1}"#), &["did you mean \"port\"?"]);
}

#[test]
fn a_collector_has_its_own_pace_unless_one_is_set_for_all() {
    let paces = |inside: &str| {
        let c = load_here(&under_root(inside)).unwrap().config.collectors;
        (c.system_metrics.pace.interval.as_secs_f64(), c.network_metrics.pace.interval.as_secs_f64())
    };
    assert_eq!(paces(""), (1.0, 5.0));
    assert_eq!(paces(r#""collection_interval": 0.5"#), (0.5, 0.5));
    let own = r#""collection_interval": 30, "collectors": {"network_metrics": {"collection_interval": 2}}"#;
    assert_eq!(paces(own), (30.0, 2.0));
}

#[test]
fn the_tighter_age_counts_and_the_data_folder_is_the_users() {
    let of = |inside: &str, env: super::super::Env<'_>| {
        super::load(&under_root(inside), env, &super::Known::default()).unwrap().config
    };
    let both = |raw: &str| {
        of(
            &format!(r#""retention_period": 7200, "storage": {{"retention_policy": {{"raw_data_hours": {raw}}}}}"#),
            &super::env,
        )
    };
    assert_eq!(both("1").raw_retention().as_secs(), 3600);
    assert_eq!(both("24").raw_retention().as_secs(), 7200);
    let path = |env: super::super::Env<'_>| of("", env).storage.path.map(|path| path.as_str().to_owned());
    assert_eq!(path(&super::env).as_deref(), Some("/srv/kim/.local/share/telltale"));
    assert_eq!(path(&|name| (name == "XDG_DATA_HOME").then(|| "/data/".into())).as_deref(), Some("/data/telltale"));
    assert_eq!(path(&|_| None), None);
}

#[test]
fn the_public_address_is_a_host_and_nothing_more() {
    let of = |url: &str| format!(r#""dashboard": {{"public_url": "{url}"}}"#);
    for good in [
        "https://watch.example.org",
        "http://watch:8080/",
        "https://192.0.2.7",
        "http://[2001:db8::1]",
        "http://[::1]:80/",
        "https://${HOME:-x}",
        "https://müller.example",
    ] {
        // What HOME holds here is a path, which is no host.
        let want: &[&str] = if good.contains("HOME") { &["found text with a variable"] } else { &[] };
        check(&of(good), want);
    }
    for odd in [
        "watch.example.org",
        "ftp://a",
        "https://",
        "https:///",
        "https://a b",
        "https://a..b",
        "https://a/telltale",
        "https://a//",
        "https://a#top",
        "https://a:0",
        "https://a:65536",
        "https://a:+80",
        "https://a:",
        "https://[::1",
        "https://[a]",
        "https://::1",
    ] {
        check(&of(odd), &["dashboard.public_url: found \""][..]);
    }
    // What may be a secret is not repeated.
    for (secret, what) in [
        ("https://kim:hunter2@a", "text with credentials"),
        ("https://kim@a", "text with credentials"),
        ("https://kim:hunter2@a?b", "text with credentials"),
        ("https://a?key=hunter2", "an address with a query"),
        ("https://a/?key=hunter2@b", "an address with a query"),
    ] {
        let found = format!("dashboard.public_url: found {what}; allowed: http:// or https:// with a host");
        check(&of(secret), &[&found]);
        assert!(!wrong(&under_root(&of(secret))).contains("hunter2"));
    }
}
