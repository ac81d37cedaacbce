//! The configuration in the words of the parts that act on it; none of them knows what a configuration is.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::model::{Tags, Timestamp, Widget, shipped_widgets};
use app::state::Choice;

use super::gauges::Gauges;
use crate::clock::Clock;
use crate::config::{Collectors, Config, Format, Level, Theme};
use crate::ingest::RemoteWrite;
use crate::monitor::{Host, Layout, Setup};
use crate::store::{Limits, SeriesFilter};
use crate::telemetry::{self, LogFile, Look};
use crate::web::{Hosts, Settings, failed};

pub(super) fn limits(config: &Config) -> Limits {
    // What does not fit is more than any machine holds.
    let most = |points| usize::try_from(points).unwrap_or(usize::MAX);
    Limits {
        max_age: config.raw_retention(),
        max_minutes_age: config.minutes_retention(),
        max_hours_age: config.hours_retention(),
        max_points: config.max_data_points.map(most),
        max_bytes: config.storage.retention_policy.max_bytes,
    }
}

/// Of which series quantiles outlive the points.
pub(super) fn spread(collectors: &Collectors) -> Vec<SeriesFilter> {
    let registered = collectors.registered.iter().map(|(name, settings)| (&**name, settings.pace));
    let own = [
        ("system", collectors.system_metrics.pace),
        ("application", collectors.application_metrics.pace),
        ("network", collectors.network_metrics.pace),
        ("processes", collectors.processes.pace),
        ("sensors", collectors.sensors),
        ("units", collectors.units.pace),
        ("telltale", collectors.telltale),
        ("custom", collectors.custom_metrics.pace),
        ("probes", collectors.probes.pace),
    ];
    let asked = own.into_iter().chain(registered).filter(|(_, pace)| pace.quantiles);
    let all_of = asked.map(|(name, _)| SeriesFilter { metric: None, tags: Tags::new([("collector", name)]) });
    let custom = collectors.custom_metrics.metrics.iter().filter(|(_, metric)| metric.quantiles);
    let of_custom =
        custom.map(|(name, _)| SeriesFilter { metric: Some(name.clone()), tags: Tags::new([("collector", "custom")]) });
    all_of.chain(of_custom).collect()
}

/// How many live connections, and how many updates may wait for each.
pub(super) fn live(config: &Config) -> (usize, usize) {
    let most = |number| usize::try_from(number).unwrap_or(usize::MAX);
    (most(config.dashboard.max_websocket_connections), most(config.performance.websocket_buffer_size))
}

/// How often what is too old goes: nothing stays for more than twice its time.
pub(super) fn cleanup_interval(config: &Config) -> Duration {
    config.cleanup_interval.min(config.raw_retention())
}

/// The page as it first looks.
pub(super) fn layout(config: &Config) -> Layout {
    let own = config.dashboard.widgets.as_ref();
    let widgets: Vec<Widget> =
        own.map_or_else(shipped_widgets, |widgets| widgets.iter().filter_map(crate::config::Widget::drawn).collect());
    let poll = (!config.dashboard.websocket_enabled).then_some(config.dashboard.refresh_interval);
    Layout { widgets, paused: !config.dashboard.auto_refresh, poll }
}

/// What is told of the configuration; nothing of it is secret.
pub(super) fn setup(config: &Config, file: Option<&Path>, since: Timestamp) -> Setup {
    Setup {
        file: file.map(|file| file.display().to_string()),
        retention_seconds: config.raw_retention().as_secs_f64(),
        max_data_points: config.max_data_points,
        dashboard: config.dashboard.enabled,
        websocket: config.dashboard.websocket_enabled,
        not_active: config.not_active().iter().map(ToString::to_string).collect(),
        needs_restart: Vec::new(),
        since: Some(since),
    }
}

/// The log. `colour`: whether standard error shows colours.
pub(super) fn telemetry(config: &Config, colour: bool) -> telemetry::Settings {
    let logging = &config.logging;
    let level = match logging.level {
        _ if config.development.debug_mode => telemetry::Level::Debug,
        Level::Debug => telemetry::Level::Debug,
        Level::Info => telemetry::Level::Info,
        Level::Warning => telemetry::Level::Warning,
        Level::Error => telemetry::Level::Error,
    };
    let (look, look_on_stderr) = match logging.format {
        Format::Json => (Look::Json, Look::Json),
        Format::Text => (Look::Text, if colour { Look::Colour } else { Look::Text }),
    };
    let compression = &config.storage.compression;
    let file = logging.file.as_ref().map(|path| LogFile {
        path: path.clone(),
        max_bytes: logging.max_file_bytes,
        backups: logging.backup_count,
        daily: logging.rotate_daily,
        pack_from_bytes: compression.enabled.then_some(compression.threshold_bytes),
    });
    telemetry::Settings { level, look, look_on_stderr, file }
}

