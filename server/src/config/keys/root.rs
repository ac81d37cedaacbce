//! The whole file, and what only the whole of it can be asked.

use std::collections::BTreeSet;
use std::time::Duration;

use super::alerting::Alerting;
use super::collectors::Collectors;
use super::dashboard::Dashboard;
use super::development::Development;
use super::integration::Integration;
use super::logging::Logging;
use super::performance::Performance;
use super::security::Security;
use super::storage::{Storage, StorageType};
use super::{CENTURY, DAY, MINUTE};
use crate::config::known::Known;
use crate::config::problem::{nearest, quoted};
use crate::config::read::{Bool, Formed, Record, Seconds, Section, Whole};
use crate::secret::Text;

/// The key everything stands under.
pub(crate) const ROOT: &str = "performance_monitoring";

/// How long raw points are kept, unless somebody says so.
const ON_DISK: Duration = Duration::from_secs(7 * 24 * 3600);
const IN_MEMORY: Duration = Duration::from_secs(2 * 3600);
const MINUTES_ON_DISK: Duration = Duration::from_secs(30 * 24 * 3600);
const MINUTES_IN_MEMORY: Duration = Duration::from_secs(24 * 3600);
const HOURS_ON_DISK: Duration = Duration::from_secs(2 * 365 * 24 * 3600);
const HOURS_IN_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);
/// What one point takes in memory, where nothing is on a disk: packed, and some of them not yet.
const POINT_BYTES: f64 = 4.0;
/// Series of an ordinary machine.
const USUAL_SERIES: f64 = 300.0;
/// From here on it should be known how much it is, in bytes.
const MUCH_MEMORY: f64 = 1e9;

/// Everything that can be set, checked and complete.
#[derive(Debug)]
pub struct Config {
    /// The version of the format.
    pub version: Text,
    /// Whether to run at all.
    pub enabled: bool,
    /// From one reading to the next, for collectors without one of their own.
    pub collection_interval: Duration,
    /// How old raw points may get; see [`Config::raw_retention`].
    pub retention_period: Option<Duration>,
    /// How many raw points a series may have.
    pub max_data_points: Option<u64>,
    /// How often both are enforced.
    pub cleanup_interval: Duration,
    /// What is collected.
    pub collectors: Collectors,
    /// What is served.
    pub dashboard: Dashboard,
    /// When somebody is told, and how.
    pub alerting: Alerting,
    /// Who may ask, how often, and from which pages.
    pub security: Security,
    /// Where it is kept.
    pub storage: Storage,
    /// How much is done at once.
    pub performance: Performance,
    /// What the log says, and where.
    pub logging: Logging,
    /// Other systems.
    pub integration: Integration,
    /// For those who work on it.
    pub development: Development,
    given: Given,
}

/// Which keys stood in the file.
struct Given(BTreeSet<String>);

impl std::fmt::Debug for Given {
    /// Two configurations that say the same print the same, whether it was said or left to the defaults.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

impl Config {
    /// Whether `key`, such as `dashboard.theme`, stands in the file.
    #[must_use]
    pub fn given(&self, key: &str) -> bool {
        self.given.0.contains(&format!("$.{ROOT}.{key}"))
    }

    /// How old raw points may get: the tighter of the two keys that say so.
    #[must_use]
    pub fn raw_retention(&self) -> Duration {
        let policy = self.storage.retention_policy.raw_data;
        let usual = match self.storage.kind {
            StorageType::Disk => ON_DISK,
            StorageType::Memory => IN_MEMORY,
        };
        // Where one of the two is said, that is what is meant.
        self.retention_period.into_iter().chain(policy).min().unwrap_or(usual)
    }

    /// How old may get what minutes came to.
    #[must_use]
    pub fn minutes_retention(&self) -> Duration {
        self.storage.retention_policy.aggregated_data.unwrap_or(match self.storage.kind {
            StorageType::Disk => MINUTES_ON_DISK,
            StorageType::Memory => MINUTES_IN_MEMORY,
        })
    }

    /// How old may get what hours came to.
    #[must_use]
    pub fn hours_retention(&self) -> Duration {
        let policy = &self.storage.retention_policy;
        let usual = match self.storage.kind {
            StorageType::Disk => HOURS_ON_DISK,
            StorageType::Memory => HOURS_IN_MEMORY,
        };
        // Where only minutes are said, everything older is meant to go.
        policy.hourly_data.or(policy.aggregated_data).unwrap_or(usual).max(self.minutes_retention())
    }

