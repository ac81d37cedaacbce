//! `integration`: other systems.

use serde_json::json;

use crate::config::read::{Bool, Formed, Free, ListOf, Private, Section, Url, Whole};
use crate::secret::{Secret, Text};

/// `integration`.
#[derive(Debug)]
pub struct Integration {
    /// Prometheus.
    pub prometheus: Prometheus,
    /// Grafana.
    pub grafana: Grafana,
    /// Elasticsearch.
    pub elasticsearch: Elasticsearch,
}

/// `integration.prometheus`.
#[derive(Debug)]
pub struct Prometheus {
    /// Whether there is a listener for it.
    pub enabled: bool,
    /// Its port.
    pub port: u16,
    /// The one path that it answers.
    pub metrics_path: Text,
    /// Where metrics are sent to as well.
    pub push_gateway: Option<Text>,
    /// Whether other machines may write samples.
    pub remote_write: bool,
}

/// `integration.grafana`.
#[derive(Debug)]
pub struct Grafana {
    /// Whether it is told.
    pub enabled: bool,
    /// Where it is.
    pub url: Text,
    /// What lets us in.
    pub api_key: Option<Secret>,
    /// The data source that dashboards name.
    pub datasource: Text,
}

/// `integration.elasticsearch`.
#[derive(Debug)]
pub struct Elasticsearch {
    /// Whether metrics are sent there.
    pub enabled: bool,
    /// Where it is: hosts with ports, or addresses.
    pub hosts: Vec<Text>,
    /// The index; `{date}` is the day.
    pub index_pattern: Text,
    /// Who logs in.
    pub username: Option<Text>,
    /// With which password.
    pub password: Option<Secret>,
}

const PATH: Formed = Formed {
    allowed: "a path that begins with /, without spaces, ? and #",
    good: |text| {
        text.starts_with('/') && !text.contains(|c: char| "?#".contains(c) || c.is_whitespace() || c.is_control())
    },
};

const NODE: Formed = Formed {
    allowed: "a host, perhaps with http:// or https:// before it and a port behind it; the user has keys of its own",
    good: |text| {
        let rest = text
            .split_once("://")
            .map_or(Some(text), |(scheme, rest)| ["http", "https"].contains(&scheme).then_some(rest));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || "@?#".contains(c)))
    },
};

impl Integration {
    pub(super) fn read(s: &mut Section<'_>) -> Self {
        Self {
            prometheus: s.section("prometheus", "A listener of its own for Prometheus.", Prometheus::read),
            grafana: s.section("grafana", "Dashboards in Grafana.", Grafana::read),
            elasticsearch: s.section("elasticsearch", "Metrics to Elasticsearch.", Elasticsearch::read),
        }
    }
}

impl Prometheus {
    fn read(s: &mut Section<'_>) -> Self {
        Self {
            enabled: s.switch(false, "Whether there is one."),
            port: s.or("port", &Whole(0..=u16::MAX), 9090, "Its port."),
            metrics_path: s.or("metrics_path", &PATH, Text::open("/metrics"), "The one path that it answers."),
            push_gateway: s.maybe("push_gateway", &Url, "http://localhost:9091", "Where metrics are sent to as well."),
            remote_write: s.or(
                "remote_write",
                &Bool,
                false,
                "Whether other machines may write samples to /api/v1/write; this one always may.",
            ),
        }
    }
}

impl Grafana {
    fn read(s: &mut Section<'_>) -> Self {
        Self {
            enabled: s.switch(false, "Whether it is told."),
            url: s.or("url", &Url, Text::open("http://localhost:3000"), "Where it is."),
            api_key: s.maybe("api_key", &Private::KEY, "${GRAFANA_API_KEY}", "What lets us in."),
            datasource: s.or("datasource", &Free, Text::open("prometheus"), "The data source that dashboards name."),
        }
    }
}

impl Elasticsearch {
    fn read(s: &mut Section<'_>) -> Self {
        let enabled = s.switch(false, "Whether metrics are sent there.");
        let hosts = s.or("hosts", &ListOf(NODE), vec![Text::open("localhost:9200")], "Where it is.");
        if s.is_empty_list("hosts") {
            s.at_key("hosts").refuse("an empty list", "one host at the least");
        }
        Self {
            enabled,
            hosts,
            index_pattern: s.or("index_pattern", &Free, Text::open("telltale-{date}"), "The index; {date} is the day."),
            username: s.maybe("username", &Free, json!("elastic"), "Who logs in, if anybody."),
            password: s.maybe("password", &Private::KEY, "${ELASTICSEARCH_PASSWORD}", "With which password."),
        }
    }
}