pub(super) fn web(
    config: &Config,
    listen: SocketAddr,
    clock: &Arc<dyn Clock>,
    gauges: &Gauges,
    written: &Arc<RemoteWrite>,
) -> Settings {
    let dashboard = &config.dashboard;
    let theme = match dashboard.theme {
        Theme::System => Choice::System,
        Theme::Light => Choice::Light,
        Theme::Dark => Choice::Dark,
    };
    let (clock, requests, answers) = (Arc::clone(clock), gauges.requests.clone(), gauges.answers.clone());
    Settings {
        hosts: hosts(config, listen),
        page: dashboard.enabled.then_some(theme),
        live: dashboard.websocket_enabled,
        // Who reaches a loopback address is on this machine, unless somebody hands requests of others on.
        written: (is_private(config, listen) || config.integration.prometheus.remote_write)
            .then(|| Arc::clone(written)),
        folder: dashboard.static_files_path.as_ref().map(|path| path.as_path().to_owned()),
        requested: Arc::new(move |took, status| {
            requests.record(clock.now(), took, failed(status));
            answers.count(status);
        }),
    }
}

fn is_private(config: &Config, listen: SocketAddr) -> bool {
    listen.ip().to_canonical().is_loopback() && config.dashboard.public_url.is_none()
}

/// Under which names requests are answered.
fn hosts(config: &Config, listen: SocketAddr) -> Hosts {
    let public = config.dashboard.public_url.as_ref().and_then(|url| name_in(url.as_str()));
    let hosts = if listen.ip().to_canonical().is_loopback() { Hosts::loopback() } else { Hosts::reachable() };
    // A name that the file gives may well mean an address of the loopback network.
    let names = [config.dashboard.host.as_str().to_owned(), Host::own_name()];
    hosts.and(names.into_iter().chain(public))
}