    pub(crate) fn read(s: &mut Section<'_>, known: &Known) -> Self {
        let version = s.or(
            "version",
            &Formed { allowed: "1, or 1. and more, such as \"1.0.0\"", good: is_version },
            Text::open("1.0.0"),
            "Version of this format.",
        );
        let enabled = s.switch(true, "false: start says so and ends.");
        let collection_interval = s.or(
            "collection_interval",
            &Seconds(0.1..=DAY),
            Duration::from_secs(1),
            "Seconds from one reading to the next, for every collector without an interval of its own.",
        );
        // The slower pace of some collectors is a default; whoever sets this one pace means all of them.
        let general = s.find("collection_interval").map(|_| collection_interval);
        let config = Self {
            version,
            enabled,
            collection_interval,
            retention_period: s.maybe(
                "retention_period",
                &Seconds(MINUTE..=CENTURY),
                604_800,
                "Seconds after which raw points go. A week on a disk and two hours in memory, unless set.",
            ),
            max_data_points: s.maybe(
                "max_data_points",
                &Whole(1..=1_000_000_000_u64),
                10_000,
                "Number of raw points a series may have; the oldest go first. Any number, unless set.",
            ),
            cleanup_interval: s.or(
                "cleanup_interval",
                &Seconds(0.1..=DAY),
                Duration::from_secs(60),
                "Seconds from one look at what is too old or too much to the next.",
            ),
            collectors: s.section("collectors", "What is collected.", |s| Collectors::read(s, general, known)),
            dashboard: s.section("dashboard", "The page and its interfaces.", Dashboard::read),
            alerting: s.section("alerting", "When somebody is told, and how.", Alerting::read),
            security: s.section("security", "Who may ask, how often, and from which pages.", Security::read),
            storage: s.section("storage", "Where it is kept, and how long.", Storage::read),
            performance: s.section("performance", "How much is done at once.", Performance::read),
            logging: s.section("logging", "What the log says, and where.", Logging::read),
            integration: s.section("integration", "Other systems.", Integration::read),
            development: s.section("development", "For those who work on Telltale.", Development::read),
            given: Given(BTreeSet::new()),
        };
        config.check(s);
        config.warn_of_misspelt_metrics(s, known);
        let given = Given(s.at().cx.given.borrow().clone());
        Self { given, ..config }
    }

    /// How much memory the raw points of an ordinary machine take, in bytes.
    fn memory_needed(&self) -> f64 {
        // Those of the machine are by far the most.
        let system = self.collectors.system_metrics.pace;
        let interval = if system.enabled { system.interval } else { Duration::MAX };
        let points = self.raw_retention().as_secs_f64() / interval.as_secs_f64();
        let most = self.max_data_points.map_or(f64::INFINITY, |most| most as f64);
        points.min(most) * POINT_BYTES * USUAL_SERIES
    }

    /// A widget may show what a program brings along, of which nothing is known here; so only what looks like a slip of
    /// the hand is told.
    fn warn_of_misspelt_metrics(&self, s: &Section<'_>, known: &Known) {
        let own = self.collectors.custom_metrics.metrics.keys().map(String::as_str);
        let names: BTreeSet<&str> = known.metrics.iter().copied().chain(own).collect();
        for widget in self.dashboard.widgets.iter().flatten() {
            let name = widget.metric_name.as_str();
            if let Some(meant) = nearest(name, names.iter().copied()).filter(|_| !names.contains(name)) {
                s.at_path(&["dashboard", "widgets"]).warn(format!(
                    "{} shows {name}, and nothing that is known here is called so; did you mean {meant}?",
                    quoted(&widget.id)
                ));
            }
        }
    }

    fn check(&self, s: &Section<'_>) {
        let needed = self.memory_needed();
        if needed > MUCH_MEMORY && self.storage.kind == StorageType::Memory {
            s.at_path(&["retention_period"]).warn(format!(
                "raw points are kept in memory, and so many take about {:.1} GB for {USUAL_SERIES} series; a shorter \
                 retention_period, a longer collection_interval or max_data_points make it less",
                needed / 1e9
            ));
        }
        let host = &self.dashboard.host;
        if self.dashboard.is_reachable() {
            let at = s.at_path(&["dashboard", "host"]);
            match self.security.authentication.enabled {
                Some(false) => at.warn(format!(
                    "{host} is reached from other machines and there are no logins: whoever reaches port {} sees \
                     everything",
                    self.dashboard.port
                )),
                Some(true) => {}
                None => at.refuse(
                    format!("{host}, which other machines reach, and no decision about logins"),
                    "127.0.0.1; or another host together with security.authentication.enabled: false, where everybody \
                     who reaches it may see everything",
                ),
            }
        }
        let prometheus = &self.integration.prometheus;
        if prometheus.enabled && prometheus.port == self.dashboard.port && prometheus.port != 0 {
            s.at_path(&["integration", "prometheus", "port"])
                .refuse(format!("{}, the port of the dashboard", prometheus.port), "a port of its own");
        }
    }
}

fn is_version(text: &str) -> bool {
    let rest = match text.strip_prefix('1') {
        Some("") => return true,
        Some(rest) => rest.strip_prefix('.'),
        None => None,
    };
    rest.is_some_and(|rest| rest.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit())))
}

/// Reads the outermost object, whose one key is [`ROOT`].
pub(crate) fn read_file(s: &mut Section<'_>, known: &Known) -> Option<Config> {
    let everything = Record(|s: &mut Section<'_>| Some(Config::read(s, known)));
    s.required(ROOT, &everything, serde_json::Value::Null, "Everything stands under this key.")
}

/// `enabled` of something that is on unless said otherwise.
pub(super) fn flag(s: &mut Section<'_>, name: &str, doc: &'static str) -> bool {
    s.or(name, &Bool, true, doc)
}