/// The host of an address.
fn name_in(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |p| p.0);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use app::model::{Aggregation, Batch, Metric, Unit};

    use super::*;
    use crate::collect::AtOnce;
    use crate::config::{Known, load};
    use crate::run::collectors::at_once;
    use crate::store::{Plan, Selection, Store};

    fn config(inside: &str) -> Config {
        let text = format!("{{\"performance_monitoring\": {{{inside}}}}}");
        load(&text, &|_| None, &Known::default()).unwrap().config
    }

    #[test]
    fn the_tighter_bound_counts() {
        let check = |inside: &str, hours: [u64; 3], max_points| {
            let [max_age, max_minutes_age, max_hours_age] = hours.map(|hours| Duration::from_secs(hours * 3600));
            let want = Limits { max_age, max_minutes_age, max_hours_age, max_points, max_bytes: None };
            assert_eq!(limits(&config(inside)), want, "{inside}");
        };
        let policy = |inside: &str| format!(r#""storage": {{"retention_policy": {{{inside}}}}}"#);
        let usual = |points| [points, 30 * 24, 730 * 24];
        check("", usual(7 * 24), None);
        check(r#""storage": {"type": "memory"}"#, [2, 24, 7 * 24], None);
        check(&policy(r#""raw_data_hours": 300"#), usual(300), None);
        check(r#""retention_period": 86400, "max_data_points": 10"#, usual(24), Some(10));
        check(&format!(r#""retention_period": 86400, {}"#, policy(r#""raw_data_hours": 3"#)), usual(3), None);
        check(&policy(r#""aggregated_data_days": 7"#), [7 * 24, 7 * 24, 7 * 24], None);
        check(&policy(r#""aggregated_data_days": 7, "hourly_data_days": 70"#), [7 * 24, 7 * 24, 70 * 24], None);
        check(&policy(r#""hourly_data_days": 1"#), [7 * 24, 30 * 24, 30 * 24], None);
        let bounded = limits(&config(&policy(r#""max_bytes": 1073741824"#)));
        assert_eq!(bounded.max_bytes, Some(1 << 30));
    }

    #[test]
    fn quantiles_are_kept_of_what_asks_for_them() {
        let check = |inside: &str, want: &[(Option<&str>, &str)]| {
            let filter = |&(metric, collector): &(Option<&str>, &str)| SeriesFilter {
                metric: metric.map(str::to_owned),
                tags: Tags::new([("collector", collector)]),
            };
            let collectors = config(&format!(r#""collectors": {{{inside}}}"#)).collectors;
            assert_eq!(spread(&collectors), want.iter().map(filter).collect::<Vec<_>>(), "{inside}");
        };
        check("", &[]);
        check(
            r#""network_metrics": {"quantiles": true}, "probes": {"quantiles": true}"#,
            &[(None, "network"), (None, "probes")],
        );
        let metrics = r#"{"wait_seconds": {"file": "/a", "quantiles": true}, "queue": {"file": "/b"}}"#;
        check(&format!(r#""custom_metrics": {{"metrics": {metrics}}}"#), &[(Some("wait_seconds"), "custom")]);
    }

    /// Which means of five minutes are left of a day, an hour and two days after its end, by the times of the first and the last.
    #[test]
    fn minutes_and_hours_outlive_points_by_as_much_as_is_configured() {
        const LOAD: Metric = Metric::gauge("load", Unit::NONE);
        let days_after = |inside: &str, after: i64| {
            let store = Store::new(limits(&config(inside)));
            let at = |minute: i64| Timestamp::from_millis(minute * 60_000);
            for minute in 0..1440 {
                let samples = vec![LOAD.sample(Tags::default(), 1.5)];
                store.append(&Batch { collector: "test".into(), time: at(minute), samples }).unwrap();
                if minute % 60 == 0 {
                    store.enforce(at(minute));
                    store.tend(at(minute));
                }
            }
            store.enforce(at(1440 + after));
            let (start, end) = (at(0), at(1439));
            let what =
                Selection { metric: LOAD.name.into_owned(), tags: Tags::default(), matchers: Vec::new(), start, end };
            let step = Some(Duration::from_secs(300));
            let plan = Plan { aggregation: Aggregation::Avg, step, by: None, start, end };
            let means = store.aggregate(&what, &plan).unwrap_or_default();
            let times = means.iter().flat_map(|series| &series.points).map(|mean| mean.time.as_millis() / 60_000);
            times.clone().min().zip(times.max())
        };
        let check = |days: &str, after: i64, want: Option<(i64, i64)>| {
            let policy = format!(r#"{{"raw_data_hours": 1, "aggregated_data_days": {days}}}"#);
            let inside = format!(r#""storage": {{"type": "memory", "retention_policy": {policy}}}"#);
            assert_eq!(days_after(&inside, after), want, "{days} days, {after} minutes after");
        };
        check("2", 90, Some((0, 1435)));
        check("2", 2 * 1440 - 1, Some((1435, 1435)));
        check("2", 2 * 1440, None);
        check("0.01", 30, Some((1410, 1435)));
        check("0.01", 90, None);
    }

    #[test]
    fn cleanup_comes_at_least_as_often_as_something_gets_too_old() {
        let check = |inside: &str, secs| assert_eq!(cleanup_interval(&config(inside)).as_secs(), secs, "{inside}");
        check("", 60);
        check(r#""cleanup_interval": 86400, "retention_period": 120"#, 120);
        check(r#""cleanup_interval": 86400, "storage": {"retention_policy": {"raw_data_hours": 1}}"#, 3600);
    }

    #[test]
    fn one_after_another_is_one_at_a_time() {
        assert_eq!(at_once(&config("")), AtOnce::Blocking(4));
        assert_eq!(at_once(&config(r#""performance": {"collection_threads": 9}"#)), AtOnce::Blocking(9));
        assert_eq!(
            at_once(&config(r#""performance": {"collection_threads": 9, "async_processing": false}"#)),
            AtOnce::One
        );
    }

    /// `want`: level, looks in the file and on standard error.
    #[track_caller]
    fn check_log(inside: &str, colour: bool, want: (telemetry::Level, Look, Look)) -> Option<LogFile> {
        let settings = telemetry(&config(inside), colour);
        assert_eq!((settings.level, settings.look, settings.look_on_stderr), want, "{inside}");
        settings.file
    }

    #[test]
    fn the_log_is_as_the_file_says() {
        use telemetry::Level::{Debug, Error, Info, Warning};
        assert!(check_log("", false, (Info, Look::Text, Look::Text)).is_none());
        check_log("", true, (Info, Look::Text, Look::Colour));
        let python = r#""logging": {"format": "%(message)s", "level": "CRITICAL"}"#;
        check_log(python, true, (Error, Look::Text, Look::Colour));
        check_log(r#""logging": {"format": "json", "level": "WARNING"}"#, true, (Warning, Look::Json, Look::Json));
        let debug = r#""logging": {"level": "ERROR"}, "development": {"debug_mode": true}"#;
        check_log(debug, false, (Debug, Look::Text, Look::Text));
        let inside = r#""logging": {"file": "x", "max_file_size": 9, "backup_count": 3, "rotate_daily": true},
            "storage": {"compression": {"enabled": true, "threshold_bytes": 7}}"#;
        let file = check_log(inside, false, (Info, Look::Text, Look::Text)).unwrap();
        let numbers = (file.max_bytes, file.backups, file.daily, file.pack_from_bytes);
        assert_eq!((file.path.as_str(), numbers), ("x", (9, 3, true, Some(7))));
        let unpacked = inside.replace("\"enabled\": true", "\"enabled\": false");
        assert_eq!(check_log(&unpacked, false, (Info, Look::Text, Look::Text)).unwrap().pack_from_bytes, None);
    }

    #[test]
    fn the_layout_is_the_file_s_where_it_has_one() {
        assert_eq!(layout(&config("")), Layout { widgets: shipped_widgets(), paused: false, poll: None });
        let none = config(
            r#""dashboard": {"widgets": [], "auto_refresh": false, "websocket_enabled": false, "refresh_interval": 3}"#,
        );
        assert_eq!(layout(&none), Layout { widgets: Vec::new(), paused: true, poll: Some(Duration::from_secs(3)) });
    }

    #[test]
    fn the_host_of_an_address() {
        let check = |url: &str, want: Option<&str>| assert_eq!(name_in(url).as_deref(), want, "{url}");
        check("https://a.example.org", Some("a.example.org"));
        check("https://a.example.org:8443/x?y", Some("a.example.org"));
        check("http://[::1]:80/", Some("[::1]"));
        check("http://[fd00::1]", Some("[fd00::1]"));
        check("http:///", None);
    }
}
